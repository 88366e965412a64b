r"""A model bench: students, teachers, weights, temperatures, ridges, samples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synthetic.distillation import gradients
from synthetic.distillation.models import FloatArray, Model
from synthetic.distillation.objective import Objective
from theory.distillation_gradient import GradientConstants
from theory.errors import InputError
from theory.method import Family

CLEAR = 1e-9
"""Hidden units of a model with kinks are at least this far from one."""


NUMBERS = ("weight", "temperature", "ridge")


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelBench:
    r"""What claims about the distillation gradient are tried on.

    Attributes:
        name: Unique in a catalogue.
        model: Of student and teacher.
        objective: The loss that claims speak of.
        student: x, shape (B, P).
        teacher: $\theta$, shape (B, P).
        weight: $\lambda$, shape (B,).
        temperature: T > 0, shape (B,).
        ridge: $\nu \ge 0$, shape (B,).
        inputs: a, shape (B, d).
        target: b, shape (B, k): numbers, probabilities of 1, or points of the simplex.
        run: The loss that is differentiated instead, in a control.
        pulls_at_teacher: Is $J_\theta$ in the place of $J_x$ in a control?

    """

    name: str
    model: Model
    objective: Objective
    student: FloatArray
    teacher: FloatArray
    weight: FloatArray
    temperature: FloatArray
    ridge: FloatArray
    inputs: FloatArray
    target: FloatArray
    run: Objective | None = None
    pulls_at_teacher: bool = False

    def __post_init__(self) -> None:
        """Refuse shapes and numbers that have no gradient."""
        count, widths = len(self.weight), self.model.widths
        rows = {
            "student": self.model.num_parameters,
            "teacher": self.model.num_parameters,
            "inputs": widths[0],
            "target": widths[-1],
        }
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(NUMBERS, (count,))
        shapes |= {what: (count, size) for what, size in rows.items()}
        for what, shape in shapes.items():
            array = getattr(self, what)
            if array.shape != shape or not np.all(np.isfinite(array)):
                msg = (
                    f"{self.name}: need finite {what} of shape {shape}, "
                    f"got shape {array.shape} and {np.min(array)} to {np.max(array)}."
                )
                raise InputError(msg)
        if np.any(self.temperature <= 0) or np.any(self.ridge < 0):
            msg = (
                f"{self.name}: need temperatures > 0 and ridges >= 0, got "
                f"{np.min(self.temperature)} and {np.min(self.ridge)}."
            )
            raise InputError(msg)
        for what in ("student", "teacher"):
            clear = self.model.clearance(getattr(self, what), self.inputs)
            if clear < CLEAR:
                msg = (
                    f"{self.name}: a hidden unit of a {what} is {clear:.2g} from a "
                    f"kink, where there is no gradient. Move it by {CLEAR:g} or more."
                )
                raise InputError(msg)

    @property
    def family(self) -> Family:
        """The family whose theorems speak of it."""
        return Family.KD_NETWORK

    @property
    def actual(self) -> Objective:
        """The loss that is differentiated."""
        return self.run or self.objective

    @property
    def count(self) -> int:
        """How many configurations."""
        return len(self.weight)

    def constants(self) -> GradientConstants:
        """What claims may use, arrays (B, 1)."""
        return self._constants

    @cached_property
    def _constants(self) -> GradientConstants:
        return gradients.measure(self)

    def label(self, index: int) -> str:
        """What messages call a configuration."""
        words = f"case {index}: lambda = {self.weight[index]:.4g}"
        if self.temperature[index] != 1:
            words += f", T = {self.temperature[index]:g}"
        return words + (f", nu = {self.ridge[index]:g}" if self.ridge[index] else "")
