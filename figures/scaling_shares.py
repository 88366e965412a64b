"""Where the compute goes, if the teacher's inference and training count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SCALING_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.scaling.enclose import Budget
from synthetic.scaling.optimal import best_plan
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import BOTH

PARTS = ("student", "teacher's inference", "teacher's training")


def compute(parameters: Parameters) -> Table:
    """Shares of the best plan against compute."""
    computes = np.geomspace(1e20, 1e26, parameters["points"])
    parts, ends = [], {}
    for N in parameters["sizes"]:
        plans = [best_plan(PUBLISHED, Budget(N, float(C), BOTH)) for C in computes]
        panel = f"N = {N:.0e}"
        for k, name in enumerate(PARTS):
            share = np.array([plan.shares[k] for plan in plans])
            where = {"panel": panel, "series": name}
            parts.append(curve(where, compute=computes, share=share))
        ends[panel] = plans[0].shares[2], plans[-1].shares[2]
    first, last = (f"N = {parameters['sizes'][k]:.0e}" for k in (0, -1))
    notes = {
        "small": first,
        "large": last,
        "small_first": 100 * ends[first][0],
        "small_last": 100 * ends[first][1],
        "large_first": 100 * ends[last][0],
        "large_last": 100 * ends[last][1],
    }
    return stack(parts, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw the shares on top of each other."""
    for ax, panel in zip(axes, table.values("panel"), strict=False):
        rows = [table.where(panel=panel, series=name) for name in PARTS]
        ax.stackplot(
            rows[0]["compute"],
            *(100 * part["share"] for part in rows),
            labels=PARTS,
            colors=(style.BLUE, style.ORANGE, style.PURPLE),
            alpha=0.8,
        )
        ax.set_xscale("log")
        ax.set_ylim(0, 100)
        ax.margins(x=0)
        ax.set_title(f"student, {panel}")
        ax.set_xlabel("compute (FLOPs)")
    axes[0].set_ylabel("share of the compute (%)")
    style.legend_below(axes[0], 3)


FIGURE = Figure(
    name="scaling-shares",
    title="Where the compute goes",
    paper=SCALING_PAPER,
    caption=(
        "The best plan for one student under the published law, if inference and "
        "training of its teacher count, against the compute for both."
    ),
    claim=(
        "Training the teacher takes {small_first:.0f} % of 1e20 FLOPs and "
        "{small_last:.1f} % of 1e26 for {small}, and {large_first:.0f} % and "
        "{large_last:.1f} % for {large}."
    ),
    claims=("scaling.allocation_table3",),
    tiers={
        "test": {"sizes": [3e8, 1e10], "points": 4},
        "quick": {"sizes": [3e8, 1e10], "points": 49},
        "full": {"sizes": [3e8, 1e10], "points": 97},
    },
    minutes={"quick": 0.2, "full": 0.4},
    scale="the law, minimised over plans",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    height=2.9,
)
