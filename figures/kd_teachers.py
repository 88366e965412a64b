r"""Distilled SGD over time with graded teachers, each at its own best weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import KD_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.distillation import instances, moments
from synthetic.distillation.special import one
from synthetic.distillation.teachers import GRADES, directions, graded
from theory import claims, distillation_formulas as formulas

CLAIM = "kd.sqc.neighbourhood"
PLAIN = "plain SGD"
SERIES = (PLAIN, *GRADES)


def compute(parameters: Parameters) -> Table:
    """Exact moments at every shown t, from one start, and the bound."""
    problem = instances.gauss()
    start = problem.star + parameters["distance"] * directions(problem)["random"]
    teachers = graded(problem, start, parameters["seed"])
    away = np.array([start - problem.star, *teachers.values()])
    away[1:] -= problem.star
    step = np.full(len(away), parameters["step"] / problem.cL)
    zero = np.zeros(len(away))
    known = one(problem.name, problem, away, zero, step).constants()
    plain, teacher = known.V[:, 0], known.teacher_dist_sq[:, 0]
    weight = np.asarray(formulas.optimal_weight(teacher, plain))
    weight[0] = 0.0
    horizon = parameters["horizon"]
    begin = np.broadcast_to(start - problem.star, away.shape)
    bench = one(problem.name, problem, away, weight, step, start=begin, horizon=horizon)
    grid = np.geomspace(1, horizon - 1, parameters["times"])
    times = np.unique(np.append(0, np.round(grid)).astype(np.int64))
    centre = np.broadcast_to(problem.star, away.shape)
    found = moments.run(bench, centre, times).dist_sq
    bound = claims.get(CLAIM).bound(bench.constants(), times.astype(float))
    parts = [
        curve(
            {"series": series},
            T=times + 1,
            value=found[k],
            bound=bound[k],
            lam=weight[k],
            teacher=float(teacher[k]) if k else np.nan,
        )
        for k, series in enumerate(SERIES)
    ]
    ends = dict(zip(SERIES, found[:, -1].tolist(), strict=True))
    notes = {
        "ends": ends,
        "worst": max(ends[grade] for grade in GRADES) / ends[PLAIN],
        "perfect": ends["perfect"],
        "step": parameters["step"],
        "last": int(times[-1]),
    }
    return stack(parts, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw exact curves, and bounds dashed in their colour."""
    (ax,) = axes
    for k, series in enumerate(SERIES):
        rows, look = table.where(series=series), style.line(k)
        label = series if k == 0 else rf"{series}, $\lambda$ = {rows['lam'][0]:.2g}"
        if series == PLAIN:  # seen behind the teachers that change little
            look |= {"linewidth": 4.5, "alpha": 0.35}
        ax.plot(rows["T"], rows["value"], label=label, **look)
        dashed = {"color": look["color"], "linestyle": (0, (1, 1.2)), "linewidth": 0.8}
        ax.plot(rows["T"], rows["bound"], **dashed)
    style.log_log(ax, r"number of points $T$", r"$E\|x_t - x_\star\|^2$")
    ax.set_ylim(1e-5, 10)
    style.legend_below(ax, 3)


FIGURE = Figure(
    name="kd-teachers",
    title="Teachers of five grades over time",
    paper=KD_PAPER,
    caption=(
        "Squared error of distilled SGD on least squares (ls-gauss), step {step:g}/cL, "
        "exactly, each teacher at its best weight; dotted, the bound with N1 in the "
        "curve's colour."
    ),
    claim=(
        "At t = {last} every teacher leaves less error than plain SGD does, the worst "
        "one {worst:.4f} of it; the perfect one leaves {perfect:.1e}."
    ),
    claims=(CLAIM, "kd.ls.beats_both"),
    tiers={
        "test": {
            "seed": 0,
            "step": 0.125,
            "distance": 2.0,
            "horizon": 1500,
            "times": 9,
        },
        "quick": {
            "seed": 0,
            "step": 0.125,
            "distance": 2.0,
            "horizon": 4000,
            "times": 80,
        },
        "full": {
            "seed": 0,
            "step": 0.125,
            "distance": 2.0,
            "horizon": 20_000,
            "times": 120,
        },
    },
    minutes={"quick": 0.1, "full": 0.1},
    scale="exact, 4000 points",
    compute=compute,
    draw=draw,
    width="text",
    height=4.0,
    overlay=0,
)
