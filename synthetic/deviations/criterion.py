"""Where distillation helps, against the direct model it is matched with; the oracle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mpmath import iv

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.intervals import Interval, digits, settled
from theory import spectrum
from theory.filters import Flow
from theory.method import Family


@dataclass(frozen=True)
class SpectrumCase:
    r"""A spectrum with its signal, flows to T and t, and $\sigma^2/n$."""

    lams: tuple[Fraction, ...]
    thetas: tuple[Fraction, ...]
    noise: Fraction
    teacher: Fraction
    student: Fraction

    def __str__(self) -> str:
        lams, thetas = (
            ", ".join(f"{float(v):g}" for v in row) for row in (self.lams, self.thetas)
        )
        return f"lambda = {lams}; theta = {thetas}; noise {float(self.noise):g}"

    @property
    def lower(self) -> list[int]:
        """The directions whose order the criterion decides."""
        return [
            k
            for k, (lam, theta) in enumerate(zip(self.lams, self.thetas, strict=True))
            if 0 < lam < self.lams[0] and (theta or self.noise)
        ]


@dataclass(frozen=True, eq=False, kw_only=True)
class SpectrumSetting(DeviationSetting):
    r"""Signs, against the direct flow with as much progress along the top direction.

    `changes`: of $R_k(S) - R_k(A)$ and of $(S_k + A_k)/2 - A^*_k$, in pairs; `total`:
    of the whole difference; `sides`: of $S_k - A^*_k$ and of $A^*_k - A_k$, in pairs.

    Attributes:
        direct: Time of the direct flow where it is not matched, in a control.

    """

    family = Family.DEVIATIONS_RISK
    offers = frozenset({"changes", "total", "sides"})
    direct: Fraction | None = None

    def seen(self, case: SpectrumCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        signs = settled(lambda: _differences(case, self.direct))
        pairs = [signs[i : i + 4] for i in range(1, len(signs), 4)]
        return {
            "total": signs[0],
            "changes": tuple(pair[:2] for pair in pairs),
            "sides": tuple(pair[2:] for pair in pairs),
        }

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "intervals of 60 digits, more where they do not tell"


def _differences(case: SpectrumCase, time: Fraction | None) -> list[Any]:
    lams = [Interval(lam) for lam in case.lams]
    models = Flow(Interval(case.teacher)), Flow(Interval(case.student))
    left = [
        spectrum.student_complement(*(m.complement(lam) for m in models))
        for lam in lams
    ]
    direct = models[0].matched(lams[0], left[0]) if time is None else Flow(time)
    total, found = Interval(0), []
    for k in case.lower:
        signal = spectrum.signal_of(lams[k], case.thetas[k])
        a = direct.complement(lams[k])
        change = spectrum.risk(signal, case.noise, left[k]) - spectrum.risk(
            signal, case.noise, a
        )
        best = spectrum.oracle(signal, case.noise)
        mean = spectrum.excess_of_mean(signal, case.noise, 1 - left[k], 1 - a)
        total = total + change
        found += [change, mean, 1 - left[k] - best, best - (1 - a)]
    return [total, *found]


@dataclass(frozen=True)
class OracleCase:
    """Two directions whose best progresses are given."""

    first: Fraction
    second: Fraction
    r: Fraction

    @property
    def within(self) -> bool:
        """Is the best progress one that some student has, to float64?"""
        ends = spectrum.student_limits(float(self.r), float(self.first))
        return bool(ends.least <= float(self.second) < ends.beyond)

    def __str__(self) -> str:
        return (
            f"A*_1 = {float(self.first):g}, A*_2 = {float(self.second):.6g}, "
            f"r = {float(self.r):g}"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class OracleSetting(DeviationSetting):
    r"""What students and early-stopped runs can reach of the best shrinkage.

    `ends`: signs of $S_2 - A^*_2$ at a share of $2^{-40}$ and at equal shares, where
    $S_1 = A^*_1$: between two signs a student has the best progress in both;
    `cells`: signs of a direct run's excess over the least risk, on every piece of a
    partition of $A_1 \in [0, 1]$.
    """

    family = Family.DEVIATIONS_RISK
    offers = frozenset({"ends", "cells"})
    pieces: int = 256

    def seen(self, case: OracleCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        with digits(30):
            cells = tuple(self._excess(case, i).sign for i in range(self.pieces))
        return {"ends": settled(lambda: _ends(case)), "cells": cells}

    def _excess(self, case: OracleCase, i: int) -> Interval:
        """In units of the noise, over all A_1 of the piece."""
        low, high = Fraction(i, self.pieces), Fraction(i + 1, self.pieces)
        r = Interval(case.r)
        lower = [1 - spectrum.phi_complement(r, Interval(1 - a)) for a in (low, high)]
        found = Interval(0)
        for ends, best in (
            ((Interval(low), Interval(high)), case.first),
            (lower, case.second),
        ):
            off = _hull(*ends) - best
            found = found + off**2 / (1 - best)
        return found

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return f"intervals; {self.pieces} pieces of direct runs"


def _hull(low: Interval, high: Interval) -> Interval:
    return Interval(iv.mpf([low.value.a, high.value.b]))


def _ends(case: OracleCase) -> list[Any]:
    found = []
    for share in (Fraction(1, 2**40), Fraction(1, 2)):
        log, r = Interval(case.first).log(), Interval(case.r)
        tops = ((log * share).exp(), (log * (1 - share)).exp())
        left = (spectrum.phi_complement(r, 1 - top) for top in tops)
        found.append(1 - spectrum.student_complement(*left) - case.second)
    return found
