r"""Many runs at once, on the same samples: plain SGD, KD, unbiased KD, SVRG.

$$ x^+ = x - \gamma \bigl(\nabla f_\xi(x) - \lambda (\nabla f_\xi(\theta) - [g])\bigr),
   \qquad g = \nabla f(\theta) \text{ where unbiased.} $$

SVRG is the unbiased form with $\lambda = 1$ whose reference point is the iterate at
the start of the epoch. *Soft targets* are what practice does, the teacher's
probabilities as targets: $J_x^T (r_x - \lambda r_\theta)$, with the ridge in both
parts. For models whose outputs are linear in their parameters that is KD itself; for a
network it is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from synthetic.distillation.students import FloatArray, Student
from synthetic.distillation.study_data import Part
from synthetic.distillation.study_samples import BatchLaw, IntArray


class Kind(StrEnum):
    """How a step uses what is known beside the batch."""

    PLAIN = "plain SGD"
    KD = "KD"
    UNBIASED = "unbiased KD"
    SVRG = "SVRG"
    SOFT = "soft targets"


GRADIENTS_PER_ROW = {
    Kind.PLAIN: 1,
    Kind.KD: 2,
    Kind.UNBIASED: 2,
    Kind.SVRG: 3,
    Kind.SOFT: 1,
}
"""Gradients a step, over the batch size: SVRG's full one an epoch counts as 1, the
unbiased form's only full one as nothing, a teacher's cached outputs as nothing."""


@dataclass(frozen=True)
class Lane:
    r"""One run beside others.

    Attributes:
        kind: How it steps.
        gamma: $\gamma$.
        lam: $\lambda$; without effect on plain SGD and SVRG.
        teacher: Which row of the teachers; without effect on plain SGD and SVRG.

    """

    kind: Kind
    gamma: float
    lam: float = 0.0
    teacher: int = 0


class Runs:
    """Lanes that step together, one batch for all of them in each of S seeds."""

    def __init__(
        self,
        student: Student,
        rows: Part,
        lanes: Sequence[Lane],
        teachers: FloatArray,
        start: FloatArray,
    ) -> None:
        """Start.

        Args:
            student: Whose gradients.
            rows: The training rows.
            lanes: The M runs of each seed.
            teachers: Shape (Q, p).
            start: Shape (S, p), the same for every lane.

        """
        self.student, self.rows = student, rows
        self.gamma = np.array([lane.gamma for lane in lanes])[:, None]
        self.lam = np.array([lane.lam for lane in lanes])[:, None]
        self.x = np.repeat(start[:, None], len(lanes), axis=1)  # (S, M, p)
        self.teachers = np.repeat(teachers[None], len(start), axis=0)  # (S, Q, p)
        kinds = np.array([lane.kind for lane in lanes])
        taught_by = np.array([lane.teacher for lane in lanes])
        self.svrg = np.flatnonzero(kinds == Kind.SVRG)

        def led(kind: Kind) -> list[tuple[int, IntArray]]:
            pairs = (
                (q, np.flatnonzero((kinds == kind) & (taught_by == q)))
                for q in range(len(teachers))
            )
            return [(q, found) for q, found in pairs if found.size]

        self.soft, self.unbiased = led(Kind.SOFT), led(Kind.UNBIASED)
        self.distilled = led(Kind.KD) + self.unbiased
        self.teachers_mean = self._full(teachers[None])[0] if self.unbiased else None
        self.reference = self.reference_mean = self.x[:, self.svrg]

    def _full(self, x: FloatArray) -> FloatArray:
        rows = self.rows
        return self.student.gradient(x, rows.a[None, None], rows.b[None, None])

    def refresh(self) -> None:
        """SVRG's reference points become its iterates."""
        if self.svrg.size:
            self.reference = self.x[:, self.svrg]
            self.reference_mean = self._full(self.reference)

    def direction(self, batch: IntArray) -> FloatArray:
        """What each lane subtracts, over its step size, (S, M, p), for rows (S, B)."""
        student, lam = self.student, self.lam
        a, b = self.rows.a[batch][:, None], self.rows.b[batch][:, None]
        z, kept = student.outputs(self.x, a)
        r = student.residuals(z, b)
        if self.soft or self.distilled:
            z_teachers, kept_teachers = student.outputs(self.teachers, a)
            r_teachers = student.residuals(z_teachers, b)
        for q, lanes in self.soft:
            r[:, lanes] -= lam[lanes, :, None] * r_teachers[:, q : q + 1]
        direction = student.pull_back(self.x, a, r, kept)
        direction += student.ridge * self.x
        for q, lanes in self.soft:
            direction[:, lanes] -= lam[lanes] * student.ridge * self.teachers[:, [q]]
        if self.distilled:
            h = student.pull_back(self.teachers, a, r_teachers, kept_teachers)
            h += student.ridge * self.teachers
            for q, lanes in self.distilled:
                direction[:, lanes] -= lam[lanes] * h[:, q : q + 1]
        for q, lanes in self.unbiased:
            direction[:, lanes] += lam[lanes] * self._mean_of(q)
        if self.svrg.size:
            control = student.gradient(self.reference, a, b) - self.reference_mean
            direction[:, self.svrg] -= control
        return direction

    def _mean_of(self, q: int) -> FloatArray:
        means = self.teachers_mean
        assert means is not None  # computed whenever a lane is unbiased
        return np.asarray(means[q])

    def step(self, batch: IntArray) -> None:
        """One step of every lane on the rows (S, B)."""
        direction = self.direction(batch)
        direction *= self.gamma
        self.x -= direction


def final_points(runs: Runs, law: BatchLaw, drawn: IntArray) -> FloatArray:
    """The last iterates (S, M, p) after the batches (T, S, B); may be infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        for t, batch in enumerate(drawn):
            if t % law.epoch == 0:
                runs.refresh()
            runs.step(batch)
    return runs.x
