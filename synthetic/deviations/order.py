"""Is the student ahead of the direct model it is matched with, direction by direction?

Enclosed in intervals whose digits are doubled until they tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.intervals import Interval, digits, settled
from theory import spectrum
from theory.filters import Descent, Filter, Flow, Ridge
from theory.method import Family

Signs = tuple[int | None, ...]


@dataclass(frozen=True)
class FilterCase:
    r"""A spectrum and three models.

    Attributes:
        lams: Eigenvalues, descending, rational.
        teacher: Where the teacher stops.
        student: Where its student stops.
        direct: The kind of model that is matched with it; how far it goes follows.

    """

    lams: tuple[Fraction, ...]
    teacher: Filter
    student: Filter
    direct: Filter

    def __str__(self) -> str:
        lams = ", ".join(f"{float(lam):g}" for lam in self.lams)
        return f"lambda = {lams}; {self.teacher}; {self.student}"

    @property
    def fastest(self) -> Fraction:
        r"""The largest $\eta\lambda_1$; 0 without gradient descent."""
        steps = (m.step for m in self.models if isinstance(m, Descent))
        return max((s * self.lams[0] for s in steps), default=Fraction(0))

    @property
    def models(self) -> tuple[Filter, Filter, Filter]:
        """All three."""
        return self.teacher, self.student, self.direct

    def all_are(self, kind: type) -> bool:
        """Are all three of that kind?"""
        return all(isinstance(m, kind) for m in self.models)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        r"""(k, j): matched on k, seen at j with another $\lambda$; $\lambda_k > 0$."""
        top = [k for k, lam in enumerate(self.lams) if lam > 0]
        return [
            (k, j)
            for k in top
            for j, lam in enumerate(self.lams)
            if lam != self.lams[k]
        ]


def ahead(case: FilterCase) -> list[Any]:
    r"""$S_j - A_j(t^*)$ for every pair, as the difference of complements."""
    exact = case.all_are(Ridge)
    lams = [lam if exact else Interval(lam) for lam in case.lams]
    left = [
        spectrum.student_complement(
            case.teacher.complement(lam), case.student.complement(lam)
        )
        for lam in lams
    ]
    direct: dict[int, Filter] = {}
    found = []
    for k, j in case.pairs:
        if k not in direct:
            direct[k] = case.direct.matched(lams[k], left[k])
        found.append(direct[k].complement(lams[j]) - left[j])
    return found


def naively(case: FilterCase) -> Signs:
    """The same in float64, from progress: where it rounds to 1, order is lost."""
    lams = np.array([float(lam) for lam in case.lams])
    kinds = (case.teacher, case.student)
    teacher, student = (1.0 - _floats(model).complement(lams) for model in kinds)
    progress = teacher * student
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = []
        for k, j in case.pairs:
            model = _floats(case.direct).matched(lams[k], 1.0 - progress[k])
            off = progress[j] - (1.0 - model.complement(lams[j]))
            found.append(int(np.sign(off)) if np.isfinite(off) else 0)
    return tuple(found)


def _floats(model: Filter) -> Filter:
    if isinstance(model, Flow):
        return Flow(float(model.time))
    if isinstance(model, Descent):
        return Descent(float(model.step), float(model.steps))
    return Ridge(float(model.mu))


@dataclass(frozen=True, eq=False, kw_only=True)
class FilterSetting(DeviationSetting):
    """Students, and direct models with the same progress along one direction.

    Attributes:
        naive: Progress itself in float64, for a control.

    """

    family = Family.DEVIATIONS_FILTER
    offers = frozenset({"order"})
    naive: bool = False

    def seen(self, case: FilterCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        if self.naive:
            return {"order": naively(case)}
        return {"order": settled(lambda: ahead(case))}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        if self.naive:
            return "float64, from progress"
        return "intervals of 60 digits, more where they do not tell"


@dataclass(frozen=True, eq=False, kw_only=True)
class CarriedSetting(DeviationSetting):
    r"""The teacher's progress in all directions, in units of 1e-40.

    `carried`: how far that in each direction is from what the formula makes of the
    one before it, and from its complement's.

    Attributes:
        stretch: Of the lower eigenvalue, in a control.

    """

    family = Family.DEVIATIONS_FILTER
    offers = frozenset({"carried"})
    stretch: Fraction = Fraction(1)

    def seen(self, case: FilterCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        with digits(240):  # progress, and not its complement: as much as 1 - 1e-117
            found = self._carried(case)
            return {"carried": tuple((off * 10**40).enclosed() for off in found)}

    def _carried(self, case: FilterCase) -> list[Any]:
        lams = [Interval(lam) for lam in case.lams if lam]
        found = []
        for top, low in pairwise(lams):
            left, seen = (case.teacher.complement(lam) for lam in (top, low))
            carried = _carry(case.teacher, low * self.stretch, top, 1 - left)
            learnt = _learnt(case.teacher, low)
            found += [carried - (1 - seen), learnt - (1 - seen)]
        return found

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "intervals of 240 digits"


def _carry(model: Filter, low: Any, top: Any, progress: Any) -> Any:
    if isinstance(model, Ridge):
        return spectrum.psi(spectrum.flow_exponent(low, top), progress)
    if isinstance(model, Descent):
        r = spectrum.descent_exponent(model.step * low, model.step * top)
        return spectrum.phi(r, progress)
    return spectrum.phi(spectrum.flow_exponent(low, top), progress)


def _learnt(model: Filter, lam: Any) -> Any:
    if isinstance(model, Ridge):
        return spectrum.ridge(lam, model.mu)
    if isinstance(model, Descent):
        return spectrum.descent(model.step * lam, model.steps)
    return spectrum.flow(lam, model.time)
