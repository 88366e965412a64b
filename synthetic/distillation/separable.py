r"""Non-convex sums with a certified minimiser: $f_i(x) = \sum_j w_{ij}\phi(x_j) +
\langle\zeta_i, x\rangle$, $E w = 1$, $E\zeta = 0$, $x_\star = 0$.
"""  # noqa: D205 -- the formula is long

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import minimize_scalar

from synthetic.distillation.problems import ROUND_OUT, FiniteSum, FloatArray, IntArray
from theory.errors import InputError

WAVE = 0.4
"""Non-convex iff above $1/\\sqrt{10}$, strongly quasi-convex iff below $1/\\sqrt5$."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Separable(FiniteSum):
    r"""The sum over coordinates of one function of the line, weighted per component.

    Attributes:
        wave: "log" for $\frac12 x^2(1 + e\sin\ln x^2)$, "sine" for $x^2 + 3\sin^2x$,
            "trap" for $x^2 + 8\sin^2x$, which has other local minima.
        scales: $w_{ij} > 0$, shape (n, d), columns with mean 1.
        zeta: $\zeta_i$, shape (n, d), with mean 0.

    """

    wave: str
    scales: FloatArray
    zeta: FloatArray

    def gradients(self, x: FloatArray) -> FloatArray:
        """See `FiniteSum.gradients`."""
        return np.asarray(self.scales * slope(self.wave, x)[:, None, :] + self.zeta)

    def drawn(self, i: IntArray, x: FloatArray) -> FloatArray:
        """See `FiniteSum.drawn`."""
        return np.asarray(self.scales[i] * slope(self.wave, x) + self.zeta[i])

    def gap(self, x: FloatArray) -> FloatArray:
        """See `FiniteSum.gap`."""
        return np.asarray(value(self.wave, x).sum(axis=-1))

    def drift(self, step: FloatArray) -> tuple[FloatArray, FloatArray]:
        r"""See `FiniteSum.drift`: coordinate by coordinate.

        $\phi'(x)/x$ lies in $1 \pm \sqrt2e$ for "log"; $|\phi'(x) - 2x| \le 3$ or 8
        for the others, and a short step of "sine" never leads away: $x\phi'(x) \ge 0$.
        """
        scales = np.array([self.scales.min(), self.scales.max()])
        if self.wave == "log":
            bends = np.outer(
                scales, 1.0 + WAVE * 2**0.5 * np.array([-1.0, 1.0])
            ).ravel()
            return np.abs(1.0 - np.outer(step, bends)).max(axis=1), np.zeros_like(step)
        if self.wave == "sine" and np.all(
            (step >= 0) & (step * scales[1] * self.L <= 2.0)
        ):
            return np.ones_like(step), np.zeros_like(step)
        ends = np.abs(1.0 - 2.0 * np.outer(step, scales)).max(axis=1)
        height = 3.0 if self.wave == "sine" else 8.0
        return ends, np.abs(step) * scales[1] * height * self.dim**0.5

    def solve_gradient(self, slope: FloatArray) -> FloatArray:
        """See `FiniteSum.solve_gradient`; here it has no unique answer."""
        msg = (
            f"{self.name} is not convex: none of {len(slope)} shifted optima is known."
        )
        raise InputError(msg)


def value(wave: str, x: FloatArray) -> FloatArray:
    r"""$\phi(x)$, elementwise."""
    if wave == "log":
        return np.asarray(0.5 * x**2 * (1.0 + WAVE * np.sin(_log_square(x))))
    return np.asarray(x**2 + (3.0 if wave == "sine" else 8.0) * np.sin(x) ** 2)


def slope(wave: str, x: FloatArray) -> FloatArray:
    r"""$\phi'(x)$, elementwise."""
    if wave == "log":
        u = _log_square(x)
        return np.asarray(x * (1.0 + WAVE * (np.sin(u) + np.cos(u))))
    return np.asarray(2.0 * x + (3.0 if wave == "sine" else 8.0) * np.sin(2.0 * x))


def _log_square(x: FloatArray) -> FloatArray:
    square = x * x
    return np.log(np.where(square > 0, square, 1.0))


@cache
def constants(wave: str) -> tuple[float, float, float, float]:
    r"""$\mu$ (A1), $\mu$ (PL), L and $K = \sup\phi'^2/(2\phi)$ of one coordinate.

    For "log": $\mu = 1 - \sqrt5e$, $L = 1 + \sqrt{10}e$, and with $u = \ln x^2$,
    $\phi'^2/(2\phi) = (1 + e(\sin u + \cos u))^2/(1 + e\sin u)$. For "sine": $L = 8$,
    $K = 8$, the PL constant is the least $\phi'^2/(2\phi)$.
    """
    if wave == "log":
        e = WAVE

        def ratio(u: float) -> float:
            top = 1.0 + e * (np.sin(u) + np.cos(u))
            return float(top**2 / (1.0 + e * np.sin(u)))

        low, high = _extremes(ratio, 0.0, 2.0 * np.pi)
        return 1.0 - 5**0.5 * e, low / ROUND_OUT, 1.0 + 10**0.5 * e, high * ROUND_OUT
    if wave == "sine":

        def relative(x: float) -> float:
            x = max(x, 1e-9)
            top = float(slope("sine", np.array(x)))
            return top**2 / (2.0 * float(value("sine", np.array(x))))

        low, _ = _extremes(relative, 1e-3, 12.0)  # beyond, it is near 2
        return 0.0, low / ROUND_OUT, 8.0, 8.0
    return 0.0, 0.0, 18.0, 18.0


def _extremes(f: object, start: float, stop: float) -> tuple[float, float]:
    """Least and largest value on an interval: a fine grid, then golden sections."""
    grid = np.linspace(start, stop, 20_001)
    found = np.array([f(u) for u in grid])  # type: ignore[operator]
    width = grid[1] - grid[0]
    ends = []
    for sign, k in ((1.0, int(np.argmin(found))), (-1.0, int(np.argmax(found)))):
        near = (grid[k] - width, grid[k] + width)
        best = minimize_scalar(
            lambda u, sign=sign: sign * f(u),  # type: ignore[operator]
            bounds=near,
            method="bounded",
            options={"xatol": 1e-12},
        )
        ends.append(sign * float(best.fun))
    return ends[0], ends[1]


def separable(name: str, wave: str, scales: FloatArray, zeta: FloatArray) -> Separable:
    r"""The problem with $cL = K\max_j E[w_{ij}^2]$."""
    n = len(scales)
    scales = scales / scales.mean(axis=0)
    zeta = zeta - zeta.mean(axis=0)
    mu, mu_pl, smooth, steep = constants(wave)
    return Separable(
        name=name,
        weights=np.full(n, 1.0 / n),
        star=np.zeros(scales.shape[1]),
        mu=mu,
        mu_pl=mu_pl,
        L=smooth,
        cL=steep * float(np.max((scales**2).mean(axis=0))) * ROUND_OUT,
        wave=wave,
        scales=scales,
        zeta=zeta,
    )
