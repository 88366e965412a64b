"""Final loss over what is tuned, and over what being untuned hides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from figures import style
from figures.gpt2_saved import FILE, Saved, loss, read
from figures.saved_file import MINUTES
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack

RATES = {"SGD": ("IAM", "IAM, cap 1", "SPS*"), "AdamW": ("IAM-Adam",)}
"""Tuned methods, and the untuned ones drawn beside them."""

SETTINGS = {
    "lambda": r"$\lambda$ of IAM",
    "beta2": r"$\beta_2$ of IAM-Adam",
    "cap of IAM": "cap of IAM",
    "cap of IAM-Adam": "cap of IAM-Adam",
}


def compute(parameters: Parameters) -> Table:
    """Final losses by rate and schedule, and means by lambda, beta2 and cap."""
    saved = read(parameters)
    parts, notes = [], dict(saved.notes)
    for method, untuned in RATES.items():
        parts += _rates(saved, method)
        for series in untuned:
            (run,) = saved.runs("beside tuning", series)
            where = {"panel": f"rate of {method}", "kind": "untuned"}
            parts.append(_row(where | {"series": series, "at": "-"}, np.nan, loss(run)))
    for group in SETTINGS:
        parts += _setting(saved, group)
    for pair in saved.record["verdict"]["pairs"]:
        key = _key(pair["ours"])
        notes[f"beaten_{key}"] = pair["beaten"]["number"]
        notes[f"settings_{key}"] = pair["beaten"]["total"]
    table = stack(parts, notes)
    return Table(table.columns, notes | _bests(table))


def _bests(table: Table) -> dict[str, Any]:
    """The least loss of each tuned method, and the losses beside it."""
    found: dict[str, Any] = {}
    for method, untuned in RATES.items():
        rows = table.where(panel=f"rate of {method}")
        best = float(rows.where(kind="tuned")["value"].min())
        found |= _said(f"best_{method.lower()}", best)
        for series in untuned:
            key = _key(series)
            mine = float(rows.where(series=series)["value"][0])
            found |= _said(f"loss_{key}", mine)
    return found


def _key(series: str) -> str:
    return re.sub(r"\W+", "_", series.lower()).strip("_")


def _said(name: str, value: float) -> dict[str, Any]:
    """A loss as a number, and in words."""
    if np.isfinite(value):
        return {name: value, f"said_{name}": f"{value:.3f}"}
    return {name: None, f"said_{name}": "no finite loss"}


def _rates(saved: Saved, method: str) -> list[Table]:
    parts = []
    for series in saved.series("tuning"):
        if series.split(", ")[0] == method:
            for run in saved.runs("tuning", series):
                where = {
                    "panel": f"rate of {method}",
                    "kind": "tuned",
                    "series": series.split(", ")[1],
                    "at": "-",
                }
                parts.append(_row(where, float(run["place"]), loss(run)))
    return parts


def _setting(saved: Saved, group: str) -> list[Table]:
    by: dict[str, list[float]] = {}
    for run in saved.runs(group):
        at = run["place"]
        by.setdefault(at if isinstance(at, str) else f"{at:g}", []).append(loss(run))
    return [
        _row(
            {"panel": group, "kind": "setting", "series": "mean", "at": f"= {at}"},
            float(k),
            float(np.mean(losses)),
        )
        for k, (at, losses) in enumerate(by.items())
    ]


def _row(where: Mapping[str, str], x: float, value: float) -> Table:
    return curve(where, x=x, value=value)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw rates above, settings below."""
    value, uniform = table["value"], table.notes["uniform"]
    shown = value[value < uniform]
    low, high = float(np.min(shown, initial=uniform)), float(np.max(shown, initial=0))
    room = 0.05 * max(high - low, 0.1)
    top = high + 2 * room
    for ax in axes:
        ax.set_ylim(low - room, top + room)
    for method, ax in zip(RATES, axes[:2], strict=True):
        _draw_rates(table.where(panel=f"rate of {method}"), ax, top)
        ax.set_xlabel(f"peak learning rate of {method}")
    for (group, label), ax in zip(SETTINGS.items(), axes[2:], strict=True):
        rows = table.where(panel=group)
        _points(ax, rows["x"], rows["value"], 0, "", top)
        names = [at.removeprefix("= ") for at in rows.columns["at"]]
        ax.set_xticks(rows["x"], names)
        ax.set_xlabel(label)
    for ax in axes[::2]:
        ax.set_ylabel("final validation loss")


def _draw_rates(rows: Table, ax: Any, top: float) -> None:
    tuned = rows.where(kind="tuned")
    rates = np.unique(tuned["x"])
    ax.set_xscale("log")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    for k, series in enumerate(tuned.values("series")):
        one = tuned.where(series=series)
        _points(ax, one["x"], one["value"], k + 1, series, top)
    untuned = rows.where(kind="untuned")
    for k, series in enumerate(untuned.values("series")):
        value = untuned.where(series=series)["value"][0]
        if value < top:
            look = {"color": style.BLACK, "linestyle": style.DASHES[k]}
            ax.axhline(value, label=f"{series}, untuned", **look)
    ax.legend(fontsize=6, frameon=True, framealpha=0.9, edgecolor="none")


def _points(ax: Any, x: Any, value: Any, k: int, label: str, top: float) -> None:
    """A curve; crosses at the top are losses that are not on the axes."""
    look = style.line(k)
    lost = ~(value < top)
    shown = np.where(lost, np.nan, value)
    ax.plot(x, shown, marker=style.MARKERS[k], label=label, **look)
    ax.plot(x[lost], np.full(lost.sum(), top), "x", color=look["color"])


FIGURE = Figure(
    name="gpt2-settings",
    title="GPT-2: what tuning costs, and what being untuned hides",
    paper=SPS_PAPER,
    caption=(
        "Final validation loss of a student on the seed of the tuning over the peak "
        "rate of SGD with momentum and of AdamW, by schedule, with the untuned methods "
        "as lines; and, on other seeds, the mean over the settings that an untuned "
        "method still has. All axes of losses are alike; crosses at the top diverged "
        "or ended above the loss of uniform guesses. {made}"
    ),
    claim=(
        "On the tuning's seed IAM ends at {said_loss_iam}, SPS* at {said_loss_sps}, "
        "the best of SGD at {said_best_sgd}: IAM beats {beaten_iam} of {settings_iam} "
        "settings of SGD. IAM-Adam ends at {said_loss_iam_adam}, the best of AdamW at "
        "{said_best_adamw}: it beats {beaten_iam_adam} of {settings_iam_adam}."
    ),
    tiers=FILE,
    minutes=MINUTES,
    scale="a saved comparison",
    compute=compute,
    draw=draw,
    panels=(3, 2),
    width="wide",
    height=6.4,
)
