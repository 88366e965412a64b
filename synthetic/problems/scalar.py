r"""One component on the line, from a formula: the place of nonconvex controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synthetic.problems.base import (
    Array,
    BallConstants,
    IntArray,
    Problem,
    rounding_factor,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Scalar(Problem):
    r"""$f: R \to R$ given by its value and slope, both elementwise.

    No constant is known of it beyond what the caller states, so claims that need one
    are not applicable.

    Attributes:
        value: $f$.
        slope: $f'$.
        largest_value: Size of f on the region of interest, for roundoff.

    """

    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    largest_value: float = 1.0

    def losses(self, x: Array) -> Array:
        """See `Problem.losses`."""
        return np.asarray(self.value(x))

    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """See `Problem.component`; there is one component, whatever `i`."""
        del i
        return np.asarray(self.value(x[:, 0])), np.asarray(self.slope(x))

    def gradient(self, x: Array) -> Array:
        """See `Problem.gradient`."""
        return np.asarray(self.slope(x))

    def ball(self, radius: float) -> BallConstants:
        """Nothing is known; see the class."""
        unknown = np.array([np.inf])
        reach = abs(float(self.point[0])) + radius
        unit = rounding_factor(1)
        return BallConstants(
            lipschitz=unknown,
            smoothness=unknown,
            slope_at_u=np.abs(self.slope(self.point)),
            growth=(np.inf, np.inf),
            value_roundoff=unit * self.largest_value,
            step_roundoff=unit * reach,
            mean_lipschitz=np.inf,
        )
