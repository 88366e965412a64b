r"""Where distilled SGD settles: $E\|x_\infty - x_\star\|^2$ against $\lambda$."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import KD_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.distillation import instances, sampled
from synthetic.distillation.problems import FloatArray, Quadratic
from synthetic.distillation.setting import Bench
from synthetic.distillation.special import one
from synthetic.distillation.teachers import directions
from theory import claims, distillation_formulas as formulas
from theory.confidence import mean_limits
from theory.formulas import ratio

CLAIM = "kd.sqc.neighbourhood"
PANELS = {
    "additive": "additive noise (ls-iso)",
    "regression": "least squares (ls-gauss)",
}


def problem_of(panel: str) -> Quadratic:
    """The least-squares family of a panel."""
    return instances.iso() if panel == "additive" else instances.gauss()


def bench_of(
    problem: Quadratic, share: float, weight: FloatArray, relative: float, horizon: int
) -> Bench:
    r"""Teachers with $\|\theta - x_\star\|^2 = \mathrm{share} \cdot V$, from $x_\star$.

    Args:
        problem: Least squares.
        share: Of plain SGD's own error V; 0 is a perfect teacher.
        weight: $\lambda$, shape (B,).
        relative: $\gamma cL$.
        horizon: Number of points.

    """
    step = np.full(len(weight), relative / problem.cL)
    zero = np.zeros((len(weight), problem.dim))
    plain = one(problem.name, problem, zero, weight, step, horizon=horizon)
    error = float(plain.constants().V[0, 0])
    away = zero + np.sqrt(share * error) * directions(problem)["flattest"]
    return one(problem.name, problem, away, weight, step, horizon=horizon)


def compute(parameters: Parameters) -> Table:
    """Exact curves and bounds in both panels, Monte Carlo points in the first."""
    lam = np.linspace(*parameters["lambdas"])
    parts, ratios = [], []
    for panel in PANELS:
        problem = problem_of(panel)
        for share in parameters["shares"]:
            series = f"teacher {share:g}"
            bench = bench_of(problem, share, lam, parameters["step"], 2)
            c = bench.constants()
            exact = formulas.stationary(lam, c.teacher_dist_sq[:, 0], c.V[:, 0])
            bound = claims.get(CLAIM).bound(c, np.array([np.inf]))[:, 0]
            unit = float(c.V[0, 0])
            best = float(formulas.optimal_weight(share, 1.0))
            least = float(formulas.optimal_error(share, 1.0))
            for kind, value in (("exact", exact / unit), ("bound", bound / unit)):
                parts.append(_rows(panel, series, kind, lam, value, value, value))
            parts.append(_rows(panel, series, "best", best, least, least, least))
            ratios.append(np.max(ratio(exact, bound)))
    points = _sampled(parameters)
    tops = [np.max(part["upper"] / part["bound"]) for part in points]
    notes = {
        "tightest": float(np.max(ratios)),
        "highest": float(np.max(tops)),
        "alpha": parameters["alpha"],
        "replicas": parameters["replicas"],
        "step": parameters["step"],
    }
    return stack([*parts, *points], notes)


def _sampled(parameters: Parameters) -> list[Table]:
    """Limits for some weights and all teachers; they hold together."""
    problem = problem_of("additive")
    lam = np.array(parameters["sampled_lambdas"])
    last = np.array([parameters["horizon"] - 1], dtype=np.int64)
    alpha = parameters["alpha"] / (len(lam) * len(parameters["shares"]))
    parts = []
    for number, share in enumerate(parameters["shares"]):
        bench = bench_of(problem, share, lam, parameters["step"], parameters["horizon"])
        c = bench.constants()
        top = sampled.reach(bench)[:, last] ** 2
        bound = claims.get(CLAIM).bound(c, last.astype(float))[:, 0]
        found = []
        for case in range(len(lam)):
            values = sampled.sample(
                bench,
                case,
                parameters["seed"] + number,
                range(parameters["replicas"]),
                last,
            )["dist_sq"]
            limits = mean_limits(values, np.zeros(1), top[case], alpha=alpha)
            found.append((limits.mean[0], limits.lower[0], limits.upper[0]))
        unit = float(c.V[0, 0])
        mean, low, high = np.array(found).T / unit
        rows = _rows("additive", f"teacher {share:g}", "sampled", lam, mean, low, high)
        rows.columns["bound"][:] = bound / unit
        parts.append(rows)
    return parts


def _rows(  # noqa: PLR0913, PLR0917 -- one for each column
    panel: str, series: str, kind: str, lam: Any, value: Any, low: Any, high: Any
) -> Table:
    where = {"panel": panel, "series": series, "kind": kind}
    nothing = np.nan
    return curve(where, lam=lam, value=value, lower=low, upper=high, bound=nothing)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw one panel a family, one colour a teacher."""
    for (panel, title), ax in zip(PANELS.items(), axes, strict=True):
        rows = table.where(panel=panel)
        for k, series in enumerate(rows.values("series")):
            mine, color = rows.where(series=series), style.CYCLE[k]
            exact, bound = mine.where(kind="exact"), mine.where(kind="bound")
            share = series.removeprefix("teacher ")
            label = rf"$\|\theta - x_\star\|^2 = {share}\,V$"
            ax.plot(exact["lam"], exact["value"], color=color, label=label)
            dashed = {"color": color, "linestyle": (0, (4, 1.5)), "linewidth": 0.9}
            ax.plot(bound["lam"], bound["value"], **dashed)
            best = mine.where(kind="best")
            ax.plot(best["lam"], best["value"], "v", color=color, markersize=5)
            points = mine.where(kind="sampled")
            spread = (
                points["value"] - points["lower"],
                points["upper"] - points["value"],
            )
            ax.errorbar(
                points["lam"],
                points["value"],
                yerr=spread,
                fmt="o",
                color=color,
                markersize=2.5,
                linewidth=1,
                capsize=2,
            )
        ax.set_yscale("log")
        ax.set_ylim(1e-2, 20)
        ax.set_xlabel(r"weight of the teacher $\lambda$")
        ax.set_title(title)
    axes[0].set_ylabel(r"$E\|x - x_\star\|^2 / V$")
    style.legend_below(axes[0], 4)


