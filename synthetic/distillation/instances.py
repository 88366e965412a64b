"""Problems for the theorems on distillation, from seeds of this project."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np

from synthetic.distillation.logistic import Logistic, logistic
from synthetic.distillation.problems import (
    FloatArray,
    IntArray,
    Quadratic,
    batched,
    quadratic,
)
from synthetic.distillation.separable import Separable, separable

INTERPOLATES = 1e-12
"""Residuals below that share of their terms are roundoff."""


def least_squares(
    name: str,
    rows: FloatArray,
    target: FloatArray,
    *,
    ridge: float = 0.0,
) -> Quadratic:
    r"""$f_i(x) = \frac12(a_i\cdot x - b_i)^2 + \frac\nu2\|x\|^2$ with its minimiser."""
    n, dim = rows.shape
    hessian = rows.T @ rows / n + ridge * np.eye(dim)
    star = np.linalg.lstsq(hessian, rows.T @ target / n, rcond=1e-12)[0]
    residual = rows @ star - target
    size = np.abs(rows) @ np.abs(star) + np.abs(target)
    if np.all(np.abs(residual) <= INTERPOLATES * size) and not ridge:
        residual = np.zeros_like(residual)  # the rest is roundoff of x*, not noise
    noise = residual[:, None] * rows + ridge * star
    return quadratic(name, rows[:, None, :], noise, star, ridge=ridge)


def _regression(
    name: str, shape: tuple[int, int], seed: int, **more: float
) -> Quadratic:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal(shape)
    target = rows @ rng.standard_normal(shape[1]) + rng.standard_normal(shape[0])
    return least_squares(name, rows, target, **more)


@cache
def gauss() -> Quadratic:
    """Gaussian rows."""
    return _regression("ls-gauss", (40, 5), 1)


@cache
def ill() -> Quadratic:
    """Columns of scales 3, 1, 0.5 and 0.3."""
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((30, 4)) * np.array([3.0, 1.0, 0.5, 0.3])
    target = rows @ rng.standard_normal(4) + rng.standard_normal(30)
    return least_squares("ls-ill", rows, target)


@cache
def skew() -> Quadratic:
    """Heavy-tailed, skewed noise."""
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((30, 3))
    target = rows @ rng.standard_normal(3) + rng.exponential(1.0, 30) ** 2
    return least_squares("ls-skew", rows, target)


@cache
def ridge() -> Quadratic:
    """Ridge 0.3 in every component."""
    return _regression("ls-ridge", (30, 5), 4, ridge=0.3)


@cache
def iso() -> Quadratic:
    r"""$\frac12\|x - b_n\|^2$: additive noise, every equality."""
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((20, 4))
    factors = np.broadcast_to(np.eye(4), (20, 4, 4)).copy()
    return quadratic("ls-iso", factors, noise, rng.standard_normal(4))


def additive(
    name: str, diagonal: tuple[float, ...], noise: FloatArray, star: FloatArray
) -> Quadratic:
    """One diagonal Hessian for all components."""
    factor = np.diag(np.sqrt(np.array(diagonal)))
    factors = np.broadcast_to(factor, (len(noise), *factor.shape)).copy()
    return quadratic(name, factors, noise, star)


@cache
def aniso() -> Quadratic:
    """Additive noise, Hessian diag(1, 0.5, 0.2, 0.1)."""
    rng = np.random.default_rng(6)
    noise = rng.standard_normal((20, 4))
    return additive("ls-aniso", (1.0, 0.5, 0.2, 0.1), noise, rng.standard_normal(4))


@cache
def onehot(dim: int = 4, copies: int = 6) -> Quadratic:
    r"""$\frac12(x_{n \bmod D} - b_n)^2$: equality in the sandwich."""
    rng = np.random.default_rng(7)
    rows = np.tile(np.eye(dim), (copies, 1))
    target = rng.standard_normal(dim * copies)
    return least_squares(f"ls-onehot({dim})", rows, target)


@cache
def small_batches() -> Quadratic:
    """All 220 batches of 3 out of 12 rows, as components."""
    base = _regression("ls-batch", (12, 4), 8)
    return batched(base, subsets(12, 3))


def subsets(n: int, size: int) -> IntArray:
    """Every subset of that size, shape (m, size)."""
    return np.array(list(combinations(range(n), size)), dtype=np.int64)


@cache
def deficient() -> Quadratic:
    """Rank 3 in five dimensions."""
    rng = np.random.default_rng(9)
    rows = rng.standard_normal((30, 3)) @ rng.standard_normal((3, 5)) / 3**0.5
    target = rows @ rng.standard_normal(5) + rng.standard_normal(30)
    return least_squares("ls-rankdef", rows, target)


@cache
def two_atoms() -> Quadratic:
    """H = 1 or 3, s = 1 or -1 on the line: a negative cross term for theta = 2."""
    factors = np.sqrt(np.array([1.0, 3.0]))[:, None, None]
    return quadratic("two atoms", factors, np.array([[1.0], [-1.0]]), np.zeros(1))


@cache
def unsafe() -> Quadratic:
    """H = diag(1, 0.01), s = (1, 0) or (-1, 0): where lambda* does harm."""
    noise = np.array([[1.0, 0.0], [-1.0, 0.0]])
    return additive("unsafe", (1.0, 0.01), noise, np.zeros(2))


@cache
def logit() -> Logistic:
    """Logistic regression, 40 rows, three dimensions, ridge 0.2."""
    return logistic("logit", *_classes(40, 3, 10), 0.2)


@cache
def logit_batches() -> Logistic:
    """The same kind, all 66 batches of 2 out of 12 rows."""
    return logistic("logit, batches of 2", *_classes(12, 3, 11), 0.2, subsets(12, 2))


@cache
def logit_small() -> Logistic:
    """Four rows in the plane: small enough for every path."""
    return logistic("logit(4)", *_classes(4, 2, 12), 0.2)


def _classes(n: int, dim: int, seed: int) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, dim))
    label = rows @ rng.standard_normal(dim) + rng.standard_normal(n) > 0
    return rows, label.astype(np.float64)


def _waves(name: str, wave: str, seed: int) -> Separable:
    rng = np.random.default_rng(seed)
    scales = rng.uniform(0.5, 1.5, (20, 2))
    return separable(name, wave, scales, rng.standard_normal((20, 2)))


@cache
def log_waves() -> Separable:
    """Strongly quasi-convex and not convex."""
    return _waves("sqc-log", "log", 13)


@cache
def sine_waves() -> Separable:
    """Polyak-Lojasiewicz, neither convex nor strongly quasi-convex."""
    return _waves("pl-sine", "sine", 14)


QUADRATICS = (
    gauss,
    ill,
    skew,
    ridge,
    iso,
    aniso,
    onehot,
    small_batches,
)
"""The full-rank least-squares families."""

SMOOTH = (logit, logit_batches, log_waves, sine_waves)
"""The families that are not quadratic."""
