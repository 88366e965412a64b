"""Probes of enclosures and plans against grids of everything that could be chosen."""

from __future__ import annotations

import numpy as np

from synthetic.scaling.enclose import (
    Budget,
    allocation,
    best_case,
    first_boxes,
    losses_at,
    lower_limits,
)
from synthetic.scaling.optimal import best_plan, log_loss
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import BOTH, PRETRAINING, Scenario
from theory.scaling_law import student_loss

CASES: tuple[tuple[float, float, Scenario], ...] = (
    (1e9, 1e22, BOTH),
    (3e8, 1e23, PRETRAINING),
)


def _grid(budget: Budget) -> float:
    """The least loss among 40 000 plans: an upper limit of the minimum."""
    sizes = np.linspace(np.log(1e8), np.log(1e11), 200)[:, None]
    shares = np.linspace(-8.0, 4.0, 200)[None, :]
    return float(np.exp(log_loss(PUBLISHED, budget, sizes, shares).min()))


def boxes() -> str:
    """No plan inside a box is better than the box's lower limit."""
    rng = np.random.default_rng(6)
    for N, C, scenario in CASES:
        budget = Budget(N, C, scenario)
        box = first_boxes(budget, (1e7, 1e12))
        limits = lower_limits(PUBLISHED, budget, box)
        for place in rng.random((20, 2, 1)):
            at = box[0::2] + place * (box[1::2] - box[0::2])
            values = losses_at(PUBLISHED, budget, *at)
            if np.any(wrong := values < limits - 1e-12):
                k = int(np.argmax(wrong))
                return f"{values[k]:.9g} in a box of at least {limits[k]:.9g}"
    return ""


def enclosure() -> str:
    """Lower limits are below what a grid reaches, and meet what was found."""
    teachers = np.linspace(1.23, 6.0, 20_001)
    for N, D in ((1e8, 1e10), (1e9, 1e12), (1e10, 1e11)):
        case, grid = (
            best_case(PUBLISHED, N, D),
            float(student_loss(PUBLISHED, N, D, teachers).min()),
        )
        if not case.low - 1e-12 <= grid <= case.high + 1e-6:
            return f"[{case.low:.9g}, {case.high:.9g}], where {grid:.9g} can be had"
    for N, C, scenario in CASES:
        budget = Budget(N, C, scenario)
        found, grid = allocation(PUBLISHED, budget, gap=1e-4), _grid(budget)
        if not found.low - 1e-12 <= grid <= found.high + 1e-3:
            return f"[{found.low:.9g}, {found.high:.9g}], where {grid:.9g} can be had"
        if found.high - found.low > 1.1e-4:
            return f"limits {found.high - found.low:.3g} apart, not 1e-4"
    return ""


def plans() -> str:
    """No plan on a grid is better than the one that was found."""
    for N, C, scenario in CASES:
        budget = Budget(N, C, scenario)
        found, grid = best_plan(PUBLISHED, budget).loss, _grid(budget)
        if found > grid + 1e-9:
            return f"{found:.9g}, where {grid:.9g} can be had"
    return ""
