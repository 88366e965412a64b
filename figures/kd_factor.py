r"""The variance-reduction factor at the best weight: exact, and of the bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import KD_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.distillation import instances
from synthetic.distillation.special import one
from synthetic.distillation.teachers import directions
from theory import distillation_formulas as formulas
from theory.trace import FloatArray

COVERED = 0.125
r"""The factor of the bound $N_1'$ is proved for $\gamma cL \le 1/8$."""


def factors(steps: FloatArray, distance: float) -> dict[str, FloatArray]:
    r"""Factors at steps $\gamma cL$ (B,), the teacher being at `distance`."""
    problem = instances.gauss()
    step = steps / problem.cL
    away = np.zeros((len(steps), problem.dim))
    away = away + distance * directions(problem)["random"]
    c = one(problem.name, problem, away, np.zeros(len(step)), step).constants()
    plain, teacher = c.V[:, 0], c.teacher_dist_sq[:, 0]
    kappa = formulas.sqc_simple_kappa(step, c.mu)
    saved = formulas.reduction(c.S2, c.H2[:, 0], c.G2[:, 0], c.cross[:, 0], kappa)
    # V <= gamma S2 / (mu (2 - gamma cL)): the upper end of the sandwich.
    most = step * c.S2 / (c.mu * (2.0 - steps))
    return {
        "exact": np.asarray(formulas.optimal_error(teacher, plain) / plain),
        "bound": np.where(steps <= COVERED, 1.0 - saved, np.nan),
        "at least": np.asarray(formulas.optimal_error(teacher, most) / most),
    }


def compute(parameters: Parameters) -> Table:
    """Factors against the step for some teachers, and the other way round."""
    steps = np.geomspace(*parameters["steps"])
    distances = np.geomspace(*parameters["distances"])
    parts = []
    for distance in parameters["some_distances"]:
        for kind, value in factors(steps, distance).items():
            where = {"panel": "step", "series": f"at {distance:g}", "kind": kind}
            parts.append(curve(where, x=steps, value=value))
    for step in parameters["some_steps"]:
        found = [factors(np.array([step]), float(distance)) for distance in distances]
        for kind in found[0]:
            where = {"panel": "teacher", "series": f"step {step:g}", "kind": kind}
            values = np.array([one_of[kind][0] for one_of in found])
            parts.append(curve(where, x=distances, value=values))
    table = stack(parts)
    exact = table.where(panel="step", kind="exact")
    bound = table.where(panel="step", kind="bound")
    notes = {
        "smallest_step": float(steps[0]),
        "at_smallest": float(np.min(exact["value"][exact["x"] == steps[0]])),
        "times": float(np.nanmax(bound["value"] / exact["value"])),
    }
    return Table(table.columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw against the step, and against the teacher."""
    labels = (r"$\|\theta - x_\star\| = %s$", r"$\gamma cL = %s$")
    looks: dict[str, dict[str, Any]] = {
        "exact": {"linestyle": "-"},
        "bound": {"linestyle": (0, (4, 1.5)), "linewidth": 1.0},
        "at least": {"linestyle": (0, (1, 1.2)), "linewidth": 1.0},
    }
    for panel, label, ax in zip(("step", "teacher"), labels, axes, strict=True):
        rows = table.where(panel=panel)
        for k, series in enumerate(rows.values("series")):
            for kind, look in looks.items():
                curve_of = rows.where(series=series, kind=kind)
                name = label % series.split()[-1] if kind == "exact" else None
                ax.plot(
                    curve_of["x"],
                    curve_of["value"],
                    color=style.CYCLE[k],
                    label=name,
                    **look,
                )
        ax.set_xscale("log")
        ax.set_ylim(0, 1.05)
        ax.legend(loc="lower left" if panel == "step" else "lower right")
    axes[0].set_xlabel(r"step size $\gamma cL$")
    axes[1].set_xlabel(r"teacher's distance $\|\theta - x_\star\|$")
    axes[0].set_ylabel("error at the best weight / plain SGD's")


FIGURE = Figure(
    name="kd-factor",
    title="Variance-reduction factor",
    paper=KD_PAPER,
    caption=(
        "Stationary error of distilled SGD at its best weight over plain SGD's, on "
        "least squares (ls-gauss): exact (solid), the factor of the bound N1' (dashed, "
        "where it is proved), and what the exact one is at least (dotted)."
    ),
    claim=(
        "Short steps leave little to gain: at step {smallest_step:.2g}/cL the factor "
        "is at least {at_smallest:.3f} for the teachers shown on the left, and the "
        "dashed one is up to {times:.2f} times the exact one."
    ),
    claims=("kd.ls.lambda_opt", "kd.ls.small_steps", "kd.sqc.lambda_star_simple"),
    tiers={
        "test": {
            "steps": [1e-3, 0.9, 7],
            "distances": [0.02, 2.0, 7],
            "some_distances": [0.1, 0.5],
            "some_steps": [0.125],
        },
        "quick": {
            "steps": [5e-4, 0.9, 60],
            "distances": [0.01, 3.0, 60],
            "some_distances": [0.03, 0.1, 0.3, 1.0],
            "some_steps": [0.125, 0.03125, 0.0078125],
        },
        "full": {
            "steps": [5e-4, 0.9, 400],
            "distances": [0.01, 3.0, 400],
            "some_distances": [0.03, 0.1, 0.3, 1.0],
            "some_steps": [0.125, 0.03125, 0.0078125],
        },
    },
    minutes={"quick": 0.1, "full": 0.1},
    scale="exact",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.0,
)
