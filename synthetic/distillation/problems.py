r"""Finite sums for distillation: gradients of all components, and exact constants.

The components are the *draws*: where mini-batches are drawn, each batch is a component.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ROUND_OUT = 1.0 + 1e-12
"""Large eigenvalues are computed to this; upper bounds are multiplied by it."""

EPS = float(np.finfo(np.float64).eps)


def _check(weights: FloatArray) -> None:
    """Refuse weights that are no probabilities; NaN is none either."""
    if not (np.all(weights >= 0) and abs(float(weights.sum()) - 1.0) <= 1e-9):
        msg = f"Need weights >= 0 that sum to 1, got {weights[:5]} ..."
        raise InputError(msg)


@dataclass(frozen=True, eq=False, kw_only=True)
class FiniteSum(abc.ABC):
    r"""$f(x) = \sum_i w_i f_i(x)$ with a minimiser and the constants of the theorems.

    Attributes:
        name: What tables call it.
        weights: $w_i$, shape (n,), summing to 1.
        star: $x_\star$, shape (d,).
        mu: Strong quasi-convexity (A1); 0 if none is known.
        mu_pl: Polyak-Lojasiewicz constant (A2); 0 if none is known.
        L: Smoothness of f.
        cL: $E\|\nabla f_\xi(x) - s_\xi\|^2 \le 2 cL (f(x) - f_\star)$ (A3).
        L_max: Largest smoothness of a component; `inf` if one is not convex.

    """

    name: str
    weights: FloatArray
    star: FloatArray
    mu: float
    mu_pl: float
    L: float
    cL: float
    L_max: float = float("inf")

    def __post_init__(self) -> None:
        """Refuse weights that are no probabilities."""
        _check(self.weights)

    @abc.abstractmethod
    def gradients(self, x: FloatArray) -> FloatArray:
        r"""$\nabla f_i(x_b)$ for every component, (B, d) -> (B, n, d)."""

    @abc.abstractmethod
    def gap(self, x: FloatArray) -> FloatArray:
        r"""$f(x_b) - f_\star$, accurate near 0, (B, d) -> (B,)."""

    @abc.abstractmethod
    def solve_gradient(self, slope: FloatArray) -> FloatArray:
        r"""The x with $\nabla f(x) = $ `slope`, (B, d) -> (B, d), for convex f."""

    @abc.abstractmethod
    def drift(self, step: FloatArray) -> tuple[FloatArray, FloatArray]:
        r"""$\rho$ and r with $\|x - \gamma(\nabla f_i(x) - s_i) - x_\star\| \le
        \rho\|x - x_\star\| + r$ for every i and x, each (B,).
        """  # noqa: D205 -- the formula is long

    def drawn(self, i: IntArray, x: FloatArray) -> FloatArray:
        r"""$\nabla f_{i_b}(x_b)$, (B,), (B, d) -> (B, d)."""
        everything = self.gradients(x)
        return np.asarray(everything[np.arange(len(i)), i])

    def gradient(self, x: FloatArray) -> FloatArray:
        r"""$\nabla f(x_b)$, (B, d) -> (B, d)."""
        return np.asarray(np.einsum("n,bnd->bd", self.weights, self.gradients(x)))

    def spread_gap(self, _size: FloatArray) -> float:
        """Absolute roundoff of `gap`, where it is not a sum of squares."""
        return 0.0

    @property
    def dim(self) -> int:
        """Dimension d."""
        return int(self.star.size)

    @property
    def num_components(self) -> int:
        """$n$."""
        return int(self.weights.size)

    @cached_property
    def at_star(self) -> FloatArray:
        r"""$s_i = \nabla f_i(x_\star)$, shape (n, d)."""
        return np.asarray(self.gradients(self.star[None, :])[0])


@dataclass(frozen=True, eq=False, kw_only=True)
class Quadratic(FiniteSum):
    r"""$f_i(x) = \frac12\|F_i(x - x_\star)\|^2 + \frac\nu2\|x - x_\star\|^2 + \langle
    s_i, x\rangle$, so that $\nabla f_i(x) = H_i(x - x_\star) + s_i$, $H_i = F_i^TF_i +
    \nu I$.

    Use `quadratic` to make one: it computes the constants.

    Attributes:
        factors: $F_i$, shape (n, r, d).
        ridge: $\nu \ge 0$.
        noise: $s_i$ with $\sum w_i s_i = 0$, shape (n, d).

    """  # noqa: D205 -- the formula is long

    factors: FloatArray
    ridge: float
    noise: FloatArray

    def curved(self, e: FloatArray) -> FloatArray:
        r"""$H_i e_b$ for every component, (B, d) -> (B, n, d)."""
        inner = np.einsum("nrd,bd->bnr", self.factors, e)
        out = np.einsum("bnr,nrd->bnd", inner, self.factors)
        return np.asarray(out + self.ridge * e[:, None, :])

    def gradients(self, x: FloatArray) -> FloatArray:
        """See `FiniteSum.gradients`."""
        return np.asarray(self.curved(x - self.star) + self.noise)

    def drawn(self, i: IntArray, x: FloatArray) -> FloatArray:
        """See `FiniteSum.drawn`."""
        e, rows = x - self.star, self.factors[i]
        inner = np.einsum("brd,bd->br", rows, e)
        out = np.einsum("br,brd->bd", inner, rows)
        return np.asarray(out + self.ridge * e + self.noise[i])

    def gap(self, x: FloatArray) -> FloatArray:
        """See `FiniteSum.gap`."""
        e = x - self.star
        return np.asarray(0.5 * np.einsum("bd,de,be->b", e, self.hessian, e))

    def solve_gradient(self, slope: FloatArray) -> FloatArray:
        """See `FiniteSum.solve_gradient`."""
        return np.asarray(self.star + np.linalg.solve(self.hessian, slope.T).T)

    def drift(self, step: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `FiniteSum.drift`: Hessians between the ridge and the largest one.

        Where all are alike, they are the mean one, whose least eigenvalue is `mu`.
        """
        low, high = self.ridge, self.L_max
        if self.has_equal_hessians:
            low, high = self.mu, self.L
        ends = np.abs(1.0 - step * low), np.abs(1.0 - step * high)
        return np.maximum(*ends), np.zeros_like(step)

    @cached_property
    def hessian(self) -> FloatArray:
        r"""$H = \sum w_i H_i$, shape (d, d)."""
        rows = self.factors.reshape(-1, self.dim)
        weights = np.repeat(self.weights, self.factors.shape[1])
        return np.asarray((rows.T * weights) @ rows + self.ridge * np.eye(self.dim))

    @cached_property
    def is_full_rank(self) -> bool:
        """Is H positive definite?"""
        return self.mu > 0

    @cached_property
    def has_equal_hessians(self) -> bool:
        """Is the noise additive?"""
        return bool(np.all(self.factors == self.factors[0]))

    def drawn_with(self, weights: FloatArray) -> Self:
        """The same components under another sampling law: for controls."""
        return replace(self, weights=weights)


