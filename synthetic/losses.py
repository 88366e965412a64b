r"""Losses $h(u; b)$ of one score $u = \langle a, x \rangle$ and one target $b$.

Each loss is a value: its formula, its slope, and the suprema that the constants of the
proofs need on an interval $|u - u_\star| \le \rho$. All are convex in $u$, so the slope
is monotone and its largest modulus on an interval sits at an end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.elementary import exp, log1p

Array = NDArray[Any]
FloatArray = NDArray[np.float64]


def softplus(u: Array) -> Array:
    r"""$\log(1 + e^u)$ without overflow."""
    return np.asarray(0.5 * (u + np.abs(u)) + log1p(exp(-np.abs(u))))


def sigmoid(u: Array) -> Array:
    r"""$1 / (1 + e^{-u})$ with full relative accuracy in both tails."""
    tail = exp(-np.abs(u))
    return np.asarray(np.where(u >= 0, 1.0, tail) / (1.0 + tail))


@dataclass(frozen=True, eq=False)
class Loss:
    r"""A convex loss $h(u; b)$ and what the theorems need to know about it.

    Attributes:
        name: The name on the command line.
        formula: LaTeX of $h(u; b)$.
        value: $h(u; b)$, elementwise.
        slope: An element of $\partial_u h(u; b)$, elementwise; 0 at a kink.
        steepest: $\sup |h'|$ over $|u - u_\star| \le \rho$, from `(u_star, rho, b)`.
        curvature: $\sup h''$ there (lemma S2), or `None` if not smooth.
        self_bounding: A constant $M$ with $h'^2 \le 2 M (h - \inf h)$ on all of the
            line (lemma S1), or `None` if there is none.
        infimum: $\inf_u h(u; b)$.
        domain: Says what targets are allowed, for error messages.
        admits: Which targets are allowed, elementwise.

    """

    name: str
    formula: str
    value: Callable[[Array, Array], Array]
    slope: Callable[[Array, Array], Array]
    steepest: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    curvature: Callable[[FloatArray, FloatArray, FloatArray], FloatArray] | None
    self_bounding: float | None
    infimum: Callable[[FloatArray], FloatArray]
    domain: str
    admits: Callable[[FloatArray], NDArray[np.bool_]]

    def __reduce__(self) -> tuple[Callable[[str], Loss], tuple[str]]:
        """Pickle by name: processes of one run share the table below."""
        return _by_name, (self.name,)


def _entropy(b: FloatArray) -> FloatArray:
    inside = (b > 0) & (b < 1)
    p = np.where(inside, b, 0.5)
    return np.where(inside, -p * np.log(p) - (1 - p) * np.log1p(-p), 0.0)


def _logistic_steepest(u: FloatArray, rho: FloatArray, b: FloatArray) -> FloatArray:
    return np.maximum(np.abs(sigmoid(u + rho) - b), np.abs(sigmoid(u - rho) - b))


def _logistic_curvature(u: FloatArray, rho: FloatArray, _b: FloatArray) -> FloatArray:
    nearest = np.maximum(np.abs(u) - rho, 0.0)  # s(1 - s) decreases in |u|
    s = sigmoid(nearest)
    return np.asarray(s * sigmoid(-nearest), dtype=np.float64)


SQUARED = Loss(
    name="squared",
    formula=r"(u - b)^2 / 2",
    value=lambda u, b: 0.5 * (u - b) * (u - b),
    slope=lambda u, b: u - b,
    steepest=lambda u, rho, b: np.abs(u - b) + rho,
    curvature=lambda u, _rho, _b: np.ones_like(u),
    self_bounding=1.0,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
)

L1 = Loss(
    name="l1",
    formula=r"|u - b|",
    value=lambda u, b: np.abs(u - b),
    slope=lambda u, b: 1.0 * (u > b) - 1.0 * (u < b),
    steepest=lambda u, _rho, _b: np.ones_like(u),
    curvature=None,
    self_bounding=None,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
)

LOGISTIC = Loss(
    name="logistic",
    formula=r"\log(1 + e^u) - b u",
    value=lambda u, b: softplus(u) - b * u,
    slope=lambda u, b: sigmoid(u) - b,
    steepest=_logistic_steepest,
    curvature=_logistic_curvature,
    self_bounding=0.25,
    infimum=_entropy,
    domain="a class in {0, 1}, or a probability between them",
    admits=lambda b: (b >= 0) & (b <= 1),
)

LOSSES = {loss.name: loss for loss in (SQUARED, L1, LOGISTIC)}


def _by_name(name: str) -> Loss:
    return LOSSES[name]
