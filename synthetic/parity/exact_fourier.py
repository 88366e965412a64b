r"""$2^d\xi_j$ from its definition, point by point or weight by weight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from theory.method import Family

Number = int | Fraction
IntArray = NDArray[np.int64]

MOST_ENUMERATED = 14
"""Up to so many dimensions all points are summed over."""


@dataclass(frozen=True)
class FourierCase:
    """One coefficient, or with k the two at k - 1 and k + 1."""

    d: int
    k: int = 0
    j: int = 0
    b: Number = 0

    def __str__(self) -> str:
        what = f"k = {self.k}" if self.k else f"j = {self.j}"
        return f"d = {self.d}, {what}, b = {self.b}"


@dataclass(frozen=True, eq=False, kw_only=True)
class FourierSetting(CaseSetting):
    """Coefficients of biased thresholds.

    Attributes:
        ties: Is a neuron on at a tie, in a control?

    """

    family = Family.PARITY_FOURIER
    offers = frozenset({"xi", "below", "above", "next_below", "next_above"})
    ties: bool = False

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        places = {
            "xi": lambda c: (c.j, c.d),
            "below": lambda c: (c.k - 1, c.d),
            "above": lambda c: (c.k + 1, c.d),
            "next_below": lambda c: (c.k - 1, c.d + 2),
            "next_above": lambda c: (c.k + 1, c.d + 2),
        }
        return {
            name: tuple(
                scaled(*places[name](c), c.b, ties=self.ties) for c in self.cases
            )
            for name in needs
        }

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        how = f"point by point up to d = {MOST_ENUMERATED}, else weight by weight"
        return f"{self.count}, summed in whole numbers {how}"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(min(2**c.d, 100 * c.d**2) for c in self.cases))


def scaled(j: int, d: int, b: Number, *, ties: bool = False) -> int:
    r"""$\sum_x x_1\cdots x_j h_b(x)$; 0 for sets that are not in 0 to d.

    Args:
        j: Size of the set.
        d: Dimension.
        b: Bias, exact.
        ties: $h_b = 1\{\cdot \ge 0\}$, the wrong rule.

    """
    if not 0 <= j <= d:
        return 0
    total = 0
    for w, count in enumerate(_by_weight(j, d)):
        level = d - 2 * w + b
        if level > 0 or (ties and level == 0):
            total += count
    return total


@cache
def _by_weight(j: int, d: int) -> tuple[int, ...]:
    r"""$\sum x_1\cdots x_j$ over the points with w minus signs, w = 0 to d.

    In large dimensions these are the coefficients of $(1-z)^j(1+z)^{d-j}$.
    """
    if d <= MOST_ENUMERATED:
        points = signs(d)
        weight = (d - points.sum(axis=1)) // 2
        product = points[:, :j].prod(axis=1)
        return tuple(int(product[weight == w].sum()) for w in range(d + 1))
    sums = [comb(d - j, w) for w in range(d - j + 1)]
    for _ in range(j):
        sums = [a - b for a, b in zip([*sums, 0], [0, *sums], strict=True)]
    return tuple(sums)


@cache
def signs(d: int) -> IntArray:
    """All points of the cube, (2^d, d)."""
    bits = (np.arange(2**d)[:, None] >> np.arange(d)) & 1
    points: IntArray = (1 - 2 * bits).astype(np.int64)
    points.setflags(write=False)
    return points
