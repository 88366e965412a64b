r"""$f$ on a coordinate subspace, with the constants of the restriction.

Gradients are $P\nabla f_i$, at any point: teachers may lie outside the subspace.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.distillation.multipliers import Mask
from synthetic.distillation.problems import (
    FiniteSum,
    FloatArray,
    Quadratic,
    quadratic,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Restricted(FiniteSum):
    r"""$f$ on the points that a mask keeps, written in all D coordinates.

    Attributes:
        base: $f$ on the whole space.
        inside: The restriction in k coordinates, with its minimiser and constants.
        mask: Which coordinates these are.

    """

    base: FiniteSum
    inside: FiniteSum
    mask: Mask

    def gradients(self, x: FloatArray) -> FloatArray:
        r"""$P\nabla f_i(x_b)$; see `FiniteSum.gradients`."""
        return np.asarray(self.base.gradients(x) * self.mask.ones)

    def gap(self, x: FloatArray) -> FloatArray:
        """Of what the mask keeps of x; see `FiniteSum.gap`."""
        return self.inside.gap(x[:, self.mask.index])

    def solve_gradient(self, slope: FloatArray) -> FloatArray:
        """The point of the subspace; see `FiniteSum.solve_gradient`."""
        return embedded(
            self.mask, self.inside.solve_gradient(slope[:, self.mask.index])
        )

    def drift(self, step: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `FiniteSum.drift`."""
        return self.inside.drift(step)


def embedded(mask: Mask, inside: FloatArray) -> FloatArray:
    """Points (B, k) of the subspace in all coordinates, (B, d)."""
    out = np.zeros((len(inside), mask.dim))
    out[:, mask.index] = inside
    return out


def restricted(base: FiniteSum, mask: Mask, inside: FiniteSum) -> Restricted:
    """The base on the points that the mask keeps, given its restriction."""
    return Restricted(
        name=f"{base.name} restricted",
        weights=base.weights,
        star=embedded(mask, inside.star[None, :])[0],
        mu=inside.mu,
        mu_pl=inside.mu_pl,
        L=inside.L,
        cL=inside.cL,
        L_max=inside.L_max,
        base=base,
        inside=inside,
        mask=mask,
    )


def quadratic_block(base: Quadratic, mask: Mask) -> Quadratic:
    r"""A quadratic of the kept coordinates alone: $H_{PP}x_{\star P} = PHx_\star$."""
    kept = mask.index
    block = base.hessian[np.ix_(kept, kept)]
    pull = (base.hessian @ base.star)[kept]
    star: FloatArray = np.asarray(np.linalg.solve(block, pull), dtype=np.float64)
    at_star = base.gradients(embedded(mask, star[None, :]))[0]
    return quadratic(
        base.name,
        base.factors[:, :, kept],
        at_star[:, kept],
        star,
        ridge=base.ridge,
        weights=base.weights,
    )
