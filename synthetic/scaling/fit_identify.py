r"""What runs identify, and along what they are flat.

At the fit, $\hat\theta - \theta$ is near normal with covariance
$\tau^2 (J^\top J)^{-1}$, J the gradient of $\log L$ in relative coefficients and
$\tau^2 = E\psi^2/(E\psi')^2$ for $\psi$ the derivative of Huber's function. The sum
with one coefficient held, less the least one, times $2E\psi'/E\psi^2$ is near
chi-squared with one degree of freedom: the profile. Directions with small singular
values of J are flat, and what depends on them is not identified.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_law import LINEAR, NAMES, Form, distilled, supervised
from synthetic.scaling.fit_minimise import Problem, descend
from synthetic.scaling.fit_start import Fit, at_bound, natural
from theory.scaling_law import compute_exponents, kappa, transition_ratio

FloatArray = NDArray[np.float64]

DEVIATIONS = 1.6449
"""Of a normal law, from its middle to the end of the central 90 %."""

THRESHOLD = DEVIATIONS**2
"""Of chi-squared with one degree of freedom at 90 %."""

WIDEST = 0.25
"""Half-width of a 90 % interval, relative, beyond which a number is not printed."""

WIDE = 0.6
"""A gap between points of a profile, beyond which its outer end is the crossing."""

SWEEPS = 2

POINTS = np.array(
    [0.03, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 11.0, 14.0, 18.0, 24.0, 32.0, 64.0]
)
"""Of a profile on each side: logarithms of factors; the box's end is added. A gap as
wide as the box would put the crossing anywhere."""


@dataclass(frozen=True)
class Noise:
    r"""Of residuals: $E\psi'$ and $E\psi^2$, corrected for what was fitted."""

    curvature: float
    power: float

    @property
    def deviation(self) -> float:
        r"""$\tau$: the standard error of a mean of n is $\tau/\sqrt n$."""
        return float(np.sqrt(self.power) / self.curvature)

    @property
    def factor(self) -> float:
        """From a rise of the sum to chi-squared."""
        return 2.0 * self.curvature / self.power


def noise_of(fit: Fit) -> Noise:
    r"""Estimated at the fit; $E\psi' = P(|r| \le \delta)$ from a wider window."""
    r, delta = np.abs(fit.residuals), fit.problem.delta
    window = max(delta, 0.5 * float(np.median(r)))
    curvature = float(np.mean(r <= window)) * delta / window
    spare = len(r) - int(fit.problem.free.sum())
    power = float((np.minimum(r, delta) ** 2).sum()) / spare
    return Noise(max(curvature, 1.0 / len(r) * delta / window), max(power, 1e-40))


def quantities(form: Form, theta: FloatArray) -> dict[str, FloatArray]:
    """Coefficients and combinations of them, from rows (..., p)."""
    values = np.moveaxis(natural(form, theta), -1, 0)
    found = dict(zip(NAMES[form], values, strict=True))
    if form is Form.DISTILLATION:
        q = distilled(theta)
        found["a'"] = compute_exponents(q.alpha, q.beta)[0]
        found["alpha' gamma'"] = q.alpha * q.gamma
        found["beta' gamma'"] = q.beta * q.gamma
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            found["kappa"] = kappa(q)
            found["transition"] = transition_ratio(q)
        return found
    p = supervised(theta)
    found["a"] = compute_exponents(p.alpha, p.beta)[0]
    found["alpha gamma"], found["beta gamma"] = p.alpha * p.gamma, p.beta * p.gamma
    if form is Form.CHINCHILLA:
        for name in ("gamma", "alpha gamma", "beta gamma"):
            del found[name]
    return found


@dataclass(frozen=True, eq=False)
class Geometry:
    """The gradient at a fit, decomposed.

    Attributes:
        singular: Singular values of J, relative coefficients, largest first, (q,).
        directions: Rows are unit directions, (q, p); 0 for what does not move.
        widths: 90 % half-widths along them, relative, (q,).
        bound: What has run to the end of its box, (p,).

    """

    singular: FloatArray
    directions: FloatArray
    widths: FloatArray
    bound: NDArray[np.bool_]

    @property
    def flat(self) -> NDArray[np.bool_]:
        """Which directions are wider than what is printed."""
        return np.asarray(self.widths > WIDEST)


def geometry(fit: Fit, noise: Noise) -> Geometry:
    """Singular values of the relative Jacobian, where coefficients can move."""
    bound = at_bound(fit.problem, fit.theta)
    moves = fit.problem.free & ~bound
    _, J = fit.problem.model(fit.theta[None], fit.problem.runs)
    scale = np.ones(len(moves))
    if fit.form is Form.DISTILLATION:
        scale[LINEAR] = max(abs(fit.theta[LINEAR]), 1e-3)
    _, singular, rows = np.linalg.svd((J[0] * scale)[:, moves], full_matrices=False)
    directions = np.zeros((len(singular), len(moves)))
    directions[:, moves] = rows
    floor = np.maximum(singular, 1e-13 * singular[0])
    return Geometry(singular, directions, DEVIATIONS * noise.deviation / floor, bound)


