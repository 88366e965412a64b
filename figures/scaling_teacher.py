"""A student's loss against its teacher's: the law's U."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SCALING_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.scaling.optimal import best_teacher_loss
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_law import student_loss, supervised_loss


def compute(parameters: Parameters) -> Table:
    """Losses of students with different numbers of tokens, and where each is least."""
    N, low = parameters["N"], PUBLISHED.supervised.log_E
    teacher = np.linspace(np.exp(low) + 0.05, parameters["worst"], parameters["points"])
    parts, depth = [], {}
    for ratio in parameters["ratios"]:
        D = ratio * N
        series = f"{ratio:g} tokens a parameter"
        loss = student_loss(PUBLISHED, N, D, teacher)
        best = best_teacher_loss(PUBLISHED, np.array([N]), np.array([D]), low)
        least = student_loss(PUBLISHED, N, D, best)
        alone = np.array([supervised_loss(PUBLISHED, N, D)])
        parts += [
            curve({"series": series, "what": "student"}, teacher=teacher, loss=loss),
            curve({"series": series, "what": "least"}, teacher=best, loss=least),
            curve({"series": series, "what": "alone"}, teacher=alone, loss=alone),
        ]
        depth[series] = float(loss[0] - least[0])
    table = stack(parts)
    least = table.where(what="least")
    notes = {
        "N": N,
        "first_best": float(least["teacher"][0]),
        "last_best": float(least["teacher"][-1]),
        "strongest": float(teacher[0]),
        "harm": max(depth.values()),
        "beats": int(np.sum(table["loss"] < table["teacher"] - 1e-12)),
    }
    return Table(table.columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw the curves, their minima, supervised training, and the teacher itself."""
    (ax,) = axes
    ends = np.array([table["teacher"].min(), table["teacher"].max()])
    for k, series in enumerate(table.values("series")):
        rows = table.where(series=series)
        curve_, least, alone = (
            rows.where(what=what) for what in ("student", "least", "alone")
        )
        ax.plot(curve_["teacher"], curve_["loss"], label=series, **style.line(k))
        ax.plot(least["teacher"], least["loss"], **style.points(k))
        ax.plot(alone["teacher"], alone["loss"], **(style.points(k) | {"marker": "x"}))
    ax.plot(ends, ends, color=style.GREY, linewidth=0.8, label="$L_S = L_T$")
    ax.set_xlabel("teacher's loss $L_T$ (nats a token)")
    ax.set_ylabel("student's loss $L_S$")
    ax.legend()


FIGURE = Figure(
    name="scaling-teacher",
    title="Student against teacher",
    paper=SCALING_PAPER,
    caption=(
        "The published law for a student of {N:.3g} parameters. Filled marks: the best "
        "teacher; crosses: the student by itself, drawn where L_T equals its loss. "
        "{beats} points lie below the grey line: the law has no student that is better "
        "than its teacher."
    ),
    claim=(
        "The best teacher has a loss of {first_best:.3f} to {last_best:.3f}; one of "
        "{strongest:.2f} does up to {harm:.3f} nats of harm."
    ),
    claims=("scaling.capacity_gap", "scaling.student_above_teacher"),
    tiers={
        "test": {"N": 546e6, "ratios": [20, 320], "worst": 3.2, "points": 40},
        "quick": {"N": 546e6, "ratios": [20, 80, 320], "worst": 3.2, "points": 400},
        "full": {"N": 546e6, "ratios": [20, 80, 320], "worst": 3.2, "points": 2000},
    },
    minutes={"quick": 0.01, "full": 0.01},
    scale="the law, evaluated",
    compute=compute,
    draw=draw,
    width="column",
    height=3.0,
)
