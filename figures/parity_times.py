"""How many students are not there yet: Kaplan-Meier curves of five curricula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.parity_runs import MAIN, SMALL, runs_of
from figures.spec import PARITY_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.parity.curriculum import standard
from synthetic.parity.hitting import survival

LABELS = {
    "ce": "cross-entropy",
    "one-shot": "one-shot",
    "progressive": "progressive",
    "mid": "mid, then final",
    "early": "early, then final",
}


def compute(parameters: Parameters) -> Table:
    """A survival curve for each curriculum and temperature."""
    taus = [float(tau) for tau in parameters["taus"]]
    modes = [m for tau in taus for m in standard(tau, parameters["first"])]
    runs = runs_of(parameters, modes)
    parts = []
    for mode in modes:
        steps, alive, low, high = survival(runs.times(mode))
        where = {"panel": f"tau = {mode.temperature:g}", "mode": mode.name}
        parts.append(curve(where, steps=steps, alive=alive, low=low, high=high))
    table = stack(parts)
    hard = table.where(panel=f"tau = {taus[-1]:g}")
    notes: dict[str, Any] = {
        "teachers": parameters["seeds"] - len(runs.unlearnt),
        "horizon": parameters["horizon"],
        "tau": taus[-1],
    }
    for name in ("ce", "one-shot", "mid"):
        notes[f"{name.replace('-', '_')}_half"] = half(hard.where(mode=name))
    return Table(table.columns, notes)


def half(table: Table) -> float:
    """The first step at which at most half of the students are not there."""
    there = np.flatnonzero(table["alive"] <= 0.5)
    return float(table["steps"][there[0]]) if there.size else float("inf")


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw a panel for each temperature."""
    for ax, panel in zip(axes, table.values("panel"), strict=True):
        rows = table.where(panel=panel)
        for k, name in enumerate(rows.values("mode")):
            one = rows.where(mode=name)
            look = {"color": style.CYCLE[k], "where": "post"}
            ax.step(
                one["steps"],
                one["alive"],
                label=LABELS[name],
                linestyle=style.DASHES[k],
                **look,
            )
            ax.fill_between(
                one["steps"],
                one["low"],
                one["high"],
                step="post",
                color=style.CYCLE[k],
                alpha=0.08,
                linewidth=0,
            )
        ax.set_title(rf"$\tau$ = {panel.split()[-1]}")
        ax.set_xlabel("student's steps")
        ax.set_ylim(0.0, 1.02)
    axes[0].set_ylabel("share below 95 % accuracy")
    axes[0].legend(loc="upper right")


FIGURE = Figure(
    name="parity-times",
    title="Steps to 95 % by curriculum",
    paper=PARITY_PAPER,
    caption=(
        "Students of {teachers} teachers of a sparse parity that are not yet above "
        "95 % accuracy: Kaplan-Meier curves with pointwise 95 % limits, runs of "
        "{horizon} steps at most. Left soft labels, right the teacher's argmax. The "
        "steps are the student's own: its teacher's are not counted."
    ),
    claim=(
        "At tau = {tau:g} half of the students were there after {mid_half:.0f} steps "
        "when taught by one checkpoint of the phase transition first, "
        "{one_shot_half:.0f} when by the final one alone, {ce_half:.0f} without one."
    ),
    tiers={
        "test": SMALL | {"taus": [1.0, 0.0]},
        "quick": MAIN | {"taus": [1.0, 0.0]},
        "full": MAIN | {"taus": [1.0, 0.0], "seeds": 100},
    },
    minutes={"quick": 0.4, "full": 2.0},
    scale="20 teachers, d = 24, k = 6",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.0,
)
