"""A bench: starts, teachers, weights and steps of one problem, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synthetic.distillation.compressors import Compressor
from synthetic.distillation.numbers import measure, shifted_optimum
from synthetic.distillation.problems import FiniteSum, FloatArray
from synthetic.distillation.rule import RULES, Rule
from theory.distillation import DistillationConstants, Variant
from theory.errors import InputError
from theory.method import Family

EVERYTHING = frozenset({"run", "probe", "limit", "numbers", "paths"})
FAMILIES = {
    Variant.BIASED: Family.KD,
    Variant.UNBIASED: Family.KD_UNBIASED,
    Variant.INDEPENDENT: Family.KD_INDEPENDENT,
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Split:
    """The free parameters of the bounds, each (B,); `None`: the default."""

    p: FloatArray | None = None
    z: FloatArray | None = None
    young: FloatArray | None = None
    b: FloatArray | None = None
    tau: FloatArray | None = None
    free: FloatArray | None = None

    def select(self, which: NDArray[np.bool_]) -> Split:
        """Those of some configurations, from a mask (B,)."""
        return Split(**{name: value[which] for name, value in self.given().items()})

    def given(self) -> dict[str, FloatArray]:
        """What is not left at its default."""
        return {k: value for k, value in vars(self).items() if value is not None}


@dataclass(frozen=True, eq=False, kw_only=True)
class Bench:
    r"""What claims about distillation are tried on.

    Attributes:
        name: Unique in a catalogue.
        problem: $f$ with its constants.
        start: $x_0$, shape (B, d).
        teacher: $\theta$, shape (B, d).
        weight: $\lambda$, shape (B,).
        step: $\gamma$, shape (B,).
        horizon: Number of points T; 2 is one step.
        variant: What the claim speaks of.
        offers: Which groups of channels are recorded here.
        labels: What messages call each configuration.
        split: Free parameters of the bounds.
        compressor: What the student is put through after each step.
        rule: What is run instead, in a control.
        run_on: The problem that is run instead, in a control.

    """

    name: str
    problem: FiniteSum
    start: FloatArray
    teacher: FloatArray
    weight: FloatArray
    step: FloatArray
    horizon: int
    variant: Variant = Variant.BIASED
    offers: frozenset[str] = EVERYTHING
    labels: tuple[str, ...] = ()
    split: Split | None = None
    compressor: Compressor | None = None
    rule: Rule | None = None
    run_on: FiniteSum | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and numbers that cannot be run."""
        count, dim = len(self.weight), self.problem.dim
        if self.weight.ndim != 1:
            msg = (
                f"{self.name}: need a weight lambda for each configuration, shape "
                f"({count},), got {self.weight.shape}."
            )
            raise InputError(msg)
        for what, points in (("start", self.start), ("teacher", self.teacher)):
            if points.shape != (count, dim):
                msg = (
                    f"{self.name}: need a {what} of shape {(count, dim)}, one row of "
                    f"{dim} numbers for each weight, got {points.shape}."
                )
                raise InputError(msg)
            if not np.all(np.isfinite(points)):
                bad = points[~np.isfinite(points).all(axis=1)][0]
                msg = f"{self.name}: need a finite {what}, got {bad}."
                raise InputError(msg)
        if not np.all(np.isfinite(self.weight)):
            bad = self.weight[~np.isfinite(self.weight)][0]
            msg = f"{self.name}: need a finite weight lambda, got {bad}."
            raise InputError(msg)
        if self.step.shape != (count,) or not np.all(
            np.isfinite(self.step) & (self.step > 0)
        ):
            msg = f"{self.name}: need {count} finite steps > 0, got {self.step[:5]}."
            raise InputError(msg)
        if self.horizon < 1:
            msg = f"{self.name}: need a horizon of at least 1, got {self.horizon}."
            raise InputError(msg)
        if self.compressor is not None and self.compressor.dim != dim:
            msg = (
                f"{self.name}: need a compressor of {dim} coordinates, as many as the "
                f"problem has, got {self.compressor.dim}."
            )
            raise InputError(msg)

    @property
    def family(self) -> Family:
        """The family whose theorems speak of what is declared."""
        if self.compressor is not None:
            return self.compressor.family
        return FAMILIES[self.variant]

    @property
    def declared(self) -> Rule:
        """The rule that the claim speaks of."""
        return RULES[self.variant]

    @property
    def actual(self) -> Rule:
        """The rule that is run."""
        return self.rule or self.declared

    @property
    def sampled(self) -> FiniteSum:
        """The problem that is run."""
        return self.run_on or self.problem

    @property
    def count(self) -> int:
        """How many configurations."""
        return len(self.weight)

    def constants(self) -> DistillationConstants:
        """What bounds may use, arrays (B, 1)."""
        return self._constants

    @cached_property
    def _constants(self) -> DistillationConstants:
        return measure(self)

    @cached_property
    def shifted(self) -> FloatArray | None:
        """The shifted optimum of each configuration, (B, d), where f is convex."""
        return shifted_optimum(self)

    def label(self, index: int) -> str:
        """What messages call a configuration."""
        if index < len(self.labels):
            return self.labels[index]
        return f"lambda = {self.weight[index]:.4g}, gamma = {self.step[index]:.4g}"
