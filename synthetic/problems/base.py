r"""Problems: $f(x) = \sum_i w_i f_i(x)$ with a comparator $u$ and constants."""

from __future__ import annotations

import abc
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Self

import mpmath
import numpy as np
from numpy.typing import NDArray

from synthetic.certify import Minimiser
from theory.errors import InputError

Array = NDArray[Any]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EPS = float(np.finfo(np.float64).eps)
GUARD = 1e-13
r"""Targets are $f_\xi(u) + \mathrm{GUARD} (1 + |f_\xi(u)|)$ where gradients can vanish.

There $\Delta_t$ and $g_t$ go to 0 together and the roundoff of $\Delta_t$, divided by
$\|g_t\|$, would give steps of size one. The guard makes the computed numerator a true
overestimate's, under which the Fejer inequality holds; the rates gain the mean guard.
"""

_to_mp = np.frompyfunc(mpmath.mpf, 1, 1)


@dataclass(frozen=True, eq=False)
class BallConstants:
    r"""Suprema over the ball $\|x - u\| \le D$, one per component.

    Attributes:
        lipschitz: $\sup \|g_i\|$, shape (n,); `inf` where unknown.
        smoothness: $L_i$ in the sense of lemma S2, shape (n,); `inf` if not smooth.
        slope_at_u: $\|\nabla f_i(u)\|$ for the problem's subgradient rule, shape (n,).
        growth: $(A, B)$ with $E\|g\|^2 \le A (f - f(u))_+ + B$ on the ball.
        value_roundoff: First-order roundoff of one $f(x) - f(u)$.
        step_roundoff: First-order roundoff of one step, in units of length.
        mean_lipschitz: Upper bound of $\sup \|\bar g\|$.
        mean_smoothness: $L_f$, smoothness of the sum; `inf` if not smooth.
        expected_smoothness: $E\|g - h\|^2 \le 2 L_e (f - f(u))$ if u minimises f; `inf`
            where no more is known than the largest $L_i$.
        mu: Quadratic growth of the sum, 0 if none is known.
        gentlest: Smallest norm of a nonzero subgradient anywhere; 0 if there is none.
        q: $E (\langle h_\xi, v\rangle)_+^2 / G_\xi^2 \ge q$ for every unit v; 0 unless
            $E h_\xi = 0$ for the subgradients $h_\xi$ at u.
        kappa: $E \langle h_\xi, v\rangle_+ \ge \kappa$ for every unit v; 0 likewise.

    """

    lipschitz: FloatArray
    smoothness: FloatArray
    slope_at_u: FloatArray
    growth: tuple[float, float]
    value_roundoff: float
    step_roundoff: float
    mean_lipschitz: float
    mean_smoothness: float = float("inf")
    expected_smoothness: float = float("inf")
    mu: float = 0.0
    gentlest: float = 0.0
    q: float = 0.0
    kappa: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem(abc.ABC):
    """A finite sum, vectorised over P points at once.

    Attributes:
        name: What tables call it.
        weights: Probability of each component, shape (n,).
        minimiser: The comparator u and what is certified of it.
        convex: Is every component convex?
        witness: Where convexity fails, if it does.
        resisting: Is this LINF with its resisting oracle?

    """

    name: str
    weights: FloatArray
    minimiser: Minimiser
    convex: bool = True
    witness: str = ""
    resisting: bool = False

    def __post_init__(self) -> None:
        """Refuse weights that are no probabilities."""
        weights = np.asarray(self.weights, dtype=np.float64)
        if not np.all(weights >= 0) or abs(float(weights.sum()) - 1.0) > 1e-9:
            msg = f"Need weights >= 0 that sum to 1 in {self.name}, got {weights[:5]}."
            raise InputError(msg)

    @abc.abstractmethod
    def losses(self, x: Array) -> Array:
        """$f_i(x)$ for every component, (P, d) -> (P, n)."""

    @abc.abstractmethod
    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """Loss (P,) and subgradient (P, d) of component `i[p]` at `x[p]`."""

    @abc.abstractmethod
    def gradient(self, x: Array) -> Array:
        """Mean subgradient, the same rule as `component`, (P, d) -> (P, d)."""

    @abc.abstractmethod
    def ball(self, radius: float) -> BallConstants:
        """The constants on the ball of that radius around the comparator."""

    @property
    def is_parabola(self) -> bool:
        """Is this one parabola on the line?"""
        return False

    @property
    def is_liftable(self) -> bool:
        """Do the formulas take mpmath numbers too, for a replay in 50 digits?"""
        return True

    def in_metric(self, diagonal: FloatArray) -> Problem:
        r"""The problem in the variable $y = M^{1/2} x$, for M diagonal."""
        msg = f"{self.name} cannot be put in the metric {diagonal}."
        raise InputError(msg)

    @property
    def num_components(self) -> int:
        """$n$."""
        return int(self.weights.size)

    @property
    def point(self) -> FloatArray:
        """The comparator $u$, shape (d,)."""
        return self.minimiser.point

    @property
    def dim(self) -> int:
        """$d$."""
        return int(self.point.size)

    @cached_property
    def loss_star(self) -> Array:
        r"""$f_i(u)$, shape (n,)."""
        return np.asarray(self.losses(self.point[None, :])[0])

    @property
    def value_star(self) -> float:
        """$f(u)$."""
        return float(self.weights @ self.loss_star)

    @property
    def guard(self) -> Array:
        """What is added to each target against roundoff, shape (n,)."""
        return GUARD * (1.0 + np.abs(self.loss_star))

    def gap(self, x: Array) -> Array:
        r"""$f(x) - f(u)$, summed as differences so that it stays accurate near 0."""
        return np.asarray((self.losses(x) - self.loss_star) @ self.weights)

    def with_comparator(self, u: FloatArray) -> Self:
        """The same problem measured against another point, which need not minimise."""
        if u.shape != self.point.shape or not np.all(np.isfinite(u)):
            msg = f"Need a finite comparator of shape {self.point.shape}, got {u!r}."
            raise InputError(msg)
        other = Minimiser(u, np.inf, np.inf, "comparator", "any point of the space")
        return replace(self, minimiser=other)

    def lifted(self) -> Self:
        """The same problem with every array in mpmath numbers, for a replay."""
        arrays = {
            f.name: _to_mp(getattr(self, f.name))
            for f in fields(self)
            if isinstance(getattr(self, f.name), np.ndarray)
        }
        point = replace(self.minimiser, point=_to_mp(self.minimiser.point))
        return replace(self, minimiser=point, **arrays)


