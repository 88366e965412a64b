r"""The observed exponent: least squares of $\log \mathrm{LHS}_t$ on $\log (t + 1)$.

The slope is a linear functional $\sum_k w_k \log \mathrm{LHS}_k$ of the logarithms, so
limits for each left-hand side give limits for it: lower ones where $w_k > 0$ and upper
ones where $w_k < 0$, and the other way round. That interval holds whenever the evidence
does. It says what this run's exponent is, not how well a power law fits.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.claim import Claim
from theory.constants import Constants
from theory.evidence import Evidence
from theory.method import Family

FloatArray = NDArray[np.float64]

FEWEST_TIMES = 4
SHORTEST_SPAN = 8.0
"""The recorded T = t + 1 must span this factor: two octaves are left of its half."""

FAR = 0.25
"""A slope whose interval misses the theorem's by more than this wants a reason: half of
what separates the rates T^(-1/2) and T^(-1), and T^(-1/2) and no rate."""


@dataclass(frozen=True)
class Slope:
    """An exponent of T with limits, infinite where a lower limit is not positive."""

    value: float
    low: float
    high: float

    def misses(self, expected: float, by: float = FAR) -> bool:
        """Is all of the interval further than `by` from the expected exponent?"""
        return self.high < expected - by or self.low > expected + by

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def log_log(
    x: FloatArray, lower: FloatArray, estimate: FloatArray, upper: FloatArray
) -> Slope:
    r"""Slope of $\log y$ on $\log x$, $w_k = (u_k - \bar u) / \sum (u - \bar u)^2$.

    Args:
        x: At least two different positive numbers, shape (K,); $u = \log x$.
        lower: Lower limits of y; not positive says nothing.
        estimate: y, positive.
        upper: Upper limits of y.

    """
    centred = np.log(x) - np.mean(np.log(x))
    weights = centred / (centred @ centred)
    with np.errstate(divide="ignore"):
        low, high = np.log(np.maximum(lower, 0.0)), np.log(upper)
    up, down = weights > 0, weights < 0
    return Slope(
        value=float(weights @ np.log(estimate)),
        low=float(weights[up] @ low[up] + weights[down] @ high[down]),
        high=float(weights[up] @ high[up] + weights[down] @ low[down]),
    )


def observed(evidence: Evidence) -> Slope | None:
    r"""The slope over the later half, in $\log T$, of the times of a positive value.

    Values within roundoff of 0 are not positive. `None` if fewer than four times are
    left, or if they span less than a factor of 8 in T.
    """
    points: FloatArray = evidence.times.astype(np.float64) + 1.0
    usable = (evidence.estimate > evidence.roundoff) & np.isfinite(evidence.estimate)
    if np.count_nonzero(usable) < FEWEST_TIMES:
        return None
    first, last = float(points[usable][0]), float(points[usable][-1])
    if last < SHORTEST_SPAN * first:
        return None
    late = usable & (points >= math.sqrt(first * last) * (1.0 - 1e-12))  # ties count
    if np.count_nonzero(late) < 2:
        return None
    return log_log(
        points[late],
        (evidence.lower - evidence.roundoff)[late],
        evidence.estimate[late],
        (evidence.upper + evidence.roundoff)[late],
    )


ENVELOPE = (
    "a worst-case rate is an envelope over problems: no single function follows it"
)


def reason(seen: Slope, claim: Claim, c: Constants) -> str | None:
    """Why a slope is far from the theorem's, in words; `None` if it is not far."""
    if claim.slope is None or not seen.misses(claim.slope):
        return None
    if seen.value > claim.slope:
        why = ENVELOPE
        if c.resisting:
            why += ". LINF(d) keeps a gap of G D/sqrt(d) until T = d: d is what varies"
        return f"slower than the bound: {why}"
    return f"faster than the bound: {_why_faster(claim, c)}"


def _why_faster(claim: Claim, c: Constants) -> str:
    """The first cause that the constants show."""
    interpolates = c.sigma <= 1e-12 * (1.0 + c.G)  # as theory.assumptions.NEGLIGIBLE
    linear = ""
    if c.q > 0:
        linear = f"on finite sums whose noise spans (sps.noise_linear, q = {c.q:.3g})"
    elif interpolates and c.mu > 0 and math.isfinite(c.L):
        linear = (
            "under interpolation with quadratic growth (sps.strong.smooth_interp, "
            f"mu/L = {c.mu / c.L:.3g})"
        )
    sps = claim.families == {Family.SPS}
    if linear and sps:
        mean = claim.needs & {"average_gap", "iterate_gap"}
        tail = "; a mean over all t then falls like 1/T" if mean else ""
        return f"SPS* is linear {linear}{tail}"
    if interpolates and math.isfinite(c.L) and claim.slope == -0.5:
        name = "sps" if sps else "iam"
        return f"without noise smooth losses have the rate 1/T ({name}.smooth.interp)"
    if linear:
        return (
            f"SPS* is linear {linear}, and where IAM's z_t converge as fast, their "
            "mean x_t falls like 1/T"
        )
    return ENVELOPE
