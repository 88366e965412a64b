"""False verdicts of Monte Carlo beside what was allowed, and what catching takes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figures import style
from figures.spec import PROJECT, TIERS, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.calibration import saved
from synthetic.calibration.rows import interval

FILE = Path(__file__).parent / "saved" / "calibration.json"
ALPHAS = (0.05, 0.01)
FOR_COMPARISON = ("mean of 20 > bound", "Student's t at 0.05, at each look")
CAUGHT_AT = 1e-6
SHARE = 0.9
LEAST = 2e-5
"""Where a rate of 0 is drawn."""

WRONG = {"tight": "refuted", "false holds": "holds"}


def compute(parameters: Parameters) -> Table:
    """Rates with exact limits, and replicas by which nine in ten were caught."""
    record = saved.read(FILE.parents[1] / parameters["file"])
    parts = [part for row in record["rows"] for part in _parts(row)]
    errors = [row for row in record["rows"] if row["kind"] in WRONG]
    tight = [row for row in errors if row["kind"] == "tight"]
    worst = {
        f"worst_{alpha}".replace(".", "_"): max(
            saved.result_at(row, alpha)["refuted_limits"][1] for row in tight
        )
        for alpha in ALPHAS
    }
    few = [row["comparison"][FOR_COMPARISON[0]] / row["runs"] for row in tight]
    notes = {
        **worst,
        "runs": min(row["runs"] for row in errors),
        "rows": len(tight),
        "few": float(np.median(few)),
        "command": record["command"],
    }
    return stack(parts, notes)


def _parts(row: dict[str, Any]) -> Iterator[Table]:
    source = _name(row)
    if row["kind"] in WRONG:
        for alpha in ALPHAS:
            count = saved.result_at(row, alpha)[WRONG[row["kind"]]]
            yield _rate(source, f"alpha = {alpha:g}", count, row["runs"])
    if row["kind"] == "tight":
        for rule in FOR_COMPARISON:
            yield _rate(source, rule, row["comparison"][rule], row["runs"])
    if row["kind"] == "violated":
        text = saved.replicas_for(row, CAUGHT_AT, SHARE)
        number = math.inf if text.startswith(">") else float(text)
        series = f"+{row['factor'] - 1.0:.0%}"
        yield curve(
            {"panel": "replicas", "source": source, "series": series},
            value=number,
            low=math.nan,
            high=float(row["replicas"]),
        )


def _rate(source: str, series: str, count: int, runs: int) -> Table:
    low, high = interval(count, runs)
    words = {"panel": "rates", "source": source, "series": series}
    return curve(words, value=count / runs, low=low, high=high)


def _name(row: dict[str, Any]) -> str:
    name = str(row["source"]).split(" on ")
    short = name[0] if len(name) > 1 else row["source"]
    extra = f", {row['factor'] - 1.0:.0%} above" if row["kind"] == "false holds" else ""
    return f"{short}{extra}"


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw rates on the left, replicas on the right."""
    rates, replicas = axes
    shown = table.where(panel="rates")
    places = {name: k for k, name in enumerate(shown.values("source"))}
    for k, series in enumerate(shown.values("series")):
        one = shown.where(series=series)
        y = [places[name] + 0.13 * (k - 1.5) for name in one["source"]]
        value = np.maximum(one["value"], LEAST)
        reach = [value - np.maximum(one["low"], LEAST), one["high"] - value]
        rates.errorbar(
            value, y, xerr=reach, elinewidth=0.8, markersize=3, label=series, **_look(k)
        )
    for k, alpha in enumerate(ALPHAS):
        rates.axvline(alpha, **{**style.BOUND, "color": style.CYCLE[k]})
    rates.set_xscale("log")
    rates.set_xlim(LEAST / 1.5, 1.2)
    rates.set_xlabel("rate of false verdicts (0 at the left end)")
    rates.set_title("exactly tight: refuted; barely false: holds")
    _name_rows(rates, list(places))
    _draw_replicas(replicas, table.where(panel="replicas"))
    style.legend_below(rates, 2)


def _draw_replicas(axes: Any, shown: Table) -> None:
    places = {name: k for k, name in enumerate(shown.values("source"))}
    for k, series in enumerate(shown.values("series")):
        one = shown.where(series=series)
        y = np.array([places[name] + 0.13 * (k - 1.5) for name in one["source"]])
        found = np.isfinite(one["value"])
        axes.plot(one["value"][found], y[found], label=series, **style.points(k))
        look = {**style.points(k), "markerfacecolor": "none"}
        axes.plot(2.0 * one["high"][~found], y[~found], **look)
    axes.set_xscale("log", base=2)
    ticks = [2.0**k for k in range(8, 14)]
    axes.set_xticks(ticks, [*(f"{v:.0f}" for v in ticks[:-1]), "more"])
    axes.set_xlabel("replicas by which nine in ten are caught")
    axes.set_title(f"violated: refuted at {CAUGHT_AT:g}")
    _name_rows(axes, list(places))
    axes.set_ylim(len(places) + 0.3, -0.6)  # room for the legend
    axes.legend(loc="lower center", ncols=4, columnspacing=0.8, handlelength=1.0)


def _name_rows(axes: Any, names: list[str]) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=5.5)
    axes.set_ylim(len(names) - 0.5, -0.6)


def _look(k: int) -> dict[str, Any]:
    if k < len(ALPHAS):
        return style.points(k)
    markers = ("x", "+")
    return {"color": style.GREY, "linestyle": "none", "marker": markers[k % 2]}


PARAMETERS = {
    "file": f"saved/{FILE.name}",
    "sha256": hashlib.sha256(FILE.read_bytes()).hexdigest(),
}

FIGURE = Figure(
    name="calibration",
    title="How often Monte Carlo's verdicts are false",
    paper=PROJECT,
    caption=(
        "Left: claims with equality that were refuted at any look, and claims false by "
        "1 % or 10 % that were said to hold, in at least {runs} runs each, with exact "
        "limits at 95 %; dashed, the rate that is allowed; grey, rules of thumb on the "
        "same samples, for comparison only. Right: replicas by which nine in ten "
        "violations were refuted. From `{command}`."
    ),
    claim=(
        "On {rows} tight claims the rate of false refutations is at most "
        "{worst_0_05:.2g} at alpha = 0.05 and {worst_0_01:.2g} at 0.01, where the mean "
        "of 20 seeds is above the bound in {few:.0%} of the runs (median)."
    ),
    tiers=dict.fromkeys(TIERS, PARAMETERS),
    minutes={"quick": 0.01, "full": 0.01},
    scale="a saved table",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=5.2,
)
