r"""Laws on $[0, \infty)$ of mean 1, light and heavy, for streams fed to the engine."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic.problems.base import FloatArray

Draw = Callable[[np.random.Generator, tuple[int, int]], FloatArray]


@dataclass(frozen=True)
class Law:
    """What a stream's samples are drawn from.

    Attributes:
        name: Unique.
        tail: "light" or "heavy".
        draw: Samples of mean 1 in the shape asked for.
        high: What no sample exceeds; infinite if nothing.

    """

    name: str
    tail: str
    draw: Draw
    high: float = math.inf


def _two_points(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return np.asarray(2.0 * (rng.random(shape) < 0.5), dtype=np.float64)


def _uniform(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return np.asarray(2.0 * rng.random(shape))


def _beta(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return np.asarray(10.0 * rng.beta(0.5, 4.5, shape), dtype=np.float64)


def _spikes(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return np.asarray(1000.0 * (rng.random(shape) < 1e-3))


def _lognormal(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    return np.asarray(rng.lognormal(-0.5 * 1.5**2, 1.5, shape))


def _pareto(power: float) -> Draw:
    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
        return np.asarray((power - 1.0) / power * (1.0 + rng.pareto(power, shape)))

    return draw


LAWS = (
    Law("two points", "light", _two_points, high=2.0),
    Law("uniform", "light", _uniform, high=2.0),
    Law("beta(0.5, 4.5)", "light", _beta, high=10.0),
    Law("spikes 1/1000", "heavy", _spikes, high=1000.0),
    Law("lognormal 1.5", "heavy", _lognormal),
    Law("Pareto 2.1", "heavy", _pareto(2.1)),
    Law("Pareto 1.5", "heavy", _pareto(1.5)),
)
"""Pareto 1.5 has no variance; of a thousand spikes two in five runs see none."""
