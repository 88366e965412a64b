"""A float violation is run again in 50 digits before it is reported.

The same simulation code runs on mpmath numbers: same draws, same start, same method.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mpmath
import numpy as np

from synthetic.engines.common import BOUND_ROUNDOFF
from synthetic.engines.simulate import simulate
from synthetic.problems.base import FloatArray, IntArray
from synthetic.setting import Setting
from theory.claim import Claim

DIGITS = 50
MOST_WORK = 5_000
"""Paths times steps times components; larger trees are not run again."""


def work(setting: Setting, num_paths: int, row: int) -> int:
    """How much a replay up to that row would cost."""
    return num_paths * (row + 2) * setting.problem.num_components * setting.problem.dim


def replayed(
    claim: Claim,
    setting: Setting,
    draws: IntArray,
    row: int,
    weights: FloatArray | None = None,
) -> Any:
    """The left-hand side at that row, as an mpmath number of 50 digits.

    Args:
        claim: Whose left-hand side.
        setting: As it was run in floats.
        draws: Components drawn at each step, shape (T - 1, P).
        row: Row of the claim's quantity, which is its t.
        weights: Probability of each path, for an expectation; else one path is enough.

    """
    horizon = min(setting.horizon, row + 2)
    short = replace(
        setting,
        horizon=horizon,
        order=None if setting.order is None else setting.order[: horizon - 1],
    )
    with mpmath.workdps(DIGITS):
        trace = simulate(short.lifted(), draws[: horizon - 1], channels=claim.needs)
        values = claim.quantity(trace)[row]
        chance = np.ones(1) if weights is None else weights
        return sum(mpmath.mpf(p) * v for p, v in zip(chance, values, strict=True))


def confirms(
    claim: Claim,
    setting: Setting,
    draws: IntArray,
    row: int,
    bound: float,
    weights: FloatArray | None = None,
) -> bool:
    """Does the left-hand side still exceed the bound at that row in 50 digits?

    Args:
        claim: What was refuted.
        setting: As it was run in floats.
        draws: Components drawn at each step, shape (T - 1, P).
        row: Row of the claim's quantity, which is its t.
        bound: The right-hand side there, exact up to its own rounding.
        weights: Probability of each path, for an expectation; else one path is enough.

    """
    value = replayed(claim, setting, draws, row, weights)
    return bool(value > bound + BOUND_ROUNDOFF * abs(bound))
