r"""SPS* that is told a wrong $f_\xi(x_\star)$: too large, too small, capped and not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.engines.simulate import simulate
from synthetic.instances import absolute, parabola
from synthetic.problems.base import FloatArray, Problem
from synthetic.setting import Setting
from theory import claims
from theory.method import SPS_STAR, Method, Target, capped_sps

PROBLEMS: Mapping[str, Callable[[], Problem]] = {"|x|": absolute, "x^2/2": parabola}
SIGNS = {"over": 1.0, "under": -1.0}
BOUNDS = {
    "|x| over": "sps.over.bounded",
    "|x| under": "sps.under.equal_norms",
    "x^2/2 over": "sps.over.smooth",
}
"""Without a cap. On smooth losses no bound survives underestimates."""

CAPPED = {"|x|": "sps.capped.lipschitz", "x^2/2": "sps.capped.smooth"}
TITLES = {
    "|x| over": r"$|x|$, targets too large",
    "|x| under": r"$|x|$, targets too small",
    "x^2/2 over": r"$x^2/2$, targets too large",
    "x^2/2 under": r"$x^2/2$, targets too small",
}


def compute(parameters: Parameters) -> Table:
    """Average gaps on the line: one component, so one path, exactly."""
    horizon, size = parameters["horizon"], parameters["error"]
    shown = np.unique(np.geomspace(1, horizon, parameters["times"]).astype(np.int64))
    parts, ratios, ends = [], {}, {}
    for name, problem in PROBLEMS.items():
        for side, sign in SIGNS.items():
            panel = f"{name} {side}"
            wrong = Target(sign * size)
            runs = {
                "exact target": (SPS_STAR, Target(), None),
                "wrong target": (SPS_STAR, wrong, BOUNDS.get(panel)),
                "wrong target, capped": (
                    capped_sps(parameters["cap"]),
                    wrong,
                    CAPPED[name],
                ),
            }
            for series, (method, target, claim_id) in runs.items():
                average, bound = _run(problem(), method, target, horizon, claim_id)
                value = average[shown - 1]
                parts.append(_rows(panel, series, shown, value))
                ends[f"{panel}, {series}"] = float(average[-1])
                if claim_id is not None:
                    limit = bound[shown - 1]
                    parts.append(_rows(panel, f"bound, {series}", shown, limit))
                    ratios[f"{panel}, {series}"] = float(np.max(value / limit))
    notes = {
        "ratios": ratios,
        "ends": ends,
        "worst": max(ratios.values()),
        "blown": ends["x^2/2 under, wrong target"],
        "held": ends["x^2/2 under, wrong target, capped"],
        "error": size,
        "cap": parameters["cap"],
    }
    return stack(parts, notes)


def _run(
    problem: Problem,
    method: Method,
    target: Target,
    horizon: int,
    claim_id: str | None,
) -> tuple[FloatArray, FloatArray]:
    """Average gap at every T, and the claim's bound there."""
    setting = Setting(
        name=problem.name,
        problem=problem,
        method=method,
        x0=np.ones(1),
        horizon=horizon,
        target=target,
    )
    draws = np.zeros((horizon - 1, 1), dtype=np.int64)
    trace = simulate(setting, draws, channels=frozenset({"average_gap"}))
    bound = np.full(horizon, np.nan)
    if claim_id is not None:
        c = setting.constants()
        bound = np.asarray(claims.get(claim_id).bound(c, trace.times.astype(float)))
    return trace.average_gap[:, 0], bound


def _rows(panel: str, series: str, num_points: Any, value: Any) -> Table:
    return curve({"panel": panel, "series": series}, T=num_points, value=value)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a problem and sign."""
    names = ("exact target", "wrong target", "wrong target, capped")
    for (panel, title), ax in zip(TITLES.items(), axes, strict=True):
        rows = table.where(panel=panel)
        for k, series in enumerate(names):
            one = rows.where(series=series)
            look = style.line(k)
            ax.plot(one["T"], one["value"], label=series, **look)
            bound = rows.where(series=f"bound, {series}")
            dotted = {"color": look["color"], "linestyle": (0, (1, 1.2))}
            label = "bound with the cap" if k == 2 else "bound without a cap"
            if k:
                ax.plot(bound["T"], bound["value"], label=label, linewidth=1, **dotted)
        style.log_log(ax, r"number of points $T$", "")
        ax.set_title(title)
    for k in (0, 2):
        axes[k].set_ylabel("average gap")
    style.legend_below(axes[0], 3)


FIGURE = Figure(
    name="wrong-targets",
    title="Wrong targets, with and without a cap",
    paper=SPS_PAPER,
    caption=(
        "Average gap of SPS* from x = 1 when every target is off by {error:g}, "
        "exactly; the step's cap is {cap:g}. Dotted: the bound of the curve of that "
        "colour; for targets too small on a smooth loss there is none without a cap."
    ),
    claim=(
        "No curve exceeds {worst:.3f} of its bound; on the parabola, with small "
        "targets, the average ends at {blown:.3g} without a cap, at {held:.3g} with it."
    ),
    claims=(*BOUNDS.values(), *CAPPED.values(), "sps.under.smooth_diverges"),
    tiers={
        "test": {"horizon": 200, "times": 20, "error": 0.1, "cap": 0.05},
        "quick": {"horizon": 5000, "times": 120, "error": 0.1, "cap": 0.05},
        "full": {"horizon": 50_000, "times": 200, "error": 0.1, "cap": 0.05},
    },
    minutes={"quick": 0.1, "full": 0.3},
    scale="exact, 5000 points",
    compute=compute,
    draw=draw,
    panels=(2, 2),
    width="text",
    height=4.6,
    overlay=0,
)
