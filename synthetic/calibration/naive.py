"""Rules that others use, for comparison only: none of them has the error it names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from synthetic.problems.base import FloatArray

Flags = NDArray[np.bool_]
FEW = 20
"""Replicas of the rules that look at a few seeds only."""


def refuted(
    samples: FloatArray, bound: FloatArray, looks: list[int], alphas: list[float]
) -> dict[str, Flags]:
    """Which runs each rule calls a violation at some t, shape (runs,).

    Args:
        samples: Shape (runs, N, K).
        bound: Shape (K,), with roundoff added.
        looks: At which numbers of replicas a repeated rule looks.
        alphas: Levels of Student's test.

    """
    tries = [samples[:, k * FEW : (k + 1) * FEW].mean(axis=1) for k in range(3)]
    over = [np.any(mean > bound, axis=1) for mean in tries]
    rules = {
        f"mean of {FEW} > bound": over[0],
        f"the same, three tries of {FEW}": over[0] & over[1] & over[2],
        "mean > bound, all replicas": np.any(samples.mean(axis=1) > bound, axis=1),
    }
    excess = [_excess(samples[:, :look], bound) for look in looks]
    rules["mean - 1.96 s.e. > bound, at each look"] = _any(excess, [1.96] * len(looks))
    for alpha in alphas:
        limits = [float(student.isf(alpha, look - 1)) for look in looks]
        rules[f"Student's t at {alpha:g}, at each look"] = _any(excess, limits)
    return rules


def _excess(samples: FloatArray, bound: FloatArray) -> FloatArray:
    """(mean - bound) / s.e. per run and t; infinite where nothing varies."""
    above = samples.mean(axis=1) - bound
    error = samples.std(axis=1, ddof=1) / np.sqrt(samples.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, above / error, np.where(above > 0, np.inf, -np.inf))


def _any(excess: list[FloatArray], limits: list[float]) -> Flags:
    pairs = zip(excess, limits, strict=True)
    over = [(e > limit).any(axis=1) for e, limit in pairs]
    return np.asarray(np.any(over, axis=0), dtype=np.bool_)
