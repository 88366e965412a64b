r"""Least sum of Huber's function of log residuals, for many weights and starts at once.

$\min_\theta \sum_i w_i h_\delta(\log L_\theta(i) - \log L_i)$, $\delta = 10^{-4}$:
residuals of a loss are some 50 times $\delta$, so this is nearly least absolute
deviations. `descend` is Gauss and Newton's method with Levenberg and Marquardt's
damping on the quadratic that lies above Huber's function and touches it at the present
residuals: a step is taken only if the sum itself falls. `polish` is L-BFGS-B, as
published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize

from synthetic.scaling.fit_law import Model, Runs

FloatArray = NDArray[np.float64]

DELTA = 1e-4
ROUNDS = 200
STALLED = 1e-7
"""A relative fall of the sum, below which a round counts as none."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What is minimised.

    Attributes:
        model: Law with its gradient.
        runs: What it is fitted on.
        free: Which coefficients move, (p,).
        low: Least values of coefficients, (p,).
        high: Largest values, (p,).
        delta: Where Huber's function turns from quadratic to linear.

    """

    model: Model
    runs: Runs
    free: NDArray[np.bool_]
    low: FloatArray
    high: FloatArray
    delta: float = DELTA

    def residuals(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log residuals, (K, n), and their gradient in what is free, (K, n, q)."""
        log_L, slopes = self.model(theta, self.runs)
        return log_L - self.runs.log_loss, slopes[..., self.free]


def huber(r: FloatArray, delta: float = DELTA) -> FloatArray:
    r"""$r^2/2$ where $|r| \le \delta$, and $\delta(|r| - \delta/2)$ beyond."""
    size = np.abs(r)
    return np.where(size <= delta, 0.5 * r**2, delta * (size - 0.5 * delta))


def total(problem: Problem, theta: FloatArray, weights: FloatArray) -> FloatArray:
    """The weighted sum, (K,), at K rows of coefficients."""
    r, _ = problem.residuals(theta)
    return np.asarray((weights * huber(r, problem.delta)).sum(axis=-1))


def descend(
    problem: Problem, theta: FloatArray, weights: FloatArray, rounds: int = ROUNDS
) -> tuple[FloatArray, FloatArray]:
    """Minimise from K starts, (K, p), with weights (K, n) or (n,).

    Returns:
        Where each ended, (K, p), and the sums there, (K,).

    """
    theta = np.clip(theta, problem.low, problem.high)
    weights = np.broadcast_to(weights, (len(theta), len(problem.runs)))
    damping, idle = np.full(len(theta), 1e-3), np.zeros(len(theta), dtype=int)
    r, J = problem.residuals(theta)
    sums = (weights * huber(r, problem.delta)).sum(axis=-1)
    for _ in range(rounds):
        step = _step(r, J, weights, damping, problem.delta)
        trial = theta.copy()
        trial[:, problem.free] += step
        np.clip(trial, problem.low, problem.high, out=trial)
        r_new, J_new = problem.residuals(trial)
        new = (weights * huber(r_new, problem.delta)).sum(axis=-1)
        better = new < sums
        idle = np.where(better & (sums - new > STALLED * sums), 0, idle + 1)
        theta[better], sums = trial[better], np.where(better, new, sums)
        r[better], J[better] = r_new[better], J_new[better]
        damping = np.clip(np.where(better, damping / 5, damping * 8), 1e-12, 1e8)
        if np.all(idle >= 8):
            break
    return theta, sums


def _step(
    r: FloatArray,
    J: FloatArray,
    weights: FloatArray,
    damping: FloatArray,
    delta: float,
) -> FloatArray:
    """(K, q): of the touching quadratic, damped in proportion to its diagonal."""
    pull = weights * np.minimum(1.0, delta / np.maximum(np.abs(r), 1e-300))
    weighted = J * pull[..., None]
    gram = np.matmul(J.transpose(0, 2, 1), weighted)
    slope = np.matmul(weighted.transpose(0, 2, 1), r[..., None])
    diagonal = np.einsum("kii->ki", gram)
    scale = np.sqrt(np.maximum(diagonal, 1e-14 * diagonal.max(axis=1, keepdims=True)))
    scale = np.maximum(scale, 1e-150)
    normal = gram / (scale[:, :, None] * scale[:, None, :])
    normal += damping[:, None, None] * np.eye(gram.shape[-1])
    solved = np.linalg.solve(normal, slope / scale[..., None])[..., 0]
    return np.asarray(-solved / scale)


def polish(
    problem: Problem, theta: FloatArray, weights: FloatArray
) -> tuple[FloatArray, float]:
    """L-BFGS-B from one start, (p,), in the coefficients that are free."""
    free = problem.free

    def both(x: FloatArray) -> tuple[float, FloatArray]:
        at = theta.copy()
        at[free] = x
        r, J = problem.residuals(at[None])
        value = (weights * huber(r[0], problem.delta)).sum()
        pull = weights * np.clip(r[0], -problem.delta, problem.delta)
        # In units of delta: the solver stops at absolute gradients.
        return float(value / problem.delta), pull @ J[0] / problem.delta

    box = Bounds(problem.low[free], problem.high[free])
    found = minimize(both, theta[free], jac=True, method="L-BFGS-B", bounds=box)
    end = theta.copy()
    end[free] = found.x
    return end, float(found.fun) * problem.delta
