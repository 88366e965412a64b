r"""Does a teacher help plain SGD on digits? Paired differences with exact intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import KD_PAPER, Figure, Parameters
from figures.table import Table
from synthetic.distillation import study
from synthetic.distillation.study_intervals import Word
from synthetic.distillation.study_request import Request
from synthetic.distillation.study_rows import Row

WEIGHTS = {
    "lambda*": r"$\lambda^\star$",
    "safe": r"safe $\lambda$",
    "lambda*_u": r"$\lambda_u^\star$",
}
COLOURS = {
    Word.HELPS.value: style.BLUE,
    Word.HURTS.value: style.VERMILION,
    Word.UNKNOWN.value: style.GREY,
}
SHAPES = {Word.HELPS.value: "o", Word.HURTS.value: "X", Word.UNKNOWN.value: "s"}


def compute(parameters: Parameters) -> Table:
    """A study, one row a method: the median difference in the gap, over SGD's gap."""
    request = Request(
        data=parameters["data"],
        students=("softmax",),
        teachers=tuple(parameters["teachers"]),
        lambdas=tuple(parameters["lambdas"]),
        seed=parameters["seed"],
        seeds=parameters["seeds"],
        tuning_seeds=parameters["tuning_seeds"],
        steps=parameters["steps"],
        grid=tuple(parameters["grid"]),
        alpha=parameters["alpha"],
    )
    done = study.run(request)
    if done.interrupted:  # half a study must not be kept as a whole one
        raise KeyboardInterrupt
    (plain, *others) = done.rows["softmax"]
    unit = plain.medians["gap"]
    found = [_numbers(row, unit) for row in others]
    words = [str(row.word) for row in others]
    return Table(
        {
            "method": [str(row.arm.kind.value) for row in others],
            "weight": [_weight(row) for row in others],
            "teacher": [row.teacher or "no teacher" for row in others],
            "word": words,
            "lower": np.array([low for low, _, _ in found]),
            "middle": np.array([middle for _, middle, _ in found]),
            "upper": np.array([high for _, _, high in found]),
            "lam": np.array([row.lam for row in others]),
            "gamma": np.array([row.gamma for row in others]),
        },
        {
            "helps": words.count(Word.HELPS.value),
            "hurts": words.count(Word.HURTS.value),
            "unknown": words.count(Word.UNKNOWN.value),
            "num_methods": len(others),
            "seeds": request.seeds,
            "steps": request.steps,
            "alpha": request.alpha,
            "plain_gap": unit,
        },
    )


def _weight(row: Row) -> str:
    return f"lambda = {row.lam:.3g} ({row.arm.weight})"


def _numbers(row: Row, unit: float) -> tuple[float, float, float]:
    """The limits of the median difference, and the difference of medians."""
    assert row.first is not None
    low, high = row.first.median.low / unit, row.first.median.high / unit
    return low, (row.medians["gap"] - unit) / unit, high


def label_of(method: str, weight: str) -> str:
    """A row's label: the method, and how it weighs the teacher."""
    number, rule = weight.removeprefix("lambda = ").rstrip(")").split(" (")
    if method == "SVRG":
        return method
    shown = rf"$\lambda$ = {number}"
    return f"{method}, " + (f"{WEIGHTS[rule]} = {number}" if rule in WEIGHTS else shown)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw intervals, grouped by teacher."""
    (ax,) = axes
    names, place = [], 0.0
    places = []
    last = ""
    for k in range(len(table)):
        teacher, word = str(table["teacher"][k]), str(table["word"][k])
        if teacher != last:
            place += 1.0
            ax.text(
                1.01,
                place,
                teacher if teacher == "no teacher" else f"{teacher} teacher",
                transform=ax.get_yaxis_transform(),
                fontsize=6.5,
                va="center",
            )
            last = teacher
        low, high = table["lower"][k], table["upper"][k]
        color = COLOURS[word]
        ax.plot([low, high], [place, place], color=color, linewidth=2.2)
        ax.plot(table["middle"][k], place, SHAPES[word], color=color, markersize=4)
        names.append(label_of(str(table["method"][k]), str(table["weight"][k])))
        places.append(place)
        place += 1.0
    ax.axvline(0.0, **style.BOUND)
    ax.set_yticks(places, names, fontsize=6)
    ax.set_ylim(place, 0.0)
    ax.set_xscale("symlog", linthresh=2.0, linscale=2.0)
    ax.set_xticks([-1, 0, 1, 10, 100], ["-1", "0", "1", "10", "100"])
    ax.set_xlabel("difference in the gap to plain SGD, over plain SGD's gap")
    for word, color in COLOURS.items():
        ax.plot([], [], SHAPES[word], linestyle="-", color=color, label=word)
    style.legend_below(ax, 3)


FIGURE = Figure(
    name="kd-digits",
    title="Distillation on digits",
    paper=KD_PAPER,
    caption=(
        "Softmax regression on digits, {steps} steps, every method with its own tuned "
        "step size: exact intervals for the median paired difference in f - f* to "
        "plain SGD over {seeds} seeds, any of them wrong with probability at most "
        "{alpha:g}; markers are differences of medians. -1 means that no gap is left."
    ),
    claim=(
        "Of {num_methods} methods {helps} help, {hurts} hurt, {unknown} cannot be told."
    ),
    tiers={
        "test": {
            "data": "iris",
            "teachers": ["perfect", "random"],
            "lambdas": [1.0],
            "seed": 0,
            "seeds": 20,
            "tuning_seeds": 1,
            "steps": 200,
            "grid": [1.0, 4.0],
            "alpha": 0.05,
        },
        "quick": {
            "data": "digits",
            "teachers": ["perfect", "near", "early", "random"],
            "lambdas": [0.25, 0.5, 1.0],
            "seed": 0,
            "seeds": 20,
            "tuning_seeds": 4,
            "steps": 1000,
            "grid": [0.25, 0.5, 1.0, 2.0, 4.0, 8.0],
            "alpha": 0.05,
        },
        "full": {
            "data": "digits",
            "teachers": ["perfect", "near", "early", "random"],
            "lambdas": [0.25, 0.5, 1.0],
            "seed": 0,
            "seeds": 40,
            "tuning_seeds": 6,
            "steps": 6000,
            "grid": [0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0],
            "alpha": 0.05,
        },
    },
    minutes={"quick": 0.3, "full": 5.0},
    scale="the study's quick tier, softmax",
    compute=compute,
    draw=draw,
    width="wide",
    height=5.4,
)
