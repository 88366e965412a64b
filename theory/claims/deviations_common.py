"""What claims about student-teacher deviations share."""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from theory.cases import Enclosed
from theory.claims.case_claims import case_claim
from theory.references import DEVIATIONS_PAPER

deviation_claim = partial(case_claim, system="deviations", reference=DEVIATIONS_PAPER)
"""A claim whose left-hand side is a formula of a case and of its channels."""


def violations(seen: Sequence[int | None], expected: Sequence[int]) -> Enclosed:
    """How many signs are not as expected: for certain, and at most.

    Args:
        seen: -1, 0, 1, or `None` where too few digits were tried to tell.
        expected: What they should be.

    """
    pairs = list(zip(seen, expected, strict=True))
    wrong = Fraction(sum(s is not None and s != e for s, e in pairs))
    most = wrong + sum(s is None for s, _ in pairs)
    return Enclosed(wrong, most, wrong)


def sign(number: Any) -> int:
    """-1, 0 or 1."""
    return int(number > 0) - int(number < 0)


def largest(numbers: Any) -> Any:
    """The largest absolute value."""
    return max(abs(number) for number in numbers)


def widest(distances: Sequence[Enclosed]) -> Enclosed:
    """The largest absolute value of enclosed numbers."""
    low = max(max(d.low, -d.high, Fraction(0)) for d in distances)
    return Enclosed(low, max(max(-d.low, d.high) for d in distances), low)
