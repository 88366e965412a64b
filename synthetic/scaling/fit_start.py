"""The best fit: a grid of starts is screened, the best go down, the last are polished.

The grid is that of Busbridge et al., arXiv 2502.08606, appendix F, with 0.05 in place
of 0, where the law is singular or flat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_law import LINEAR, MODELS, NAMES, Form, Runs
from synthetic.scaling.fit_minimise import Problem, descend, huber, polish

FloatArray = NDArray[np.float64]

SCREENED_ON = 64
STARTS = 48
FINALISTS = 3
OTHERS = 3
NEARLY = 0.02
"""A relative rise of the sum with which another end still says what runs allow."""

CHUNK = 4096

_SCALES = np.arange(0.0, 21.0, 5.0)
_POWERS = np.log([0.05, 0.5, 1.0, 1.5])
_FLOORS = np.arange(-1.0, 1.6, 0.5)
_RATIOS = np.arange(-1.0, 1.1, 0.5)

GRIDS: dict[Form, tuple[FloatArray, ...]] = {
    Form.SUPERVISED: (_SCALES, _SCALES, _FLOORS, _POWERS, _POWERS, _POWERS),
    Form.CHINCHILLA: (_SCALES, _SCALES, _FLOORS, _POWERS, _POWERS, np.zeros(1)),
    Form.DISTILLATION: (
        *(_SCALES, _SCALES, _POWERS[:3], _POWERS[:3], _POWERS[:3]),
        *(np.array([0.0, 0.5, 1.0, 1.5]), _POWERS, _POWERS, _RATIOS),
    ),
}

_BOXES = {
    **dict.fromkeys(("A", "B", "A'", "B'"), (-50.0, 150.0)),
    **dict.fromkeys(("alpha", "beta", "gamma"), (np.log(1e-3), np.log(20.0))),
    **dict.fromkeys(("alpha'", "beta'", "gamma'"), (np.log(1e-3), np.log(20.0))),
    "E": (-10.0, 5.0),
    "c0": (-30.0, 30.0),
    "c1": (np.log(1e-2), np.log(1e6)),
    "f1": (np.log(1e-3), np.log(10.0)),
    "d1": (-3.0, 3.0),
}
"""Of rows of coefficients; far beyond anything published."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A least sum and where it was found.

    Attributes:
        form: Which law.
        problem: What was minimised.
        theta: The coefficients, (p,).
        total: The sum there.
        others: Where other starts ended nearly as low, far from each other, (k, p).

    """

    form: Form
    problem: Problem
    theta: FloatArray
    total: float
    others: FloatArray

    @property
    def residuals(self) -> FloatArray:
        """Log residuals of the runs that were fitted."""
        return np.asarray(self.problem.residuals(self.theta[None])[0][0])

    def errors(self, runs: Runs) -> FloatArray:
        """Log residuals of other runs."""
        log_L, _ = self.problem.model(self.theta[None], runs)
        return np.asarray(log_L[0] - runs.log_loss)

    def on(self, runs: Runs) -> Fit:
        """The fit of other runs of the same kind, from here and nearby."""
        problem = replace(self.problem, runs=runs)
        starts = np.concatenate([self.theta[None], self.others])
        ends, sums = descend(problem, starts, np.ones(len(runs)))
        order = np.argsort(sums)
        best = int(order[0])
        return Fit(self.form, problem, ends[best], float(sums[best]), ends[order[1:]])


def problem_of(form: Form, runs: Runs) -> Problem:
    """The sum to minimise, with its box."""
    low, high = np.array([_BOXES[name] for name in NAMES[form]]).T
    free = np.ones(len(low), dtype=bool)
    free[-1] = form is not Form.CHINCHILLA
    return Problem(MODELS[form], runs, free, low, high)


def fit(form: Form, runs: Runs) -> Fit:
    """The best fit of the runs, over the whole grid of starts."""
    problem, ones = problem_of(form, runs), np.ones(len(runs))
    ends, sums = descend(problem, screened(form, problem), ones, rounds=60)
    order = np.argsort(sums)
    best = [*ends[order[:FINALISTS]], *_apart(problem, ends[order], sums[order])]
    polished = [polish(problem, theta, ones)[0] for theta in best[:FINALISTS]]
    ends, sums = descend(problem, np.array(best + polished), ones)
    order = np.argsort(sums)
    others = np.array(_apart(problem, ends[order], sums[order]))
    first = int(order[0])
    return Fit(form, problem, ends[first], float(sums[first]), others)


def _apart(problem: Problem, ends: FloatArray, sums: FloatArray) -> list[FloatArray]:
    """Ends with sums near the least, the first of them, as far apart as they come."""
    near = ends[sums <= (1.0 + NEARLY) * sums[0]]
    unit = near / (problem.high - problem.low + 1e-300)
    gaps = np.abs(unit - unit[0]).sum(axis=1)
    chosen = []
    for _ in range(OTHERS):
        k = int(np.argmax(gaps))
        chosen.append(near[k])
        gaps = np.minimum(gaps, np.abs(unit - unit[k]).sum(axis=1))
    return chosen


def screened(form: Form, problem: Problem) -> FloatArray:
    """The starts of the grid with the least sums on some of the runs, (K, p)."""
    some = np.linspace(0, len(problem.runs) - 1, SCREENED_ON).astype(int)
    order = np.argsort(problem.runs.log_loss, kind="stable")
    runs = problem.runs.select(np.unique(order[some]))
    values, starts = [], []
    for rows in _chunks(form):
        log_L, _ = problem.model(rows, runs)
        values.append(huber(log_L - runs.log_loss, problem.delta).sum(axis=1))
        starts.append(rows)
    best = np.argsort(np.concatenate(values), kind="stable")[:STARTS]
    return np.concatenate(starts)[best]


def _chunks(form: Form) -> Iterator[FloatArray]:
    rows = np.array(list(product(*GRIDS[form])))
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def at_bound(problem: Problem, theta: FloatArray) -> NDArray[np.bool_]:
    """Which coefficients have run to the end of their box."""
    near = 1e-6 * (problem.high - problem.low)
    ends = (theta <= problem.low + near) | (theta >= problem.high - near)
    return np.asarray(ends & problem.free)


def natural(form: Form, theta: FloatArray) -> FloatArray:
    """Coefficients as printed, from rows (..., p)."""
    values = np.exp(theta)
    if form is Form.DISTILLATION:
        values[..., LINEAR] = theta[..., LINEAR]
    return values
