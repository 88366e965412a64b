r"""Students with a canonical loss: $\nabla_z \ell(z, b) = m(z) - b$.

For all of them the gradient of a batch is a residual $r = m(z) - b$ at the outputs,
pulled back by the Jacobian of the outputs, plus the ridge $\nu x$:

$$ \nabla f_B(x) = \frac1{|B|} \sum_{n \in B} J_x(a_n)^T r_x(a_n) + \nu x. $$

Points are arrays (S, M, p): S seeds, each with a batch of its own, and M runs that see
that batch. Each run is a matrix product by itself, of a shape that depends on neither S
nor M: the same run has the same bits whatever it runs beside.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def softmax(z: FloatArray) -> FloatArray:
    r"""$m(z)_k = e^{z_k} / \sum_j e^{z_j}$ along the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return np.asarray(e)


def cross_entropy(z: FloatArray, b: FloatArray) -> FloatArray:
    r"""$\log \sum_j e^{z_j} - \langle b, z \rangle$, for $b$ that sums to 1."""
    top = z.max(axis=-1)
    total = np.exp(z - top[..., None]).sum(axis=-1)
    return np.asarray(np.log(total) + top - (z * b).sum(axis=-1))


@dataclass(frozen=True)
class Student(abc.ABC):
    r"""A model, its loss and its ridge.

    Attributes:
        num_features: $D$, the intercept's column of ones included.
        num_classes: $K$.
        ridge: $\nu \ge 0$: every $f_n$ contains $\frac\nu2 \|x\|^2$.

    """

    num_features: int
    num_classes: int
    ridge: float

    @property
    @abc.abstractmethod
    def num_parameters(self) -> int:
        """$p$."""

    @abc.abstractmethod
    def outputs(self, x: FloatArray, a: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Outputs (S, M, B, K) of rows a (S, 1, B, D), and what `pull_back` needs."""

    @abc.abstractmethod
    def pull_back(
        self, x: FloatArray, a: FloatArray, r: FloatArray, kept: FloatArray
    ) -> FloatArray:
        r"""$\frac1{|B|} \sum_n J_x(a_n)^T r_n$, shape (S, M, p)."""

    @abc.abstractmethod
    def start(self, u: FloatArray) -> FloatArray:
        """The first points (S, p), from uniforms u (S, p) where they are random."""

    def residuals(self, z: FloatArray, b: FloatArray) -> FloatArray:
        r"""$r = m(z) - b$."""
        return softmax(z) - b

    def losses(self, z: FloatArray, b: FloatArray) -> FloatArray:
        r"""$\ell(z, b)$ without the ridge, one a row."""
        return cross_entropy(z, b)

    def gradient(self, x: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
        r"""$\nabla f_B(x)$, (S, M, p), for batches a (S, 1, B, D), b (S, 1, B, K)."""
        z, kept = self.outputs(x, a)
        pulled = self.pull_back(x, a, self.residuals(z, b), kept)
        return np.asarray(pulled + self.ridge * x)

    def objective(self, x: FloatArray, a: FloatArray, b: FloatArray) -> FloatArray:
        r"""$f(x)$ over the rows a (N, D), one a point of x (..., p)."""
        z = self.outputs_on(x, a)
        return np.asarray(self.losses(z, b).mean(axis=-1) + self.penalty(x))

    def penalty(self, x: FloatArray) -> FloatArray:
        r"""$\frac\nu2 \|x\|^2$, one a point of x (..., p)."""
        return np.asarray(0.5 * self.ridge * (x * x).sum(axis=-1))

    def outputs_on(self, x: FloatArray, a: FloatArray) -> FloatArray:
        """The outputs (..., N, K) of points x (..., p) on the same rows a (N, D)."""
        points = x.reshape(1, -1, x.shape[-1])
        z, _ = self.outputs(points, a[None, None])
        return z.reshape(*x.shape[:-1], len(a), self.num_classes)


@dataclass(frozen=True)
class Linear(Student):
    r"""Softmax regression: $z = W^T a$. Distilling it is exactly KD's iteration."""

    @property
    def num_parameters(self) -> int:
        return self.num_features * self.num_classes

    @property
    def curvature(self) -> float:
        r"""$\max \lambda_{\max}(\nabla_z^2 \ell) = \frac12$: diag(p) - pp' for softmax.

        Gershgorin: the sum of a row's moduli is $2 p_k (1 - p_k) \le 1/2$.
        """
        return 0.5

    def residual_slope(self, z: FloatArray, dz: FloatArray) -> FloatArray:
        r"""$m'(z) \, dz$, where softmax has $m' = \mathrm{diag}(p) - p p^T$."""
        p = softmax(z)
        return np.asarray(p * (dz - (p * dz).sum(axis=-1, keepdims=True)))

    def start(self, u: FloatArray) -> FloatArray:
        return np.zeros_like(u)

    def matrices(self, x: FloatArray) -> FloatArray:
        """The points as matrices W (S, M, D, K)."""
        return x.reshape(*x.shape[:-1], self.num_features, self.num_classes)

    def outputs(self, x: FloatArray, a: FloatArray) -> tuple[FloatArray, FloatArray]:
        z = np.asarray(a @ self.matrices(x))
        return z, z

    def pull_back(
        self,
        x: FloatArray,
        a: FloatArray,
        r: FloatArray,
        kept: FloatArray,  # noqa: ARG002 -- a linear map's Jacobian needs no memory
    ) -> FloatArray:
        pulled = np.swapaxes(a, -1, -2) @ (r / a.shape[-2])
        return np.asarray(pulled).reshape(x.shape)


@dataclass(frozen=True)
class Squares(Linear):
    r"""Least squares on the classes' indicators: $\ell = \frac12 \|z - b\|^2$."""

    @property
    def curvature(self) -> float:
        return 1.0

    def residuals(self, z: FloatArray, b: FloatArray) -> FloatArray:
        return z - b

    def residual_slope(
        self,
        z: FloatArray,  # noqa: ARG002 -- the slope of a linear map
        dz: FloatArray,
    ) -> FloatArray:
        return dz

    def losses(self, z: FloatArray, b: FloatArray) -> FloatArray:
        return np.asarray(0.5 * ((z - b) ** 2).sum(axis=-1))


@dataclass(frozen=True)
class Network(Student):
    r"""$z = V^T (\max(U^T a, 0); 1)$: one hidden layer of ReLUs, softmax on top.

    Attributes:
        hidden: How many ReLUs.

    """

    hidden: int = 32

    @property
    def num_parameters(self) -> int:
        return self.num_features * self.hidden + (self.hidden + 1) * self.num_classes

    def start(self, u: FloatArray) -> FloatArray:
        """Uniform with variance 2 / fan-in (He) below, 1 / fan-in above."""
        below = self.num_features * self.hidden
        width = np.empty(u.shape[-1])
        width[:below] = np.sqrt(6.0 / self.num_features)
        width[below:] = np.sqrt(3.0 / (self.hidden + 1))
        return np.asarray((2.0 * u - 1.0) * width)

    def layers(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The points as matrices U (S, M, D, H) and V (S, M, H + 1, K)."""
        below, lead = self.num_features * self.hidden, x.shape[:-1]
        lower = x[..., :below].reshape(*lead, self.num_features, self.hidden)
        upper = x[..., below:].reshape(*lead, self.hidden + 1, self.num_classes)
        return lower, upper

    def outputs(self, x: FloatArray, a: FloatArray) -> tuple[FloatArray, FloatArray]:
        lower, upper = self.layers(x)
        h = np.maximum(a @ lower, 0.0)
        return h @ upper[..., :-1, :] + upper[..., -1:, :], h

    def pull_back(
        self, x: FloatArray, a: FloatArray, r: FloatArray, kept: FloatArray
    ) -> FloatArray:
        _, upper = self.layers(x)
        r = r / a.shape[-2]
        pulled = np.empty_like(x)
        to_lower, to_upper = self.layers(pulled)
        to_upper[..., :-1, :] = np.swapaxes(kept, -1, -2) @ r
        to_upper[..., -1, :] = r.sum(axis=-2)
        below = r @ np.swapaxes(upper[..., :-1, :], -1, -2)
        below *= kept > 0.0
        to_lower[...] = np.swapaxes(a, -1, -2) @ below
        return pulled


STUDENTS: dict[str, type[Student]] = {
    "softmax": Linear,
    "network": Network,
    "squares": Squares,
}
"""By the names that the command line knows."""
