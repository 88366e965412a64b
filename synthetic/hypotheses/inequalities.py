r"""Each hypothesis as `lhs` $\le$ `rhs` at sampled points, one formula in one place.

Every function takes what is seen at points x and, where it compares two, y, and returns
both sides with what roundoff may do to their difference. A negative `margin` is a
violation beyond that. A constant k is a number, or one for each row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.hypotheses.oracle import Seen
from synthetic.problems.base import EPS, FloatArray

STATED = 1e-9
"""A stated constant may be rounded by that share."""

UNIT = 64.0 * EPS
"""Roundoff of a short sum, relative to its terms."""

Constant = Any  # a number, or an array (R,)


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides of an inequality at R points.

    Attributes:
        lhs: What must not exceed `rhs`, (R,).
        rhs: Its limit, (R,).
        slack: What roundoff, and the rounding of stated constants, may add, (R,).
        size: Of the terms, so that violations can be compared, (R,).

    """

    lhs: FloatArray
    rhs: FloatArray
    slack: FloatArray
    size: FloatArray

    @property
    def margin(self) -> FloatArray:
        """Negative where the inequality is violated; NaN counts as violated."""
        return np.asarray(self.rhs + self.slack - self.lhs)

    @property
    def excess(self) -> FloatArray:
        """The violation relative to the terms: positive exactly where it is one."""
        size = np.where(self.size > 0, self.size, np.finfo(np.float64).tiny)
        with np.errstate(over="ignore"):
            found = np.asarray(-self.margin / size)
        found = np.where(np.isposinf(self.rhs), -1.0, found)  # nothing is said
        return np.where(np.isnan(self.margin), np.inf, found)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.sum(a * b, axis=-1))


def _norm(a: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(_dot(a, a)))


def _sides(
    lhs: FloatArray, rhs: FloatArray, noise: Any, size: FloatArray | None = None
) -> Sides:
    lhs, rhs = np.broadcast_arrays(lhs, rhs)
    size = np.abs(lhs) + np.abs(rhs) if size is None else size
    return Sides(lhs, rhs, noise + STATED * np.abs(rhs), size)


def _square_noise(length: FloatArray, noise: FloatArray) -> FloatArray:
    """Roundoff of the square of a length that is known up to `noise`."""
    return np.asarray((2.0 * length + noise) * noise)


def convex(x: Seen, y: Seen) -> Sides:
    r"""$f(x) + \langle g(x), y - x\rangle \le f(y)$."""
    step = y.x - x.x
    rise = _dot(x.slope, step)
    noise = x.value_noise + y.value_noise
    noise = noise + (x.slope_noise + 8.0 * EPS * _norm(x.slope)) * _norm(step)
    size = np.abs(x.value) + np.abs(y.value) + np.abs(rise)
    return Sides(x.value + rise, y.value, noise, size)


def monotone(x: Seen, y: Seen) -> Sides:
    r"""$-\langle g(x) - g(y), x - y\rangle \le 0$."""
    step, change = x.x - y.x, x.slope - y.slope
    noise = (x.slope_noise + y.slope_noise) * _norm(step)
    # a kink that two points straddle is where rounding puts it
    noise = noise + 8.0 * EPS * _norm(change) * (_norm(x.x) + _norm(y.x))
    size = _norm(change) * _norm(step)
    return Sides(-_dot(change, step), np.zeros(len(x.x)), noise, size)


def strongly_monotone(x: Seen, y: Seen, mu: Constant) -> Sides:
    r"""$\mu\|x - y\|^2 \le \langle g(x) - g(y), x - y\rangle$: strong convexity."""
    step, change = x.x - y.x, x.slope - y.slope
    noise = (x.slope_noise + y.slope_noise) * _norm(step)
    return _sides(mu * _dot(step, step), _dot(change, step), noise)


def smooth(x: Seen, y: Seen, L: Constant) -> Sides:
    r"""$\|g(x) - g(y)\| \le L\|x - y\|$ (S1)."""
    change, step = _norm(x.slope - y.slope), _norm(x.x - y.x)
    return _sides(change, L * step, x.slope_noise + y.slope_noise)


def cocoercive(x: Seen, y: Seen, L: Constant) -> Sides:
    r"""$\|g(x) - g(y)\|^2 / L \le \langle g(x) - g(y), x - y\rangle$."""
    step, change = x.x - y.x, x.slope - y.slope
    error = x.slope_noise + y.slope_noise
    noise = _square_noise(_norm(change), error) / L + error * _norm(step)
    return _sides(_dot(change, change) / L, _dot(change, step), noise)


def cocoercive_to_centre(x: Seen, L: Constant) -> Sides:
    r"""$f(x) - f(u) + \|g - h\|^2 / (2L) \le \langle g, x - u\rangle$ (S2)."""
    change = x.slope - x.level
    square = _dot(change, change) / (2.0 * L)
    noise = x.value_noise + x.slope_noise * _norm(x.away)
    noise = noise + _square_noise(_norm(change), x.slope_noise) / (2.0 * L)
    inner = _dot(x.slope, x.away)
    size = np.abs(x.value) + square + np.abs(inner)
    return Sides(x.value + square, inner, noise + STATED * square, size)


def bounded(x: Seen, G: Constant) -> Sides:
    r"""$\|g(x)\| \le G$."""
    return _sides(_norm(x.slope), G + 0.0 * x.value_noise, x.slope_noise)


def _second_moment(x: Seen, shift: FloatArray, share: float) -> FloatArray:
    r"""$s E\|g - a\|^2 + (1 - s)\|E(g - a)\|^2$ of batches, a the shift."""
    apart = x.every - shift
    of_each = np.einsum("n,rnd,rnd->r", x.weights, apart, apart)
    mean = np.einsum("n,rnd->rd", x.weights, apart)
    return np.asarray(share * of_each + (1.0 - share) * _dot(mean, mean))


