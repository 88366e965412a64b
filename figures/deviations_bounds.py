"""Which students exaggerate: means over seeds with their bounds, by configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.deviations_saved import FILE, notes, read
from figures.saved_file import MINUTES
from figures.spec import DEVIATIONS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack

STATISTICS = ("slope", "low_under", "hi_over")
PANELS: tuple[tuple[str, str, tuple[float, float] | None], ...] = (
    ("slope", "slope", None),
    ("slope", "slope, near 1", (0.98, 1.03)),
    ("low_under", "less sure, X low", None),
    ("hi_over", "surer, X high", None),
)
"""Statistic, title, limits of the axis."""

LOOKS = {
    "reproduced": ("exaggerates", style.VERMILION, "o"),
    "not reproduced": ("does not", style.BLUE, "X"),
    "undecided": ("undecided", style.GREY, "s"),
}
"""Findings: word, colour, marker."""


def compute(parameters: Parameters) -> Table:
    """A row for each configuration and statistic, on held-out rows."""
    record = read(parameters)
    parts = []
    for name, one in record["configurations"].items():
        for statistic in STATISTICS:
            mean = one["means"]["held"][statistic]
            low, middle, high = (
                np.nan if mean[key] is None else mean[key]
                for key in ("lower", "value", "upper")
            )
            where = {"configuration": name, "statistic": statistic}
            parts.append(
                curve(
                    where | {"finding": one["findings"]["held"]},
                    lower=low,
                    value=middle,
                    upper=high,
                    threshold=float(record["thresholds"][statistic]),
                )
            )
    findings = [one["findings"]["held"] for one in record["configurations"].values()]
    counts = {word.replace(" ", "_"): findings.count(word) for word in LOOKS}
    return stack(parts, notes(record) | counts | {"number": len(findings)})


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw a panel a statistic, and one that shows slopes near 1."""
    for (statistic, title, limits), ax in zip(PANELS, axes, strict=True):
        rows = table.where(statistic=statistic)
        for place, finding in enumerate(rows.columns["finding"]):
            _, color, marker = LOOKS[finding]
            low, high = rows["lower"][place], rows["upper"][place]
            ax.plot([low, high], [place, place], color=color, linewidth=2.0)
            ax.plot(rows["value"][place], place, marker, color=color, markersize=3.5)
        ax.axvline(rows["threshold"][0], **style.BOUND)
        ax.set_title(title)
        ax.set_xlabel("slope of Y on X" if statistic == "slope" else "share of points")
        if limits is not None:
            ax.set_xlim(*limits)
        ax.set_yticks(range(len(rows)), [""] * len(rows))
        ax.set_ylim(len(rows) - 0.5, -0.5)
    names = table.where(statistic="slope").columns["configuration"]
    axes[0].set_yticks(range(len(names)), names, fontsize=6.5)
    for word, color, marker in LOOKS.values():
        axes[1].plot([], [], marker, linestyle="-", color=color, label=word)
    style.legend_below(axes[1], 3)


FIGURE = Figure(
    name="deviations-bounds",
    title="Which students exaggerate",
    paper=DEVIATIONS_PAPER,
    caption=(
        "Slope of the student's log-odds on the teacher's, share of the teacher's "
        "least sure quarter in which the student is less sure still, and of its surest "
        "quarter in which it is surer: means over {seeds} seeds on {held} held-out "
        "rows of {data}, with one-sided 95 % t bounds on both sides, not corrected for "
        "their number. The second panel is the first, enlarged. Exaggeration needs all "
        "three lower bounds above the dashed lines. From `{command}`."
    ),
    claim=(
        "Of {number} configurations {reproduced} exaggerate, {not_reproduced} do not, "
        "{undecided} are undecided."
    ),
    tiers=FILE,
    minutes=MINUTES,
    scale="a saved study",
    compute=compute,
    draw=draw,
    panels=(1, 4),
    width="wide",
    height=4.8,
)