def linear_widths(fit: Fit, geometry: Geometry) -> dict[str, float]:
    """90 % half-widths of logarithms, linearised; infinite where a bound matters."""
    slopes = _relative_slopes(fit)
    widths = {}
    for name, slope in slopes.items():
        along = geometry.directions @ slope
        along[np.abs(along) < 1e-9 * np.abs(slope).max()] = 0.0
        stuck = np.any(np.abs(slope[geometry.bound]) > 1e-9)
        total = float(np.sqrt(((along * geometry.widths) ** 2).sum()))
        widths[name] = np.inf if stuck or not np.isfinite(total) else total
    return widths


def _relative_slopes(fit: Fit) -> dict[str, FloatArray]:
    """Of the logarithm of each quantity, in relative coefficients, (p,)."""
    step = 1e-5 * np.eye(len(fit.theta))
    if fit.form is Form.DISTILLATION:
        step[LINEAR] *= max(abs(fit.theta[LINEAR]), 1e-3)
    up, down = (quantities(fit.form, fit.theta + sign * step) for sign in (1, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            name: np.nan_to_num(np.log(np.abs(up[name] / down[name])) / 2e-5)
            for name in up
        }


def profile(fit: Fit, noise: Noise, k: int) -> tuple[float, float]:
    """The 90 % profile interval of coefficient k, in logarithms (c0 as it is).

    Infinite on a side where the sum stays low up to the end of the box.
    """
    low, high = fit.problem.low[k], fit.problem.high[k]
    here = fit.theta[k]
    steps = POINTS * (abs(here) / 2 if _is_linear(fit, k) else 1.0)
    below, above = here - steps, here + steps
    ends = (
        np.append(below[below > low], low)[::-1],
        np.append(above[above < high], high),
    )
    at = np.concatenate([ends[0], [here], ends[1]])
    sums = held(fit, k, at)[1]
    rise = noise.factor * (sums - min(fit.total, float(sums.min())))
    middle = len(ends[0])
    down = _crossing(at[middle::-1], rise[middle::-1])
    return down, _crossing(at[middle:], rise[middle:])


def _is_linear(fit: Fit, k: int) -> bool:
    return fit.form is Form.DISTILLATION and k == LINEAR


def held(fit: Fit, k: int, at: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Best coefficients, (m, p), and sums with the k-th at each of the values, (m,)."""
    free = fit.problem.free.copy()
    free[k] = False
    problem = replace(fit.problem, free=free)
    _, J = fit.problem.model(fit.theta[None], fit.problem.runs)
    follow = np.linalg.lstsq(J[0][:, free], -J[0][:, k], rcond=1e-8)[0]
    starts = []
    for base in (fit.theta, *fit.others[:2], fit.theta):
        rows = np.repeat(base[None], len(at), 0)
        rows[:, k] = at
        starts.append(rows)
    moved = np.clip(np.outer(at - fit.theta[k], follow), -3.0, 3.0)
    starts[-1][:, free] += moved
    ends, least = _lowest(problem, starts)
    # What a neighbour found may be lower here too: valleys bend away from any line.
    for _ in range(SWEEPS):
        shifted = [ends, np.roll(ends, 1, axis=0), np.roll(ends, -1, axis=0)]
        for rows in shifted:
            rows[:, k] = at
        ends, least = _lowest(problem, shifted)
    return ends, least


def _lowest(
    problem: Problem, starts: list[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Of several starts for each of m rows, the end with the least sum."""
    ones = np.ones(len(problem.runs))
    ends, sums = descend(problem, np.concatenate(starts), ones, rounds=60)
    sums = sums.reshape(len(starts), -1)
    best, columns = sums.argmin(axis=0), np.arange(sums.shape[1])
    return ends.reshape(*sums.shape, -1)[best, columns], sums[best, columns]


def _crossing(at: FloatArray, rise: FloatArray) -> float:
    """Where the profile last passes the threshold on its way out; or infinity."""
    under = np.flatnonzero(rise <= THRESHOLD)
    if not len(under):
        return float(at[0])
    j = int(under[-1]) + 1
    if j == len(at):
        return float(np.copysign(np.inf, at[-1] - at[0]))
    if abs(at[j] - at[j - 1]) > WIDE:
        return float(at[j])
    # Near the least value a profile is a parabola: its root is near straight.
    root = np.sqrt(np.maximum(rise[j - 1 : j + 1], 0.0))
    share = (np.sqrt(THRESHOLD) - root[0]) / max(root[1] - root[0], 1e-300)
    return float(at[j - 1] + share * (at[j] - at[j - 1]))
