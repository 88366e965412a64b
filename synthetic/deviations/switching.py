"""One direction of a student that follows labels and teacher in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import factorial
from typing import Any

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.intervals import Interval, digits
from theory.method import Family

TERMS = 70
"""Of the solution's power series along a ramp; its rest is added as a width."""


@dataclass(frozen=True)
class SwitchCase:
    r"""Steps with the weights $\kappa$ of the teacher.

    Attributes:
        x: $\eta\lambda$.
        q: The teacher's progress, any number.
        kappa: One weight a step.
        switch: The step from which the weight is the other one, if there are two;
            the labels come first if `kappa[-1]` is 1.

    """

    x: Fraction
    q: Fraction
    kappa: tuple[Fraction, ...]
    switch: int | None = None

    def __str__(self) -> str:
        how = "any weights" if self.switch is None else f"switch at {self.switch}"
        size = f"eta lambda = {float(self.x):g}, q = {float(self.q):g}"
        return f"{size}, {len(self.kappa)} steps, {how}"


@dataclass(frozen=True, eq=False, kw_only=True)
class SwitchSetting(DeviationSetting):
    """Where a loop over such steps ends, in units of the least-squares coefficient."""

    family = Family.DEVIATIONS_SWITCHING
    offers = frozenset({"end"})

    def seen(self, case: SwitchCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        w = Fraction(0)
        for kappa in case.kappa:
            gradient = (1 - kappa) * (w - 1) + kappa * (w - case.q)
            w -= case.x * gradient
        return {"end": w}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "step by step in exact rationals"


@dataclass(frozen=True)
class RampCase:
    r"""A flow to t whose weight goes linearly from 0 to 1 on $[s - w/2, s + w/2]$.

    Attributes:
        lam: Eigenvalue.
        teacher: Its time T.
        t: End.
        s: Centre of the ramp.
        width: w.

    """

    lam: Fraction
    teacher: Fraction
    t: Fraction
    s: Fraction
    width: Fraction

    def __str__(self) -> str:
        parts = (self.lam, self.teacher, self.t, self.s, self.width)
        return "lambda = {:g}, T = {:g}, t = {:g}, s = {:g}, w = {:g}".format(
            *map(float, parts)
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class RampSetting(DeviationSetting):
    r"""What a ramp changes, from the solution's power series.

    `gains`: $G_{ramp} - G_{switch}$ of labels first, and of the teacher first;
    `scales`: q, $e^{-\lambda(t-s)}$ and $\lambda w/2$.

    Attributes:
        reverse: Is the teacher first in the first of the gains, in a control?
        shift: Of the switch from the ramp's centre, in widths, in a control.

    """

    family = Family.DEVIATIONS_SWITCHING
    offers = frozenset({"gains", "scales"})
    reverse: bool = False
    shift: Fraction = Fraction(0)

    def seen(self, case: RampCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        with digits(60):
            q = 1 - Interval(-case.lam * case.teacher).exp()
            ends = [(Interval(1), q), (q, Interval(1))]
            at = replace(case, s=case.s + self.shift * case.width)
            gains = tuple(
                _ramped(case, *pair) - _switched(at, *pair)
                for pair in (ends[::-1] if self.reverse else ends)
            )
            after = Interval(-case.lam * (case.t - case.s)).exp()
            half = Interval(case.lam * case.width / 2)
            return {"gains": gains, "scales": (q, after, half)}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return f"{TERMS} terms of the solution along the ramp, in 60 digits"


def _switched(case: RampCase, first: Interval, then: Interval) -> Interval:
    """Towards `first` until s, then towards the other."""
    start = first * (1 - Interval(-case.lam * case.s).exp())
    return then + (start - then) * Interval(-case.lam * (case.t - case.s)).exp()


def _ramped(case: RampCase, first: Interval, then: Interval) -> Interval:
    r"""$\beta' = \lambda(\tau - \beta)$ with $\tau$ linear on the ramp: its series."""
    begin, end = case.s - case.width / 2, case.s + case.width / 2
    beta = first * (1 - Interval(-case.lam * begin).exp())
    slope = (then - first) / case.width
    # Coefficients of beta in powers of the time since the ramp began.
    terms = [beta, (first - beta) * case.lam]
    terms.append((slope - terms[1]) * case.lam / 2)
    for i in range(3, TERMS):
        terms.append(-terms[-1] * case.lam / i)
    total = sum((c * case.width**i for i, c in enumerate(terms)), Interval(0))
    h = case.lam * case.width
    rest = 4 * h**TERMS / factorial(TERMS)  # alternating, and falling: h < TERMS
    total = total + Interval(rest) * Interval([-1, 1])
    return then + (total - then) * Interval(-case.lam * (case.t - end)).exp()
