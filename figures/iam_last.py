r"""The last iterate of IAM under three momentum conventions, as a part of its bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.engines import tree
from synthetic.instances import absolute, wedge, wedge_start
from synthetic.problems.base import FloatArray, Problem
from synthetic.setting import Setting
from theory import claims
from theory.method import IAM_C, IAM_P, iam_k

LAST = "iam.lipschitz.last"
METHODS = {
    r"P: $\lambda_t = t$": IAM_P,
    r"C: $\lambda_t = t - 1$": IAM_C,
    r"K: $\lambda = 9$": iam_k(9.0),
}
PANELS = ("WEDGE(45)", "WEDGE(54.74)", "|x|")


def places(panel: str) -> tuple[Problem, FloatArray]:
    """The instance of a panel and its start."""
    if panel == "|x|":
        return absolute(), np.ones(1)
    degrees = 45.0 if panel == "WEDGE(45)" else float(np.rad2deg(np.arccos(3**-0.5)))
    return wedge(degrees), wedge_start(degrees)


def compute(parameters: Parameters) -> Table:
    """The gap over the bound of convention P, exactly: one component, one path."""
    claim = claims.get(LAST)
    parts, peaks = [], {}
    for panel in PANELS:
        problem, start = places(panel)
        for series, method in METHODS.items():
            setting = Setting(
                name=f"{panel}, {method.name}",
                problem=problem,
                method=method,
                x0=start,
                horizon=parameters["horizon"],
            )
            c = setting.constants()
            trace, _, weights = tree.grow(setting, claim.needs)
            gap = claim.quantity(trace) @ weights
            bound = claim.bound(c, trace.times.astype(float))
            ratio = gap / bound
            peaks[f"{panel} {method.name}"] = float(ratio.max())
            parts.append(
                curve(
                    {"panel": panel, "series": series},
                    T=trace.times + 1,
                    gap=gap,
                    bound=bound,
                    ratio=ratio,
                )
            )
    notes = {
        "peaks": peaks,
        "p_peak": max(v for k, v in peaks.items() if k.endswith("IAM-P")),
        "c_peak": peaks["WEDGE(54.74) IAM-C"],
        "k_peak": peaks["|x| IAM-K(9)"],
    }
    return stack(parts, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel an instance; the bound is the line at 1."""
    for panel, ax in zip(PANELS, axes, strict=True):
        rows = table.where(panel=panel)
        ax.axhline(1.0, label=r"bound $G D/\sqrt{T}$", **style.BOUND)
        for k, series in enumerate(METHODS):
            one = rows.where(series=series)
            ax.plot(one["T"], one["ratio"], marker=".", label=series, **style.line(k))
        ax.set_xscale("log")
        ax.set_xlabel(r"number of points $T$")
        ax.set_ylim(0, 1.6)
        ax.set_title(panel)
    axes[0].set_ylabel(r"$f(x_t) - f_\star$ / bound")
    style.legend_below(axes[0], 4)


FIGURE = Figure(
    name="iam-last",
    title="Last iterates of IAM by momentum convention",
    paper=SPS_PAPER,
    caption=(
        "Gap of the last iterate over the bound of the paper's convention P, exactly, "
        "on two wedges in the plane and on |x|. C is public code's first step, K its "
        "default constant."
    ),
    claim=(
        "P never exceeds its bound ({p_peak:.4f} at most); C reaches {c_peak:.4f} of "
        "it on WEDGE(54.74), K {k_peak:.4f} on |x|."
    ),
    claims=(
        LAST,
        "iam.lipschitz.last_c_under_p",
        "iam.lipschitz.constant_lambda_last",
    ),
    tiers={
        "test": {"horizon": 12},
        "quick": {"horizon": 100},
        "full": {"horizon": 1000},
    },
    minutes={"quick": 0.1, "full": 0.1},
    scale="exact, 100 points",
    compute=compute,
    draw=draw,
    panels=(1, 3),
    width="wide",
    height=2.6,
)
