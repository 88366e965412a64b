"""Validation loss over steps: untuned Polyak steps beside tuned SGD and AdamW."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.gpt2_saved import FILE, Saved, read, signed
from figures.saved_file import MINUTES
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack

PANELS = {
    "beside SGD": (
        ("untuned", "IAM"),
        ("untuned", "IAM, cap 1"),
        ("untuned", "IAM, lambda = t"),
        ("untuned", "SPS*"),
        ("tuned", "SGD"),
        ("tuned constant", "SGD"),
    ),
    "beside AdamW": (
        ("untuned", "IAM-Adam"),
        ("tuned", "AdamW"),
        ("tuned constant", "AdamW"),
    ),
}
LOOKS = {
    "IAM": 0,
    "IAM-Adam": 0,
    "IAM, cap 1": 5,
    "SPS*": 2,
    "IAM, lambda = t": 4,
    "SGD, tuned": 1,
    "AdamW, tuned": 1,
    "SGD, tuned constant": 3,
    "AdamW, tuned constant": 3,
}
"""One look a role in both panels."""


def name_of(group: str, series: str) -> str:
    """What a curve is called."""
    return series if group == "untuned" else f"{series}, {group}"


def compute(parameters: Parameters) -> Table:
    """Mean, least and greatest loss over seeds at every evaluation."""
    saved = read(parameters)
    parts = [
        _curve(saved, panel, group, series)
        for panel, members in PANELS.items()
        for group, series in members
    ]
    notes = dict(saved.notes)
    for pair in saved.record["verdict"]["pairs"]:
        key = re.sub(r"\W+", "_", f"{pair['ours']}-{pair['theirs']}".lower())
        notes[f"mean_{key}"] = pair["all"]["mean"]
        notes[f"d_{key}"] = signed(pair["all"]["mean"])
        notes[f"word_{key}"] = pair["all"]["word"]
    valid = saved.record["teachers"]["teacher"]["valid"]
    return stack(parts, notes | {"teacher_valid": valid})


def _curve(saved: Saved, panel: str, group: str, series: str) -> Table:
    """A run that diverged has no value from there on, and neither has the mean."""
    runs = saved.runs(group, series)
    steps, every = (saved.record["preset"][k] for k in ("steps", "evaluate_every"))
    at = sorted({*range(every, steps + 1, every), steps})
    losses = np.full((len(runs), len(at)), np.nan)
    for k, run in enumerate(runs):
        values = [np.nan if value is None else value for value in run["curve"]]
        losses[k, : len(values)] = values
    where = {"panel": panel, "series": name_of(group, series)}
    return curve(
        where,
        step=np.array(at, dtype=np.int64),
        value=losses.mean(axis=0),
        lower=losses.min(axis=0),
        upper=losses.max(axis=0),
    )


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a tuned method."""
    for panel, ax in zip(PANELS, axes, strict=True):
        rows = table.where(panel=panel)
        for series in rows.values("series"):
            one, look = rows.where(series=series), style.line(LOOKS[series])
            style.band(ax, one["step"], one["lower"], one["upper"], look["color"])
            ax.plot(one["step"], one["value"], label=series, **look)
        if table.notes["teacher_valid"] is not None:
            ax.axhline(table.notes["teacher_valid"], color=style.GREY, linewidth=0.8)
        ax.set_xlabel("steps")
        ax.set_title(panel)
        ax.legend()
    axes[0].set_ylabel("validation loss, nats a token")
    low = min(ax.get_ylim()[0] for ax in axes)
    high = min(max(ax.get_ylim()[1] for ax in axes), table.notes["uniform"])
    for ax in axes:
        ax.set_ylim(low, high)


FIGURE = Figure(
    name="gpt2-curves",
    title="GPT-2: untuned beside tuned",
    paper=SPS_PAPER,
    caption=(
        "Students of {student} that are told the losses of a teacher ({teacher}; its "
        "own validation loss is the grey line) on every batch and tune nothing, beside "
        "SGD with momentum and AdamW, each at the best of its schedules and rates, and "
        "at the best rate of its constant schedule. Mean of {seeds} seeds, shaded from "
        "the least to the greatest: a spread and no confidence band. Losses above "
        "that of uniform guesses leave the "
        "axes. {made}"
    ),
    claim=(
        "Beside tuned SGD, IAM ends with {d_iam_sgd} ({word_iam_sgd}), SPS* with "
        "{d_sps_sgd} ({word_sps_sgd}); beside tuned AdamW, IAM-Adam with "
        "{d_iam_adam_adamw} ({word_iam_adam_adamw})."
    ),
    tiers=FILE,
    minutes=MINUTES,
    scale="a saved comparison",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.2,
)
