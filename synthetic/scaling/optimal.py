"""The best teacher for a budget: grids, then ever finer ones around their best."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.enclose import Budget
from theory.scaling_flops import forward, training
from theory.scaling_law import Law, log_excess, log_supervised

FloatArray = NDArray[np.float64]

SIZES = (1e6, 1e13)
LOGIT = 20.0
"""Of the share of the compute that trains the teacher, at most."""

POINTS, ROUNDS, FINER = 61, 9, 1.0 / 12.0


@dataclass(frozen=True)
class Plan:
    """How a budget is spent, and what it gives.

    Attributes:
        loss: L_S, nats a token.
        teacher_loss: L_T.
        D_S: Tokens of the student.
        N_T: Parameters of the teacher; NaN where any with that loss will do.
        D_T: Tokens of the teacher; infinite where they cost nothing.
        shares: Of the compute: student, teacher's inference, teacher's training.

    """

    loss: float
    teacher_loss: float
    D_S: float
    N_T: float
    D_T: float
    shares: tuple[float, float, float]


def log_loss(
    law: Law, budget: Budget, log_N: FloatArray, logit: FloatArray
) -> FloatArray:
    """Logarithms of L_S of teachers of that size, trained on that share."""
    N_T, share = np.exp(log_N), 1.0 / (1.0 + np.exp(-logit))
    log_T = np.log(budget.teacher_tokens(N_T, share))
    log_S = np.log(budget.student_tokens(N_T, share))
    log_L = log_supervised(law.supervised, log_N, log_T)
    excess = log_excess(law, np.log(budget.N), log_S, log_L)
    return np.asarray(np.logaddexp(log_L, excess))


def best_teacher_loss(law: Law, N: FloatArray, D: FloatArray, low: float) -> FloatArray:
    r"""$\arg\min L_S$ over $\log L_T \ge$ `low`, for arrays of students.

    A grid of $\log L_T$, then finer ones: each value is an upper limit of the minimum.
    """
    log_N, log_D = np.log(N)[..., None], np.log(D)[..., None]
    width = np.log(20.0) - low
    grid = np.linspace(0.0, 1.0, 81)
    centre = np.full(np.shape(log_N), low + 0.5 * width)
    half = np.full(np.shape(log_N), 0.5 * width)
    for _ in range(9):
        at = np.maximum(centre + half * (2.0 * grid - 1.0), low)
        value = np.logaddexp(at, log_excess(law, log_N, log_D, at))
        k = np.argmin(value, axis=-1)[..., None]
        centre, half = np.take_along_axis(at, k, -1), half / 10.0
    return np.asarray(np.exp(centre[..., 0]))


@lru_cache(maxsize=4096)
def best_plan(law: Law, budget: Budget) -> Plan:
    """The plan of least L_S; the best case if nothing of the teacher counts."""
    if not (budget.scenario.inference or budget.scenario.pretraining):
        D = budget.supervised_tokens()
        teacher = best_teacher_loss(
            law, np.array([budget.N]), np.array([D]), law.supervised.log_E
        )
        excess = log_excess(law, np.log(budget.N), np.log(D), np.log(teacher))
        loss = float((teacher + np.exp(excess))[0])
        return Plan(loss, float(teacher[0]), D, np.nan, np.inf, (1.0, 0.0, 0.0))
    return described(law, budget, *search(law, budget))


def search(law: Law, budget: Budget) -> tuple[float, float]:
    """Logarithm of N_T, and the logit of the teacher's share, at the minimum.

    The best share is found for each size, not both at once: where the share is tiny the
    valley is so narrow and oblique that finer grids around its best point would stop
    short of its floor.
    """
    low, high = np.log(SIZES)
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    for _ in range(ROUNDS):
        sizes = centre + half * np.linspace(-1.0, 1.0, POINTS)
        sizes = np.clip(sizes, low, high)
        logits, value = best_share(law, budget, sizes)
        k = int(np.argmin(value))
        centre, logit, half = sizes[k], logits[k], half * FINER
    return float(centre), float(logit)


def best_share(
    law: Law, budget: Budget, log_N: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """For teachers of these sizes: the share's logit, and log L_S there."""
    if not budget.scenario.pretraining:
        none = np.full(log_N.shape, -np.inf)
        return none, log_loss(law, budget, log_N, none)
    centre, half = np.zeros((len(log_N), 1)), LOGIT
    for _ in range(ROUNDS):
        at = centre + half * np.linspace(-1.0, 1.0, POINTS)
        value = log_loss(law, budget, log_N[:, None], at)
        k = np.argmin(value, axis=1)[:, None]
        centre, half = np.take_along_axis(at, k, 1), half * FINER
    return centre[:, 0], np.take_along_axis(value, k, 1)[:, 0]


def described(law: Law, budget: Budget, log_N: float, logit: float) -> Plan:
    """What a teacher of that size and share amounts to."""
    N_T, share = np.exp(np.array([log_N])), 1.0 / (1.0 + np.exp(np.array([-logit])))
    D_T = float(budget.teacher_tokens(N_T, share)[0])
    D_S = float(budget.student_tokens(N_T, share)[0])
    with np.errstate(divide="ignore"):
        teacher = log_supervised(law.supervised, log_N, np.log(D_T))
    loss = np.logaddexp(
        teacher, log_excess(law, np.log(budget.N), np.log(D_S), teacher)
    )
    return Plan(
        float(np.exp(loss)),
        float(np.exp(teacher)),
        D_S,
        float(N_T[0]),
        D_T,
        spent(budget, float(N_T[0]), D_S, D_T),
    )


def spent(
    budget: Budget, N_T: float, D_S: float, D_T: float
) -> tuple[float, float, float]:
    """Shares of the compute: student, teacher's inference, teacher's training."""
    a, scenario = budget.architecture, budget.scenario
    own = float(training(budget.N, D_S, a)) / budget.compute
    asked = float(scenario.inference * forward(N_T, a) * D_S) / budget.compute
    taught = (
        float(scenario.pretraining * training(N_T, D_T, a)) / budget.compute
        if scenario.pretraining
        else 0.0
    )
    return own, asked, taught
