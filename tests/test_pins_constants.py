"""Every field of Constants on instances small enough for pencil and paper."""

from dataclasses import fields, replace
from math import inf, log, sqrt
from typing import Any

import numpy as np
import pytest

from synthetic import instances
from synthetic.batches import Batch
from synthetic.certify import Minimiser
from synthetic.families import planted
from synthetic.losses import L1, LOGISTIC, SQUARED, Loss
from synthetic.metrics import adam, fixed, growing, shrinking
from synthetic.problems.base import Problem
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.constants import Constants
from theory.method import (
    IAM_C,
    IAM_P,
    POOLED,
    SPS_STAR,
    Target,
    capped_iam,
    capped_sps,
    iam_k,
)

EPS = 2.0**-52


ROUNDED = {"A", "L_f", "gap_max", "kappa", "mu", "q"}
"""Rounded to the safe side by 1e-12, or made of such a number."""


def exactly(value: float, rel: float = 4e-15) -> Any:
    return pytest.approx(value, rel=rel, abs=0)  # a few roundings; a guard is 1e-13


def line(
    rows: tuple[float, float],
    targets: tuple[float, float],
    loss: Loss,
    *,
    weights: tuple[float, float] = (0.25, 0.75),
    point: float = 1.0,
    ridge: float = 0.0,
) -> GLM:
    """Two rows on the line, ridge centred at 2, a comparator that is 0.125 too high."""
    u = Minimiser(np.array([point]), 0.125, inf, "planted", "for a test")
    return GLM(
        name="two rows",
        weights=np.array(weights),
        minimiser=u,
        features=np.array(rows)[:, None],
        target=np.array(targets),
        loss=loss,
        ridge=ridge,
        center=np.array([2.0]),
    )


def start(problem: Problem, *x0: float, horizon: int = 20) -> Setting:
    return Setting(
        name="test",
        problem=problem,
        method=SPS_STAR,
        x0=np.array(x0 or [3.0]),
        horizon=horizon,
    )


# f_1 = (2x - 3)^2/2 + (x - 2)^2/4, f_2 = (x + 1)^2/2 + (x - 2)^2/4, u = 1, x_0 = 3.
SQUARES = line((2.0, 1.0), (3.0, -1.0), SQUARED, ridge=0.5)

# f_i(1) = 0.75 and 2.25; slopes there -2.5 and 1.5, mean 0.5.
# On [-1, 3]: |2x - 3| <= 5, |x + 1| <= 4, and the ridge's slope is at most 1.5.
BALL_OF_2: dict[str, Any] = {
    "D": 2.0,
    "G": sqrt(0.25 * 11.5**2 + 0.75 * 5.5**2),
    "G_max": 11.5,
    "L": 4.5,
    "sigma": sqrt(0.25 * 2.5**2 + 0.75 * 1.5**2),
    "A": 2 * 4.5,
    "B": 2 * 4.5 * 1.875,
    "gap0": 0.25 * 4.75 + 0.75 * 8.25 - 1.875,
    "value_u": 0.25 * 0.75 + 0.75 * 2.25,
    "u_norm": 1.0,
    "minimiser_gap": 0.125,
    "lam": 0.0,
    "error_mean": 2.875e-13,  # guards 1e-13 (1 + f_i(u)): 1.75 and 3.25
    "error_min": 0.0,
    "error_max": 0.0,
    "guard": 2.875e-13,
    "guard_max": 3.25e-13,
    "dim": 1,
    "num_components": 2,
    "convex": True,
    "iid": True,
    "witness": "the order of the draws is fixed",
    "resisting": False,
    "reach": 2.0,
    "gap_max": 0.5 * 2 + 2.25 * 2,  # below G_f D = 14
    "excess_low": -2.5 * 2,
    "excess_high": 2.5 * 2 + 0.5 * 4.5 * 4,  # below 11.5 * 2 = 23, above f_2's 6
    "G_f": 0.25 * 11.5 + 0.75 * 5.5,
    "L_f": 0.25 * 4 + 0.75 * 1 + 0.5,
    "L_expected": (0.25 * 4.5**2 + 0.75 * 1.5**2) / (0.25 * 4.5 + 0.75 * 1.5),
    "mu": 0.25 * 4 + 0.75 * 1 + 0.5,
    "kappa": 0.0,
    "q": 0.0,  # the slopes at u do not cancel
    "G_min": 0.0,
    "error_abs": 2.875e-13,
    "error_neg": 0.0,
    "cap": inf,
    "batch": 1,
    "pooled": False,
    "quadratic": False,
    "preconditioner": "none",
    "momentum_slope": 0.0,
    "momentum_intercept": 0.0,
    "metric_start": 2.0,  # D, without a metric
    "metric_least": 1.0,
    "value_roundoff": 9 * EPS * (2.25 + 11.5 * 3),
    "step_roundoff": 9 * EPS * 3,
}


