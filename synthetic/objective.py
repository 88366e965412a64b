r"""$f(x) = \sum_i w_i h(\langle a_i, x\rangle; b_i) + \frac r2 \|x - c\|^2$, precisely.

Certificates are as good as the gradient they rest on. Values and gradients are summed
in `np.longdouble`, which on x86 carries 11 bits more than a double; where it does not,
the error bounds, which use its epsilon, are larger and as true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synthetic.losses import SQUARED, Array, FloatArray, Loss
from theory.errors import InputError

Extended = NDArray[np.longdouble]

EPS = float(np.finfo(np.float64).eps)
FINE_EPS = float(np.finfo(np.longdouble).eps)
TINY = float(np.finfo(np.float64).tiny)
INFLATE = 1 + 1e-12  # pays for the last few operations of a bound, in doubles


@dataclass(frozen=True, eq=False)
class Objective:
    r"""A weighted sum of losses with a ridge around $c$.

    Attributes:
        features: $a_i$, shape (n, d); rows of weight 0 are left out.
        target: $b_i$, shape (n,).
        weights: $w_i > 0$, shape (n,).
        loss: $h$.
        ridge: $r \ge 0$.
        center: $c$, shape (d,).

    """

    features: Extended
    target: Extended
    weights: Extended
    loss: Loss
    ridge: float
    center: Extended

    def residual_error(self, x: Array) -> Extended:
        r"""Bound the rounding of $\langle a_i, x\rangle - b_i$, first order."""
        terms = np.abs(self.features) @ np.abs(x) + np.abs(self.target)
        return extended((len(x) + 2) * FINE_EPS * terms)

    def value(self, x: Array) -> float:
        r"""$f(x)$."""
        shift = x - self.center
        losses = self.loss.value(self.features @ x, self.target)
        return float(self.weights @ losses + 0.5 * self.ridge * (shift @ shift))

    def gradient(self, x: Array) -> tuple[Extended, Extended]:
        r"""$\nabla f(x)$ of a smooth loss, and a bound on its rounding error.

        With $e$ the epsilon (two unit roundoffs): a score errs by $\delta_i$, its slope
        by $\max(1, h''_i) \delta_i + 4e(|h'_i| + |b_i|)$, as $|h'_i| + |b_i|$ exceeds
        what is subtracted in it, a sum of n products by $ne$ of its terms' moduli.
        """
        scores = self.features @ x
        slopes = self.loss.slope(scores, self.target)
        bend = np.maximum(1.0, self._curvature(scores))
        pull = self.ridge * (x - self.center)
        gradient = self.features.T @ (self.weights * slopes) + pull
        size = (len(slopes) + 8) * np.abs(slopes) + 4 * np.abs(self.target)
        slope_error = FINE_EPS * size + bend * self.residual_error(x)
        error = np.abs(self.features).T @ (self.weights * slope_error)
        error += 4 * FINE_EPS * self.ridge * (np.abs(x) + np.abs(self.center))
        return extended(gradient), extended(error)

    def root_hessian(self, x: Array) -> FloatArray:
        r"""$B$ with rows $\sqrt{w_i h_i''} a_i$: $\nabla^2 f(x) = B^\top B + r I$."""
        if self.loss.curvature is None:
            msg = f"Need a smooth loss, got {self.loss.name}"
            raise InputError(msg)
        curvature = self._curvature(self.features @ x)
        return doubles(np.sqrt(self.weights * curvature)[:, None] * self.features)

    def _curvature(self, scores: Extended) -> FloatArray:
        r"""$h''_i$; 0 for a loss that is not smooth."""
        at = doubles(scores)
        if self.loss.curvature is None:
            return np.zeros_like(at)
        return self.loss.curvature(at, np.zeros_like(at), doubles(self.target))


def doubles(array: ArrayLike) -> FloatArray:
    """Round to float64."""
    return np.asarray(array, dtype=np.float64)


def extended(array: ArrayLike) -> Extended:
    """Carry in the longest floating-point format."""
    return np.asarray(array, dtype=np.longdouble)


def norm(vector: Array) -> float:
    r"""$\|v\|_2$, rounded up; it neither overflows nor vanishes by its squares."""
    largest = np.max(np.abs(vector), initial=0.0)
    if largest == 0:
        return 0.0
    scaled = vector / largest
    return max(float(largest * np.sqrt(scaled @ scaled)) * INFLATE, TINY)


def spectrum(matrix: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Return d singular values, right vectors as rows, and a bound on the error.

    The bound is the usual rank tolerance, with the Frobenius norm for safety.
    """
    n, d = matrix.shape
    _, found, rows = np.linalg.svd(np.linalg.qr(matrix, mode="r"), full_matrices=True)
    values = np.zeros(d)
    values[: len(found)] = found
    return values, rows, max(n, d) * EPS * float(np.linalg.norm(matrix))


def whitener(f: Objective, x: FloatArray) -> tuple[int, float, FloatArray]:
    r"""Return the rank of f, $\lambda$ from below, and W with $W^\top W \ge H^{-1}$.

    A computed root $\tilde B$ of H errs by some e in norm, and its least singular value
    is s: $\|Bv\| \ge \|\tilde Bv\| - e\|v\| \ge (1 - e/s) \|\tilde Bv\|$, of use if
    e < s. If it is not, 0 is returned for $\lambda$.
    """
    rank = len(x)
    if f.ridge == 0:
        values, _, error = spectrum(doubles(np.sqrt(f.weights)[:, None] * f.features))
        rank = int(np.sum(values > error))
    values, rows, error = spectrum(f.root_hessian(x))
    if f.loss is not SQUARED:
        error *= 1 + float(np.max(np.abs(f.features) @ np.abs(x)))  # |(log h'')'| <= 1
    roots = np.sqrt(values[:rank] ** 2 + f.ridge)
    if rank == 0 or roots[-1] <= error:
        return rank, 0.0, np.zeros((0, len(x)))
    shrink = 1 - error / roots[-1]
    whiten = rows[:rank] / (shrink * roots)[:, None]
    return rank, float(roots[-1] * shrink) ** 2 / INFLATE, whiten


def whitened_norm(whiten: FloatArray, vector: Extended, error: Extended) -> float:
    r"""Bound $\|Wv\|$ for W with orthogonal rows and a v known up to `error`."""
    error = error + len(vector) * EPS * np.abs(vector)  # of the product, and of W
    error = error + TINY * (error > 0)  # of underflow
    longest_row = float(np.max(np.linalg.norm(whiten, axis=1), initial=0.0))
    spread = min(norm(np.abs(whiten) @ doubles(error)), longest_row * norm(error))
    return norm(whiten @ doubles(vector)) + spread


def objective(
    features: ArrayLike,
    target: ArrayLike,
    loss: Loss,
    *,
    ridge: float = 0.0,
    center: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Objective:
    r"""Check the data and make an `Objective` of them, with $w_i = 1/n$ by default."""
    a = _checked("features", features, 2)
    n, d = a.shape
    b = _checked("target", target, 1, n)
    if not loss.admits(b).all():
        i = int(np.argmin(loss.admits(b)))
        msg = f"target[{i}] is {b[i]:g}, but the {loss.name} loss needs {loss.domain}"
        raise InputError(msg)
    if not (np.isfinite(ridge) and ridge >= 0):
        msg = f"Need a finite ridge >= 0, got {ridge=}"
        raise InputError(msg)
    c = np.zeros(d) if center is None else _checked("center", center, 1, d)
    w = np.full(n, np.longdouble(1) / n)
    if weights is not None:
        given = _checked("weights", weights, 1, n)
        if given.min() < 0 or abs(given.sum() - 1) > 1e-9:  # n <= 5000 roundings
            msg = f"Need weights >= 0 of sum 1, got {given.min()=:g}, {given.sum()=:g}"
            raise InputError(msg)
        w = extended(given)
    keep = w > 0
    return Objective(
        features=extended(a[keep]),
        target=extended(b[keep]),
        weights=w[keep],
        loss=loss,
        ridge=float(ridge),
        center=extended(c),
    )


def _checked(name: str, given: ArrayLike, ndim: int, length: int = 0) -> FloatArray:
    array: NDArray[Any] = np.asarray(given)
    if array.dtype.kind not in "biuf":
        msg = f"{name} must be real numbers, got {array.dtype}"
        raise InputError(msg)
    if array.ndim != ndim or array.size == 0 or (length and len(array) != length):
        wanted = f"({length},)" if length else "(n, d) with n, d >= 1"
        msg = f"{name} must have shape {wanted}, got {array.shape}"
        raise InputError(msg)
    array = array.astype(np.float64)
    with np.errstate(over="ignore"):
        is_usable = np.isfinite(np.sum(array**2))
    if not is_usable:
        msg = (
            f"{name} must be finite, and so must the sum of its squares: the largest "
            f"modulus is {np.max(np.abs(array)):g}"
        )
        raise InputError(msg)
    return array
