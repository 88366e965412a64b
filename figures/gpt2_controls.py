"""Is it distillation at all? IAM with the teacher's losses beside what is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.gpt2_saved import FILE, read
from figures.saved_file import MINUTES
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack

WORDS = {
    "the teacher is better": ("better", style.BLUE, "o"),
    "no difference within the margin": ("same", style.GREEN, "D"),
    "the control is better": ("worse", style.VERMILION, "X"),
    "undecided": ("undecided", style.GREY, "s"),
}
"""Verdicts: name of their count, colour, marker."""


def compute(parameters: Parameters) -> Table:
    """A row a control and seed: the difference, the interval, the verdict."""
    saved = read(parameters)
    verdict = saved.record["verdict"]
    parts = [
        curve(
            {"control": name, "word": found["word"]},
            value=np.array([_number(d, np.nan) for d in found["differences"]]),
            middle=_number(found["mean"], np.nan),
            lower=_number(found["lower"], -np.inf),
            upper=_number(found["upper"], np.inf),
            lost=found["diverged"][0],
            control_lost=found["diverged"][1],
        )
        for name, found in verdict["controls"].items()
    ]
    words = [found["word"] for found in verdict["controls"].values()]
    counts = {key: words.count(word) for word, (key, _, _) in WORDS.items()}
    number = saved.record["preset"]["control_seeds"]
    notes = {"num_controls": len(words), "control_seeds": number, **counts}
    return stack(parts, saved.notes | notes)


def _number(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw intervals with all single differences."""
    (ax,) = axes
    names = table.values("control")
    for place, name in enumerate(names):
        rows = table.where(control=name)
        _, color, marker = WORDS[rows.columns["word"][0]]
        low, high = rows["lower"][0], rows["upper"][0]
        if np.isfinite([low, high]).all():
            ax.plot([low, high], [place, place], color=color, linewidth=2.2)
            ax.plot(rows["middle"][0], place, marker, color=color, markersize=5)
        if rows["lost"][0] or rows["control_lost"][0]:
            lost = f"{rows['lost'][0]} and {rows['control_lost'][0]} diverged"
            ax.text(0.0, place, lost, color=color, fontsize=6.5, va="center")
        there = np.isfinite(rows["value"])
        ax.plot(
            rows["value"][there],
            np.full(there.sum(), place + 0.22),
            ".",
            color=style.BLACK,
            markersize=3,
        )
    margin = table.notes["margin"]
    ax.axvspan(-margin, margin, color=style.GREY, alpha=0.15, linewidth=0)
    ax.axvline(0.0, **style.BOUND)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel("final validation loss, teacher minus control, nats a token")
    ax.set_xscale("symlog", linthresh=0.2, linscale=1.5)
    for word, (_, color, marker) in WORDS.items():
        ax.plot([], [], marker, linestyle="-", color=color, label=word)
    style.legend_below(ax, 2)


FIGURE = Figure(
    name="gpt2-controls",
    title="GPT-2: is it distillation at all?",
    paper=SPS_PAPER,
    caption=(
        "IAM (cap 1) told the teacher's loss of every batch beside IAM told something "
        "else: "
        "the teacher's mean loss on all batches, a moving average of its own losses, "
        "the teacher's losses of other batches, 0, the losses of an untrained teacher, "
        "those of a teacher hardly better than the student (there also IAM without a "
        "cap). Differences over "
        "{control_seeds} seeds (dots), their mean and its 95 % Student-t interval, not "
        "corrected for their number; grey: the margin of {margin:g} nats. Where runs "
        "diverged, how many with the teacher and with the control. {made}"
    ),
    claim=(
        "Of {num_controls} controls the teacher is better than {better}, {worse} are "
        "better than the teacher, {same} differ by no more than the margin, "
        "{undecided} are undecided."
    ),
    tiers=FILE,
    minutes=MINUTES,
    scale="a saved comparison",
    compute=compute,
    draw=draw,
    width="text",
    height=3.4,
)
