"""Fits in words, in rows of tables, and as plain values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from synthetic.scaling.fit_check import LeftOut
from synthetic.scaling.fit_estimate import Estimate, Interval
from synthetic.scaling.fit_identify import WIDEST
from synthetic.scaling.fit_law import LINEAR, NAMES, Form
from synthetic.scaling.fit_report import Prediction, Report, coefficients

ESTIMATES = ("quantity", "value", "90 %", "")
PREDICTIONS = ("predicted", "loss", "90 %")
LEFT_OUT = ("left out", "fitted", "tried", "largest error", "median error")

MEANING = {
    "a": "beta/(alpha + beta), of compute-optimal N",
    "a'": "beta'/(alpha' + beta')",
    "alpha gamma": "exponent of N where tokens abound",
    "beta gamma": "exponent of D where parameters abound",
    "alpha' gamma'": "exponent of N_S where tokens abound",
    "beta' gamma'": "exponent of D_S where parameters abound",
    "kappa": "c1 f1 d1^(-1/f1)",
    "transition": "L_T/L(N_S, D_S) at which the bracket is 1/2",
}


def opening(found: Report) -> Iterator[str]:
    """What was fitted, and how closely."""
    r = found.fit.residuals
    yield (
        f"{len(r)} runs of {found.taken.name}, {found.fit.form} law: log residuals "
        f"have median |r| {np.median(np.abs(r)):.3%}, root mean square "
        f"{np.sqrt(np.mean(r**2)):.3%}, largest {np.abs(r).max():.3%}."
    )
    if found.known is None:
        return
    yield f"The student's own loss is that of the supervised law {found.known.source}."
    runs = found.fit.problem.runs
    below = int((runs.log_loss < runs.log_teacher).sum())
    if below:
        yield (
            f"{below} students are better than their teachers, which this law cannot "
            "say: every coefficient makes L_S > L_T."
        )
    if not len(found.known.draws):
        yield "Intervals leave out that law's own error: its runs are not at hand."


def ends(interval: Interval, form: str = ".4g") -> str:
    """An interval; what is unbounded is said to be."""
    low, high = interval
    if math.isnan(low):
        return "-"
    left = "unbounded" if low in {0.0, -math.inf} else f"{low:{form}}"
    right = "unbounded" if math.isinf(high) else f"{high:{form}}"
    return f"{left} to {right}"


def estimate_row(estimate: Estimate) -> tuple[str, ...]:
    """One row: no value where the runs do not identify one."""
    value = "not identified" if estimate.value is None else f"{estimate.value:.4g}"
    remark = estimate.why or MEANING.get(estimate.name, "")
    return estimate.name, value, ends(estimate.interval), remark


def prediction_row(prediction: Prediction) -> tuple[str, ...]:
    """One row."""
    interval = ends(prediction.interval, ".4f")
    return prediction.what, f"{prediction.loss:.4f}", interval


def left_row(left: LeftOut) -> tuple[str, ...]:
    """One row."""
    return (
        left.what,
        str(left.fitted),
        str(left.left),
        f"{left.worst:.2%}",
        f"{left.typical:.2%}",
    )


def flat_lines(found: Report) -> Iterator[str]:
    """Singular values, and what moves together along each flat direction."""
    where, names = found.geometry, NAMES[found.fit.form]
    values = ", ".join(f"{value:.3g}" for value in where.singular)
    yield f"Singular values of the relative Jacobian: {values}."
    stuck = [name for name, bound in zip(names, where.bound, strict=True) if bound]
    if stuck:
        yield f"At the end of the range, and left out of that: {', '.join(stuck)}."
    rows = zip(where.singular, where.directions, where.widths, strict=True)
    for singular, direction, width in rows:
        if width > WIDEST:
            moved = moving(names, direction)
            known = f"+-{width:.0%}" if width < 10.0 else "not at all"
            yield f"Flat ({singular:.2g}; known to {known}): {moved}."


SMALLEST_PART = 0.02
"""Of a unit direction, that is named. Where A' moves, its exponents move 1 / log A' as
much, and without them it would not be flat."""


def moving(names: tuple[str, ...], direction: Any) -> str:
    """The coefficients that move along a direction, largest first."""
    order = np.argsort(-np.abs(direction), kind="stable")
    sign = np.sign(direction[order[0]])
    parts = [
        f"{'c0' if k == LINEAR and len(names) > 6 else 'log ' + names[k]} "
        f"{sign * direction[k]:+.2f}"
        for k in order
        if abs(direction[k]) >= SMALLEST_PART
    ]
    return ", ".join(parts)


def caveat(found: Report) -> str:
    """What is not printed, and what an interval is."""
    hidden = [e.name for e in found.estimates if e.value is None]
    says = (
        f"Not identified to {WIDEST:.0%}, and so not printed: {', '.join(hidden)}. "
        "Other values of these predict the same losses. "
        if hidden
        else ""
    )
    hull = "profile and bootstrap" if len(found.draws) else "profile or linear"
    return (
        f"{says}Intervals are 90 %, {hull} ({len(found.draws)} resamples); a fit is "
        "worth what it predicts of runs that it has not seen."
    )


def as_dict(found: Report) -> dict[str, Any]:
    """Plain values; `None` for what is unbounded or unidentified."""
    form, r = found.fit.form, found.fit.residuals
    return {
        "form": form.value,
        "runs": len(r),
        "file": found.taken.name,
        "sum": found.fit.total,
        "rms": float(np.sqrt(np.mean(r**2))),
        "largest": float(np.abs(r).max()),
        "estimates": [
            {
                "name": e.name,
                "value": e.value,
                "low": _finite(e.interval[0]),
                "high": _finite(e.interval[1]),
                "why": e.why,
            }
            for e in found.estimates
        ],
        "singular_values": found.geometry.singular.tolist(),
        "flat": list(flat_lines(found))[1:],
        "left_out": [vars(left) for left in found.left],
        "predictions": [
            {"what": p.what, "loss": p.loss, "interval": [*map(_finite, p.interval)]}
            for p in found.predictions
        ],
        "resamples": len(found.draws),
        "for_predictions_only": laws(found),
    }


def laws(found: Report) -> dict[str, Any]:
    """Sets of coefficients: they predict together, and mean nothing one by one."""
    form, known = found.fit.form, found.known
    whole = {
        form.value: coefficients(form, found.fit.theta),
        "draws": [coefficients(form, theta) for theta in found.draws[:DRAWS]],
    }
    if known is not None:
        whole["supervised"] = coefficients(Form.SUPERVISED, known.theta)
        whole["supervised_draws"] = [
            coefficients(Form.SUPERVISED, theta) for theta in known.draws[:DRAWS]
        ]
    return whole


DRAWS = 200
"""Of the resamples, in a file."""


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
