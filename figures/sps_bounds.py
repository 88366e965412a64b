r"""SPS* against its bounds, one panel a problem class, in units of $G D$."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.bands import Sampling, average_gap
from figures.linf_slope import values
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.families import planted
from synthetic.instances import decaying_gap, sparse_abs
from synthetic.losses import LOSSES
from synthetic.setting import Setting
from theory import claims
from theory.method import SPS_STAR

AVERAGE = "sps.lipschitz.average"
SHARP = "sps.smooth.sharp"
CLASSES = {
    "l1": "absolute loss",
    "hinge": "hinge loss",
    "squared": "squared loss",
    "logistic": "logistic loss",
    "poisson": "Poisson loss",
}
SMOOTH = ("squared", "logistic", "poisson")


NOISE = {"hinge": 0.0}
"""With noise the planted hinge problem is flat between its start and minimiser."""

FRACTION = {"poisson": 0.25}
r"""Where a run starts: that part of $\|x_\star\|$ away. From 0 the constants of Poisson
are beyond $e^8$."""


def compute(parameters: Parameters) -> Table:
    """Average gaps with limits for every class, both bounds, and hard instances."""
    # One budget: every band of the figure holds with probability 1 - alpha.
    sampling = Sampling(
        parameters["times"],
        parameters["replicas"],
        parameters["seed"],
        parameters["alpha"] / len(CLASSES),
    )
    parts, largest = [], {}
    for loss in CLASSES:
        band = average_gap(_setting(loss, parameters), sampling)
        c, unit = band.constants, band.constants.G * band.constants.D
        parts.append(
            curve(
                {"panel": loss, "series": "SPS*"},
                T=band.times + 1,
                value=band.mean / unit,
                lower=np.maximum(band.lower, 0.0) / unit,  # f(u) is least
                upper=band.upper / unit,
            )
        )
        times = np.append(0, band.times)
        ids = {"bound": AVERAGE} | ({"smooth bound": SHARP} if loss in SMOOTH else {})
        bounds = {
            series: np.asarray(claims.get(claim_id).bound(c, times.astype(float)))
            for series, claim_id in ids.items()
        }
        for series, bound in bounds.items():
            parts.append(_exact(loss, series, times + 1, bound / unit))
        least = np.min(list(bounds.values()), axis=0)[1:]
        largest[loss] = float(np.max(band.upper / least))
        parts += _hard(loss, parameters)
    notes = {
        "largest": largest,
        "over_bound": max(largest.values()),
        "alpha": parameters["alpha"],
        "replicas": parameters["replicas"],
    }
    return stack(parts, notes)


def _setting(loss: str, parameters: Parameters) -> Setting:
    problem = planted(
        LOSSES[loss],
        num_components=parameters["components"],
        dim=parameters["dimension"],
        noise=NOISE.get(loss, 0.5),
        seed=parameters["problem_seed"],
    )
    return Setting(
        name=problem.name,
        problem=problem,
        method=SPS_STAR,
        x0=problem.point * (1.0 - FRACTION.get(loss, 1.0)),
        horizon=parameters["horizon"],
    )


def _exact(panel: str, series: str, num_points: Any, value: Any) -> Table:
    where = {"panel": panel, "series": series}
    return curve(where, T=num_points, value=value, lower=value, upper=value)


def _hard(panel: str, parameters: Parameters) -> list[Table]:
    """LINF(d) at T = d, and SPARSE-ABS(p) at its worst T, exactly."""
    claim = claims.get(AVERAGE)
    dims = np.array(parameters["dimensions"])
    ends = [values(claim, SPS_STAR, int(dim))[0][-1] for dim in dims]
    found = [_exact(panel, "LINF(d) at T = d", dims, np.array(ends))]
    worst, at = [], []
    for p in parameters["chances"]:
        problem = sparse_abs(p)
        num_points = round(parameters["worst"] / p)
        setting = Setting(
            name=problem.name,
            problem=problem,
            method=SPS_STAR,
            x0=np.ones(1),
            horizon=num_points,
        )
        c = setting.constants()
        gaps = decaying_gap(p, 1.0 - p, np.arange(num_points))["gap"]
        worst.append(float(gaps.mean()) / (c.G * c.D))
        at.append(num_points)
    found.append(_exact(panel, "SPARSE-ABS", np.array(at), np.array(worst)))
    return found


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a class; the sixth place holds the legend."""
    for (loss, title), ax in zip(CLASSES.items(), axes, strict=False):
        rows = table.where(panel=loss)
        run = rows.where(series="SPS*")
        bound = rows.where(series="bound")
        ax.plot(bound["T"], bound["value"], label=r"$G D/\sqrt{T}$", **style.BOUND)
        smooth = rows.where(series="smooth bound")
        ax.plot(
            smooth["T"],
            smooth["value"],
            color=style.GREY,
            linestyle=(0, (1, 1)),
            label="bound for smooth losses",
        )
        hard = rows.where(series="LINF(d) at T = d")
        ax.plot(hard["T"], hard["value"], label="LINF(d) at T = d", **style.HARD)
        sparse = rows.where(series="SPARSE-ABS")
        look = {**style.HARD, "marker": "x", "color": style.GREEN, "markersize": 4.5}
        ax.plot(sparse["T"], sparse["value"], label="SPARSE-ABS", **look)
        style.band(ax, run["T"], run["lower"], run["upper"], style.BLUE)
        ax.plot(run["T"], run["value"], color=style.BLUE, label="SPS*, average gap")
        style.log_log(ax, r"number of points $T$", "")
        ax.set_title(title)
        ax.set_ylim(1e-4, 2)
    for k in (0, 3):
        axes[k].set_ylabel(r"average gap / $G D$")
    handles, labels = axes[2].get_legend_handles_labels()
    axes[5].axis("off")
    axes[5].legend(handles, labels, loc="center")


