"""From exact channels over cases to a verdict: no roundoff, and no tolerance."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.cases import CaseConstants, CaseTrace
from theory.claim import Claim
from theory.evidence import TIMELESS, Engine, Evidence
from theory.judge import Verdict, judge

FloatArray = NDArray[np.float64]


def meeting(claim: Claim, c: CaseConstants) -> list[int]:
    """Which cases meet every hypothesis."""
    tests = [assumption.meets for assumption in claim.assumes if assumption.meets]
    return [i for i, case in enumerate(c.cases) if all(test(case) for test in tests)]


def failing(claim: Claim, c: CaseConstants) -> str | None:
    """`None` if some case meets every hypothesis, else what fails."""
    if meeting(claim, c):
        return None
    return claim.failing(c) or "there is no case"


def nearest(value: Any) -> float:
    """The float next to an exact number, infinite beyond the range of floats."""
    exact = Fraction(value)
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def down(value: Any) -> float:
    """The largest float that is not above an exact number."""
    exact, x = Fraction(value), nearest(value)
    if x == math.inf:
        return math.nextafter(math.inf, 0.0)
    return x if x == -math.inf or x <= exact else math.nextafter(x, -math.inf)


def up(value: Any) -> float:
    """The smallest float that is not below an exact number."""
    return -down(-Fraction(value))


def judged(
    claim: Claim,
    trace: CaseTrace,
    engine: Engine,
    source: str,
    error: float,
    *,
    checked: bool = True,
) -> Verdict:
    """Compare a claim with exact channels, on every case that it speaks of.

    A rational that no float equals is enclosed by the two next to it: its sign, and
    its order to 1, are those of the rational.
    """
    every = CaseConstants(trace.cases)
    kept = meeting(claim, every) if checked else list(range(len(trace.cases)))
    part = trace.select(kept)
    value = np.asarray(claim.quantity(part), dtype=object)
    limits = value if value.ndim == 2 else np.repeat(value[:, None], 3, axis=1)
    count = len(kept)
    bound = claim.bound(CaseConstants(part.cases), np.zeros(count))
    evidence = Evidence(
        times=np.full(count, TIMELESS),
        lower=_floats(down, limits[:, 0]),
        upper=_floats(up, limits[:, 1]),
        estimate=_floats(nearest, limits[:, 2]),
        roundoff=np.zeros(count),
        error=error,
        engine=engine,
        source=source,
        cases=np.array(kept, dtype=np.int64),
        label=lambda index: str(trace.cases[index]),
    )
    verdict = judge(evidence, bound)
    # A local function does not pass from one process to another.
    return replace(verdict, evidence=replace(evidence, label=None))


def _floats(rounding: Any, values: NDArray[Any]) -> FloatArray:
    return np.array([rounding(value) for value in values], dtype=np.float64)
