"""Bootstrap: fits of runs that were drawn again, with the supervised law refitted too.

Every resample starts from the best fit and from where other starts ended: a flat
direction that one start would not leave is not taken for precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_law import Runs
from synthetic.scaling.fit_minimise import Problem, descend
from synthetic.scaling.fit_start import Fit

FloatArray = NDArray[np.float64]

BATCH = 50
ROUNDS = 80
STARTS = 3

Dressed = Callable[[FloatArray], Runs]
"""Runs whose student's own losses are those of rows of supervised coefficients."""


def resample(
    fit: Fit,
    num: int,
    seed: tuple[int, int],
    dressed: Dressed | None = None,
    supervised: FloatArray | None = None,
) -> FloatArray:
    """Coefficients fitted to `num` resamples of the runs, (num, p).

    Args:
        fit: The best fit.
        num: How many.
        seed: Of the draws, and which stream of it.
        dressed: For students: runs from supervised coefficients; `None` keeps them.
        supervised: Those of resampled teachers, (num, 6).

    """
    rng, size = np.random.default_rng(seed), len(fit.problem.runs)
    starts = np.concatenate([fit.theta[None], fit.others[: STARTS - 1]])
    found = [np.empty((0, len(fit.theta)))]
    for first in range(0, num, BATCH):
        count = min(BATCH, num - first)
        drawn = rng.multinomial(size, np.full(size, 1.0 / size), size=count)
        problem = fit.problem
        if dressed is not None and supervised is not None:
            runs = dressed(supervised[first : first + count])
            problem = replace(problem, runs=runs)
        found.append(_best(problem, starts, drawn.astype(np.float64)))
    return np.concatenate(found)


def _best(problem: Problem, starts: FloatArray, weights: FloatArray) -> FloatArray:
    """The least of what the starts come to, under each row of weights."""
    count = len(weights)
    ends = [
        descend(problem, np.repeat(start[None], count, 0), weights, ROUNDS)
        for start in starts
    ]
    sums = np.array([total for _, total in ends])
    rows = np.array([theta for theta, _ in ends])
    return np.asarray(rows[np.argmin(sums, axis=0), np.arange(count)])
