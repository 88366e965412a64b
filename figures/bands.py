"""Means of gaps over t with limits that hold at every t shown at once.

Where f is cheap, a run's average gap is known exactly: only the draws are random, and a
gap lies between 0 and its largest value on the ball. Limits are far closer so than from
the unbiased estimates that verification uses on larger problems.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.engines import compiled
from synthetic.problems.base import FloatArray, IntArray
from synthetic.setting import Setting
from theory.claim import gap_support
from theory.confidence import mean_limits
from theory.constants import Constants

MOST_GAPS = 4_000_000
"""Gaps held at once, 32 MB; runs beyond come in parts."""


@dataclass(frozen=True)
class Sampling:
    """How a curve is sampled.

    Attributes:
        number: How many t are shown, about.
        replicas: Independent runs.
        seed: Root of every draw.
        alpha: The chance that any limit of the curve is wrong.

    """

    number: int
    replicas: int
    seed: int
    alpha: float


@dataclass(frozen=True, eq=False)
class Band:
    """A mean over t with limits.

    Attributes:
        times: t, shape (K,).
        mean: The samples' average, shape (K,).
        lower: Lower limits, all valid at once, shape (K,).
        upper: Upper limits, likewise.
        constants: The instance's numbers.

    """

    times: IntArray
    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    constants: Constants


def times_of(horizon: int, number: int) -> IntArray:
    """Geometric times from 1 to T - 1; x_0 is not random."""
    grid = np.geomspace(1.0, horizon - 1.0, number)
    return np.unique(np.round(grid).astype(np.int64))


def average_gap(setting: Setting, sampling: Sampling) -> Band:
    r"""$E \frac1{t+1} \sum_{s \le t} f(x_s) - f(u)$ with f known at every s."""
    every = np.arange(setting.horizon, dtype=np.int64)
    times = times_of(setting.horizon, sampling.number)
    size = max(1, MOST_GAPS // setting.horizon)
    parts = []
    for first in range(0, sampling.replicas, size):
        part = range(first, min(first + size, sampling.replicas))
        sums = np.cumsum(sampled(setting, sampling, every, part), axis=0)
        parts.append(sums[times] / (times[:, None] + 1.0))
    return enclosed(setting, times, np.concatenate(parts, axis=1), sampling)


def sampled(
    setting: Setting, sampling: Sampling, times: IntArray, replicas: range
) -> FloatArray:
    """Gaps of the replicas at the times, shape (K, P)."""
    trace = compiled.sample(
        setting,
        seed=sampling.seed,
        replicas=replicas,
        channels=frozenset({"gap"}),
        times=times,
    )
    return np.asarray(trace.gap)


def enclosed(
    setting: Setting, times: IntArray, gaps: FloatArray, sampling: Sampling
) -> Band:
    """Limits for means of gaps (K, P), which stay in the ball where v >= f(u)."""
    c = setting.constants()
    low, high = gap_support(c, times.astype(np.float64))
    # Samples may stick out of their range by roundoff, and a mean may hide as much.
    noise = 4.0 * (times + 1.0) * (c.value_roundoff + c.G_max * c.step_roundoff)
    limits = mean_limits(gaps.T, low - noise, high + noise, alpha=sampling.alpha)
    return Band(times, limits.mean, limits.lower - noise, limits.upper + noise, c)
