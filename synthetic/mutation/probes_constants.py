"""Probes of constants: the inequalities that define them, at points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic import instances
from synthetic.batches import Batch
from synthetic.losses import LOSSES
from synthetic.mutation import small
from synthetic.problems.base import FloatArray, Problem
from theory.constants import Constants


def constants() -> str:
    """The inequalities that define the constants, at points of the ball."""
    rng = np.random.default_rng(5)
    for problem in (
        instances.sparse_quad(0.1),
        instances.split_squares(),
        instances.coord_quad(1.0, 4.0),
        small.problem(),
        small.problem("logistic"),
    ):
        one = replace(small.setting(), problem=problem, x0=np.ones(problem.dim))
        c = one.constants()
        away = rng.standard_normal((200, problem.dim))
        away *= (c.D * rng.random(200) / np.linalg.norm(away, axis=1))[:, None]
        if complaint := _contradicted(problem, c, problem.point + away):
            return f"{problem.name}: {complaint}"
    return ""


def _contradicted(problem: Problem, c: Constants, x: FloatArray) -> str:
    """Which of the inequalities fails, if one does."""
    n, count = problem.num_components, len(x)
    every, points = np.tile(np.arange(n), count), np.repeat(x, n, axis=0)
    loss, grad = problem.component(every, points)
    _, at_u = problem.component(every, np.tile(problem.point, (len(every), 1)))
    away = points - problem.point
    excess = loss - np.tile(problem.loss_star, count)
    turned = ((grad - at_u) ** 2).sum(axis=1)
    bent = (grad * away).sum(axis=1) - excess - turned / (2.0 * c.L)
    gap, sq = problem.gap(x), ((x - problem.point) ** 2).sum(axis=1)

    def mean(values: FloatArray) -> FloatArray:
        return np.asarray(values.reshape(count, n) @ problem.weights)

    moment = mean((grad**2).sum(axis=1))
    noise = mean((at_u**2).sum(axis=1))[0]
    checks = {
        "G": moment - c.G**2,
        "A, B": moment - c.A * np.maximum(gap, 0.0) - c.B,
        "G_max": np.sqrt((grad**2).sum(axis=1)) - c.G_max,
        "L": -bent,
        "L_f": gap - 0.5 * c.L_f * sq,
        "L_e": mean(turned) - 2.0 * c.L_expected * gap,
        "mu": 0.5 * c.mu * sq - gap,
        "sigma": np.array([abs(c.sigma**2 - noise)]),
    }
    return next((k for k, off in checks.items() if off.max() > 1e-9), "")


def losses() -> str:
    r"""$h(v) \ge h(u) + h'(u)(v - u)$ on a grid."""
    grid = np.linspace(-3.0, 3.0, 49) + 0.01
    for loss in LOSSES.values():
        for b in (1.0,) if loss.admits(np.array([1.0]))[0] else (0.5,):
            value, slope = loss.value(grid, b), loss.slope(grid, b)
            below = value[:, None] + slope[:, None] * (grid - grid[:, None])
            if np.any(value < below - 1e-12 * (1.0 + np.abs(value))):
                return f"{loss.name}: a slope that is no subgradient"
    return ""


def batch_variance() -> str:
    """The share of the variance that a batch keeps, as a sum over all batches."""
    values = np.array([3.0, -1.0, 4.0, 1.5, -5.0])
    chance = np.full(5, 0.2)
    for batch in (Batch(2), Batch(3), Batch(2, replacement=False), Batch(5)):
        drawn, weights = batch.all(chance)
        means = values[drawn].mean(axis=1)
        exact = weights @ (means - values.mean()) ** 2 / values.var()
        if abs(exact - batch.variance_share(5)) > 1e-12:
            return f"{batch}: {batch.variance_share(5):.6g}, not {exact:.6g}"
    return ""
