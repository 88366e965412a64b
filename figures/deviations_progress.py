"""What teacher, student and direct model have learnt of every eigendirection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import DEVIATIONS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from theory import spectrum
from theory.filters import Filter, Flow, Ridge

NAMES = ("teacher", "direct, matched", "student")


def compute(parameters: Parameters) -> Table:
    """Progress of the three models, with a flow for a teacher and with ridge."""
    lams = np.geomspace(1.0, parameters["least"], parameters["count"])
    teachers: dict[str, Filter] = {
        "flow": Flow(parameters["teacher"]),
        "ridge": Ridge(parameters["mu"]),
    }
    student = Flow(parameters["student"])
    parts, ahead = [], {}
    for panel, teacher in teachers.items():
        taught = teacher.complement(lams)
        left = spectrum.student_complement(taught, student.complement(lams))
        direct = student.matched(lams[0], left[0]).complement(lams)
        for name, one in zip(NAMES, (taught, direct, left), strict=True):
            where = {"panel": panel, "model": name}
            parts.append(curve(where, lam=lams, progress=1.0 - one))
        ahead[panel] = int(np.sum(left[1:] < direct[1:] - 1e-12))
    notes = {
        "count": len(lams) - 1,
        "T": parameters["teacher"],
        "t": parameters["student"],
        "mu": parameters["mu"],
        "ahead_flow": ahead["flow"],
        "ahead_ridge": ahead["ridge"],
    }
    return Table(stack(parts).columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw a panel for each kind of teacher."""
    for ax, panel in zip(axes, table.values("panel"), strict=True):
        rows = table.where(panel=panel)
        for k, name in enumerate(NAMES):
            one = rows.where(model=name)
            look = style.line(k) | {"marker": style.MARKERS[k], "markersize": 3}
            ax.plot(one["lam"], one["progress"], label=name, **look)
        ax.set_xscale("log")
        ax.set_xlabel(r"eigenvalue $\lambda_k$")
        ax.set_title(f"teacher: {panel}")
        ax.set_ylim(0.0, 1.02)
    axes[0].set_ylabel("progress")
    axes[0].legend(loc="upper left")


FIGURE = Figure(
    name="deviations-progress",
    title="Progress by eigendirection",
    paper=DEVIATIONS_PAPER,
    caption=(
        "Progress of a teacher, of its student (a flow to t = {t:g}) and of the direct "
        "flow with as much progress in the top direction. Left the teacher is a flow "
        "to T = {T:g}, right ridge with mu = {mu:g}."
    ),
    claim=(
        "The student is ahead of the direct flow in {ahead_flow} of {count} lower "
        "directions under the flow, and in {ahead_ridge} under ridge, of which the "
        "theorem does not speak."
    ),
    claims=("deviations.eigen.matched_progress",),
    tiers={
        tier: {"least": 0.01, "count": count, "teacher": 3.0, "student": 3.0, "mu": 0.1}
        for tier, count in (("test", 9), ("quick", 15), ("full", 15))
    },
    minutes={"quick": 0.01, "full": 0.01},
    scale="15 eigenvalues, exact",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=2.8,
)
