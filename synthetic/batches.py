"""Mini-batches: which components a draw averages, and how their constants shrink."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb

import numpy as np

from synthetic.draws import component_draws, uniforms
from synthetic.problems.base import Array, FloatArray, IntArray, Problem
from theory.errors import InputError


@dataclass(frozen=True)
class Batch:
    r"""How many components a draw averages.

    Attributes:
        size: $b \ge 1$.
        replacement: May one component stand in a batch twice? Batches of different
            steps are independent either way.

    """

    size: int = 1
    replacement: bool = True

    def check(self, problem: Problem) -> None:
        """Refuse a batch that the problem cannot fill."""
        n = problem.num_components
        if self.size < 1 or (not self.replacement and self.size > n):
            msg = f"Need 1 <= batch size <= {n}, got {self.size}."
            raise InputError(msg)
        uniform = np.allclose(problem.weights, 1.0 / n, rtol=1e-12, atol=0)
        if not self.replacement and not uniform:
            msg = f"Batches without replacement need equal weights in {problem.name}."
            raise InputError(msg)

    def variance_share(self, num_components: int) -> float:
        r"""$1/b$, or $(n - b)/(b(n - 1))$ without replacement."""
        if self.replacement or num_components == 1:
            return 1.0 / self.size
        n = num_components
        return (n - self.size) / (self.size * (n - 1))

    def count(self, num_components: int) -> int:
        """How many different draws there are."""
        if self.replacement:
            return int(num_components**self.size)
        return comb(num_components, self.size)

    def all(self, weights: FloatArray) -> tuple[IntArray, FloatArray]:
        """Every draw, shape (count, b), with its probability."""
        n = weights.size
        if self.replacement:
            draws = np.array(list(product(range(n), repeat=self.size)))
            return draws, np.prod(weights[draws], axis=1)
        draws = np.array(list(combinations(range(n), self.size)))
        return draws, np.full(len(draws), 1.0 / len(draws))

    def sample(
        self, seed: int, replicas: tuple[int, int], num_steps: int, problem: Problem
    ) -> IntArray:
        """Draws of the replicas `first` to `first + count`, shape (T, count, b)."""
        first, count = replicas
        n, b = problem.num_components, self.size
        if self.replacement:
            flat = component_draws(
                seed, first * b, count * b, num_steps, problem.weights, n
            )
            return flat if b == 1 else flat.reshape(num_steps, count, b)
        address = np.arange(first * n, (first + count) * n, dtype=np.int64)
        draws = np.empty((num_steps, count, b), dtype=np.int64)
        for step in range(num_steps):  # all steps at once would need T n numbers each
            keys = uniforms(seed, address, np.array([step], dtype=np.int64))
            ranked = np.argsort(keys.reshape(count, n), axis=-1, kind="stable")
            draws[step] = ranked[:, :b]
        return draws


SINGLE = Batch()


def pick(values: Array, drawn: IntArray) -> Array:
    """The value of each draw: its component's, or the mean over its batch."""
    picked = values[drawn]
    return picked if drawn.ndim == 1 else np.asarray(picked.mean(axis=-1))


def answer(problem: Problem, drawn: IntArray, x: Array) -> tuple[Array, Array]:
    """The oracle's loss (P,) and subgradient (P, d) for draws (P,) or (P, b)."""
    if drawn.ndim == 1:
        return problem.component(drawn, x)
    count, b = drawn.shape
    loss, grad = problem.component(drawn.ravel(), np.repeat(x, b, axis=0))
    loss, grad = loss.reshape(count, b), grad.reshape(count, b, -1)
    return np.asarray(loss.mean(axis=1)), np.asarray(grad.mean(axis=1))
