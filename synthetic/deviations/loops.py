"""Gradient descent itself: a teacher, then a student on its outputs, on small designs.

Designs are products of rational reflections and singular values, so that eigenvalues
are rational and every iterate is exact; and larger ones in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from synthetic.deviations.desk import DeviationSetting
from theory import spectrum
from theory.filters import Descent, Filter, Flow, Ridge
from theory.method import Family

Array = NDArray[Any]


@dataclass(frozen=True)
class Design:
    """A rational design of known singular values.

    Attributes:
        n: Rows.
        p: Columns.
        values: Singular values, descending; 0 makes it rank-deficient.
        seed: Of its singular vectors.

    """

    n: int
    p: int
    values: tuple[Fraction, ...]
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.n} x {self.p}, design {self.seed}"

    @property
    def lams(self) -> list[Fraction]:
        r"""Eigenvalues of C, descending, $\lambda_k = s_k^2/n$; p of them."""
        found = [s**2 / self.n for s in self.values]
        return [*found, *[Fraction(0)] * (self.p - len(found))]

    def vectors(self) -> tuple[Array, Array]:
        """U (n, n) and V (p, p), their columns orthonormal."""
        rng = np.random.default_rng([self.seed, self.n, self.p])
        return _orthogonal(rng, self.n), _orthogonal(rng, self.p)

    def matrix(self) -> Array:
        """X, (n, p)."""
        u, v = self.vectors()
        m = len(self.values)
        return np.asarray(u[:, :m] * np.array(self.values) @ v[:, :m].T)

    def pseudo_inverse(self) -> Array:
        """X^+, (p, n)."""
        u, v = self.vectors()
        m = len(self.values)
        inverse = [1 / s if s else Fraction(0) for s in self.values]
        return np.asarray(v[:, :m] * np.array(inverse) @ u[:, :m].T)

    def function(self, of: Callable[[Fraction], Fraction]) -> Array:
        r"""$V\mathrm{diag}(f(\lambda))V^\top$."""
        v = self.vectors()[1]
        return np.asarray(v * np.array([of(lam) for lam in self.lams]) @ v.T)

    def inverse(self) -> Array:
        """C^+."""
        return self.function(lambda lam: 1 / lam if lam else lam)


def _orthogonal(rng: np.random.Generator, size: int) -> Array:
    """A product of two reflections, rational."""
    product = identity(size)
    for _ in range(2):
        v = np.array([Fraction(int(i)) for i in rng.integers(1, 4, size)])
        product = product - np.outer(product @ v, v) * (2 / (v @ v))
    return product


def identity(size: int) -> Array:
    """In fractions."""
    return np.array([[Fraction(int(i == j)) for j in range(size)] for i in range(size)])


def descend(x: Array, targets: Array, model: Descent) -> Array:
    r"""$w \leftarrow w - \frac\eta nX^\top(Xw - y)$ from 0, one step at a time.

    Args:
        x: (n, p).
        targets: (n,) or, for several at once, (n, m).
        model: Step size and number of steps.

    """
    w = np.zeros((x.shape[1], *targets.shape[1:]), dtype=x.dtype)
    for _ in range(model.steps):
        w = w - model.step / len(x) * (x.T @ (x @ w - targets))
    return np.asarray(w)


@dataclass(frozen=True)
class LoopCase:
    """Two loops on one design."""

    design: Design
    teacher: Descent
    student: Descent

    def __str__(self) -> str:
        return f"{self.design}; {self.teacher}; {self.student}"


@dataclass(frozen=True, eq=False, kw_only=True)
class LoopSetting(DeviationSetting):
    r"""$V^\top w$ of the student after both loops, and $V^\top b$, $b = X^+y$.

    Attributes:
        hard: Is the student taught by the labels instead, in a control?

    """

    family = Family.DEVIATIONS_LOOP
    offers = frozenset({"student", "labels"})
    hard: bool = False

    def seen(self, case: LoopCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        x, v = case.design.matrix(), case.design.vectors()[1]
        rng = np.random.default_rng(case.design.seed)
        y = np.array([Fraction(int(i)) for i in rng.integers(-5, 6, len(x))])
        taught = x @ descend(x, y, case.teacher)
        student = descend(x, y if self.hard else taught, case.student)
        labels = v.T @ (case.design.pseudo_inverse() @ y)
        return {"student": tuple(v.T @ student), "labels": tuple(labels)}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "both loops step by step in exact rationals"


@dataclass(frozen=True)
class FloatCase:
    """Two models of one kind on a Gaussian design, in float64."""

    n: int
    p: int
    teacher: Filter
    student: Filter
    seed: int = 0

    def __str__(self) -> str:
        return f"{self.n} x {self.p}; {self.teacher}; {self.student}"


@dataclass(frozen=True, eq=False, kw_only=True)
class FloatSetting(DeviationSetting):
    """How far student and formula are apart, over the largest least-squares entry.

    Attributes:
        combine: The student's complement from both models', another one in a control.

    """

    family = Family.DEVIATIONS_LOOP
    offers = frozenset({"off"})
    combine: Callable[[Any, Any], Any] = field(default=spectrum.student_complement)

    def seen(self, case: FloatCase) -> Mapping[str, Any]:
        """See `DeviationSetting.seen`."""
        rng = np.random.default_rng(case.seed)
        x, y = rng.standard_normal((case.n, case.p)), rng.standard_normal(case.n)
        lams, v = np.linalg.eigh(x.T @ x / case.n)
        lams = np.where(lams > 1e-12 * lams[-1], lams, 0.0)
        b = np.linalg.pinv(x) @ y
        student = solve(x, x @ solve(x, y, case.teacher), case.student)
        left = self.combine(
            case.teacher.complement(lams), case.student.complement(lams)
        )
        off = np.max(np.abs(student - v @ ((1.0 - left) * (v.T @ b))))
        return {"off": Fraction(float(off / np.max(np.abs(b))))}

    @property
    def how(self) -> str:
        """See `DeviationSetting.how`."""
        return "loops, matrix exponentials and linear systems in float64"


def solve(x: Array, targets: Array, model: Filter) -> Array:
    """The model's weights in float64, without any eigenvalue."""
    c, right = x.T @ x / len(x), x.T @ targets / len(x)
    unit = np.eye(len(c))
    if isinstance(model, Descent):
        return descend(x, targets, model)
    if isinstance(model, Flow):
        learnt = unit - expm(-float(model.time) * c)
        return np.asarray(learnt @ (np.linalg.pinv(x) @ targets))
    assert isinstance(model, Ridge)
    return np.asarray(np.linalg.solve(c + float(model.mu) * unit, right))
