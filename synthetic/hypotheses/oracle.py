r"""What is seen of a problem at points of a ball, with what roundoff may do to it.

A row is one point: of one component (`i` given) or of the mean of all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic.distillation.problems import FiniteSum
from synthetic.distillation.restricted import Restricted
from synthetic.problems.base import EPS, FloatArray, IntArray, Problem

SLACK = 64.0
"""How much a sum of d terms may be rounded, in units of d EPS times its size."""


@dataclass(frozen=True, eq=False)
class Seen:
    r"""R points, looked at.

    Attributes:
        i: The component of each row, (R,); `None`: the mean of all.
        x: The points, (R, d).
        away: $x - u$, (R, d).
        value: $f_i(x) - f_i(u)$ or $f(x) - f(u)$, (R,); NaN where nobody knows it.
        slope: A subgradient there, (R, d).
        level: The subgradient at u of the same function, (R, d).
        every: Subgradients of all components, (R, n, d), of rows of the mean.
        base: Those at u, (n, d).
        weights: Probabilities of the components, (n,).
        value_noise: Roundoff of `value`, (R,).
        slope_noise: Roundoff of the norm of `slope`, (R,).

    """

    i: IntArray | None
    x: FloatArray
    away: FloatArray
    value: FloatArray
    slope: FloatArray
    level: FloatArray
    every: FloatArray
    base: FloatArray
    weights: FloatArray
    value_noise: FloatArray
    slope_noise: FloatArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Oracle:
    r"""A problem as probes see it.

    Attributes:
        name: What messages call it.
        weights: $w_i$, (n,).
        centre: The comparator u, (d,).
        component: $f_i(x) - f_i(u)$ and a subgradient of component `i[r]` at `x[r]`.
        every: Subgradients of all components, (R, d) -> (R, n, d).
        gap: $f(x) - f(u)$, (R, d) -> (R,).
        bend: A Lipschitz constant of gradients, for their roundoff; 0 if there is none.
        size: Of the numbers that losses are differences of.
        kept: Which coordinates a point may use, (d,) of 0 and 1.

    """

    name: str
    weights: FloatArray
    centre: FloatArray
    component: Callable[[IntArray, FloatArray], tuple[FloatArray, FloatArray]]
    every: Callable[[FloatArray], FloatArray]
    gap: Callable[[FloatArray], FloatArray]
    bend: float
    size: float
    kept: FloatArray

    @property
    def dim(self) -> int:
        """$d$."""
        return int(self.centre.size)

    @property
    def num_components(self) -> int:
        """$n$."""
        return int(self.weights.size)

    def look(self, x: FloatArray, base: FloatArray, i: IntArray | None) -> Seen:
        """The rows at x, with `base`, all subgradients at u."""
        if i is None:
            every = self.every(x)
            value, slope = self.gap(x), np.einsum("n,rnd->rd", self.weights, every)
            level = np.broadcast_to(self.weights @ base, x.shape)
            # a mean is rounded as its terms are, however they cancel
            steep = (_norm(every) + _norm(base)) @ self.weights
        else:
            value, slope = self.component(i, x)
            every, level = np.zeros((0, 0, self.dim)), base[i]
            steep = _norm(slope) + _norm(level)
        unit = SLACK * EPS * (8.0 + self.dim)
        length = _norm(x) + _norm(self.centre)
        known = np.where(np.isnan(value), 0.0, np.abs(value))
        return Seen(
            i=i,
            x=x,
            away=x - self.centre,
            value=value,
            slope=slope,
            level=level,
            every=every,
            base=base,
            weights=self.weights,
            value_noise=unit * (1.0 + self.size + known + steep * length),
            slope_noise=unit * (steep + self.bend * length),
        )

    def at_centre(self) -> FloatArray:
        """Subgradients of all components at u, (n, d)."""
        return np.asarray(self.every(self.centre[None])[0])


def _norm(x: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt(np.sum(x**2, axis=-1)))


def of_problem(problem: Problem, smoothness: FloatArray) -> Oracle:
    """A problem of stochastic Polyak steps; `smoothness` is that of its components."""
    n, dim = problem.num_components, problem.dim
    everyone: IntArray = np.arange(n)
    finite = smoothness[np.isfinite(smoothness)]

    def component(i: IntArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        loss, slope = problem.component(i, x)
        return loss - problem.loss_star[i], slope

    def every(x: FloatArray) -> FloatArray:
        rows = np.repeat(x, n, axis=0)
        slopes = problem.component(np.tile(everyone, len(x)), rows)[1]
        return np.asarray(slopes).reshape(len(x), n, dim)

    return Oracle(
        name=problem.name,
        weights=problem.weights,
        centre=problem.point,
        component=component,
        every=every,
        gap=problem.gap,
        bend=float(np.max(finite, initial=0.0)),
        size=2.0 * float(np.max(np.abs(problem.loss_star))),
        kept=np.ones(dim),
    )


def of_sum(problem: FiniteSum) -> Oracle:
    """A finite sum of the distillation claims: no losses, only the gap of the sum."""
    kept = np.ones(problem.dim)
    if isinstance(problem, Restricted):  # its theorems speak of the subspace alone
        kept = np.asarray(problem.mask.ones, dtype=np.float64)

    def component(i: IntArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        return np.full(len(x), np.nan), problem.drawn(i, x)

    finite = [v for v in (problem.L, problem.L_max, problem.cL) if np.isfinite(v)]
    return Oracle(
        name=problem.name,
        weights=problem.weights,
        centre=problem.star,
        component=component,
        every=problem.gradients,
        gap=problem.gap,
        bend=max(finite, default=0.0),
        size=0.0,
        kept=kept,
    )
