"""Gradients and steps of small networks on sparse parity, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.parity.exact_fourier import IntArray, signs
from theory.method import Family

Row = tuple[int, ...]


def label(d: int, k: int) -> IntArray:
    """The parity of the first k coordinates, at all points."""
    return np.asarray(signs(d)[:, :k].prod(axis=1))


@dataclass(frozen=True)
class NeuronCase:
    """One neuron with output weight a and bias b; S is the first k coordinates."""

    weights: Row
    k: int
    a: int
    b: int

    @property
    def d(self) -> int:
        """Dimension."""
        return len(self.weights)

    def __str__(self) -> str:
        shown = "".join("+" if w > 0 else "-" for w in self.weights)
        return f"d = {self.d}, k = {self.k}, a = {self.a}, b = {self.b}, w = {shown}"


@dataclass(frozen=True, eq=False, kw_only=True)
class NeuronSetting(CaseSetting):
    """Single neurons, differentiated by exact secants of their loss."""

    family = Family.PARITY_NEURON
    offers = frozenset({"gradient"})

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- there is one channel
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        return {"gradient": tuple(secants(case) for case in self.cases)}

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, differences of the loss over all points"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(2**c.d * c.d**2 for c in self.cases))


def secants(case: NeuronCase) -> tuple[int, ...]:
    r"""$2^d\,\partial E[-yf]$ in every weight, then in the bias.

    f is linear in a parameter until a pre-activation z changes its sign, and z is a
    whole number: where none is 0, the difference over half a unit is the derivative.
    Where some are, it is taken from units with z > 0 alone: relu'(0) = 0.
    """
    x, y = signs(case.d), label(case.d, case.k)
    twice = 2 * (x @ np.array(case.weights) + case.b)
    moves = np.column_stack([x, np.ones(len(x), dtype=np.int64)])
    gained = np.maximum(twice[:, None] + moves, 0) - np.maximum(twice, 0)[:, None]
    gained[twice == 0] = 0
    return tuple(int(v) for v in -case.a * (y @ gained))


@dataclass(frozen=True)
class StepCase:
    """A hidden layer with one bias, and one step of size eta on its weights."""

    rows: tuple[Row, ...]
    a: Row
    k: int
    eta: Fraction
    b: int = 0

    @property
    def d(self) -> int:
        """Dimension."""
        return len(self.rows[0])

    def __str__(self) -> str:
        size = f"d = {self.d}, k = {self.k}, width {len(self.rows)}"
        return f"{size}, eta = {self.eta}"


@dataclass(frozen=True, eq=False, kw_only=True)
class StepSetting(CaseSetting):
    """Population steps, and what they do to the degree-1 coefficients."""

    family = Family.PARITY_STEP
    offers = frozenset({"change"})

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- there is one channel
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        return {"change": tuple(changes(case) for case in self.cases)}

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, the networks before and after at all points"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(2**c.d * c.d * len(c.rows) for c in self.cases))


def changes(case: StepCase) -> tuple[Fraction, ...]:
    r"""$E[x_i f_{W - \eta\nabla}] - E[x_i f_W]$ for all i.

    In units of $2^{-d}/q$, $\eta = p/q$, the weights after the step are whole.
    """
    x, y = signs(case.d), label(case.d, case.k)
    rows, a = np.array(case.rows), np.array(case.a)
    unit = 2**case.d * case.eta.denominator
    before = x @ rows.T + case.b
    gradient = -a[:, None] * ((y[:, None] * (before > 0)).T @ x)
    after = x @ (unit * rows - case.eta.numerator * gradient).T + unit * case.b
    moved = (np.maximum(after, 0) - unit * np.maximum(before, 0)) @ a
    return tuple(Fraction(int(v), unit * 2**case.d) for v in moved @ x)


@dataclass(frozen=True)
class AllSignsCase:
    """Every hidden layer of weights +-1 with these output weights."""

    d: int
    k: int
    a: Row
    eta: Fraction

    def __str__(self) -> str:
        return f"d = {self.d}, k = {self.k}, a = {self.a}, eta = {self.eta}"


@dataclass(frozen=True, eq=False, kw_only=True)
class AllSignsSetting(CaseSetting):
    """Means over every choice of the signs."""

    family = Family.PARITY_STEP
    offers = frozenset({"mean_change", "mean_sq_change"})

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- both come from one enumeration
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        found = [_moments(case) for case in self.cases]
        return {
            "mean_change": tuple(mean for mean, _ in found),
            "mean_sq_change": tuple(mean_sq for _, mean_sq in found),
        }

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, all networks with weights +-1"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(2 ** (c.d * (len(c.a) + 1)) for c in self.cases))


def _moments(case: AllSignsCase) -> tuple[list[Fraction], list[Fraction]]:
    """Mean and mean square over all sign matrices of the change in every i."""
    neurons = list(product((-1, 1), repeat=case.d))
    total, total_sq = [Fraction(0)] * case.d, [Fraction(0)] * case.d
    count = len(neurons) ** len(case.a)
    for rows in product(neurons, repeat=len(case.a)):
        found = changes(StepCase(rows, case.a, case.k, case.eta))
        total = [s + v for s, v in zip(total, found, strict=True)]
        total_sq = [s + v**2 for s, v in zip(total_sq, found, strict=True)]
    return [s / count for s in total], [s / count for s in total_sq]
