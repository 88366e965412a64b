r"""A user's $f(x) = \sum_i w_i f_i(x)$ from NumPy functions and stated constants.

Nothing here is certified: the constants and the minimiser are what the user says, and
`synthetic.probe` looks for a point that contradicts them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from synthetic.certify import Minimiser
from synthetic.problems.base import (
    Array,
    BallConstants,
    FloatArray,
    IntArray,
    Problem,
    leak,
    rounding_factor,
)
from theory.errors import InputError

LossFunction = Callable[[IntArray, FloatArray], Array]
GradientFunction = Callable[[IntArray, FloatArray], Array]

BLOCK = 1_000_000
"""So many numbers, points times d, are given to the user's functions at once."""


@dataclass(frozen=True, eq=False, kw_only=True)
class UserProblem(Problem):
    r"""See `user_problem`.

    Attributes:
        loss_of: $(i, x) \mapsto f_i(x)$, (P,), (P, d) -> (P,).
        gradient_of: $(i, x) \mapsto g \in \partial f_i(x)$, (P,), (P, d) -> (P, d).
        lipschitz: $G_i$, shape (n,); `inf` if unknown.
        smoothness: $L_i$, shape (n,); `inf` if not smooth.
        growth_modulus: $\mu$, 0 if none is known.

    """

    loss_of: LossFunction
    gradient_of: GradientFunction
    lipschitz: FloatArray
    smoothness: FloatArray
    growth_modulus: float = 0.0

    @property
    def is_liftable(self) -> bool:
        """A user's functions are for floats: no replay in 50 digits."""
        return False

    def losses(self, x: Array) -> Array:
        """See `Problem.losses`."""
        found = np.empty((len(x), self.num_components))
        for i in self._blocks(len(x)):
            shape = (len(x), i.size)
            points = np.repeat(x, i.size, axis=0)
            found[:, i] = self.loss_of(np.tile(i, len(x)), points).reshape(shape)
        return found

    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """See `Problem.component`."""
        return np.asarray(self.loss_of(i, x)), np.asarray(self.gradient_of(i, x))

    def gradient(self, x: Array) -> Array:
        """See `Problem.gradient`."""
        found = np.zeros_like(x)
        for i in self._blocks(len(x)):
            points = np.repeat(x, i.size, axis=0)
            slopes = self.gradient_of(np.tile(i, len(x)), points)
            shaped = np.reshape(slopes, (len(x), i.size, self.dim))
            found += np.einsum("i,pid->pd", self.weights[i], shaped)
        return found

    def _blocks(self, num_points: int) -> list[IntArray]:
        """All components, in blocks that bound memory."""
        size = max(1, BLOCK // max(1, num_points * self.dim))
        every = np.arange(self.num_components)
        return [every[k : k + size] for k in range(0, every.size, size)]

    def ball(self, radius: float) -> BallConstants:
        r"""The stated constants, which must hold on the ball (and $L_i$ everywhere).

        Growth is $A = 0$, $B = G^2$: the infimum of each $f_i$ is not known.
        """
        everyone = np.arange(self.num_components)
        at_u = self.component(everyone, np.tile(self.point, (everyone.size, 1)))[1]
        slope_at_u = np.linalg.norm(at_u, axis=1)
        second = float(self.weights @ self.lipschitz**2)
        reach = float(np.linalg.norm(self.point)) + radius
        steepest = np.minimum(self.lipschitz, slope_at_u + self.smoothness * radius)
        steep = np.where(np.isfinite(steepest), steepest, slope_at_u)
        size = float(np.max(np.abs(self.loss_star))) + float(np.max(steep)) * reach
        unit, kappa = rounding_factor(self.dim), leak(at_u, self.weights)
        return BallConstants(
            lipschitz=self.lipschitz,
            smoothness=self.smoothness,
            slope_at_u=slope_at_u,
            growth=(0.0, second),
            value_roundoff=unit * size,
            step_roundoff=unit * reach,
            mean_lipschitz=float(self.weights @ self.lipschitz),
            mean_smoothness=float(self.weights @ self.smoothness),
            mu=self.growth_modulus,
            q=kappa**2 / second,
            kappa=kappa,
        )


def user_problem(  # noqa: PLR0913 -- one argument for each thing that a user can state
    name: str,
    loss: LossFunction,
    gradient: GradientFunction,
    *,
    num_components: int,
    minimiser: ArrayLike,
    weights: ArrayLike | None = None,
    lipschitz: ArrayLike | None = None,
    smoothness: ArrayLike | None = None,
    minimiser_gap: float = np.inf,
    mu: float = 0.0,
) -> UserProblem:
    r"""$f(x) = \sum_i w_i f_i(x)$ from vectorised functions; see `synthetic.probe`.

    Args:
        name: What tables call it.
        loss: `loss(i, x)` gives $f_i(x)$, shape (P,), for `i` of shape (P,), int, and
            `x` of shape (P, d); row p speaks of component `i[p]` at `x[p]` alone.
        gradient: `gradient(i, x)` gives subgradients, shape (P, d).
        num_components: $n$.
        minimiser: The comparator u, shape (d,). Claims that need a true minimiser do
            not apply unless `minimiser_gap` says how good it is.
        weights: Probability of each component, shape (n,); equal by default.
        lipschitz: $G_i \ge \|g_i\|$ on the ball $\|x - u\| \le D$, one or (n,). Too
            small a value makes a bound false; without it claims with G do not apply.
        smoothness: $L_i$, a Lipschitz constant of the gradient everywhere.
        minimiser_gap: $f(u) - \inf f \le$ this.
        mu: $f(x) - f(u) \ge \frac\mu2 \|x - u\|^2$ on the ball.

    """
    if num_components < 1:
        msg = f"Need num_components >= 1, got {num_components}."
        raise InputError(msg)
    if np.isnan(minimiser_gap) or minimiser_gap < 0:
        msg = f"Need minimiser_gap >= 0, got {minimiser_gap}."
        raise InputError(msg)
    if not (np.isfinite(mu) and mu >= 0):
        msg = f"Need a finite mu >= 0, got {mu}."
        raise InputError(msg)
    gap = float(minimiser_gap)
    why = f"the user's word that f(x) - inf f <= {gap:g}"
    return UserProblem(
        name=name,
        weights=_weights(weights, num_components),
        minimiser=Minimiser(_point(minimiser), gap, np.inf, "stated", why),
        loss_of=loss,
        gradient_of=gradient,
        lipschitz=_constants("lipschitz", lipschitz, num_components),
        smoothness=_constants("smoothness", smoothness, num_components),
        growth_modulus=float(mu),
    )


def _point(minimiser: ArrayLike) -> FloatArray:
    point = np.array(minimiser, dtype=np.float64)
    if point.ndim != 1 or point.size == 0 or not np.all(np.isfinite(point)):
        msg = f"Need a minimiser of d >= 1 finite numbers, got {minimiser!r}."
        raise InputError(msg)
    return point


def _weights(weights: ArrayLike | None, count: int) -> FloatArray:
    if weights is None:
        return np.full(count, 1.0 / count)
    found = np.array(weights, dtype=np.float64)
    well = found.shape == (count,) and bool(np.all(found >= 0))
    if not well or abs(found.sum() - 1.0) > 1e-9:  # a few roundings for each weight
        msg = f"Need {count} weights >= 0 of sum 1, got {weights!r}."
        raise InputError(msg)
    return found


def _constants(name: str, given: ArrayLike | None, count: int) -> FloatArray:
    if given is None:
        return np.full(count, np.inf)
    found = np.array(given, dtype=np.float64)
    if found.shape not in {(), (count,)} or not np.all(found > 0):
        msg = f"Need {name} > 0, one number or {count}, got {given!r}."
        raise InputError(msg)
    return np.array(np.broadcast_to(found, (count,)))
