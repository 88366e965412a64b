"""A student's log-odds over its teacher's, point by point, with the fitted line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.deviations_saved import FILE, notes, read
from figures.saved_file import MINUTES
from figures.spec import DEVIATIONS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from theory.errors import InputError

PANELS = {
    "mlp-tau4": "MLP, tau = 4",
    "linear": "linear softmax",
    "noise-memorised": "teacher that memorised noise",
    "null": "labels again, no distillation",
}
"""Configurations that are drawn, those of them that were run."""


def compute(parameters: Parameters) -> Table:
    """Held-out points of the first seed, and its line."""
    record = read(parameters)
    found = record["configurations"]
    names = [name for name in PANELS if name in found]
    if len(names) < len(PANELS):
        missing = ", ".join(name for name in PANELS if name not in names)
        msg = f"Need a study with {', '.join(PANELS)} for this figure, no {missing}."
        raise InputError(msg)
    said: dict[str, Any] = {"seed": record["seeds"][0]}
    parts = []
    for name in names:
        one = found[name]
        x, y = (
            np.array([np.nan if v is None else v for v in row]) for row in one["points"]
        )
        slope, intercept = (
            one["values"][f"held.{key}"][0] for key in ("slope", "intercept")
        )
        low, high = np.quantile(x, [0.25, 0.75])
        key = name.replace("-", "_")
        said |= {
            f"slope_{key}": np.nan if slope is None else slope,
            f"intercept_{key}": np.nan if intercept is None else intercept,
            f"low_{key}": float(low),
            f"high_{key}": float(high),
        }
        parts.append(curve({"panel": name}, x=x, y=y))
    return stack(parts, notes(record) | said)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a configuration; the outer quarters of X are shaded."""
    for name, ax in zip(PANELS, axes, strict=True):
        rows, key = table.where(panel=name), name.replace("-", "_")
        x, y = rows["x"], rows["y"]
        slope, intercept, low, high = (
            table.notes[f"{word}_{key}"]
            for word in ("slope", "intercept", "low", "high")
        )
        ends = np.array([x.min(), x.max()])
        ax.axvspan(ends[0], low, color=style.GREY, alpha=0.12, linewidth=0)
        ax.axvspan(high, ends[1], color=style.GREY, alpha=0.12, linewidth=0)
        ax.plot(x, y, ".", color=style.SKY, markersize=2.2, alpha=0.6)
        ax.plot(ends, ends, label="Y = X", **style.BOUND)
        ax.plot(
            ends,
            slope * ends + intercept,
            color=style.VERMILION,
            linewidth=1.4,
            label=f"slope {slope:.3f}",
        )
        ax.set_title(PANELS[name])
        ax.legend(loc="upper left")
        ax.set_xlabel("teacher's log-odds X")
        ax.set_ylabel("student's log-odds Y")


FIGURE = Figure(
    name="deviations-confidence",
    title="Confidence of student and teacher",
    paper=DEVIATIONS_PAPER,
    caption=(
        "Log-odds of the teacher's class, by the student over by the teacher, on "
        "{held} held-out rows of {data}, networks of seed {seed}; grey: the quarters "
        "where the teacher is least and most sure. A student exaggerates if it is "
        "below the dashed line on the left and above it on the right. From `{command}`."
    ),
    claim=(
        "Slopes of these points: {slope_mlp_tau4:.3f} for an MLP at a temperature of "
        "4, {slope_linear:.3f} for linear softmax, {slope_noise_memorised:.3f} for a "
        "teacher that memorised noisy labels, {slope_null:.3f} without distillation."
    ),
    tiers=FILE,
    minutes=MINUTES,
    scale="a saved study",
    compute=compute,
    draw=draw,
    panels=(2, 2),
    width="wide",
    height=5.6,
)
