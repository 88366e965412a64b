r"""The gradient of the distillation loss, for one sample $(a, b)$ of one model.

$f_n(x|\theta,\lambda) = (1-\lambda)\ell(\varphi_x(a), b) + \lambda\ell(\varphi_x(a),
m(\varphi_\theta(a)))$ with a canonical loss, $\nabla_z\ell(z, y) = m(z) - y$. Residuals
are $r_x = m(\varphi_x(a)) - b$ and $r_\theta$, Jacobians $J_x = d\varphi_x(a)/dx$.

Channels are vectors, (B, P) over configurations and parameters, in units of $\|v\|$,
$v = \nabla f_n(x) - \lambda\nabla f_n(\theta)$: a distance from $v$ is a relative one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.distillation import Cases, FloatArray

CHANNELS: Mapping[str, str] = {
    "student": r"gradient of the distillation loss in x, from its values alone",
    "plain": r"$\nabla f_n(x)$, by backpropagation as all below",
    "teacher": r"$\nabla f_n(\theta)$",
    "product": r"$J_x^T(r_x - \lambda r_\theta)$",
    "correction": r"$(J_\theta - J_x)^T r_\theta$",
    "softened": r"$J_x^T[T(m(z/T) - m(z_\theta/T)) - (m(z) - m(z_\theta))]$",
    "anchor": r"$\theta$",
    "layers": r"$A_l^T(\nabla_W f_n(W) - \lambda\nabla_W f_n(W_\theta))B_l^T$, all l",
    "end_student": "`student` of the end-to-end matrix W",
    "end_plain": r"$\nabla_W f_n(W)$",
    "end_teacher": r"$\nabla_W f_n(W_\theta)$",
    "sine": r"$\sin(u, v)$ of `student` and v, `inf` if they are obtuse, (B, 1)",
}
"""Every channel that a claim about the gradient may name."""


@dataclass(frozen=True)
class GradientConstants(Cases):
    r"""What a claim may use: numbers, or arrays (B, 1) over configurations.

    Attributes:
        weight: $\lambda$.
        temperature: T > 0 of the soft part.
        ridge: $\nu \ge 0$ of $\frac\nu2\|x\|^2$.
        unit: $\|v\|$, or 1 where $v = 0$.
        deviation: $\|\lambda(J_\theta - J_x)^T r_\theta\| / \|v\|$, `inf`
            where $v = 0$.
        jacobian_change: $\|J_\theta - J_x\|$, the spectral norm.
        teacher_residual: $\|r_\theta\|$.
        is_linear: Are the outputs linear in the parameters?
        is_product: Are they $W_L\cdots W_1 a$ with $L \ge 2$?
        is_squared: Is $\ell$ the squared loss, m the identity?
        on_logits: Is the soft part $\frac12\|z - z_\theta\|^2$ whatever $\ell$ is?
        is_proximal: Is the soft part's ridge $\frac\nu2\|x - \theta\|^2$?
        roundoff: First-order roundoff of one evaluation, relative.

    """

    weight: Any
    temperature: Any
    ridge: Any
    unit: Any
    deviation: Any
    jacobian_change: Any
    teacher_residual: Any
    is_linear: bool
    is_product: bool
    is_squared: bool
    on_logits: bool
    is_proximal: bool
    roundoff: float

    def adding(self) -> "tuple[GradientConstants, ...]":
        """The same: no bound on a gradient has terms that cancel."""
        return (self,)

    def settled(self) -> "GradientConstants":
        """The same: a gradient has no start."""
        return self


@dataclass(frozen=True, eq=False)
class GradientTrace:
    """Vectors over configurations.

    Attributes:
        times: One -1: a gradient has no time.
        channels: Arrays (B, P), or (B, 1) for numbers.
        errors: What roundoff may have done to a norm or a number, arrays (B, 1).
        constants: What claims may use.

    """

    times: NDArray[np.int64]
    channels: Mapping[str, FloatArray]
    errors: Mapping[str, FloatArray]
    constants: GradientConstants

    def select(self, which: Any) -> "GradientTrace":
        """The trace of some configurations: an index array or a mask, (B,)."""
        return replace(
            self,
            channels={name: value[which] for name, value in self.channels.items()},
            errors={name: value[which] for name, value in self.errors.items()},
            constants=self.constants.select(which),
        )

    def uncertainty(self, claim: Any) -> tuple[FloatArray, FloatArray]:
        """The largest roundoff and the largest norm of the channels read, (B, 1)."""
        errors = np.max([self.errors[name] for name in claim.needs], axis=0)
        sizes = np.max([norm(self.channels[name]) for name in claim.needs], axis=0)
        return errors, sizes

    def __getitem__(self, name: str) -> FloatArray:
        """Return the channel of that name."""
        return self.channels[name]


def norm(vectors: FloatArray) -> FloatArray:
    """Euclidean norms, (B, P) -> (B, 1)."""
    return np.asarray(np.linalg.norm(vectors, axis=1, keepdims=True))
