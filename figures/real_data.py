r"""SPS* and IAM beside tuned SGD and AdaGrad-norm on bundled data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.bands import times_of
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic import baselines
from synthetic.baselines import TUNED, Kind, Lane
from synthetic.data import load
from synthetic.families import from_arrays
from synthetic.losses import LOGISTIC, POISSON
from synthetic.problems.glm import GLM

PANELS = {
    "poisson": "Poisson regression, diabetes",
    "logistic": "logistic regression, breast cancer",
}
AVERAGE = "SPS*, averaged"
SERIES = (AVERAGE, *(kind.value for kind in Kind))
RIDGE = 0.01


def problem_of(panel: str) -> GLM:
    """The bundled data as a problem with a certified minimiser."""
    if panel == "logistic":
        data = load("breast_cancer", loss=LOGISTIC)
        return from_arrays(data.name, data.features, data.target, LOGISTIC, RIDGE)
    # A standardised target would be negative: columns alone are, the target is in
    # units of its mean.
    data = load("diabetes", loss=POISSON, standardize=False, intercept=False)
    centred = data.features - data.features.mean(axis=0)
    rows = np.column_stack([centred / centred.std(axis=0), np.ones(len(centred))])
    target = data.target / data.target.mean()
    return from_arrays(data.name, rows, target, POISSON, 0.0)


def compute(parameters: Parameters) -> Table:
    """Tune on runs of their own, then report other runs, all on the same samples."""
    parts, chosen, ends, edges = [], {}, {}, {}
    for panel in PANELS:
        problem = problem_of(panel)
        horizon = parameters["epochs"] * problem.num_components
        x0 = np.zeros(problem.dim)
        grid = np.exp2(np.arange(*parameters["grid"], dtype=np.float64))
        lanes = [Lane(Kind.SPS_STAR), Lane(Kind.IAM)]
        for kind in TUNED:
            tuned = baselines.tune(
                problem,
                x0,
                kind,
                grid,
                horizon,
                seed=parameters["seed"],
                replicas=range(parameters["first_tuning"], _last(parameters)),
            )
            lanes.append(tuned.lane)
            chosen[f"{panel}, {kind}"] = tuned.lane.size
            edges[f"{panel}, {kind}"] = tuned.at_edge
        times = times_of(horizon, parameters["times"])
        gaps, averages = baselines.run(
            problem,
            x0,
            lanes,
            times,
            seed=parameters["seed"],
            replicas=range(parameters["replicas"]),
        )
        found = {AVERAGE: averages[:, 0]}
        found |= {lane.kind.value: gaps[:, k] for k, lane in enumerate(lanes)}
        for series in SERIES:
            low, middle, high = np.quantile(found[series], (0.1, 0.5, 0.9), axis=1)
            where = {"panel": panel, "series": series}
            parts.append(curve(where, T=times + 1, value=middle, lower=low, upper=high))
            ends[f"{panel}, {series}"] = float(middle[-1])
    notes = {
        "sizes": chosen,
        "edges": edges,
        "ends": ends,
        "num_at_edge": sum(edges.values()),
        "replicas": parameters["replicas"],
        "tuning": parameters["tuning"],
        "num_sizes": len(range(*parameters["grid"])),
        **_ratios(ends),
    }
    return stack(parts, notes)


def _last(parameters: Parameters) -> int:
    return int(parameters["first_tuning"] + parameters["tuning"])


def _ratios(ends: dict[str, float]) -> dict[str, float]:
    """IAM's last median gap over the least of the tuned methods', by panel."""
    return {
        f"ratio_{panel}": ends[f"{panel}, {Kind.IAM}"]
        / min(ends[f"{panel}, {kind}"] for kind in TUNED)
        for panel in PANELS
    }


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a data set."""
    for (panel, title), ax in zip(PANELS.items(), axes, strict=True):
        rows = table.where(panel=panel)
        for k, series in enumerate(SERIES):
            one, look = rows.where(series=series), style.line(k)
            style.band(ax, one["T"], one["lower"], one["upper"], look["color"])
            ax.plot(one["T"], one["value"], label=series, **look)
        style.log_log(ax, r"number of points $T$", "")
        ax.set_ylim(3e-6, 20)
        ax.set_title(title)
    axes[0].set_ylabel(r"$f(x_t) - f_\star$")
    style.legend_below(axes[0], 3)


FIGURE = Figure(
    name="real-data",
    title="Real data: SPS*, IAM, SGD, AdaGrad-norm",
    paper=SPS_PAPER,
    caption=(
        "Gap of the last iterate (of the averaged one where it says so): median and, "
        "shaded, the middle 80 % of {replicas} runs, a spread and not a confidence "
        "band. SPS* and IAM are told the losses at the minimiser and have no other "
        "parameter. SGD and AdaGrad-norm use the best of {num_sizes} sizes, powers of "
        "two, by the mean last gap of {tuning} runs that are not shown. Large early "
        "steps of SGD leave the axis."
    ),
    claim=(
        "IAM ends at {ratio_poisson:.2g} times the gap of the best tuned method on "
        "Poisson regression, at {ratio_logistic:.2g} times on logistic regression."
    ),
    tiers={
        "test": {
            "seed": 0,
            "epochs": 1,
            "times": 6,
            "replicas": 4,
            "tuning": 2,
            "first_tuning": 1000,
            "grid": [-8, 4, 4],
        },
        "quick": {
            "seed": 0,
            "epochs": 20,
            "times": 24,
            "replicas": 20,
            "tuning": 4,
            "first_tuning": 1000,
            "grid": [-12, 5],
        },
        "full": {
            "seed": 0,
            "epochs": 100,
            "times": 30,
            "replicas": 100,
            "tuning": 10,
            "first_tuning": 1000,
            "grid": [-16, 6],
        },
    },
    minutes={"quick": 0.2, "full": 12.0},
    scale="20 runs of 20 epochs",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.2,
)
