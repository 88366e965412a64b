"""Step sizes over steps: those that the losses give, and those that tuning chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.gpt2_curves import LOOKS, name_of
from figures.gpt2_saved import FILE, Saved, read
from figures.saved_file import MINUTES
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack

PANELS = {
    "gradient steps": (
        ("untuned", "IAM, lambda = t"),
        ("untuned", "SPS*"),
        ("untuned", "IAM"),
        ("tuned", "SGD"),
    ),
    "steps in Adam's metric": (("untuned", "IAM-Adam"), ("tuned", "AdamW")),
}
PAIRS = (("IAM", "SGD, tuned"), ("IAM-Adam", "AdamW, tuned"))


def compute(parameters: Parameters) -> Table:
    """Step sizes of the first seed's runs, thinned; steps of size 0 among them."""
    saved = read(parameters)
    table = stack(
        [
            _curve(saved, panel, group, series)
            for panel, members in PANELS.items()
            for group, series in members
        ]
    )
    return Table(table.columns, saved.notes | said(table))


def said(table: Table) -> dict[str, float]:
    """Medians of untuned step sizes, and peaks of tuned rates."""
    found = {}
    for ours, theirs in PAIRS:
        key = theirs.split(",", maxsplit=1)[0].lower()
        sizes = table.where(series=ours)["value"]
        found[f"median_{key}"] = float(np.median(sizes))
        found[f"zero_{key}"] = float(np.mean(sizes == 0))
        found[f"peak_{key}"] = float(table.where(series=theirs)["value"].max())
    return found


def _curve(saved: Saved, panel: str, group: str, series: str) -> Table:
    run = saved.runs(group, series)[0]
    kept = [k for k, size in enumerate(run["step_sizes"]) if size is not None]
    return curve(
        {"panel": panel, "series": name_of(group, series)},
        step=np.array([run["steps_at"][k] for k in kept], dtype=np.int64),
        value=np.array([run["step_sizes"][k] for k in kept]),
    )


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a metric."""
    for panel, ax in zip(PANELS, axes, strict=True):
        rows = table.where(panel=panel)
        for series in rows.values("series"):
            one, look = rows.where(series=series), style.line(LOOKS[series])
            shown = np.where(one["value"] > 0, one["value"], np.nan)
            if series.endswith("tuned"):
                ax.plot(one["step"], shown, label=series, **look)
            else:  # consecutive ones differ too much for a line
                look |= {"linestyle": "none", "marker": ".", "markersize": 2.5}
                ax.plot(one["step"], shown, label=series, **look)
        ax.set_yscale("log")
        ax.set_xlabel("step")
        ax.set_title(panel)
        ax.legend(markerscale=2)
    axes[0].set_ylabel("step size, learning rate")


FIGURE = Figure(
    name="gpt2-steps",
    title="GPT-2: step sizes",
    paper=SPS_PAPER,
    caption=(
        "Step sizes of one student by each method over time (at most 200 of them), and "
        "the learning rates that tuning chose, SGD's with momentum 0.9, which makes "
        "steps ten times as long in the end. Steps of size 0 are not drawn. {made}"
    ),
    claim=(
        "IAM's median step is {median_sgd:.3g} ({zero_sgd:.1%} of the steps shown are "
        "0), the tuned rate of SGD peaks at {peak_sgd:.3g}; IAM-Adam's median step is "
        "{median_adamw:.3g} ({zero_adamw:.1%} are 0), AdamW's rate peaks at "
        "{peak_adamw:.3g}."
    ),
    tiers=FILE,
    minutes=MINUTES,
    scale="a saved comparison",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.0,
)
