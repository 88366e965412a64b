"""Which checkpoint teaches best: steps of students against the step of the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.parity_runs import MAIN, SMALL, middle, runs_of
from figures.spec import PARITY_PAPER, Figure, Parameters
from figures.table import Table
from synthetic.parity.curriculum import Mode, cross_entropy, one_shot, then_final
from synthetic.parity.sources import chosen_step


def compute(parameters: Parameters) -> Table:
    """Medians over seeds for checkpoints at 1/N, 2/N, ... of a teacher's steps."""
    parts, tau = parameters["parts"], parameters["tau"]
    names = [f"part:{i}/{parts}" for i in range(1, parts)]
    modes = [
        Mode(f"{i}", then_final(name, parameters["first"]), tau)
        for i, name in enumerate(names, 1)
    ]
    others = [Mode("one-shot", one_shot(), tau), Mode("ce", cross_entropy(), tau)]
    runs = runs_of(parameters, [*modes, *others])
    teachers = [t for s, t in runs.teachers.items() if s not in runs.unlearnt]
    steps = np.array([middle(runs, mode) for mode in modes])
    accuracy, inside = [], []
    for name in names:
        at = [chosen_step(name, t) for t in teachers]
        pairs = list(zip(teachers, at, strict=True))
        accuracy.append(float(np.median([_accuracy(t, step) for t, step in pairs])))
        inside.append(float(np.mean([t.transition.holds(step) for t, step in pairs])))
    once, alone = (middle(runs, mode)[0] for mode in others)
    best = int(np.argmin(steps[:, 0]))
    return Table(
        {
            "part": np.arange(1, parts) / parts,
            "steps": steps[:, 0],
            "low": steps[:, 1],
            "high": steps[:, 2],
            "accuracy": np.array(accuracy),
            "within": np.array(inside),
        },
        {
            "teachers": len(teachers),
            "tau": tau,
            "first": parameters["first"],
            "one_shot": once,
            "ce": alone,
            "best_part": (best + 1) / parts,
            "best_steps": float(steps[best, 0]),
            "best_within": inside[best],
        },
    )


def _accuracy(teacher: Any, step: int) -> float:
    return float(teacher.accuracy[np.searchsorted(teacher.steps, step)])


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw steps on the left scale, the teacher's accuracy right."""
    left, right = axes
    part = table["part"]
    error = [table["steps"] - table["low"], table["high"] - table["steps"]]
    left.errorbar(part, table["steps"], error, color=style.BLUE, marker="o", ms=3.5)
    for name, label, color in (
        ("one_shot", "one-shot", style.VERMILION),
        ("ce", "cross-entropy", style.GREY),
    ):
        left.axhline(table.notes[name], color=color, label=label, linestyle="--")
    left.set_ylabel("student's steps to 95 %")
    left.set_yscale("log")
    left.legend(loc="best")
    right.plot(part, table["accuracy"], color=style.BLUE, label="accuracy (median)")
    right.plot(
        part,
        table["within"],
        color=style.GREEN,
        linestyle="--",
        label="share within the transition",
    )
    right.set_ylim(0.0, 1.03)
    right.legend(loc="upper left")
    for ax in axes:
        ax.set_xlabel("checkpoint, as a share of the teacher's steps")


FIGURE = Figure(
    name="parity-checkpoints",
    title="Which checkpoint teaches",
    paper=PARITY_PAPER,
    caption=(
        "Students that first learn from one checkpoint for {first} steps, then from "
        "the final one (tau = {tau:g}): medians over {teachers} teachers with 95 % "
        "intervals (order statistics). Right: what those checkpoints know. Intervals "
        "are one by one, and the best of several looks better than it is."
    ),
    claim=(
        "The smallest median is {best_steps:.0f} steps, at {best_part:.2f} of the "
        "teacher's steps, where {best_within:.2f} of the checkpoints are within the "
        "transition; one-shot takes {one_shot:.0f}, cross-entropy {ce:.0f}."
    ),
    tiers={
        "test": SMALL | {"parts": 4, "tau": 0.0},
        "quick": MAIN | {"parts": 12, "tau": 0.0},
        "full": MAIN | {"parts": 24, "tau": 0.0, "seeds": 60},
    },
    minutes={"quick": 0.4, "full": 2.5},
    scale="20 teachers, d = 24, k = 6, 11 checkpoints",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=2.9,
)
