r"""Exact in-sample risks of linear models on one spectrum, and the best of each kind.

$R = \sum_{\lambda_k > 0}[\lambda_k\theta_k^2(1 - S_k)^2 + \frac{\sigma^2}nS_k^2]$; the
best times and penalties are looked for on grids and polished, to 1e-6 relative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from theory import spectrum
from theory.errors import InputError

FloatArray = NDArray[np.float64]

LINE, PLANE = 800, 120
"""Grid points along one time, and along each of two."""

FIRST, LAST = 1e-4, 60.0
"""Times run from this share of 1/lambda_1 to so many 1/lambda of the slowest."""

SMALLEST = 1e-10
"""Penalties run from this share of the least eigenvalue: 1/mu, and no exponential."""

SAME = 1e-9
"""Shares by which risks must differ for one to be called lower."""


@dataclass(frozen=True, eq=False)
class Problem:
    r"""A spectrum with what is to be learnt.

    Attributes:
        lams: Eigenvalues of $X^\top X/n$, descending, at least one positive, (K,).
        signal: $\lambda_k\theta_k^2$, (K,).
        noise: $\sigma^2/n$.

    """

    lams: FloatArray
    signal: FloatArray
    noise: float

    @property
    def floor(self) -> FloatArray:
        r"""$\sigma^2/n$ where $\lambda > 0$, else 0."""
        return np.where(self.lams > 0, self.noise, 0.0)

    def flow(self, t: float) -> FloatArray:
        """What a flow has left at a time, which may be infinite."""
        if math.isinf(t):
            return np.where(self.lams > 0, 0.0, 1.0)
        return np.asarray(spectrum.flow_complement(self.lams, t))

    def risk(self, left: FloatArray) -> float:
        """The risk of what has so much left in each direction."""
        return float(np.sum(self.risks(left)))

    def risks(self, left: FloatArray) -> FloatArray:
        """The same direction by direction."""
        return np.asarray(spectrum.risk(self.signal, self.floor, left))

    @property
    def oracle(self) -> FloatArray:
        """The best progress in each direction; 0 where there is nothing to learn."""
        nothing = self.signal + self.floor == 0
        return np.asarray(spectrum.oracle(self.signal, self.floor + nothing))

    def times(self, count: int) -> FloatArray:
        """A grid from almost nothing to everything, in its logarithm."""
        positive = self.lams[self.lams > 0]
        ends = FIRST / positive[0], LAST / positive[-1]
        return np.geomspace(*ends, count)


@dataclass(frozen=True)
class Best:
    """A least risk and where it is: a time, or a penalty; `inf` if never stopped."""

    risk: float
    at: float


@dataclass(frozen=True)
class Student:
    """A teacher's time, its student's, and the risk."""

    teacher: float
    student: float
    risk: float


def check(lams: FloatArray, theta: FloatArray, noise: float) -> Problem:
    """The problem, in descending order of its eigenvalues.

    Raises:
        InputError: Lengths differ, or a number is negative or not finite.

    """
    if len(lams) != len(theta):
        msg = (
            f"Need as many signals as eigenvalues, got {len(theta)} and {len(lams)}: "
            "give a signal for each, 0 where there is none."
        )
        raise InputError(msg)
    for name, values in (("eigenvalues", lams), ("signals", theta)):
        if not np.all(np.isfinite(values)):
            msg = f"Need finite {name}, got {values[~np.isfinite(values)][0]}."
            raise InputError(msg)
    if np.any(lams < 0) or not np.any(lams > 0):
        msg = f"Need eigenvalues >= 0, one of them positive, got {np.min(lams):g}."
        raise InputError(msg)
    if not (noise >= 0 and math.isfinite(noise)):
        msg = f"Need a noise level sigma^2/n >= 0, and finite, got {noise}."
        raise InputError(msg)
    order = np.argsort(-lams, kind="stable")
    signal = spectrum.signal_of(lams[order], theta[order])
    return Problem(lams[order], np.asarray(signal), float(noise))


def best_direct(problem: Problem) -> Best:
    """The best early stopping of a direct flow."""
    return _least(lambda t: problem.risk(problem.flow(t)), problem.times(LINE))


def best_ridge(problem: Problem) -> Best:
    """The best penalty."""

    def risk(mu: float) -> float:
        if math.isinf(mu):
            return problem.risk(np.ones_like(problem.lams))
        if mu == 0.0:
            return problem.risk(problem.flow(math.inf))
        left = spectrum.ridge_complement(problem.lams, mu)
        return problem.risk(np.asarray(left))

    positive = problem.lams[problem.lams > 0]
    ends = SMALLEST * positive[-1], positive[0] / FIRST
    return _least(risk, np.geomspace(*ends, LINE))


def best_student(problem: Problem, teacher: float) -> Student:
    """The best time of a student of that teacher."""
    taught = problem.flow(teacher)

    def risk(t: float) -> float:
        left = spectrum.student_complement(taught, problem.flow(t))
        return problem.risk(np.asarray(left))

    found = _least(risk, problem.times(LINE))
    return Student(teacher, found.at, found.risk)


def student_of(problem: Problem, teacher: float, student: float) -> Student:
    """The student of both times."""
    left = spectrum.student_complement(problem.flow(teacher), problem.flow(student))
    return Student(teacher, student, problem.risk(np.asarray(left)))


def best_pair(problem: Problem) -> Student:
    """The best pair of times; a teacher that is never stopped stands for none.

    Of two times that can be exchanged the teacher's is the longer one.
    """
    times = problem.times(PLANE)
    left = np.array([problem.flow(t) for t in times])
    best = min(
        (float(np.min(risks)), i, int(np.argmin(risks)))
        for i, risks in enumerate(
            np.sum(
                spectrum.risk(
                    problem.signal,
                    problem.floor,
                    spectrum.student_complement(one, left[: i + 1]),
                ),
                axis=1,
            )
            for i, one in enumerate(left)
        )
    )
    start = np.log([times[best[1]], times[best[2]]])

    def risk(logs: FloatArray) -> float:
        a, b = (problem.flow(math.exp(v)) for v in np.minimum(logs, 700.0))
        return problem.risk(np.asarray(spectrum.student_complement(a, b)))

    polished = minimize(
        risk, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-16}
    )
    value, logs = min((float(polished.fun), polished.x), (best[0], start), key=_first)
    direct = best_direct(problem)
    if value >= direct.risk * (1 - SAME):
        return Student(math.inf, direct.at, direct.risk)
    longer, shorter = sorted(map(math.exp, logs), reverse=True)
    return Student(longer, shorter, value)


def _first(pair: tuple[float, FloatArray]) -> float:
    return pair[0]


def _least(risk: Callable[[float], float], grid: FloatArray) -> Best:
    """The least value on the grid, polished between neighbours; or 0, or infinity."""
    values = [risk(float(t)) for t in grid]
    i = int(np.argmin(values))
    ends = np.log(grid[[max(i - 1, 0), min(i + 1, len(grid) - 1)]])
    found = minimize_scalar(
        lambda log: risk(math.exp(log)),
        bounds=(float(ends[0]), float(ends[1])),
        method="bounded",
        options={"xatol": 1e-10},
    )
    inside = [
        Best(float(found.fun), math.exp(float(found.x))),
        Best(values[i], float(grid[i])),
    ]
    # An end that is as good, but for roundoff, is what is meant.
    outside = [Best(risk(t) * (1 - SAME), t) for t in (math.inf, 0.0)]
    best = min(*outside, *inside, key=_risk_of)
    return Best(risk(best.at), best.at)


def _risk_of(best: Best) -> float:
    return best.risk


@dataclass(frozen=True, eq=False)
class Matched:
    """A student beside the direct flow with as much progress along the top direction.

    Attributes:
        time: Of the direct flow.
        student: $S_k$, (K,).
        direct: $A_k(t^*)$, (K,).
        changes: $R_k(S) - R_k(A)$, (K,).

    """

    time: float
    student: FloatArray
    direct: FloatArray
    changes: FloatArray

    def effects(self) -> list[str]:
        """For each direction: helps, hurts or same."""
        size = SAME * float(np.sum(np.abs(self.changes)))
        names = {-1: "helps", 0: "same", 1: "hurts"}
        return [
            names[int(np.sign(c)) if abs(c) > size and k else 0]
            for k, c in enumerate(self.changes)
        ]


def matched(problem: Problem, teacher: float, student: float) -> Matched:
    """Compare with the direct flow of equal progress along the top direction."""
    left = np.asarray(
        spectrum.student_complement(problem.flow(teacher), problem.flow(student))
    )
    with np.errstate(divide="ignore"):
        logs = -problem.lams[0] * teacher, -problem.lams[0] * student
        time = float(-spectrum.log_student_complement(*logs) / problem.lams[0])
    direct = problem.flow(time)
    changes = problem.risks(left) - problem.risks(direct)
    return Matched(time, 1.0 - left, 1.0 - direct, changes)
