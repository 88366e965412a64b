"""Two directions of students over time, with the direct model's curve above them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import DEVIATIONS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from theory import spectrum


def compute(parameters: Parameters) -> Table:
    """Progress in the top direction and in the lower one, by model."""
    times = np.geomspace(1e-2, 60.0, parameters["points"])
    parts, least = [], 1.0
    for r in parameters["exponents"]:
        panel = f"r = {r:g}"
        lams = np.array([1.0, r])
        direct = spectrum.flow(lams[:, None], times)
        where = {"panel": panel, "model": "direct, and any teacher"}
        parts.append(curve(where, top=direct[0], low=direct[1]))
        for q in parameters["teachers"]:
            own = np.array([q, spectrum.phi(r, q)])
            student = own[:, None] * direct
            where = {"panel": panel, "model": f"teacher stopped at {q:g}"}
            parts.append(curve(where, top=student[0], low=student[1]))
            matched = spectrum.phi(r, student[0])
            least = min(least, float(np.min(student[1] / matched)))
        x = np.linspace(0.005, 0.995, parameters["points"])
        where = {"panel": panel, "model": "least of all students"}
        limits = spectrum.student_limits(r, x)
        parts.append(curve(where, top=x, low=limits.least))
    return Table(stack(parts).columns, {"least": least})


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw a panel for each exponent."""
    for ax, panel in zip(axes, table.values("panel"), strict=True):
        rows = table.where(panel=panel)
        *models, last = rows.values("model")
        for k, name in enumerate(models):
            one = rows.where(model=name)
            ax.plot(one["top"], one["low"], label=name, **style.line(k))
        one = rows.where(model=last)
        ax.plot(one["top"], one["low"], label=last, **style.BOUND)
        ax.set_title(rf"$\lambda_2/\lambda_1$ = {panel.split()[-1]}")
        ax.set_xlabel("progress in direction 1")
        ax.set_xlim(0.0, 1.0)
        ax.set_ylim(0.0, 1.0)
    axes[0].set_ylabel("progress in direction 2")
    axes[0].legend(loc="upper left")


FIGURE = Figure(
    name="deviations-trajectories",
    title="Trajectories at matched progress",
    paper=DEVIATIONS_PAPER,
    caption=(
        "Progress in the lower of two directions against that in the top one, along "
        "gradient flows: a direct model (and every teacher, until it stops), and "
        "students of teachers that stop at a top progress of so much. Dashed: the "
        "least that any pair of times leaves; at the same place on the axis a student "
        "is between it and the direct model."
    ),
    claim="A student here has as little as {least:.2f} of the direct model's progress.",
    claims=("deviations.eigen.matched_progress", "deviations.eigen.interval"),
    tiers={
        tier: {"exponents": [0.3, 0.1], "teachers": [0.9, 0.7, 0.5], "points": points}
        for tier, points in (("test", 20), ("quick", 200), ("full", 400))
    },
    minutes={"quick": 0.01, "full": 0.01},
    scale="two eigenvalues, exact",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.2,
)
