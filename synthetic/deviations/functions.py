"""The functions that carry progress from one direction to another, enclosed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.intervals import Interval, digits, settled
from theory import spectrum
from theory.method import Family

SPLITS = tuple(Fraction(1, 2**i) for i in (40, 20, 10, 6, 4, 3)) + tuple(
    Fraction(i, 16) for i in (3, 4, 5, 6, 7)
)
"""Shares u below 1/2: the teacher has $x^u$, the student's own factor $x^{1-u}$."""


@dataclass(frozen=True)
class FunctionCase:
    """Two progresses, both dyadic so that powers of 1 are exact, and an exponent."""

    p: Fraction
    q: Fraction
    r: Fraction

    def __str__(self) -> str:
        return f"p = {float(self.p):g}, q = {float(self.q):g}, r = {float(self.r):g}"

    @property
    def lifted(self) -> tuple[Any, Any, Any]:
        """The three as intervals; a whole r as such, for powers without logarithms."""
        r: Any = int(self.r) if self.r.denominator == 1 else Interval(self.r)
        return Interval(self.p), Interval(self.q), r


@dataclass(frozen=True, eq=False, kw_only=True)
class FunctionSetting(DeviationSetting):
    r"""Signs of differences.

    `phi`: $\varphi_r(pq) - \varphi_r(p)\varphi_r(q)$; `psi`: the same of $\psi_r$;
    `mixed`: $\psi_r(q) - \varphi_r(q)$.
    """

    family = Family.DEVIATIONS_FUNCTION
    offers = frozenset({"phi", "psi", "mixed"})

    def seen(self, case: FunctionCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""

        def differences() -> list[Any]:
            p, q, r = case.lifted
            joint = spectrum.student_complement(1 - p, 1 - q)
            found = []
            for complement in (spectrum.phi_complement, spectrum.psi_complement):
                a, b = complement(r, 1 - p), complement(r, 1 - q)
                apart = spectrum.student_complement(a, b)
                found.append(apart - complement(r, joint))
            phi = spectrum.phi_complement(r, 1 - q)
            return [*found, phi - spectrum.psi_complement(r, 1 - q)]

        return dict(zip(("phi", "psi", "mixed"), settled(differences), strict=True))

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "intervals of 60 digits, more where they do not tell"


@dataclass(frozen=True)
class TopCase:
    """The student's progress along the top direction, and an exponent."""

    x: Fraction
    r: Fraction

    def __str__(self) -> str:
        return f"x = {float(self.x):g}, r = {float(self.r):g}"


@dataclass(frozen=True, eq=False, kw_only=True)
class TopSetting(DeviationSetting):
    r"""Students and chains of students with the same progress along the top direction.

    `range`: signs of $S_j(u) - S_j(u')$ for neighbouring shares $u < u'$ up to 1/2,
    then of $\varphi_r(x) - S_j$ at every share;
    `least`: $S_j$ at u = 1/2 less the formula, in units of 1e-50;
    `chain`: signs of neighbouring differences along the chain, then of its distance to
    the bound of its limit;
    `closed`: the chain less its formula, in units of 1e-50.

    Attributes:
        counts: L, growing.
        least_at: The share at which `least` is measured; not 1/2 in a control.
        dropped: Filters left out of chains of two and more, in a control.

    """

    family = Family.DEVIATIONS_FUNCTION
    offers = frozenset({"range", "least", "chain", "closed"})
    counts: tuple[int, ...] = (1, 2, 3, 5, 10, 100)
    least_at: Fraction = Fraction(1, 2)
    dropped: int = 0

    def seen(self, case: TopCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        with digits(80):
            r, x = Interval(case.r), Interval(case.x)
            least = spectrum.student_limits(r, x).least
            offs = [shared(case, self.least_at) - least]
            for count in self.counts:
                seen = chained(case, count, count - self.dropped)
                offs.append(seen - spectrum.generations(r, x, count))
            least_off, *closed = [(off * 10**50).enclosed() for off in offs]
        return {
            "range": settled(lambda: self._range(case)),
            "least": (least_off,),
            "closed": tuple(closed),
            "chain": settled(lambda: self._chain(case)),
        }

    def _range(self, case: TopCase) -> list[Any]:
        values = [shared(case, u) for u in (*SPLITS, Fraction(1, 2))]
        beyond = spectrum.student_limits(Interval(case.r), Interval(case.x)).beyond
        falls = [a - b for a, b in pairwise(values)]
        return [*falls, *(beyond - v for v in values)]

    def _chain(self, case: TopCase) -> list[Any]:
        values = [chained(case, count) for count in self.counts]
        falls = [a - b for a, b in pairwise(values)]
        limits = [limit(case, count) for count in self.counts]
        below = case.r < 1
        ends = [
            high - v if below else v - (1 - high)
            for v, high in zip(values, limits, strict=True)
        ]
        return [*falls, *ends]

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "flows multiplied out, in intervals of 60 digits and more"


def shared(case: TopCase, share: Fraction) -> Any:
    r"""$S_j$ where teacher and student have $x^u$ and $x^{1-u}$ on top, from times.

    The top eigenvalue is 1, the other r.
    """
    r, log = Interval(case.r), Interval(case.x).log()
    tops = ((log * share).exp(), (log * (1 - share)).exp())
    times = [spectrum.flow_time(1, 1 - top) for top in tops]
    teacher, student = (1 - spectrum.flow_complement(r, t) for t in times)
    return teacher * student


def chained(case: TopCase, count: int, taken: int | None = None) -> Any:
    """S_j after a chain of so many equal flows, multiplied out; of some of them."""
    r, top = Interval(case.r), (Interval(case.x).log() / count).exp()
    one = 1 - spectrum.flow_complement(r, spectrum.flow_time(1, 1 - top))
    product = Interval(1)
    for _ in range(count if taken is None else taken):
        product = product * one
    return product


def limit(case: TopCase, count: int) -> Any:
    r"""$e^{-(x\log\frac1x)^rL^{1-r}}$ for r < 1, $(\log\frac1x)^rL^{1-r}$ for r > 1.

    The first is above $S_j$ and the second above $1 - S_j$, as
    $\frac xL\log\frac1x \le 1 - x^{1/L} \le \frac1L\log\frac1x$.
    """
    r, x = Interval(case.r), Interval(case.x)
    scale = Interval(count) ** (1 - case.r)
    if case.r < 1:
        return (-((-x * x.log()) ** r) * scale).exp()
    return (-x.log()) ** r * scale
