"""A float violation is run again in 50 digits before it is reported.

The same simulation code runs on mpmath numbers: same draws, same start, same method.
"""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np

from synthetic.engines.simulate import simulate
from synthetic.problems.base import IntArray
from synthetic.setting import Setting
from theory.claim import Claim

DIGITS = 50


def confirms(
    claim: Claim, setting: Setting, draws: IntArray, row: int, bound: float
) -> bool:
    """Does the left-hand side still exceed the bound at that row in 50 digits?

    Args:
        claim: A pathwise claim.
        setting: As it was run in floats.
        draws: Component drawn at each step by the one path, shape (T - 1,).
        row: Row of the claim's quantity, which is its t.
        bound: The right-hand side there.

    """
    horizon = min(setting.horizon, row + 2)
    short = replace(setting, horizon=horizon)
    with mpmath.workdps(DIGITS):
        trace = simulate(
            short.lifted(), draws[: horizon - 1, None], channels=claim.needs
        )
        value = claim.quantity(trace)[row, 0]
        return bool(value > np.float64(bound))
