"""How many labels one neuron's first gradient needs to tell the support."""

from fractions import Fraction
from typing import Any

from theory.cases import Enclosed, of_cases
from theory.claims.case_claims import case_claim, over
from theory.method import Family
from theory.references import HIDDEN_PROGRESS_PAPER

LABELS = (Family.PARITY_LABELS,)

GROWING = of_cases(
    "two orders at two dimensions each",
    "$k_1 < k_2$, $d_1 < d_2$",
    lambda c: c.few.k < c.near.k and c.few.d < c.many.d and c.near.d < c.far.d,
)
BRACKETED = of_cases("two numbers of labels", r"$n < n'$", lambda c: c.few.n < c.many.n)


def _labels(c: Any, failure: Enclosed) -> Any:
    """P(failure) over delta."""
    return over(failure, c.delta)


def _bracket(_c: Any, halves: tuple[Enclosed, ...]) -> Any:
    """The larger of the two probabilities, over 1/2."""
    return _largest(halves)


def _growth(c: Any, quarters: tuple[Enclosed, ...]) -> Any:
    """The largest of four probabilities over 1/2, and 1 over the exponents' distance.

    That is 2 where the distance is not even 1/2.
    """
    at_most, at_least = c.exponents
    apart = 1 / Fraction(max(at_least - at_most, 0.5))
    return _largest((*quarters, Enclosed(apart, apart, apart)))


def _largest(values: tuple[Enclosed, ...]) -> Enclosed:
    low, high, near = (max(column) for column in zip(*values, strict=True))
    return Enclosed(low, high, near)


ENOUGH = case_claim(
    "label.enough",
    "So many labels let one neuron's first gradient tell the support",
    r"$g = |\xi_{k-1}| - |\xi_{k+1}| > 0$, weights +-1, b = 0: with $\lceil 8g^{-2}\ln"
    r"(2d/\delta)\rceil$ labels the k largest $|\hat g_i|$ are those of S, with "
    r"probability $1 - \delta$",
    "Each is the mean of n numbers in [-1, 1]: off by g/2 with probability at most "
    "2 exp(-n g^2/8); union over d. If none is, every one of S exceeds every other.",
    LABELS,
    _labels,
    ("failure",),
    at_most_one=True,
    is_probability=True,
    reference=HIDDEN_PROGRESS_PAPER,
)

ONE_NEURON = case_claim(
    "label.one_neuron",
    "Measured: labels that tell it half the time are 0.7 to 20 times one over g^2",
    r"with $0.7g^{-2}$ labels S is misread more often than not, with $20g^{-2}$ it is "
    r"read more often than not",
    "No proof: each value tried is enclosed. Sketch: |g_hat_i| has the standard "
    "deviation sqrt(1/(2n)), and the largest of d - k others exceeds its mean by "
    "sqrt(2 ln d) of those, so n is about g^-2 log d. For the larger number, "
    "parity.label.enough proves 8 ln(4d).",
    LABELS,
    _bracket,
    ("halves",),
    assumes=(BRACKETED,),
    at_most_one=True,
    is_probability=True,
)

STEEPER = case_claim(
    "label.steeper",
    "Measured: their number grows faster with d for k = 4 than for k = 2, by over 1",
    r"labels that tell S half the time, between two d: $\log n/\log d$ has a slope for "
    r"k = 4 that exceeds the one for k = 2 by more than 1",
    "No proof at these d, where the exponent k - 1 is not yet reached: too few labels "
    "at one d, and enough at another, bound each slope.",
    LABELS,
    _growth,
    ("quarters",),
    assumes=(GROWING,),
    at_most_one=True,
    is_probability=True,
)

CLAIMS = (ENOUGH, ONE_NEURON, STEEPER)