def bounded_second_moment(x: Seen, G: Constant, share: float = 1.0) -> Sides:
    r"""$E\|g_\xi(x)\|^2 \le G^2$."""
    second = _second_moment(x, np.zeros_like(x.base), share)
    rhs = np.full(len(x.x), float(G) ** 2)
    return _sides(second, rhs, _square_noise(np.sqrt(second), x.slope_noise))


def growth(x: Seen, A: Constant, B: Constant, share: float = 1.0) -> Sides:
    r"""$E\|g_\xi(x)\|^2 \le A (f(x) - f(u))_+ + B$."""
    second = _second_moment(x, np.zeros_like(x.base), share)
    noise = _square_noise(np.sqrt(second), x.slope_noise) + A * x.value_noise
    return _sides(second, A * np.maximum(x.value, 0.0) + B, noise)


def smooth_in_expectation(x: Seen, cL: Constant, share: float = 1.0) -> Sides:
    r"""$E\|g_\xi(x) - h_\xi\|^2 \le 2 cL (f(x) - f(u))$ (A3)."""
    second = _second_moment(x, x.base, share)
    noise = _square_noise(np.sqrt(second), x.slope_noise) + 2.0 * cL * x.value_noise
    return _sides(second, 2.0 * cL * x.value, noise)


def minimal(x: Seen, gap: Constant) -> Sides:
    r"""$f(u) - f(x) \le$ `gap`, the certified $f(u) - \inf f$."""
    rhs = gap + 0.0 * x.value
    return _sides(-x.value, rhs, x.value_noise, x.value_noise / UNIT)


def grows_quadratically(x: Seen, mu: Constant) -> Sides:
    r"""$\frac\mu2\|x - u\|^2 \le f(x) - f(u)$."""
    return _sides(0.5 * mu * _dot(x.away, x.away), x.value, x.value_noise)


def strongly_quasi_convex(x: Seen, mu: Constant) -> Sides:
    r"""$f(x) - f(u) + \frac\mu2\|x - u\|^2 \le \langle\nabla f(x), x - u\rangle$ (A1).

    With $\mu = 0$ it is star convexity.
    """
    lhs = x.value + 0.5 * mu * _dot(x.away, x.away)
    noise = x.value_noise + x.slope_noise * _norm(x.away)
    return _sides(lhs, _dot(x.slope, x.away), noise)


def polyak_lojasiewicz(x: Seen, mu: Constant) -> Sides:
    r"""$2\mu(f(x) - f(u)) \le \|\nabla f(x)\|^2$ (A2)."""
    square = _dot(x.slope, x.slope)
    noise = _square_noise(np.sqrt(square), x.slope_noise) + 2.0 * mu * x.value_noise
    return _sides(2.0 * mu * x.value, square, noise)


def affine(x: Seen, half: Seen) -> Sides:
    r"""$\|g(x) - h - 2 (g(y) - h)\| \le 0$ for y half-way between u and x."""
    bent = (x.slope - x.level) - 2.0 * (half.slope - half.level)
    noise = x.slope_noise + 2.0 * half.slope_noise
    size = _norm(x.slope - x.level) + noise
    return Sides(_norm(bent), np.zeros(len(x.x)), 4.0 * noise, size)


def additive(x: Seen) -> Sides:
    r"""$\|(g_i(x) - h_i) - (\nabla f(x) - \nabla f(u))\| \le 0$ for all i."""
    apart = (x.every - x.base) - (x.slope - x.level)[:, None, :]
    lhs = _norm(apart).max(axis=1)
    # each component is rounded as its own size asks
    noise = x.slope_noise * (1.0 + np.max(_norm(x.every), axis=1, initial=0.0))
    return Sides(lhs, np.zeros(len(x.x)), noise, _norm(x.slope - x.level) + noise)


def parabolic(x: Seen, L: Constant) -> Sides:
    r"""$|f(x) - f(u) - \frac L2\|x - u\|^2| \le 0$."""
    square = 0.5 * L * _dot(x.away, x.away)
    lhs = np.abs(x.value - square)
    noise = x.value_noise + STATED * square
    return Sides(lhs, np.zeros(len(x.x)), noise, square + noise)


def norms_from(x: Seen, least: Constant) -> Sides:
    r"""$G_{\min} \le \|g(x)\|$ unless $g(x) = 0$."""
    length = _norm(x.slope)
    lhs = np.where(length > 0, least, 0.0)
    return _sides(lhs, length, x.slope_noise)


def _sideways(x: Seen) -> FloatArray:
    r"""$\langle h_i, v\rangle_+$ of every component, (R, n), $v = (x-u)/\|x-u\|$."""
    length = _norm(x.away)[:, None]
    unit = x.away / np.where(length > 0, length, 1.0)
    return np.maximum(unit @ x.base.T, 0.0)


def leaks(x: Seen, kappa: Constant) -> Sides:
    r"""$\kappa \le E\langle h_\xi, v\rangle_+$ in the direction v of x from u."""
    found = _sideways(x) @ x.weights
    found = np.where(_norm(x.away) > 0, found, kappa)
    noise = UNIT * np.max(_norm(x.base), initial=0.0)
    return _sides(np.full(len(x.x), float(kappa)), found, noise)


def spans(x: Seen, q: Constant, G: FloatArray) -> Sides:
    r"""$q \le E (\langle h_\xi, v\rangle_+ / G_\xi)^2$, v from u towards x."""
    found = (_sideways(x) / np.where(G > 0, G, 1.0)) ** 2 @ x.weights
    found = np.where(_norm(x.away) > 0, found, q)
    return _sides(np.full(len(x.x), float(q)), found, UNIT)
