"""Where distillation lowers the risk: a map over noise and the teacher's time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import DEVIATIONS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.deviations import risk as models

PANELS = {"signal on top alone": (1.0, 0.0, 0.0), "signal in all": (1.0, 1.0, 1.0)}
LAMS = (1.0, 0.3, 0.1)


def compute(parameters: Parameters) -> Table:
    """The best student's risk over the best early stopping's, minus 1, in percent."""
    noises = np.geomspace(1e-3, 1.0, parameters["points"])
    times = np.geomspace(0.3, 60.0, parameters["points"])
    parts, notes = [], {}
    for panel, theta in PANELS.items():
        changes = []
        for noise in noises:
            problem = models.check(np.array(LAMS), np.array(theta), float(noise))
            direct = models.best_direct(problem).risk
            found = np.array(
                [models.best_student(problem, float(t)).risk for t in times]
            )
            change = 100.0 * (found / direct - 1.0)
            changes.append(change)
            parts.append(
                curve({"panel": panel}, noise=noise, time=times, change=change)
            )
        key = "top" if theta[1] == 0 else "all"
        notes[f"best_{key}"] = float(-np.min(changes))
        notes[f"helped_{key}"] = float(np.mean(np.array(changes) < -1e-6))
    return Table(stack(parts).columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw a map for each signal, one colour scale for both."""
    most = 30.0
    for ax, panel in zip(axes, table.values("panel"), strict=True):
        rows = table.where(panel=panel)
        noises, times = np.unique(rows["noise"]), np.unique(rows["time"])
        change = rows["change"].reshape(len(noises), len(times)).T
        mesh = ax.pcolormesh(
            noises,
            times,
            np.clip(change, -most, most),
            cmap="RdBu_r",
            vmin=-most,
            vmax=most,
            shading="nearest",
            rasterized=True,
        )
        if np.min(change) < -1e-6 < np.max(change):
            look = {"colors": style.BLACK, "linewidths": 0.9}
            ax.contour(noises, times, change, levels=[-1e-6], **look)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlabel(r"noise $\sigma^2/n$")
        ax.set_title(panel)
    axes[0].set_ylabel("teacher's time T")
    bar = axes[0].figure.colorbar(mesh, ax=list(axes), extend="both")
    bar.set_label("risk against best early stopping (%)")


FIGURE = Figure(
    name="deviations-risk",
    title="Risk map over noise and teacher time",
    paper=DEVIATIONS_PAPER,
    caption=(
        "In-sample risk of the best student of a teacher stopped at T, against the "
        "best early stopping of a direct flow, eigenvalues 1, 0.3, 0.1: true weights 1 "
        "along the top direction alone (left) and along all three (right). Blue is "
        "lower; black is the border. Colours end at 30 %."
    ),
    claim=(
        "On the left a teacher lowers the risk by up to {best_top:.1f} %, and in "
        "{helped_top:.0%} of the map; on the right in {helped_all:.0%}."
    ),
    claims=("deviations.risk.criterion",),
    tiers={
        "test": {"points": 4},
        "quick": {"points": 32},
        "full": {"points": 80},
    },
    minutes={"quick": 0.5, "full": 3.0},
    scale="32 x 32, exact risks",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.0,
)
