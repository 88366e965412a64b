"""Accuracy, the degree-1 statistic with its floor, and when a model has learnt."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.transformer.config import Bits, Task, labels

Array = NDArray[np.float64]
LOW, HIGH = 0.55, 0.95
"""The phase transition: from the first accuracy above LOW to the first above HIGH."""


@dataclass(frozen=True, eq=False)
class Exam:
    """What a model is asked at every evaluation.

    Attributes:
        bits: Inputs, shape (n, d).
        classes: Shape (n,).
        support: S.
        is_exact: Are these all inputs?

    """

    bits: Bits
    classes: Bits
    support: tuple[int, ...]
    is_exact: bool

    @classmethod
    def of(cls, task: Task, seed: int) -> Exam:
        """Of a seed."""
        bits, support = task.test(seed), task.support(seed)
        return cls(bits, labels(bits, support), support, task.is_exact)

    def mark(self, logits: Array) -> Mark:
        r"""Accuracy, and the means over S and off S of $|E x_i p(x)|$.

        p is the probability of class 1, so no mean is above 1/2. The floor is the
        standard error $\mathrm{sd}(p)/\sqrt n$ of one correlation that is 0; where n is
        all inputs, nothing is estimated and the floor is 0.

        Args:
            logits: Of the inputs, shape (n, 2).

        """
        margin = logits[:, 1] - logits[:, 0]
        p = 0.5 * (1.0 + np.tanh(0.5 * margin))
        first = np.abs((p - p.mean()) @ (1.0 - 2.0 * self.bits)) / p.size
        off = np.setdiff1d(np.arange(first.size), self.support)
        return Mark(
            accuracy=float(np.mean((margin > 0.0) == (self.classes == 1))),
            inside=float(first[list(self.support)].mean()),
            outside=float(first[off].mean()) if off.size else float("nan"),
            floor=0.0 if self.is_exact else float(p.std() / np.sqrt(p.size)),
        )


@dataclass(frozen=True)
class Mark:
    """What one evaluation finds, see `Exam.mark`."""

    accuracy: float
    inside: float
    outside: float
    floor: float


@dataclass
class History:
    """Marks in the order of steps."""

    steps: list[int] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def add(self, step: int, mark: Mark) -> None:
        """One more."""
        self.steps.append(step)
        self.marks.append(mark)

    def first_above(self, level: float) -> int | None:
        """The first evaluated step with accuracy above the level; None: censored."""
        pairs = zip(self.steps, self.marks, strict=True)
        return next((step for step, mark in pairs if mark.accuracy > level), None)

    def nearest(self, accuracy: float) -> int:
        """The step whose accuracy is nearest, the earliest of several."""
        gaps = [abs(mark.accuracy - accuracy) for mark in self.marks]
        return self.steps[gaps.index(min(gaps))]

    def at(self, step: int) -> Mark:
        """What was found at an evaluated step."""
        return self.marks[self.steps.index(step)]

    def as_json(self) -> dict[str, Any]:
        """For files."""
        return {"steps": self.steps, "marks": [asdict(mark) for mark in self.marks]}

    @classmethod
    def of(cls, found: dict[str, Any]) -> History:
        """From `as_json`."""
        return cls(list(found["steps"]), [Mark(**mark) for mark in found["marks"]])
