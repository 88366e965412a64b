"""What the best teacher is worth, against the tokens of the student."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SCALING_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.scaling.optimal import best_teacher_loss
from theory.scaling_coefficients import PUBLISHED, RELATIVE_ERROR
from theory.scaling_law import student_loss, supervised_loss


def compute(parameters: Parameters) -> Table:
    """The edge of distillation, in percent of the loss, for several sizes."""
    D = np.geomspace(1e9, 1e17, parameters["points"])
    low, parts = PUBLISHED.supervised.log_E, []
    for N in parameters["sizes"]:
        teacher = best_teacher_loss(PUBLISHED, np.full(D.shape, N), D, low)
        loss = student_loss(PUBLISHED, N, D, teacher)
        edge = 100.0 * (supervised_loss(PUBLISHED, N, D) / loss - 1.0)
        parts.append(curve({"series": f"N = {N:.0e}"}, tokens=D, edge=edge))
    table = stack(parts)
    left = [name for name in table.values("series") if not crosses(table, name)]
    modest = table["tokens"] < 1e11
    notes = {
        "error": 100.0 * RELATIVE_ERROR,
        "never": " and ".join(left) or "none",
        "modest": float(table["edge"][modest].min()),
    }
    return Table(table.columns, notes)


def crosses(table: Table, series: str) -> bool:
    """Does supervised training catch up within the tokens drawn?"""
    return bool(table.where(series=series)["edge"].min() <= 0)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw the edge, and the law's own error around 0."""
    (ax,) = axes
    tokens = np.array([table["tokens"].min(), table["tokens"].max()])
    error = table.notes["error"]
    style.band(ax, tokens, [-error, -error], [error, error], style.GREY)
    ax.axhline(0.0, **style.BOUND)
    for k, series in enumerate(table.values("series")):
        rows = table.where(series=series)
        ax.plot(rows["tokens"], rows["edge"], label=series, **style.line(k))
    ax.set_xscale("log")
    ax.set_ylim(-2.0, 8.0)
    ax.set_xlabel("tokens of the student")
    ax.set_ylabel(r"$L/\min L_S - 1$ (%)")
    ax.legend(title="parameters")


FIGURE = Figure(
    name="scaling-crossover",
    title="When supervised training catches up",
    paper=SCALING_PAPER,
    caption=(
        "Loss of supervised training over that of distillation from the best teacher, "
        "at the same tokens, under the published law. Grey: the law's own error of "
        "{error:g} %. Tokens beyond 5e11 are extrapolated."
    ),
    claim=(
        "Below 1e11 tokens the best teacher is worth at least {modest:.2f} %; up to "
        "1e17 tokens {never} never cross 0, but all come within the error."
    ),
    claims=(
        "scaling.supervised_catches_up.every_size",
        "scaling.supervised_catches_up.one_percent",
        "scaling.modest_tokens_favour_distillation",
    ),
    tiers={
        "test": {"sizes": [1e8, 1e9], "points": 60},
        "quick": {"sizes": [1e8, 1e9, 1e10, 1e11], "points": 600},
        "full": {"sizes": [1e8, 1e9, 1e10, 1e11], "points": 2000},
    },
    minutes={"quick": 0.05, "full": 0.1},
    scale="the law, minimised over the teacher",
    compute=compute,
    draw=draw,
    height=3.0,
)
