r"""Distillation on quadratics is plain SGD seen through an affine map, path by path.

$x^t_{KD}(\lambda) = \lambda\theta + (1-\lambda)y^t$ for the same samples, any steps and
heavy-ball momentum, y being plain SGD from $y^0 = (x^0 - \lambda\theta)/(1-\lambda)$.
"""

from __future__ import annotations

import numpy as np

from synthetic.distillation.problems import FloatArray, IntArray
from synthetic.distillation.setting import Bench
from synthetic.draws import component_draws
from theory.distillation import DistillationConstants, DistillationTrace

EPS = float(np.finfo(np.float64).eps)
NUM_PATHS = 8
MOMENTUM = 0.6
MOST_STEPS = 200


def descend(
    bench: Bench,
    start: FloatArray,
    weight: FloatArray,
    draws: IntArray,
    steps: FloatArray,
    momentum: float,
) -> FloatArray:
    r"""Points (T, B, d) of $x^+ = x - \gamma_t(\dots) + \beta(x - x^-)$.

    Args:
        bench: Its rule, problem and teachers.
        start: $x_0 = x_{-1}$, (B, d).
        weight: $\lambda$, (B,).
        draws: One component for each step and configuration, (T - 1, B).
        steps: $\gamma_t$, (T - 1, B).
        momentum: $\beta$.

    """
    problem, rule = bench.sampled, bench.actual
    own, same = rule.own(weight)[:, None], rule.same(weight)[:, None]
    drift = rule.mean(weight)[:, None] * problem.gradient(bench.teacher)
    points = [start]
    before = x = start
    for drawn, step in zip(draws, steps, strict=True):
        pull = own * problem.drawn(drawn, x) + drift
        pull = pull + same * problem.drawn(drawn, bench.teacher)
        x, before = x - step[:, None] * pull + momentum * (x - before), x
        points.append(x)
    return np.array(points)


def residuals(
    bench: Bench, seed: int, *, momentum: float = MOMENTUM
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The largest difference over paths, its roundoff and size, (B, T) each."""
    horizon = min(bench.horizon, MOST_STEPS)
    problem, weight = bench.sampled, bench.weight
    decay = 1.0 / (1.0 + 0.1 * np.arange(horizon - 1))
    steps = decay[:, None] * bench.step
    rest = np.where(weight == 1.0, 1.0, 1.0 - weight)[:, None]
    mixed = weight[:, None] * bench.teacher
    y_start = (bench.start - mixed) / rest
    worst = np.zeros((bench.count, horizon))
    widest = np.zeros((bench.count, horizon))
    for path in range(NUM_PATHS):
        draws = component_draws(
            seed,
            path * bench.count,
            bench.count,
            horizon - 1,
            problem.weights,
            problem.num_components,
        )
        x = descend(bench, bench.start, weight, draws, steps, momentum)
        y = descend(bench, y_start, np.zeros_like(weight), draws, steps, momentum)
        off = np.linalg.norm(x - (mixed + rest * y), axis=2).T
        worst = np.maximum(worst, off)
        length = np.linalg.norm(x, axis=2) + np.abs(rest[:, 0]) * np.linalg.norm(
            y, axis=2
        )
        widest = np.maximum(widest, length.T)
    size = np.maximum.accumulate(widest, axis=1)
    size = (
        size
        + np.linalg.norm(mixed, axis=1)[:, None]
        + np.linalg.norm(problem.star) * (2.0 + np.abs(weight))[:, None]
        + bench.step[:, None]
        * np.abs(problem.at_star).max()
        * (1.0 + np.abs(weight))[:, None]
    )
    unit = 4.0 * EPS * (8.0 + problem.dim**0.5) / (1.0 - momentum)
    return worst, unit * (1.0 + np.arange(horizon)) * size, size


def trace(
    bench: Bench, c: DistillationConstants, seed: int
) -> tuple[DistillationTrace, str]:
    """The trace of the identity along sample paths."""
    worst, error, size = residuals(bench, seed)
    source = (
        f"the largest of {NUM_PATHS} paths, momentum {MOMENTUM:g}, steps that decay, "
        f"{bench.count} configurations"
    )
    times = np.arange(worst.shape[1])
    return (
        DistillationTrace(
            times,
            {"path_residual": worst},
            {"path_residual": error},
            c,
            {"path_residual": size},
        ),
        source,
    )
