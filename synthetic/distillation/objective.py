r"""The distillation loss of one sample as a scalar function of the student's x.

$(1-\lambda)[\ell(z, b) + \frac\nu2\|x\|^2] + \lambda[T^2 KL(m(z_\theta/T)\,\|\,
m(z/T)) + \frac\nu2\|x\|^2]$ is what claims speak of; controls run another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from synthetic.distillation.canonical import SQUARED, Canonical
from synthetic.distillation.models import Model

Array = NDArray[Any]
FloatArray = NDArray[np.float64]

STEP = 1e-30
"""Of the complex step: its square is below every rounding, and nothing cancels."""


class Case(Protocol):
    """What surrounds the student: arrays over configurations, (B, .) or (B,)."""

    @property
    def model(self) -> Model:
        """Of student and teacher."""

    @property
    def teacher(self) -> FloatArray:
        r"""$\theta$, (B, P)."""

    @property
    def weight(self) -> FloatArray:
        r"""$\lambda$, (B,)."""

    @property
    def temperature(self) -> FloatArray:
        """T, (B,)."""

    @property
    def ridge(self) -> FloatArray:
        r"""$\nu$, (B,)."""

    @property
    def inputs(self) -> FloatArray:
        """The input a, (B, d)."""

    @property
    def target(self) -> FloatArray:
        """The label b, (B, k)."""


@dataclass(frozen=True, kw_only=True)
class Objective:
    r"""How the loss is put together.

    Attributes:
        loss: The canonical loss of the hard part.
        on_logits: Soft part $\frac12\|z - z_\theta\|^2$ whatever the loss is.
        is_proximal: Soft ridge $\frac\nu2\|x - \theta\|^2$ in place of
            $\frac\nu2\|x\|^2$.
        power: Of T before the soft part.
        sign: Of $\lambda$.
        is_signed: Are labels read as $2b - 1$?

    """

    loss: Canonical
    on_logits: bool = False
    is_proximal: bool = False
    power: int = 2
    sign: float = 1.0
    is_signed: bool = False

    def value(self, case: Case, students: Array) -> Array:
        """The loss at several students of each configuration, (B, S, P) -> (B, S)."""
        inputs = case.inputs[:, None, :]
        teacher = case.teacher[:, None, :]
        weight = self.sign * case.weight[:, None]
        z = case.model.outputs(students, inputs)
        told = case.model.outputs(teacher, inputs)
        target = case.target[:, None, :]
        hard = self.loss.value(z, 2.0 * target - 1.0 if self.is_signed else target)
        centre = teacher if self.is_proximal else 0.0 * teacher
        half = 0.5 * case.ridge[:, None]
        hard = hard + half * np.sum(students**2, axis=-1)
        soft = self._soft(z, told, case.temperature[:, None])
        soft = soft + half * np.sum((students - centre) ** 2, axis=-1)
        return np.asarray((1.0 - weight) * hard + weight * soft)

    def _soft(self, z: Array, told: Array, temperature: FloatArray) -> Array:
        """The soft part: a divergence from the teacher, 0 where logits agree."""
        if self.on_logits:
            return SQUARED.value(z, told)
        cold, reference = z / temperature[..., None], told / temperature[..., None]
        label = self.loss.mean(reference)
        apart = self.loss.value(cold, label) - self.loss.value(reference, label)
        return np.asarray(temperature**self.power * apart)


def gradient(objective: Objective, case: Case, student: FloatArray) -> FloatArray:
    r"""$\partial_j f(x) = \mathrm{Im} f(x + ihe_j)/h$: values only, no backpropagation.

    With h far below rounding nothing is subtracted, so the error is that of f alone.
    """
    along = 1j * STEP * np.eye(student.shape[-1])
    values = objective.value(case, student[:, None, :] + along)
    return np.asarray(values.imag / STEP)