FIGURE = Figure(
    name="sps-bounds",
    title="SPS* and its bounds by problem class",
    paper=SPS_PAPER,
    caption=(
        "Average gap of SPS*, in units of G D, over {replicas} runs on one random "
        "problem a class (n = 40, d = 8). Bands hold at all t, in all panels at once, "
        "with error probability at most {alpha:g}. Diamonds and crosses are exact "
        "values of hard instances, not smooth, each with its own G D."
    ),
    claim=(
        "No upper limit exceeds {over_bound:.2f} times the least bound of its panel, "
        "and LINF(d) attains the dashed one at every T = d."
    ),
    claims=(AVERAGE, SHARP),
    tiers={
        "test": {
            "seed": 0,
            "problem_seed": 1,
            "components": 40,
            "dimension": 8,
            "horizon": 40,
            "times": 4,
            "replicas": 256,
            "alpha": 1e-6,
            "dimensions": [1, 4, 16],
            "chances": [0.1],
            "worst": 1.2564,
        },
        "quick": {
            "seed": 0,
            "problem_seed": 1,
            "components": 40,
            "dimension": 8,
            "horizon": 1000,
            "times": 16,
            "replicas": 2048,
            "alpha": 1e-6,
            "dimensions": [1, 4, 16, 64, 256],
            "chances": [0.3, 0.1, 0.03, 0.01, 0.003],
            "worst": 1.2564,
        },
        "full": {
            "seed": 0,
            "problem_seed": 1,
            "components": 40,
            "dimension": 8,
            "horizon": 10_000,
            "times": 24,
            "replicas": 16_384,
            "alpha": 1e-6,
            "dimensions": [1, 4, 16, 64, 256, 1024],
            "chances": [0.3, 0.1, 0.03, 0.01, 0.003, 0.001],
            "worst": 1.2564,
        },
    },
    minutes={"quick": 0.1, "full": 1.4},
    scale="2048 runs of 1000 steps a class",
    compute=compute,
    draw=draw,
    panels=(2, 3),
    width="wide",
    height=4.2,
    overlay=0,
)
