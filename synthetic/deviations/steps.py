"""The same order in whole steps of gradient descent, in exact rationals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.intervals import sign
from theory import spectrum
from theory.filters import Descent
from theory.method import Family


@dataclass(frozen=True)
class StepsCase:
    r"""Whole steps of gradient descent.

    Attributes:
        x: $\eta\lambda_k$, descending, rational.
        teacher: Its number of steps; `None` is a teacher that fits the labels.
        student: Its number of steps.

    """

    x: tuple[Fraction, ...]
    teacher: int | None
    student: int

    def __str__(self) -> str:
        x = ", ".join(f"{float(v):g}" for v in self.x)
        return f"eta lambda = {x}; {self.teacher} and {self.student} steps"

    @property
    def fastest(self) -> Fraction:
        r"""$\eta\lambda_1$."""
        return self.x[0]


@dataclass(frozen=True, eq=False, kw_only=True)
class StepsSetting(DeviationSetting):
    r"""Iterates that an engineer could run, in exact rationals.

    `order`: for every k and every j with another eigenvalue, the sign of
    $\lambda_j - \lambda_k$, then that of $S_j - A_j(n^*)$ at the least whole $n^*$ with
    $A_k(n^*) \ge S_k$; `direct`: $S_k - A_k(n_S)$ for every k.
    """

    family = Family.DEVIATIONS_STEPS
    offers = frozenset({"order", "direct"})

    def seen(self, case: StepsCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        model = Descent(Fraction(1), case.student)
        own = [model.complement(x) for x in case.x]
        left = [
            spectrum.student_complement(_left(case, x), b)
            for x, b in zip(case.x, own, strict=True)
        ]
        return {
            "order": tuple(self._order(case, left)),
            "direct": tuple(b - c for b, c in zip(own, left, strict=True)),
        }

    def _order(self, case: StepsCase, left: Sequence[Fraction]) -> list[Any]:
        found = []
        for k, top in enumerate(case.x):
            n = least_steps(top, left[k])
            for j, x in enumerate(case.x):
                if x != top:
                    off = Descent(Fraction(1), n).complement(x) - left[j]
                    found.append((sign(x - top), sign(off)))
        return found

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "whole steps in exact rationals"


def _left(case: StepsCase, x: Fraction) -> Fraction:
    """What the teacher has left; nothing, if it fits the labels."""
    if case.teacher is None:
        return Fraction(0)
    return Fraction(Descent(Fraction(1), case.teacher).complement(x))


@dataclass(frozen=True)
class RatioCase:
    r"""Any teacher, and a student's steps; `None` is a student that runs for ever."""

    x: tuple[Fraction, ...]
    teacher: tuple[Fraction, ...]
    student: int | None

    def __str__(self) -> str:
        x, q = (
            ", ".join(f"{float(v):g}" for v in row) for row in (self.x, self.teacher)
        )
        return f"eta lambda = {x}; q = {q}; {self.student} steps"

    @property
    def fastest(self) -> Fraction:
        r"""$\eta\lambda_1$."""
        return self.x[0]


@dataclass(frozen=True, eq=False, kw_only=True)
class RatioSetting(DeviationSetting):
    r"""Signs of $S_jq_k - S_kq_j$ for all $\lambda_j < \lambda_k$, step by step."""

    family = Family.DEVIATIONS_STEPS
    offers = frozenset({"ratios"})

    def seen(self, case: RatioCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        found = []
        rows = list(zip(case.x, case.teacher, strict=True))
        ends = [learnt(x, q, case.student) for x, q in rows]
        for k, (top, q_k) in enumerate(rows):
            found += [
                sign(ends[j] * q_k - ends[k] * q_j)
                for j, (x, q_j) in enumerate(rows)
                if x < top
            ]
        return {"ratios": tuple(found)}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "step by step in exact rationals"


def learnt(x: Fraction, target: Fraction, steps: int | None) -> Fraction:
    """Where descent towards a target is after so many steps from 0."""
    if steps is None:
        return target
    w = Fraction(0)
    for _ in range(steps):
        w = w + x * (target - w)
    return w


def least_steps(x: Fraction, complement: Fraction) -> int:
    r"""The least n with $(1 - x)^n \le$ `complement`, one step at a time."""
    n, left = 0, Fraction(1)
    while left > complement:
        n, left = n + 1, left * (1 - x)
    return n
