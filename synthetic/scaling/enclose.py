r"""Enclosures of what a choice of teacher can reach, by branch and bound.

$L_S = L_T + e^{x(D_S, L_T)}$, and the excess x falls in $D_S$ and in $L_T$: over a box
of teachers $L_S$ is at least its smallest $L_T$ plus the excess at its largest $L_T$
and at the most tokens that the box leaves. So every box has a lower limit, and each
value found is an upper one. That needs $c_0, c_1, f_1 > 0$, which `check` asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError
from theory.scaling_flops import CORRECTED, Architecture, Scenario, forward
from theory.scaling_law import Law, log_excess, log_supervised

FloatArray = NDArray[np.float64]

CELLS = 64
"""Of a first partition, along each axis."""

PIECES = 8
"""Of the range of L_T within a box."""

ROUNDS = 60
MOST_BOXES = 400_000
ALMOST = 1e-9
"""Of the share of compute that goes to teacher or student: no less is looked at."""


class Least(NamedTuple):
    """Limits of a minimum, and where the upper one was found."""

    low: float
    high: float
    at: tuple[float, ...]


def check(law: Law) -> None:
    """Refuse coefficients under which the excess does not fall in L_T."""
    q = law.distilled
    if not (q.c0 >= 0 and q.c1 >= 0 and q.f1 > 0):
        msg = f"Need c0, c1 >= 0 and f1 > 0, got {q.c0=}, {q.c1=}, {q.f1=}."
        raise InputError(msg)


def best_case(
    law: Law, N: float, D: float, *, most: float = 20.0, gap: float = 1e-7
) -> Least:
    r"""$\min L_S(N, D, L_T)$ over $L_T \in [E, $ `most` $]$, and its $L_T$.

    Above `most` the loss is at least `most`: no minimum is lost if `high` is below.
    """
    check(law)
    log_N, log_D = np.log(N), np.log(D)
    ends = np.linspace(law.supervised.log_E, np.log(most), CELLS + 1)
    low, high = ends[:-1], ends[1:]
    best, at = np.inf, np.nan
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        points = np.concatenate([low, middle, high])
        values = np.exp(points) + np.exp(log_excess(law, log_N, log_D, points))
        k = int(np.argmin(values))
        if values[k] < best:
            best, at = float(values[k]), float(np.exp(points[k]))
        least = np.exp(low) + np.exp(log_excess(law, log_N, log_D, high))
        if best - least.min() <= gap:
            break
        kept = least < best - gap
        low, middle, high = low[kept], middle[kept], high[kept]
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return Least(min(float(least.min()), best), best, (at,))


@dataclass(frozen=True)
class Budget:
    """What may be spent on one student of N parameters, by whose rules.

    Attributes:
        N: Non-embedding parameters of the student.
        compute: FLOPs in all.
        scenario: What of the teacher counts.
        architecture: The family of student and teacher.
        most: Tokens of a teacher whose training costs nothing.

    """

    N: float
    compute: float
    scenario: Scenario
    architecture: Architecture = CORRECTED
    most: float = np.inf

    def supervised_tokens(self) -> float:
        """D of the same student, trained by itself on all of the compute."""
        return float(self.compute / (3.0 * forward(self.N, self.architecture)))

    def student_tokens(self, N_T: FloatArray, share: FloatArray) -> FloatArray:
        """D_S, where a share of the compute trains the teacher."""
        own = 3.0 * forward(self.N, self.architecture)
        asked = self.scenario.inference * forward(N_T, self.architecture)
        return np.asarray((1.0 - share) * self.compute / (own + asked))

    def teacher_tokens(self, N_T: FloatArray, share: FloatArray) -> FloatArray:
        """D_T; as many as there are where they cost nothing."""
        if not self.scenario.pretraining:
            return np.full_like(np.asarray(N_T, dtype=np.float64) + share, self.most)
        each = 3.0 * self.scenario.pretraining * forward(N_T, self.architecture)
        return np.asarray(share * self.compute / each)


def allocation(
    law: Law,
    budget: Budget,
    *,
    above: float = -np.inf,
    gap: float = 1e-4,
    sizes: tuple[float, float] = (1e5, 1e15),
) -> Least:
    r"""Limits of $\min L_S$ over teachers, and the N_T and share found.

    Args:
        law: Coefficients.
        budget: What may be spent.
        above: Stop as soon as the minimum is known to be above this, or not to be.
        gap: Stop when the limits are so close.
        sizes: Of the teachers that are looked at, non-embedding parameters.

    """
    check(law)
    boxes = first_boxes(budget, sizes)
    best, at, settled = np.inf, (np.nan, np.nan), np.inf
    for _ in range(ROUNDS):
        middle = 0.5 * (boxes[0] + boxes[1]), 0.5 * (boxes[2] + boxes[3])
        values = losses_at(law, budget, *middle)
        k = int(np.argmin(values))
        if values[k] < best:
            best = float(values[k])
            at = float(np.exp(middle[0][k])), float(_share(middle[1][k]))
        least = lower_limits(law, budget, boxes)
        low = min(float(least.min()), settled)
        if best - low <= gap or low > above > -np.inf or best <= above:
            break
        cut = max(best - gap, above) if above > -np.inf else best - gap
        kept = least < cut
        settled = min(settled, float(least[~kept].min(initial=np.inf)))
        boxes = _split(boxes[:, kept], budget)
        if boxes.shape[1] > MOST_BOXES or boxes.shape[1] == 0:
            break
    return Least(min(low, best), best, at)


def _share(logit: FloatArray | float) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logit))))


def first_boxes(budget: Budget, sizes: tuple[float, float]) -> FloatArray:
    """Boxes of log N_T and of the share's logit: rows low, high, low, high."""
    n = np.linspace(np.log(sizes[0]), np.log(sizes[1]), CELLS + 1)
    top = -np.log(ALMOST)
    s = np.linspace(-top, top, CELLS + 1)
    if not budget.scenario.pretraining:  # nothing to train: one thin box
        s = np.full(2, -np.inf)
    a, b = np.meshgrid(n[:-1], s[:-1], indexing="ij")
    c, d = np.meshgrid(n[1:], s[1:], indexing="ij")
    return np.array([a.ravel(), c.ravel(), b.ravel(), d.ravel()])