def compare(c: Constants, expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        found = getattr(c, name)
        if isinstance(value, float):
            rel = 4e-12 if name in ROUNDED else 4e-15  # twice their rounding
            rel = 2e-9 if name == "L_expected" else rel
            assert found == exactly(value, rel), name
        else:
            assert found == value, name


def test_two_squares_with_ridge_have_the_constants_of_a_hand() -> None:
    assert set(BALL_OF_2) == {field.name for field in fields(Constants)}
    compare(start(SQUARES).constants(), BALL_OF_2)


def test_signed_errors_under_a_cap_are_measured_on_the_wider_ball() -> None:
    setting = replace(
        start(SQUARES), method=capped_sps(0.5), target=Target((0.5, -0.25))
    )
    compare(
        setting.constants(),
        BALL_OF_2
        | {
            # sqrt(D^2 + 2 gamma_b eps T) = sqrt(4 + 2 (1/2) (1/4) 20); on [-2, 4]
            # |2x - 3| <= 7, |x + 1| <= 5, and the ridge's slope is at most 2
            "reach": 3.0,
            "cap": 0.5,
            "G": sqrt(0.25 * 16.0**2 + 0.75 * 7.0**2),
            "G_max": 16.0,
            "G_f": 0.25 * 16.0 + 0.75 * 7.0,
            "gap_max": 0.5 * 3 + 0.5 * 2.25 * 9,
            "excess_low": -2.5 * 3,
            "excess_high": 2.5 * 3 + 0.5 * 4.5 * 9,
            "error_mean": 0.125 - 0.1875 + 2.875e-13,
            "error_min": -0.25,
            "error_max": 0.5,
            "error_abs": 0.125 + 0.1875 + 0.4375e-13 - 2.4375e-13,
            "error_neg": 0.1875 - 2.4375e-13,
            "value_roundoff": 9 * EPS * (2.25 + 16.0 * 4),
            "step_roundoff": 9 * EPS * 4,
        },
    )
    assert replace(setting, method=capped_iam(0.5)).constants().reach == 3.0


def test_underestimates_without_a_cap_leave_no_ball() -> None:
    c = replace(start(SQUARES), target=Target((0.5, -0.25))).constants()
    assert (c.reach, c.gap_max, c.excess_low, c.excess_high) == (inf, inf, -inf, inf)
    assert exactly(BALL_OF_2["G"]) == c.G


def test_pooled_targets_are_off_by_what_each_loss_differs_from_their_mean() -> None:
    c = replace(start(SQUARES), target=POOLED).constants()
    assert c.pooled
    assert (c.error_min, c.error_max) == (1.875 - 2.25, 1.875 - 0.75)
    assert c.error_mean == pytest.approx(2.875e-13, abs=1e-16)  # one rounding of 1


def test_batches_of_two_halve_the_variance_and_keep_the_mean() -> None:
    setting = replace(start(SQUARES), batch=Batch(2))
    compare(
        setting.constants(),
        BALL_OF_2
        | {
            "batch": 2,
            "G": sqrt(0.5 * 55.75 + 0.5 * 49.0),
            "sigma": sqrt(3.25 / 2),
            "A": 2 * (0.5 * 2.25 + 0.5 * 4.5),
            "B": 0.5 * 9 * 1.875,
            "L_expected": 0.5 * 3.0 + 0.5 * 2.25,
        },
    )
    moved = replace(setting, problem=SQUARES.with_comparator(np.ones(1))).constants()
    assert moved.sigma == exactly(sqrt(3.25))  # E h = 0 is not known of any point
    assert moved.minimiser_gap == inf
    rough = line((2.0, 1.0), (0.0, 2.0), L1, weights=(1 / 3, 2 / 3))
    c = replace(start(rough), batch=Batch(2)).constants()
    compare(c, {"A": 0.0, "B": 0.5 * 2 + 0.5 * 16 / 9})
    assert (c.q, c.kappa, c.G_min) == (
        0.0,
        0.0,
        0.0,
    )  # a mean of two rows may be shorter


def test_schedules_and_metrics_show_in_the_constants() -> None:
    setting = start(SQUARES)
    for method, lam, slope, intercept in (
        (IAM_P, 0.0, 1.0, 0.0),
        (IAM_C, 0.0, 1.0, -1.0),
        (iam_k(3.0), 3.0, 0.0, 3.0),
    ):
        c = replace(setting, method=method).constants()
        assert (c.lam, c.momentum_slope, c.momentum_intercept) == (
            lam,
            slope,
            intercept,
        )
    assert not replace(setting, order=np.zeros(19, dtype=int)).constants().iid
    plain = start(line((2.0, 1.0), (3.0, -1.0), SQUARED))
    for metric, kind in (
        (fixed((4.0,)), "fixed"),
        (shrinking((4.0,), 0.5), "nonincreasing"),
        (growing((4.0,), 1.5), "growing"),
        (adam(), "any"),
    ):
        assert replace(plain, metric=metric).constants().preconditioner == kind
    c = replace(plain, metric=fixed((4.0,))).constants()
    # y = 2x: D = 4, slopes at u are -2/2 and 2/2, and |2x - 3| <= 5, |x + 1| <= 4
    assert (c.D, c.u_norm, c.sigma) == (4.0, 2.0, exactly(sqrt(0.25 + 0.75)))
    assert (c.G, c.G_max) == (exactly(sqrt(0.25 * 25 + 0.75 * 4)), 5.0)
    compare(c, {"gap_max": 0.5 * 4 + 0.5 * (1.75 / 4) * 16})


def test_two_absolute_rows_have_the_constants_of_a_hand() -> None:
    # |2x| and |x - 2| at u = 1 have slopes 2 and -1, which cancel with weights 1:2
    problem = line((2.0, 1.0), (0.0, 2.0), L1, weights=(1 / 3, 2 / 3))
    compare(
        start(problem).constants(),
        BALL_OF_2
        | {
            "G": sqrt(2.0),
            "G_max": 2.0,
            "L": inf,
            "sigma": sqrt(2.0),
            "A": 0.0,
            "B": 2.0,
            "gap0": 4 / 3,  # (6 - 2)/3 + (1 - 1) 2/3
            "value_u": 4 / 3,
            "guard": 7e-13 / 3,
            "guard_max": 3e-13,
            "error_mean": 7e-13 / 3,
            "error_abs": 7e-13 / 3,
            "gap_max": 8 / 3,
            "excess_low": -4.0,
            "excess_high": 4.0,
            "G_f": 4 / 3,
            "L_f": inf,
            "L_expected": inf,
            "mu": 0.0,
            "kappa": 0.5,
            "q": 0.125,  # kappa = E h^2 / (2 max |h|) = 1/2, and kappa^2 / G^2
            "G_min": 1.0,
            "value_roundoff": 9 * EPS * (2.0 + 2.0 * 3),
        },
    )
    with_zero = line((2.0, 0.0), (0.0, 2.0), L1)
    assert start(with_zero).constants().G_min == 2.0


def test_rows_that_point_apart_have_a_gentler_mean() -> None:
    apart = replace(
        planted(L1, num_components=2, dim=2, seed=0),
        features=np.diag([3.0, 4.0]),
        minimiser=instances.at_origin(2),
        target=np.zeros(2),
        ridge=0.5,
        center=np.array([0.0, 1.0]),
    )
    c = start(apart, 1.0, 0.0).constants()
    # E a a^T = diag(9, 16)/2: sqrt 8, below (3 + 4)/2; the ridge adds (1 + 1)/2
    assert c.G_f == exactly(8**0.5 + 1.0, rel=4e-12)
    assert c.G_max == 5.0


def test_two_logistic_rows_have_the_constants_of_a_hand() -> None:
    # scores s and 2 s with s from log 3 to log 27, labels 1 and 0
    problem = line((1.0, 2.0), (1.0, 0.0), LOGISTIC, point=log(9.0))
    low, high = 0.25 * 3 / 16, 0.75 * 4 * 9 / 100
    value = 0.25 * log(10 / 9) + 0.75 * log(82.0)
    steep = 2 * 729 / 730
    compare(
        start(problem, log(3.0)).constants(),
        {
            "D": log(3.0),
            "G": sqrt(0.25 * 0.25**2 + 0.75 * steep**2),
            "G_max": steep,
            "L": 4 * 9 / 100,
            "sigma": sqrt(0.25 * 0.1**2 + 0.75 * (2 * 81 / 82) ** 2),
            "A": 2.0,
            "B": 2 * value,
            "gap0": 0.25 * log(4 / 3) + 0.75 * log(10.0) - value,
            "value_u": value,
            "u_norm": log(9.0),
            "guard": 1e-13 * (1 + value),
            "guard_max": 1e-13 * (1 + log(82.0)),
            "G_f": 0.25 * 0.25 + 0.75 * steep,
            "L_f": low + high,
            "L_expected": 4 * 9 / 100,  # L: no more is known of this loss
            "mu": 0.0,
            "G_min": 0.0,
            "q": 0.0,
            "gap_max": (0.25 * 0.25 + 0.75 * steep) * log(3.0),  # < the curved bound
            "excess_low": -2 * 81 / 82 * log(3.0),
            "excess_high": steep * log(3.0),
        },
    )


def test_ridge_adds_to_smoothness_growth_and_self_bounding() -> None:
    soft = line((1.0, 2.0), (0.5, 0.5), LOGISTIC, ridge=0.5)
    c = start(soft).constants()
    assert c.mu == 0.5
    assert c.A == 2 * (4 * 0.25 + 0.5)
    entropy = log(2.0)  # the least of log(1 + e^s) - s/2
    assert exactly(3.0 * (c.value_u - entropy)) == c.B


def test_a_start_is_level_or_not_whatever_its_signs() -> None:
    problem = instances.linf(3)
    for x0, level in (
        ((1.0, 1.0, 1.0), True),
        ((1.0, -1.0, 1.0), True),
        ((0.3, 0.3, 0.3), True),
        ((1.0, 1.0, 1.0 + EPS), False),
        ((1.0, 0.5, 0.5), False),
    ):
        assert start(problem, *x0).constants().resisting is level
    shifted = problem.with_comparator(np.ones(3))
    assert not start(shifted, 1.0, 2.0, 3.0).constants().resisting
    assert start(shifted, 0.0, 2.0, 0.0).constants().resisting
    assert not start(instances.absolute(3), 1.0, 1.0, 1.0).constants().resisting


def test_linf_and_the_split_absolute_value_have_exact_constants() -> None:
    c = start(instances.linf(3), 1.0, 1.0, 1.0).constants()
    assert (c.G, c.G_max, c.G_min, c.sigma) == (1.0, 1.0, 1.0, 1.0)
    assert (c.A, c.B, c.L, c.q) == (0.0, 1.0, inf, 0.0)
    assert (c.guard, c.guard_max, c.error_mean, c.dim) == (0.0, 0.0, 0.0, 3)
    reach, unit = sqrt(3.0), EPS * (8 + sqrt(3.0))
    assert c.value_roundoff == exactly(unit * reach)
    assert c.step_roundoff == exactly(unit * 2 * reach)
    c = start(instances.split_abs(2.0), 1.0).constants()
    assert (c.q, c.value_u, c.gap0) == (0.5, 2.0, 0.0)
    assert c.value_roundoff == exactly(9 * EPS * 3.0)  # pieces reach 1, offsets 2
    assert start(instances.parabola(), 1.0).constants().quadratic
    assert not start(instances.coord_quad(1.0, 1.0), 1.0, 1.0).constants().quadratic


def test_a_radius_that_a_control_sets_replaces_the_distance() -> None:
    c = replace(start(SQUARES), radius=1.0).constants()
    assert (c.D, c.reach) == (1.0, 1.0)
    assert c.G_max == exactly(2 * 3 + 0.5 * 2)  # |2x - 3| <= 3 on [0, 2]
