r"""The step sizes that SPS* and IAM take over time, on logistic and Poisson losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.bands import times_of
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.draws import component_draws
from synthetic.engines.simulate import simulate
from synthetic.families import planted
from synthetic.losses import LOSSES
from synthetic.setting import Setting
from theory.formulas import positive_part, ratio
from theory.method import IAM_P, SPS_STAR

LOSS_NAMES = {"logistic": "logistic", "poisson": "Poisson"}
NOISES = {"interpolation": 0.0, "noise": 0.5}
METHODS = {"SPS*": SPS_STAR, "IAM": IAM_P}
FRACTION = {"poisson": 0.25}
"""Where a run starts, as in `figures.sps_bounds`."""

SHORTEST = "SPS*, shortest"
CLEAR = 1e-6
"""Excess losses below this are too close to the roundoff guard of the targets."""

CHANNELS = frozenset({"numerator", "grad_norm_sq"})


def compute(parameters: Parameters) -> Table:
    """Quantiles over runs of the step size at each t, in units of 1/L."""
    parts = []
    for loss in LOSS_NAMES:
        for kind, noise in NOISES.items():
            problem = planted(
                LOSSES[loss],
                num_components=parameters["components"],
                dim=parameters["dimension"],
                noise=noise,
                seed=parameters["problem_seed"],
            )
            draws = component_draws(
                *(parameters["seed"], 0, parameters["replicas"]),
                *(parameters["horizon"] - 1, None, problem.num_components),
            )
            for series, method in METHODS.items():
                setting = Setting(
                    name=problem.name,
                    problem=problem,
                    method=method,
                    x0=problem.point * (1.0 - FRACTION.get(loss, 1.0)),
                    horizon=parameters["horizon"],
                )
                # A = 2 L, with L that of the self-bounding lemma S1.
                smoothness = setting.constants().A / 2.0
                trace = simulate(setting, draws, channels=CHANNELS)
                part = positive_part(trace.numerator)
                steps = ratio(part, trace.grad_norm_sq) * smoothness
                times = np.append(0, times_of(len(steps), parameters["times"]))
                low, middle, high = np.quantile(steps[times], (0.1, 0.5, 0.9), axis=1)
                parts.append(
                    curve(
                        {"panel": f"{loss} {kind}", "series": series},
                        t=times,
                        value=middle,
                        lower=low,
                        upper=high,
                    )
                )
                if series == "SPS*":
                    moving = trace.numerator > CLEAR
                    shortest = np.where(moving, steps, np.inf).min(axis=1)
                    every = np.arange(len(steps))
                    where = {"panel": f"{loss} {kind}", "series": SHORTEST}
                    same = {"value": shortest, "lower": shortest, "upper": shortest}
                    parts.append(curve(where, t=every, **same))
    table = stack(parts)
    shown = [
        table.where(panel=f"{loss} interpolation", series=SHORTEST)["value"].min()
        for loss in LOSS_NAMES
    ]
    notes = {
        "least": float(min(shown)),
        "replicas": parameters["replicas"],
    }
    return Table(table.columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a problem."""
    panels = [f"{loss} {kind}" for loss in LOSS_NAMES for kind in NOISES]
    for panel, ax in zip(panels, axes, strict=True):
        rows = table.where(panel=panel)
        if "interpolation" in panel:
            ax.axhline(0.5, label=r"$1 / 2L$", **style.BOUND)
            least = rows.where(series=SHORTEST)
            dotted = {"color": style.BLUE, "linestyle": (0, (1, 1)), "linewidth": 0.8}
            ax.plot(least["t"] + 1, least["value"], label=SHORTEST, **dotted)
        for k, series in enumerate(METHODS):
            one = rows.where(series=series)
            color = style.CYCLE[k]
            style.band(ax, one["t"] + 1, one["lower"], one["upper"], color)
            ax.plot(
                one["t"] + 1, one["value"], label=f"{series}, median", **style.line(k)
            )
        ax.set_xscale("log")
        ax.set_yscale("symlog", linthresh=0.5)
        ax.set_ylim(bottom=-0.05)
        loss, kind = panel.split()
        ax.set_title(f"{LOSS_NAMES[loss]}, {kind}")
        ax.set_xlabel(r"step $t + 1$")
    for k in (0, 2):
        axes[k].set_ylabel(r"step size $\times L$")
    style.legend_below(axes[0], 4)


FIGURE = Figure(
    name="step-sizes",
    title="Step sizes over time",
    paper=SPS_PAPER,
    caption=(
        "Step sizes of SPS* and IAM in units of 1/L: median and, shaded, the middle "
        "80 % of {replicas} runs (a spread, not a confidence band). With noise a step "
        "is 0 wherever the drawn loss is below its target."
    ),
    claim=(
        "Under interpolation no step of SPS* is shorter than 1/(2L) while the loss is "
        "1e-6 above its target: the shortest is {least:.3f}/L."
    ),
    tiers={
        "test": {
            "seed": 0,
            "problem_seed": 1,
            "components": 40,
            "dimension": 8,
            "horizon": 20,
            "times": 5,
            "replicas": 30,
        },
        "quick": {
            "seed": 0,
            "problem_seed": 1,
            "components": 40,
            "dimension": 8,
            "horizon": 300,
            "times": 25,
            "replicas": 400,
        },
        "full": {
            "seed": 0,
            "problem_seed": 1,
            "components": 40,
            "dimension": 8,
            "horizon": 300,
            "times": 40,
            "replicas": 10_000,
        },
    },
    minutes={"quick": 0.1, "full": 0.1},
    scale="400 runs of 300 steps",
    compute=compute,
    draw=draw,
    panels=(2, 2),
    width="text",
    height=4.2,
)
