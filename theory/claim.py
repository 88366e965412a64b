r"""A theorem as a value: $E\,\mathrm{quantity}_t \le \mathrm{bound}_t$ at every t.

A pathwise claim says the same of every path and every order of the draws.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.assumptions import Assumption
from theory.constants import Constants
from theory.judge import Status
from theory.method import Family
from theory.trace import LINEAR, SAMPLED, STEPS

FloatArray = NDArray[np.float64]

Bound = Callable[[Any, FloatArray], FloatArray]
Support = Callable[[Constants, FloatArray], tuple[FloatArray, FloatArray]]


class Kind(StrEnum):
    """For which paths a claim speaks."""

    PATHWISE = "pathwise"
    EXPECTATION = "expectation"


class Unit(StrEnum):
    """How roundoff enters the left-hand side."""

    GAP = "gap"
    RELATIVE = "relative"  # squares or lengths divided by those of D


def gap_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""$-(f(u) - \inf f) \le f(x) - f(u) \le$ `gap_max` surely, x being in the ball."""
    low = -min(c.minimiser_gap, c.G_f * c.reach)
    return np.full_like(t, low), np.full_like(t, c.gap_max)


def sampled_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""$f_\xi(x) - f_\xi(u)$ from `excess_low` to `excess_high` surely, in the ball."""
    return np.full_like(t, c.excess_low), np.full_like(t, c.excess_high)


def distance_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""$0 \le \|x_t - u\|^2 / D^2 \le (\mathrm{reach} / D)^2$ surely."""
    return np.zeros_like(t), np.full_like(t, (c.reach / c.D) ** 2)


@dataclass(frozen=True, eq=False)
class Claim:
    """One theorem, or one false statement that must be refuted.

    Attributes:
        id: Dotted name; prefixes group.
        title: One line.
        reference: Paper and place, or this project.
        families: The methods that it speaks of.
        statement: LaTeX of the inequality.
        assumes: Hypotheses, checked on each instance.
        proof: A short proof, or the counterexample of a false statement.
        quantity: Left-hand side from a trace, (K, P), or (K - 1, P) for steps.
        bound: Right-hand side from constants and t, shape (K,).
        needs: The channels that `quantity` reads.
        kind: Pathwise or in expectation.
        expected: HOLDS, or REFUTED for a false statement.
        unit: How roundoff enters.
        support: Sure range of `quantity` under the hypotheses, for Monte Carlo.
        first: The first t of which the claim speaks.
        last: The last t of which it speaks, from the constants; `None`: no end.
        dense: Does `quantity` need every row up to t?
        nonlinear: Is it a nonlinear function of its channels? Then what is judged is
            the expectation of that function, path by path, and the channels'
            expectations alone do not give it.
        sampled: May Monte Carlo judge it? Not where the sure range is so wide that no
            affordable number of replicas decides.
        any_metric: Does it hold whatever diagonal preconditioner is used?
        slope: Exponent of T in the rate where it is a plain power, else `None`.
        tight: What is known of its constant.
        origin: "paper" if the paper states it, "project" if it was derived here.

    """

    id: str
    title: str
    reference: str
    families: frozenset[Family]
    statement: str
    assumes: tuple[Assumption, ...]
    proof: str
    quantity: Callable[[Any], FloatArray]
    bound: Bound
    needs: frozenset[str]
    kind: Kind = Kind.EXPECTATION
    expected: Status = Status.HOLDS
    unit: Unit = Unit.GAP
    support: Support = gap_support
    first: int = 0
    last: Callable[[Any], int] | None = None
    dense: bool = False
    nonlinear: bool = False
    sampled: bool = True
    any_metric: bool = False
    slope: float | None = None
    tight: str = ""
    origin: str = "project"

    def sharpened(self, factor: float) -> "Claim":
        """The claim with its bound changed by the share `factor - 1` of its size.

        Below 1 that is sharper, also where the bound is negative.
        """

        def bound(c: Any, t: FloatArray) -> FloatArray:
            value = np.asarray(self.bound(c, t))
            return value + (factor - 1.0) * np.abs(value)

        return replace(self, bound=bound)

    def failing(self, c: Any) -> str | None:
        """Name the first hypothesis that the instance does not meet, and why."""
        for assumption in self.assumes:
            why = assumption.failure(c)
            if why is not None:
                return f"{assumption.name}: {why}"
        return None

    def speaks_within(self, horizon: int) -> bool:
        """Does the claim say anything of a run with that many points?"""
        shortest = max(self.first + 1, 2 if self.needs & STEPS else 1)
        return horizon >= shortest

    @property
    def is_cheap(self) -> bool:
        """Can Monte Carlo do without f and its gradient at every t?"""
        return self.needs <= SAMPLED and not self.dense

    @property
    def is_linear(self) -> bool:
        """Does the expectation of each channel determine the left-hand side?"""
        of_means = self.kind is Kind.EXPECTATION and not self.nonlinear
        return of_means and self.needs <= LINEAR