def _check_shapes(
    name: str, factors: FloatArray, noise: FloatArray, star: FloatArray, ridge: float
) -> None:
    """Refuse arrays that do not fit together, and numbers that are none."""
    if factors.ndim != 3 or 0 in factors.shape:
        msg = f"{name}: need factors of shape (n, r, d), got {factors.shape}."
        raise InputError(msg)
    n, _, dim = factors.shape
    for what, found, shape in (
        ("noise", noise, (n, dim)),
        ("minimiser", star, (dim,)),
    ):
        if found.shape != shape:
            msg = f"{name}: need a {what} of shape {shape}, got {found.shape}."
            raise InputError(msg)
    for what, values in (("factors", factors), ("noise", noise), ("minimiser", star)):
        if not np.all(np.isfinite(values)):
            msg = f"{name}: need finite {what}, got {values[~np.isfinite(values)][0]}."
            raise InputError(msg)
    if not (np.isfinite(ridge) and ridge >= 0):
        msg = f"{name}: need a finite ridge >= 0, got {ridge}."
        raise InputError(msg)
    if not (np.any(factors) or ridge):
        msg = f"{name}: all factors and the ridge are 0, so f is linear."
        raise InputError(msg)


def quadratic(
    name: str,
    factors: FloatArray,
    noise: FloatArray,
    star: FloatArray,
    *,
    ridge: float = 0.0,
    weights: FloatArray | None = None,
) -> Quadratic:
    r"""A quadratic sum with $\mu$, L, $cL = \lambda_{\max}(H^{-1/2}E[H_i^2]H^{-1/2})$.

    Args:
        name: What tables call it.
        factors: $F_i$, shape (n, r, d).
        noise: $s_i$, shape (n, d); its mean is taken off.
        star: $x_\star$, shape (d,).
        ridge: $\nu$.
        weights: $w_i$; equal by default.

    On a rank-deficient H the constants are those of its range, $\mu$ is 0 and only
    `mu_pl` is known.

    """
    _check_shapes(name, factors, noise, star, ridge)
    n, rank, dim = factors.shape
    weights = np.full(n, 1.0 / n) if weights is None else weights
    _check(weights)
    noise = noise - weights @ noise
    rows = factors.reshape(-1, dim)
    hessian = (rows.T * np.repeat(weights, rank)) @ rows + ridge * np.eye(dim)
    spectrum, basis = np.linalg.eigh(hessian)
    inside = spectrum > 1e-10 * spectrum[-1]
    if np.any(np.abs(noise @ basis[:, ~inside]) > 1e-10 * np.abs(noise).max()):
        msg = f"{name}: the noise leaves the range of H, so F would not count it all."
        raise InputError(msg)
    root = basis[:, inside] / np.sqrt(spectrum[inside])
    gram = np.einsum("nrd,nsd->nrs", factors, factors)  # F F^T
    second = np.einsum(
        "n,nrd,nrs,nse->de", weights, factors, gram, factors, optimize=True
    )
    bare = hessian - ridge * np.eye(dim)
    second += 2.0 * ridge * bare + ridge**2 * np.eye(dim)
    expected = np.linalg.eigvalsh(root.T @ second @ root)[-1]
    largest = max(float(np.linalg.eigvalsh(one)[-1]) for one in gram) + ridge
    # An eigenvalue is computed to a share of the largest one, so the smallest one and
    # the root of 1/H that cL needs lose digits to the condition of H.
    lost = 8.0 * dim * EPS * float(spectrum[-1] / spectrum[inside][0])
    lowest = float(spectrum[inside][0]) / (ROUND_OUT + lost)
    return Quadratic(
        name=name,
        weights=weights,
        star=star,
        mu=lowest if np.all(inside) else 0.0,
        mu_pl=lowest,
        L=float(spectrum[-1]) * ROUND_OUT,
        cL=float(expected) * (ROUND_OUT + lost),
        L_max=largest * ROUND_OUT,
        factors=factors,
        ridge=ridge,
        noise=noise,
    )


def batched(problem: Quadratic, draws: IntArray) -> Quadratic:
    r"""The quadratic whose components are the means over batches, draws (m, b).

    All batches have the same probability, so the draws must treat components alike.
    """
    size = draws.shape[1]
    seen = np.bincount(draws.ravel(), minlength=problem.num_components)
    if np.any(seen != seen[0]) or np.ptp(problem.weights) > ROUND_OUT - 1.0:
        msg = (
            f"{problem.name}: need draws that treat components alike, with equal "
            f"weights; they are drawn {seen[:5]} ... times. Draw every subset."
        )
        raise InputError(msg)
    rows = problem.factors[draws] / np.sqrt(size)  # (m, b, r, d)
    return quadratic(
        f"{problem.name}, batches of {size}",
        rows.reshape(len(draws), -1, problem.dim),
        problem.noise[draws].mean(axis=1),
        problem.star,
        ridge=problem.ridge,
    )