def losses_at(
    law: Law, budget: Budget, log_N: FloatArray, logit: FloatArray
) -> FloatArray:
    """L_S of the teachers of that size, trained on that share."""
    N_T, share = np.exp(log_N), _share(logit)
    with np.errstate(divide="ignore"):
        log_T = np.log(budget.teacher_tokens(N_T, share))
        log_S = np.log(budget.student_tokens(N_T, share))
    log_L = log_supervised(law.supervised, log_N, log_T)
    return np.asarray(
        np.exp(log_L) + np.exp(log_excess(law, np.log(budget.N), log_S, log_L))
    )


def lower_limits(law: Law, budget: Budget, boxes: FloatArray) -> FloatArray:
    """What L_S cannot be below in each box."""
    small, large, little, much = boxes
    with np.errstate(divide="ignore"):
        # D_T = share C / F(N_T) is most for the largest share of the smallest teacher.
        most = np.log(budget.teacher_tokens(np.exp(small), _share(much)))
        least = np.log(budget.teacher_tokens(np.exp(large), _share(little)))
        log_S = np.log(budget.student_tokens(np.exp(small), _share(little)))
    best = log_supervised(law.supervised, large, most)
    worst = log_supervised(law.supervised, small, least)
    # The range of log L_T in pieces: each has its own smallest L_T and excess.
    cuts = best + (worst - best) * np.linspace(0.0, 1.0, PIECES + 1)[:, None]
    cuts[-1] = worst  # rather than what rounding makes of it
    excess = log_excess(law, np.log(budget.N), log_S, cuts[1:])
    return np.asarray(np.min(np.exp(cuts[:-1]) + np.exp(excess), axis=0))


def _split(boxes: FloatArray, budget: Budget) -> FloatArray:
    """Each box in four, or in two where there is no share."""
    a, b, c, d = boxes
    m, n = 0.5 * (a + b), 0.5 * (c + d)
    if not budget.scenario.pretraining:
        return np.concatenate([[a, m, c, d], [m, b, c, d]], axis=1)
    parts = [[a, m, c, n], [m, b, c, n], [a, m, n, d], [m, b, n, d]]
    return np.concatenate([np.array(part) for part in parts], axis=1)
