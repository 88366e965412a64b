"""A number for what runs identify; an interval and a reason for what they do not."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_identify import (
    WIDEST,
    Geometry,
    Noise,
    linear_widths,
    profile,
    quantities,
)
from synthetic.scaling.fit_law import LINEAR, NAMES, Form
from synthetic.scaling.fit_start import Fit, at_bound

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

UNBOUNDED = 3.0
"""A linear half-width of a logarithm that a factor of 20 does not cover."""


@dataclass(frozen=True)
class Estimate:
    """One coefficient or combination.

    Attributes:
        name: Which.
        value: At the fit; `None` if the runs do not identify it.
        interval: 90 %: the hull of profile, bootstrap and linear ones that there are.
        why: Why there is no value; empty if there is.

    """

    name: str
    value: float | None
    interval: Interval
    why: str = ""


def estimates(
    found: Fit, noise: Noise, where: Geometry, draws: FloatArray
) -> list[Estimate]:
    """Coefficients and combinations; a number only where the runs identify it."""
    widths, names = linear_widths(found, where), NAMES[found.form]
    values, drawn = quantities(found.form, found.theta), _drawn(found, draws)
    result = []
    for name, value in values.items():
        spans, why = [], ""
        if name not in names:
            spans.append(_linear(float(value), widths[name]))
        elif found.problem.free[k := names.index(name)]:
            spans.append(_profiled(found, noise, k))
            why = "at the end of its range" if where.bound[k] else ""
        else:
            continue
        if len(draws):
            # What overflows is as large as can be, and so is what is no number.
            some = np.nan_to_num(drawn[name], nan=np.inf, posinf=np.inf)
            low, high = np.quantile(some, (0.05, 0.95), method="nearest")
            spans.append((float(low), float(high)))
        hull = (min(span[0] for span in spans), max(span[1] for span in spans))
        result.append(_estimate(name, float(value), hull, widths[name], why))
    return result


def _drawn(found: Fit, draws: FloatArray) -> dict[str, FloatArray]:
    """Of resamples; a coefficient at the end of its range has no end."""
    drawn = quantities(found.form, draws)
    stuck = at_bound(found.problem, draws)
    for k, name in enumerate(NAMES[found.form]):
        if name in drawn:
            high = draws[:, k] > found.theta[k]
            end = np.where(high, np.inf, -np.inf if name == "c0" else 0.0)
            drawn[name] = np.where(stuck[:, k], end, drawn[name])
    return drawn


def _linear(value: float, width: float) -> Interval:
    factor = math.exp(width) if width < 700.0 else math.inf
    return value / factor, value * factor


def _profiled(found: Fit, noise: Noise, k: int) -> Interval:
    span = np.array(profile(found, noise, k))
    if found.form is not Form.DISTILLATION or k != LINEAR:
        span = np.exp(span)
    return float(span[0]), float(span[1])


def _estimate(
    name: str, value: float, hull: Interval, width: float, why: str
) -> Estimate:
    """Withhold the value where either width is too large."""
    if name == NAMES[Form.DISTILLATION][LINEAR]:  # it may be 0, so its own unit counts
        unit = max(abs(value), 1.0)
        spread = max(hull[1] - value, value - hull[0]) / unit
        width *= abs(value) / unit
    elif hull[0] <= 0.0 or math.isinf(hull[1]):
        spread = math.inf
    else:
        spread = math.log(max(hull[1] / value, value / hull[0]))
    if why or math.isinf(spread):
        why = ", ".join(filter(None, [why, f"unbounded {_open(hull)}"]))
        return Estimate(name, None, hull, why)
    if not max(spread, width) <= WIDEST:
        why = "unbounded along a flat direction, to first order"
        factor = math.exp(spread)
        why = why if width > UNBOUNDED else f"known to a factor of {factor:.3g} only"
        return Estimate(name, None, hull, why)
    return Estimate(name, value, hull)


def _open(hull: Interval) -> str:
    below, above = hull[0] in {0.0, -math.inf}, math.isinf(hull[1])
    return "on both sides" if below and above else "below" if below else "above"