def refuse_flat(name: str, lipschitz: FloatArray) -> None:
    """Raise `InputError` where no component has a slope in the ball."""
    if not np.any(lipschitz > 0):
        msg = (
            f"Every loss of {name} is constant on the ball (G = 0): no method moves. "
            "Give at least one component a slope, or a column that is not 0."
        )
        raise InputError(msg)


def leak(at_u: FloatArray, weights: FloatArray) -> float:
    r"""Lower bound $\kappa$ of $\min_v E\langle h_\xi, v\rangle_+$, 0 unless $E h = 0$.

    With $E h = 0$, $E\langle h, v\rangle_+ = \frac12 E|\langle h, v\rangle| \ge
    \lambda_{\min}(E h h^T) / (2 \max\|h_\xi\|) =: \kappa$, and a step contracts by at
    least $\kappa^2 / G^2$ (Cauchy-Schwarz).
    """
    largest = float(np.linalg.norm(at_u, axis=1).max())
    if not largest > 0 or np.linalg.norm(weights @ at_u) > 1e-9 * largest:
        return 0.0
    least = float(np.linalg.eigvalsh((at_u.T * weights) @ at_u)[0])
    return max(least - 1e-12 * largest**2, 0.0) / (2.0 * largest)


def rounding_factor(dim: int) -> float:
    """First-order roundoff of a d-term sum, errors taken as independent."""
    return EPS * (8.0 + float(np.sqrt(dim)))
