r"""The laws as fits see them: $\log L$ with its gradient, of many coefficients at once.

Coefficients are rows $\theta$, logarithms of all but $c_0$, so that a step is a
relative one and none leaves the positive numbers. Gradients are by hand, from shares:
$w = 1 - E/L$ of what can be learnt, or $1 - L_T/L_S$ of what the student adds, and
$p = A N^{-\alpha}/(A N^{-\alpha} + B D^{-\beta})$.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from theory.scaling_law import (
    Distilled,
    Supervised,
    log_bracket,
    log_capacity,
    log_supervised,
)

FloatArray = NDArray[np.float64]


class Form(StrEnum):
    r"""Which law is fitted; Chinchilla's is the supervised one with $\gamma = 1$."""

    SUPERVISED = "supervised"
    CHINCHILLA = "chinchilla"
    DISTILLATION = "distillation"


NAMES: dict[Form, tuple[str, ...]] = {
    Form.SUPERVISED: ("A", "B", "E", "alpha", "beta", "gamma"),
    Form.CHINCHILLA: ("A", "B", "E", "alpha", "beta", "gamma"),
    Form.DISTILLATION: (
        *("A'", "B'", "alpha'", "beta'", "gamma'"),
        *("c0", "c1", "f1", "d1"),
    ),
}
"""Of coefficients, in the order of rows."""

LINEAR = 5
"""Where c0 is in rows of the student's law: the one that is no logarithm."""


@dataclass(frozen=True, eq=False)
class Runs:
    """What was trained, in logarithms.

    Attributes:
        log_N: Non-embedding parameters, (n,).
        log_D: Tokens, (n,).
        log_loss: Cross-entropy reached, (n,).
        log_teacher: That of the teacher, (n,), or (K, n) with one row for each row of
            coefficients; empty where there is none.
        log_own: That of the student by itself, alike.

    """

    log_N: FloatArray
    log_D: FloatArray
    log_loss: FloatArray
    log_teacher: FloatArray
    log_own: FloatArray

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.log_loss)

    def select(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Runs:
        """Some of the runs."""
        taught = self.log_teacher.size > 0
        return Runs(
            self.log_N[kept],
            self.log_D[kept],
            self.log_loss[kept],
            self.log_teacher[..., kept] if taught else self.log_teacher,
            self.log_own[..., kept] if taught else self.log_own,
        )


Model = Callable[[FloatArray, Runs], tuple[FloatArray, FloatArray]]


def supervised(theta: FloatArray) -> Supervised:
    """The coefficients of rows (..., 6)."""
    log_A, log_B, log_E, *rest = np.moveaxis(theta, -1, 0)
    return Supervised(log_A, log_B, log_E, *np.exp(rest))


def distilled(theta: FloatArray) -> Distilled:
    """The coefficients of rows (..., 9)."""
    log_A, log_B, *rest = np.moveaxis(theta, -1, 0)
    alpha, beta, gamma = np.exp(rest[:3])
    c0, log_c1, log_f1, log_d1 = rest[3:]
    return Distilled(
        log_A, log_B, alpha, beta, gamma, c0, np.exp(log_c1), np.exp(log_f1), log_d1
    )


def row(p: Supervised | Distilled) -> FloatArray:
    """The row of coefficients: the inverse of `supervised` and `distilled`."""
    if isinstance(p, Supervised):
        return np.array([p.log_A, p.log_B, p.log_E, *np.log(p[3:])])
    log_c1, log_f1 = np.log(p.c1), np.log(p.f1)
    return np.array([p.log_A, p.log_B, *np.log(p[2:5]), p.c0, log_c1, log_f1, p.log_d1])


def log_of_supervised(theta: FloatArray, runs: Runs) -> tuple[FloatArray, FloatArray]:
    r"""$\log L(N, D)$, (K, n), and its gradient in $\theta$, (K, n, 6)."""
    p = supervised(theta[:, None, :])
    log_L = log_supervised(p, runs.log_N, runs.log_D)
    floor = np.exp(p.log_E - log_L)
    slopes = _capacity_slopes(p, runs)
    columns = [(1.0 - floor) * slope for slope in slopes]
    columns.insert(2, floor)
    return log_L, np.stack(columns, axis=-1)


def log_of_student(theta: FloatArray, runs: Runs) -> tuple[FloatArray, FloatArray]:
    r"""$\log L_S$, (K, n), and its gradient in $\theta$, (K, n, 9).

    $\tilde L$ is that of the runs, no function of $\theta$: it was fitted before.
    """
    q = distilled(theta[:, None, :])
    ratio = runs.log_teacher - runs.log_own
    bracket = log_bracket(q, ratio)
    capacity = log_capacity(q, runs.log_N, runs.log_D)
    # As `theory.scaling_law.log_excess`, which would compute the student's own loss
    # from coefficients again at every step.
    excess = -q.c0 * runs.log_teacher + bracket + capacity
    log_L = np.logaddexp(runs.log_teacher, excess)
    share = np.exp(excess - log_L)
    u = (ratio - q.log_d1) / q.f1
    bent = q.c1 * expit(u)
    slopes = [
        *_capacity_slopes(q, runs),
        np.broadcast_to(-runs.log_teacher, share.shape),
        bracket,
        bracket + bent * q.f1 * u,
        bent,
    ]
    return log_L, np.stack([share * slope for slope in slopes], axis=-1)


def _capacity_slopes(p: Supervised | Distilled, runs: Runs) -> list[FloatArray]:
    r"""Of $\gamma\log(A N^{-\alpha} + B D^{-\beta})$ in the five coefficients."""
    ours = Distilled(*(p.log_A, p.log_B, p.alpha, p.beta, p.gamma), 0.0, 0.0, 1.0, 0.0)
    capacity = log_capacity(ours, runs.log_N, runs.log_D)
    share = expit(p.log_A - p.alpha * runs.log_N - p.log_B + p.beta * runs.log_D)
    by_A, by_B = p.gamma * share, p.gamma * (1.0 - share)
    by_alpha, by_beta = -p.alpha * runs.log_N * by_A, -p.beta * runs.log_D * by_B
    return [by_A, by_B, by_alpha, by_beta, capacity]


MODELS: dict[Form, Model] = {
    Form.SUPERVISED: log_of_supervised,
    Form.CHINCHILLA: log_of_supervised,
    Form.DISTILLATION: log_of_student,
}
