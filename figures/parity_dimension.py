"""Steps to 95 % against the number of inputs, at a fixed order of the parity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.parity_runs import MAIN, SMALL, middle, runs_of
from figures.parity_times import LABELS
from figures.spec import PARITY_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.parity.curriculum import standard

NAMES = ("ce", "one-shot", "progressive", "mid")


def compute(parameters: Parameters) -> Table:
    """Medians of each curriculum and dimension, and those of the teachers."""
    tau = parameters["tau"]
    parts, censored = [], 0
    for dim in parameters["dims"]:
        modes = [m for m in standard(tau, parameters["first"]) if m.name in NAMES]
        runs = runs_of(dict(parameters) | {"dim": dim}, modes)
        for mode in modes:
            value, low, high = middle(runs, mode)
            late = int(np.sum(~runs.times(mode).observed))
            censored += late
            where = {"mode": mode.name}
            numbers = {"steps": value, "low": low, "high": high, "censored": late}
            parts.append(curve(where, dim=dim, **numbers))
    table = stack(parts)
    notes = {
        "seeds": parameters["seeds"],
        "k": parameters["k"],
        "tau": tau,
        "censored": censored,
        "first_dim": parameters["dims"][0],
        "last_dim": parameters["dims"][-1],
        "first_gain": gain(table, 0),
        "last_gain": gain(table, -1),
    }
    return Table(table.columns, notes)


def gain(table: Table, at: int) -> float:
    """Median steps of cross-entropy over those of MID2, at one dimension."""
    ce, mid = (table.where(mode=name)["steps"] for name in ("ce", "mid"))
    return float(ce[at] / mid[at])


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw medians with intervals."""
    (ax,) = axes
    for k, name in enumerate(NAMES):
        rows = table.where(mode=name)
        error = [rows["steps"] - rows["low"], rows["high"] - rows["steps"]]
        ax.errorbar(
            rows["dim"] + 0.15 * (k - 1.5),
            rows["steps"],
            error,
            color=style.CYCLE[k],
            marker=style.MARKERS[k],
            linestyle=style.DASHES[k],
            label=LABELS[name],
            ms=3.5,
        )
    ax.set_yscale("log")
    ax.set_xlabel("inputs d")
    ax.set_ylabel("student's steps to 95 %")
    ax.legend(loc="upper left")


FIGURE = Figure(
    name="parity-dimension",
    title="Steps to 95 % against d",
    paper=PARITY_PAPER,
    caption=(
        "Median steps of students of a parity of {k} inputs among d, {seeds} seeds "
        "each, tau = {tau:g}, with 95 % intervals (order statistics); {censored} runs "
        "were cut off at the horizon, which then stands for their time. Same widths, "
        "step size and steps on the first checkpoint at every d; nothing was tuned."
    ),
    claim=(
        "Cross-entropy takes {first_gain:.2f} times the steps of mid, then final, at "
        "d = {first_dim}, and {last_gain:.2f} times at d = {last_dim}."
    ),
    tiers={
        "test": SMALL | {"dims": [6, 8], "tau": 0.0},
        "quick": MAIN | {"dims": [16, 20, 24, 28], "tau": 0.0, "seeds": 12},
        "full": MAIN | {"dims": [16, 20, 24, 28, 32], "tau": 0.0, "seeds": 40},
    },
    minutes={"quick": 0.5, "full": 3.0},
    scale="12 teachers a dimension, k = 6",
    compute=compute,
    draw=draw,
    height=3.0,
)
