"""Residuals of fits: on the runs that were fitted, and on those held out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SCALING_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.scaling.fit_design import distilled_runs, supervised_runs
from synthetic.scaling.fit_law import Form, Runs
from synthetic.scaling.fit_start import Fit, fit

PANELS = ("supervised", "distillation")
THRESHOLDS = {"supervised": 2.2, "distillation": 2.3}
FITTED, HELD_OUT = "fitted", "held out"


def compute(parameters: Parameters) -> Table:
    """Log residuals over predicted losses, of fits to the worse runs."""
    seed, noise = parameters["seed"], parameters["noise"]
    every = slice(None, None, parameters["every"])
    runs = {
        "supervised": supervised_runs(seed, noise),
        "distillation": distilled_runs(seed, noise),
    }
    exact = {
        "supervised": supervised_runs(seed, 0.0),
        "distillation": distilled_runs(seed, 0.0),
    }
    parts, notes = [], {"noise": 100.0 * noise}
    for panel in PANELS:
        chosen = np.arange(len(runs[panel]))[every]
        some, truth = runs[panel].select(chosen), exact[panel].select(chosen)
        # Which are held out is decided by what is true: noise has no say in it.
        kept = truth.log_loss >= np.log(parameters["thresholds"][panel])
        found = fit(Form(panel), some.select(kept))
        parts += [
            _points(panel, FITTED, found, some.select(kept)),
            _points(panel, HELD_OUT, found, some.select(~kept)),
        ]
        error = np.abs(found.errors(truth.select(~kept)))
        notes[f"{panel}_fitted"] = int(kept.sum())
        notes[f"{panel}_held"] = int((~kept).sum())
        middle = np.median(np.abs(parts[-2]["residual"]))
        notes[f"{panel}_middle"] = float(middle)
        notes[f"{panel}_worst"] = float(100.0 * error.max())
    return stack(parts, notes)


def _points(panel: str, series: str, found: Fit, runs: Runs) -> Table:
    error = found.errors(runs)
    # Over what is predicted: over what was observed, noise would lean to one side.
    loss = np.exp(runs.log_loss + error)
    return curve({"panel": panel, "series": series}, loss=loss, residual=100.0 * error)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw residuals, those of runs held out in another colour."""
    for ax, panel in zip(axes, PANELS, strict=True):
        for k, series in enumerate((FITTED, HELD_OUT)):
            rows = table.where(panel=panel, series=series)
            shape = {**style.points(k), "markersize": 2.5, "linestyle": "none"}
            ax.plot(rows["loss"], rows["residual"], **shape, label=series)
        ax.axhline(0.0, color=style.GREY, linewidth=0.8)
        ax.set_title(panel)
        ax.set_xlabel("predicted loss (nats a token)")
    axes[0].set_ylabel("log residual (%)")
    style.legend_below(axes[0], 2)


FIGURE = Figure(
    name="scaling-residuals",
    title="Residuals of fits",
    paper=SCALING_PAPER,
    caption=(
        "Log of predicted over observed loss; runs made from the published law with "
        "{noise:.1f} % noise. Fitted: {supervised_fitted} supervised runs with L >= "
        "2.2 and {distillation_fitted} distilled ones with L_S >= 2.3; held out: the "
        "{supervised_held} and {distillation_held} better ones."
    ),
    claim=(
        "Against the law without noise, predictions of what was held out are off by "
        "at most {supervised_worst:.2f} % and {distillation_worst:.2f} %; half of the "
        "residuals of what was fitted are within {supervised_middle:.2f} % and "
        "{distillation_middle:.2f} %."
    ),
    tiers={
        "test": {"seed": 0, "noise": 0.005, "every": 2, "thresholds": THRESHOLDS},
        "quick": {"seed": 0, "noise": 0.005, "every": 1, "thresholds": THRESHOLDS},
        "full": {"seed": 0, "noise": 0.005, "every": 1, "thresholds": THRESHOLDS},
    },
    minutes={"quick": 0.1, "full": 0.1},
    scale="73 and 567 runs made from the law",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    height=2.8,
)
