"""Profiles of constant compute over the size of the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SCALING_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.scaling.enclose import Budget
from synthetic.scaling.optimal import best_share
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import BOTH
from theory.scaling_law import supervised_loss


def compute(parameters: Parameters) -> Table:
    """Least loss at each size of the teacher, and supervised training."""
    N, sizes = parameters["N"], np.geomspace(3e7, 3e11, parameters["points"])
    parts, best, behind = [], [], []
    for C in parameters["computes"]:
        budget, series = Budget(N, C, BOTH), f"C = {C:.0e}"
        _, log_loss = best_share(PUBLISHED, budget, np.log(sizes))
        loss, k = np.exp(log_loss), int(np.argmin(log_loss))
        alone = np.array([supervised_loss(PUBLISHED, N, budget.supervised_tokens())])
        parts += [
            curve({"series": series, "what": "taught"}, size=sizes, loss=loss),
            curve({"series": series, "what": "alone"}, size=np.array([N]), loss=alone),
        ]
        best.append(float(sizes[k] / N))
        behind.append(float(loss[k] - alone[0]))
    notes = {
        "N": N,
        "first": best[0],
        "last": best[-1],
        "least_behind": min(behind),
        "most_behind": max(behind),
    }
    return stack(parts, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw the profiles, their minima, and supervised training as levels."""
    (ax,) = axes
    for k, series in enumerate(table.values("series")):
        rows = table.where(series=series, what="taught")
        alone = table.where(series=series, what="alone")
        least = int(np.argmin(rows["loss"]))
        ax.plot(rows["size"], rows["loss"], color=style.CYCLE[k], label=series)
        ax.plot(rows["size"][least], rows["loss"][least], **style.points(k))
        ax.axhline(
            alone["loss"][0], color=style.CYCLE[k], linewidth=0.9, linestyle=(0, (5, 2))
        )
    ax.set_xscale("log")
    ax.set_ylim(top=table.where(what="alone")["loss"].max() + 0.45)
    ax.set_xlabel("parameters of the teacher")
    ax.set_ylabel("student's loss (nats a token)")
    style.legend_below(ax, 2)


FIGURE = Figure(
    name="scaling-isoflop",
    title="Profiles of constant compute",
    paper=SCALING_PAPER,
    caption=(
        "Least loss of a student of {N:.0e} parameters over the size of its teacher, "
        "whose inference and training count; each size has its best share of the "
        "compute. Dashed: the same student and compute, supervised."
    ),
    claim=(
        "The best teacher grows from {first:.1f} to {last:.1f} times the student's "
        "size; the student stays {least_behind:.3f} to {most_behind:.3f} nats behind "
        "supervised training."
    ),
    claims=("scaling.teacher_training_never_pays", "scaling.teacher_size_plateau"),
    tiers={
        "test": {"N": 1e9, "computes": [1e21, 1e22], "points": 25},
        "quick": {"N": 1e9, "computes": [1e20, 1e21, 1e22, 1e23], "points": 241},
        "full": {"N": 1e9, "computes": [1e20, 1e21, 1e22, 1e23], "points": 961},
    },
    minutes={"quick": 0.02, "full": 0.1},
    scale="the law, minimised over shares",
    compute=compute,
    draw=draw,
    width="column",
    height=3.2,
)
