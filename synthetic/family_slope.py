r"""The rate that no single function follows: LINF(d) at T = d, over d.

From $x_0 = (1, \dots, 1)/\sqrt d$, so that D = 1 and G = 1 for every d, the value at
T = d is $1/\sqrt d$: the bound is the envelope of the family, and its slope is -1/2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic.engines import tree
from synthetic.instances import linf
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting
from theory import claims as registry
from theory.method import IAM_P, SPS_STAR, Method
from theory.slope import Slope, log_log

DIMENSIONS = (1, 4, 16, 64, 256)

METHODS: Mapping[str, Method] = {
    "sps.lipschitz.average": SPS_STAR,
    "iam.lipschitz.last": IAM_P,
}
"""The claims that have such a family, and what runs on it."""


@dataclass(frozen=True, eq=False)
class FamilySlope:
    """Values at T = d for each d, and the slope through them."""

    dimensions: tuple[int, ...]
    values: FloatArray
    slope: Slope

    def __str__(self) -> str:
        values = ", ".join(f"{value:.6g}" for value in self.values)
        return (
            f"{self.slope.value:.6f} over LINF(d) at T = d, D = G = 1, d = "
            f"{', '.join(map(str, self.dimensions))}: {values}"
        )


@cache
def family_slope(claim_id: str) -> FamilySlope | None:
    """Run the claim's method on every LINF(d); `None` if it has no such family."""
    if claim_id not in METHODS:
        return None
    claim = registry.get(claim_id)
    values, errors = [], []
    for dim in DIMENSIONS:
        setting = Setting(
            name=f"LINF({dim}), D = 1",
            problem=linf(dim),
            method=METHODS[claim_id],
            x0=np.full(dim, 1.0 / np.sqrt(dim)),
            horizon=dim,
        )
        trace, _, weights = tree.grow(setting, claim.needs)
        evidence, _ = tree.evidence(claim, setting.constants(), trace, weights)
        values.append(evidence.estimate[-1])
        errors.append(evidence.roundoff[-1])
    value, error = np.array(values), np.array(errors)
    slope = log_log(np.array(DIMENSIONS, float), value - error, value, value + error)
    return FamilySlope(DIMENSIONS, value, slope)