FIGURE = Figure(
    name="kd-neighbourhood",
    title="Neighbourhood against the teacher's weight",
    paper=KD_PAPER,
    caption=(
        "Stationary error of distilled SGD over plain SGD's V, at step {step:g}/cL: "
        "exact (solid, best weight marked) and the bound N1 (dashed), for teachers of "
        "several qualities. Points: means of {replicas} runs with limits that hold at "
        "once with error probability at most {alpha:g}."
    ),
    claim=(
        "The exact curves reach {tightest:.2f} of the bound, no sampled limit exceeds "
        "{highest:.2f} of it, and the best weight is 1/(1 + share)."
    ),
    claims=(CLAIM, "kd.ls.stationary", "kd.ls.lambda_opt"),
    tiers={
        "test": {
            "seed": 0,
            "lambdas": [-0.25, 1.5, 15],
            "shares": [0.0, 1.0],
            "step": 0.125,
            "horizon": 60,
            "replicas": 512,
            "sampled_lambdas": [0.0, 0.5],
            "alpha": 1e-6,
        },
        "quick": {
            "seed": 0,
            "lambdas": [-0.25, 1.5, 141],
            "shares": [0.0, 0.3, 1.0, 3.0],
            "step": 0.125,
            "horizon": 110,
            "replicas": 16_384,
            "sampled_lambdas": [0.0, 0.25, 0.5, 0.75, 1.0, 1.25],
            "alpha": 1e-6,
        },
        "full": {
            "seed": 0,
            "lambdas": [-0.25, 1.5, 281],
            "shares": [0.0, 0.3, 1.0, 3.0],
            "step": 0.125,
            "horizon": 110,
            "replicas": 131_072,
            "sampled_lambdas": [0.0, 0.25, 0.5, 0.75, 1.0, 1.25],
            "alpha": 1e-6,
        },
    },
    minutes={"quick": 0.2, "full": 0.9},
    scale="exact; 24 points of 16384 runs",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=3.4,
)
