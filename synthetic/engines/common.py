"""What all engines share: which times a claim speaks of, and what roundoff can hide."""

from __future__ import annotations

import numpy as np

from synthetic.problems.base import FloatArray, IntArray
from theory.claim import Claim, Unit
from theory.constants import Constants
from theory.evidence import Engine, Evidence

BOUND_ROUNDOFF = 16 * float(np.finfo(np.float64).eps)
"""Relative roundoff of evaluating a bound: a handful of operations."""


def spoken_of(claim: Claim, c: Constants, times: IntArray) -> np.ndarray:
    """Mask of the times at which the claim makes a statement."""
    last = claim.last(c) if claim.last is not None else np.inf
    return np.asarray((times >= claim.first) & (times <= last))


def roundoff(
    claim: Claim, c: Constants, times: IntArray, bound: FloatArray
) -> FloatArray:
    """First-order roundoff of a left-hand side after t steps, and of its bound.

    A float run is a run whose every step is perturbed by `step_roundoff`; after t steps
    the points are off by at most t times that, gaps by G_max times it.
    """
    steps = times + 1.0
    if claim.unit is Unit.GAP:
        slope = c.G_max if np.isfinite(c.G_max) else 1.0
        error = 4.0 * steps * (c.value_roundoff + slope * c.step_roundoff)
    else:
        error = 4.0 * steps * c.step_roundoff / c.D
    return np.asarray(error + BOUND_ROUNDOFF * np.abs(bound))


def scale(claim: Claim, c: Constants) -> float:
    """Natural size of the left-hand side: G D for gaps, 1 for what is relative."""
    if claim.unit is Unit.RELATIVE:
        return 1.0
    return c.G * c.D if np.isfinite(c.G) else abs(c.gap0)


def exact_evidence(
    claim: Claim,
    c: Constants,
    times: IntArray,
    value: FloatArray,
    engine: Engine,
    source: str,
) -> tuple[Evidence, FloatArray]:
    """Evidence of an engine without statistical error, with the bound at its times."""
    keep = spoken_of(claim, c, times)
    times, value = times[keep], np.asarray(value, dtype=np.float64)[keep]
    bound = np.asarray(claim.bound(c, times.astype(np.float64)), dtype=np.float64)
    return (
        Evidence(
            times=times,
            lower=value,
            upper=value,
            estimate=value,
            roundoff=roundoff(claim, c, times, bound),
            error=0.0,
            engine=engine,
            source=source,
            scale=scale(claim, c),
        ),
        bound,
    )
