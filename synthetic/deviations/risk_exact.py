"""Risks of students as exact expectations over the noise of the labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from synthetic.deviations.desk import DeviationSetting
from synthetic.deviations.loops import Array, Design, descend, identity
from theory.filters import Descent
from theory.method import Family


@dataclass(frozen=True)
class RiskCase:
    r"""A teacher, its student, true weights, and the variance of the noise.

    Attributes:
        design: Of the labels.
        fresh: The student's own inputs, without labels; `None`: the same.
        teacher: Its loop.
        student: Its loop.
        variance: $\sigma^2$.

    """

    design: Design
    fresh: Design | None
    teacher: Descent
    student: Descent
    variance: Fraction

    def __str__(self) -> str:
        other = f", student on {self.fresh}" if self.fresh else ""
        return f"{self.design}{other}; {self.teacher}; {self.student}"

    def weights(self) -> Array:
        """True weights, whole numbers."""
        rng = np.random.default_rng([7, self.design.seed])
        p = self.design.p
        return np.array([Fraction(int(i)) for i in rng.integers(-3, 4, p)])

    def thetas(self) -> Array:
        r"""$V^\top w^*$."""
        return np.asarray(self.design.vectors()[1].T @ self.weights())

    def covariance(self) -> Array:
        r"""$\Sigma$, positive definite and not diagonal in any of our bases."""
        rng = np.random.default_rng([8, self.design.seed])
        p = self.design.p
        root = np.array(
            [[Fraction(int(i)) for i in row] for row in rng.integers(-1, 2, (p, p))]
        )
        return np.asarray(root @ root.T + identity(p))


@dataclass(frozen=True, eq=False, kw_only=True)
class RiskSetting(DeviationSetting):
    r"""Expected risks of two literal loops.

    The student's weights are linear in the labels: the loops are run on every unit
    label, and $E\|\cdot\|^2$ is a bias and a trace. `risk`: under $\Sigma$;
    `in_sample`: under C (the labels' design).

    Attributes:
        noise: Factor on the variance of the noise, in a control.

    """

    family = Family.DEVIATIONS_RISK
    offers = frozenset({"risk", "in_sample"})
    noise: int = 1

    def seen(self, case: RiskCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        x = case.design.matrix()
        own = case.fresh.matrix() if case.fresh else x
        teacher = descend(x, identity(len(x)), case.teacher)
        linear = descend(own, own @ teacher, case.student)
        w_star = case.weights()
        off = linear @ (x @ w_star) - w_star
        spread = self.noise * case.variance * (linear @ linear.T)
        measures = {"risk": case.covariance(), "in_sample": x.T @ x / len(x)}
        return {
            name: off @ sigma @ off + np.trace(sigma @ spread)
            for name, sigma in measures.items()
        }

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "both loops on every unit label in exact rationals"


@dataclass(frozen=True)
class ChangeCase:
    """One direction: its signal, the noise, and two progresses."""

    signal: Fraction
    noise: Fraction
    student: Fraction
    direct: Fraction

    def __str__(self) -> str:
        parts = (self.signal, self.noise, self.student, self.direct)
        return "signal {:g}, noise {:g}, S {:g}, A {:g}".format(*map(float, parts))


@dataclass(frozen=True, eq=False, kw_only=True)
class ChangeSetting(DeviationSetting):
    """R(S) - R(A), from its definition."""

    family = Family.DEVIATIONS_RISK
    offers = frozenset({"change"})

    def seen(self, case: ChangeCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        student, direct = (
            case.signal * (1 - s) ** 2 + case.noise * s**2
            for s in (case.student, case.direct)
        )
        return {"change": student - direct}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "exact rationals"
