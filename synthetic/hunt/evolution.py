"""CMA-ES, the (mu/mu_w, lambda) evolution strategy with covariance adaptation.

After Hansen, The CMA Evolution Strategy: A Tutorial (arXiv 1604.00772), figure 6, with
its default constants. It compares values only, so kinks, ties and jumps do it no harm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthetic.problems.base import FloatArray

FIRST_SIGMA = 0.3
SMALLEST_SIGMA = 1e-9


class Evolution:
    """The state of a search for a maximum.

    Args:
        start: The first mean, shape (k,).
        rng: Where its draws come from.

    """

    def __init__(self, start: FloatArray, rng: np.random.Generator) -> None:
        k = start.size
        self.mean, self.sigma, self.rng = start.copy(), FIRST_SIGMA, rng
        self.population = 4 + int(3 * np.log(k))
        parents = self.population // 2
        ranks = np.log(parents + 0.5) - np.log(np.arange(1, parents + 1))
        self.shares = ranks / ranks.sum()
        mass = 1.0 / float(np.sum(self.shares**2))
        self.mass = mass
        self.fade = (4 + mass / k) / (k + 4 + 2 * mass / k)
        self.fade_sigma = (mass + 2) / (k + mass + 5)
        self.rank_one = 2 / ((k + 1.3) ** 2 + mass)
        rank_many = 2 * (mass - 2 + 1 / mass) / ((k + 2) ** 2 + mass)
        self.rank_many = min(1 - self.rank_one, rank_many)
        excess = max(0.0, float(np.sqrt((mass - 1) / (k + 1))) - 1)
        self.damping = 1 + 2 * excess + self.fade_sigma
        self.length = np.sqrt(k) * (1 - 1 / (4 * k) + 1 / (21 * k * k))
        self.path, self.path_sigma = np.zeros(k), np.zeros(k)
        self.covariance, self.axes, self.widths = np.eye(k), np.eye(k), np.ones(k)
        self.generation = 0

    @property
    def is_over(self) -> bool:
        """Is the step so small that nothing changes any more?"""
        return not SMALLEST_SIGMA < self.sigma < 1 / SMALLEST_SIGMA

    def step(self, value: Callable[[FloatArray], float]) -> tuple[float, FloatArray]:
        """One generation; the best of its values and where it is."""
        normal = self.rng.standard_normal((self.population, self.mean.size))
        moves = (normal * self.widths) @ self.axes.T
        points = self.mean + self.sigma * moves
        values = np.array([value(point) for point in points])
        order = np.argsort(-values, kind="stable")
        self._learn(moves[order[: self.shares.size]])
        return float(values[order[0]]), points[order[0]]

    def _learn(self, moves: FloatArray) -> None:
        """Move the mean; adapt step and covariance to the moves of the parents."""
        self.generation += 1
        move = self.shares @ moves
        self.mean = self.mean + self.sigma * move
        white = self.axes @ ((self.axes.T @ move) / self.widths)
        keep = 1 - self.fade_sigma
        gain = np.sqrt(self.fade_sigma * (2 - self.fade_sigma) * self.mass)
        self.path_sigma = keep * self.path_sigma + gain * white
        size = float(np.linalg.norm(self.path_sigma))
        unbiased = size / np.sqrt(1 - keep ** (2 * self.generation))
        is_calm = unbiased / self.length < 1.4 + 2 / (self.mean.size + 1)
        gain = np.sqrt(self.fade * (2 - self.fade) * self.mass) * is_calm
        self.path = (1 - self.fade) * self.path + gain * move
        self.covariance = (
            (1 - self.rank_one - self.rank_many) * self.covariance
            + self.rank_one * np.outer(self.path, self.path)
            + self.rank_many * (moves.T * self.shares) @ moves
        )
        drift = (self.fade_sigma / self.damping) * (size / self.length - 1)
        self.sigma *= float(np.exp(min(drift, 1.0)))
        spectrum, self.axes = np.linalg.eigh((self.covariance + self.covariance.T) / 2)
        self.widths = np.sqrt(np.maximum(spectrum, 1e-20))
