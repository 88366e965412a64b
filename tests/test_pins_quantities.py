"""Every left-hand side on one trace of small whole numbers, worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest

from synthetic.engines import tree
from synthetic.families import planted
from synthetic.losses import LOGISTIC, SQUARED, Loss
from synthetic.setting import Setting
from theory.claim import Kind
from theory.claims import POLYAK
from theory.claims.iam import (
    identity_residual,
    last_with_bregman,
    last_with_bregman_c,
)
from theory.claims.iam_constant import weighted_average, weighted_average_bregman
from theory.claims.iam_schedules import scheduled_last, scheduled_mean
from theory.claims.inexact import fejer_change_sharp
from theory.claims.precond import discounted, metric_change, summed, telescoped
from theory.claims.smooth import interpolation_sum, smooth_fejer_change
from theory.claims.sps import farthest, fejer_change, fejer_sum
from theory.claims.sps_sums import active_sum, growth_sum
from theory.claims.strong import relative_distance, suffix_average
from theory.claims.under import true_fejer_change
from theory.method import IAM_C, IAM_P, Method, iam_k
from theory.schedules import C_CONVENTION, P_CONVENTION, Schedule, k_convention
from theory.trace import LINEAR, Trace

# Points t = 0, 1, 2, 3 and the steps between them; two paths, each row is one time.
POINTS = {
    "gap": [[3, 5], [2, 4], [1, 1], [0, 2]],
    "average_gap": [[3, 5], [5 / 2, 9 / 2], [2, 10 / 3], [3 / 2, 3]],
    "iterate_gap": [[6, 1], [5, 2], [4, 3], [3, 4]],
    "best_gap": [[8, 7], [6, 5], [4, 3], [2, 1]],
    "point_dist_sq": [[4, 4], [1, 9], [4, 1], [0, 0]],
    "dist_sq": [[4, 4], [3, 4], [2, 2], [1, 1]],
    "bregman": [[0, 0], [1, 2], [3, 0], [2, 4]],
    # r_t + t (r_t - r_{t-1} + B_t), but 6 too much on path 1 at t = 2
    "dual_gap": [[3, 5], [2, 5], [5, -5 + 6], [3, 17]],
    "active_moment": [[2, 4], [0, 3], [5, 1], [2, 2]],
    "mean_residual": [[0, 0], [2, 4], [6, 0], [0, 8]],
}
STEPS = {
    "numerator": [[2, -1], [3, 4], [0, 6]],
    "grad_norm_sq": [[4, 1], [3, 8], [0, 9]],  # (N)_+^2/||g||^2 = 1, 0; 3, 2; 0, 4
    "dist_sq_next": [[3, 5], [2, 2], [1, 1]],
    "target_error": [[1, 1], [2, -2], [1, 3]],
    "slope_u_sq": [[1, 2], [3, 0], [5, 4]],
    "preconditioned_before": [[4, 2], [6, 3], [5, 8]],
    "preconditioned_next": [[2, 1], [4, 5], [3, 2]],
    "metric_growth": [[1, 1], [2, 1], [3, 4]],
}


def trace(schedule: Schedule = P_CONVENTION) -> Trace:
    """D = 2 (so squares are divided by 4), r_0 = 3, L = 2, A = 1, B = 2, guard 1."""
    channels = {
        name: np.array(rows, dtype=np.float64)
        for name, rows in (POINTS | STEPS).items()
    }
    numbers = {"dist0": 2.0, "gap0": 3.0, "L": 2.0, "A": 1.0, "B": 2.0, "guard": 1.0}
    return Trace(np.arange(4), channels, schedule, **numbers)


Quantity = Callable[[Trace], np.ndarray]
TABLE: dict[str, tuple[Quantity, Schedule, list[list[float]]]] = {
    "fejer_change": (
        fejer_change,
        P_CONVENTION,
        [[0, 1 / 4], [2 / 4, 0], [-1 / 4, 3 / 4]],
    ),
    "fejer_sum": (
        fejer_sum,
        P_CONVENTION,
        [[4 / 4, 5 / 4], [6 / 4, 1], [5 / 4, 7 / 4]],
    ),
    "farthest": (
        farthest,
        P_CONVENTION,
        [[1, 1], [3**0.5 / 2, 3 / 2], [1, 2**0.5 / 2], [1 / 2, 1 / 2]],
    ),
    "fejer_change_sharp": (
        fejer_change_sharp,
        P_CONVENTION,
        # gains N (N + 2 e) / ||g||^2 = 2, 0; 7, 4 x 0 / 8; 0, 6 x 12 / 9
        [[1 / 4, 1 / 4], [6 / 4, -2 / 4], [-1 / 4, 7 / 4]],
    ),
    "true_fejer_change": (
        true_fejer_change,
        P_CONVENTION,
        # gains (N + e)^2 / ||g||^2 = 9/4, 0; 25/3, 4/8; 0 (no gradient), 81/9
        [[5 / 16, 1 / 4], [22 / 12, -3 / 8], [-1 / 4, 2]],
    ),
    "growth_sum": (
        growth_sum,
        P_CONVENTION,
        # gaps less the guard 2, 4; 1, 3; 0, 0; -1, 1: r^2/(r + 2) where positive
        [[1 / 4, 4 / 6], [1 / 3, 67 / 60], [1 / 3, 67 / 60], [1 / 3, 6 / 5]],
    ),
    "active_sum": (
        active_sum,
        P_CONVENTION,
        # squares 4, 16; 1, 9; 0, 0; 0, 1 over 2, 4; 0, 3; 5, 1; 2, 2
        [[2 / 4, 4 / 4], [2 / 4, 7 / 4], [2 / 4, 7 / 4], [2 / 4, 7.5 / 4]],
    ),
    "smooth_fejer_change": (
        smooth_fejer_change,
        P_CONVENTION,
        # gains N^2 / (2 N + h^2) = 4/5, 0; 9/9, 16/8; 0, 36/16
        [[-1 / 20, 1 / 4], [0, 0], [-1 / 4, 5 / 16]],
    ),
    "interpolation_sum": (
        interpolation_sum,
        P_CONVENTION,
        [[2 / 8, 0], [5 / 8, 4 / 8], [5 / 8, 10 / 8]],
    ),
    "metric_change": (
        metric_change,
        P_CONVENTION,
        [[-1 / 4, -1 / 4], [1 / 4, 1], [-2 / 4, -2 / 4]],
    ),
    "telescoped": (
        telescoped,
        P_CONVENTION,
        # gains 1, 0; 4, 2; 4, 6 less drifts 0, 0; 6 - 2, 3 - 1; + 5 - 4, + 8 - 5
        [[-1 / 4, -1 / 4], [0, 3 / 4], [-2 / 4, 1 / 4]],
    ),
    "discounted": (
        discounted,
        P_CONVENTION,
        # sums of 1, 0; 3/2, 2; 0, 4/4 and then 2, 1; 4/2, 5; 3/6, 2/4; over 4, 2
        [[3 / 4, 1 / 2], [4.5 / 4, 7 / 2], [3 / 4, 3.5 / 2]],
    ),
    "summed": (summed, P_CONVENTION, [[1 / 4, 0], [1, 1], [1, 3]]),
    "identity, P": (
        identity_residual,
        P_CONVENTION,
        [[0, 0], [0, 0], [0, 2], [0, 3 / 2]],
    ),
    "identity, lambda = 2": (
        identity_residual,
        k_convention(2.0),
        # sums 3, 5, 10, 13 and 5, 10, 11, 28 against 3, 5, 10, 12 and 5, 11, 6, 18
        [[0, 0], [0, 1 / 2], [0, 5 / 3], [1 / 4, 10 / 4]],
    ),
    "identity, C": (
        identity_residual,
        C_CONVENTION,
        # against t r_t + r_0 + sum (s - 1) B_s: 3, 5, 8, 10 and 5, 9, 7, 19
        [[0, 0], [0, 1 / 2], [2 / 3, 4 / 3], [3 / 4, 9 / 4]],
    ),
    "last_with_bregman": (
        last_with_bregman,
        P_CONVENTION,
        [[3, 5], [2 + 1 / 2, 4 + 2 / 2], [1 + 7 / 3, 1 + 2 / 3], [13 / 4, 2 + 14 / 4]],
    ),
    "last_with_bregman_c": (
        last_with_bregman_c,
        C_CONVENTION,
        [[3, 5], [2, 4], [1 + 3 / 2, 1], [7 / 3, 2 + 8 / 3]],
    ),
    "weighted_average": (
        weighted_average,
        k_convention(2.0),
        # (T average - 3 + 2 r_t) / (T + 1)
        [[6 / 2, 12 / 2], [6 / 3, 14 / 3], [5 / 4, 9 / 4], [3 / 5, 13 / 5]],
    ),
    "weighted_average_bregman": (
        weighted_average_bregman,
        k_convention(2.0),
        [[6 / 2, 12 / 2], [8 / 3, 18 / 3], [13 / 4, 13 / 4], [15 / 5, 25 / 5]],
    ),
    "scheduled_mean, P": (
        scheduled_mean,
        P_CONVENTION,  # that is last_with_bregman
        [[3, 5], [2 + 1 / 2, 4 + 2 / 2], [1 + 7 / 3, 1 + 2 / 3], [13 / 4, 2 + 14 / 4]],
    ),
    "scheduled_mean, lambda = 2": (
        scheduled_mean,
        k_convention(2.0),
        # sums 3, 5, 10, 12 and 5, 11, 6, 18, as for the identity
        [[3, 5], [5 / 2, 11 / 2], [10 / 3, 6 / 3], [12 / 4, 18 / 4]],
    ),
    "scheduled_last": (
        scheduled_last,
        Schedule(0.5, 2.0),
        # lambda_t = 0, 2.5, 3, 3.5: the first gap 3 counts 1.5 times against it
        [[-1.5, 0.5], [2.5 / 2, 9.5 / 2], [-0.5 / 3, -0.5 / 3], [-4.5 / 4, 4.5 / 4]],
    ),
    "scheduled_last, C": (
        scheduled_last,
        C_CONVENTION,
        [[3, 5], [2 / 2, 4 / 2], [2 / 3, 2 / 3], [0, 6 / 4]],
    ),
    "suffix_average": (
        suffix_average,
        P_CONVENTION,
        [[0, 0], [2, 4], [2, 4], [1 / 2, 3 / 2]],  # T = 1 has no second half
    ),
    "relative_distance": (
        relative_distance,
        P_CONVENTION,
        [[1, 1], [1 / 4, 9 / 4], [1, 1 / 4], [0, 0]],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_quantity_is_what_a_hand_makes_of_the_trace(name: str) -> None:
    quantity, schedule, expected = TABLE[name]
    found = quantity(trace(schedule))
    # a few roundings of numbers below 30
    np.testing.assert_allclose(found, np.array(expected), rtol=0, atol=1e-14)


READS: dict[str, Quantity] = {
    "sps.fejer.pathwise": fejer_change,
    "sps.fejer.sum": fejer_sum,
    "sps.ball": farthest,
    "sps.lastiterate.sum": growth_sum,
    "sps.master.active": active_sum,
    "sps.smooth.sharp.pathwise": smooth_fejer_change,
    "sps.smooth.interp_sum": interpolation_sum,
    "sps.strong.suffix": suffix_average,
    "iam.fejer": fejer_change,
    "iam.fejer.sum": fejer_sum,
    "iam.ball": farthest,
    "iam.identity": identity_residual,
    "iam.lipschitz.last_bregman": last_with_bregman,
    "iam.lipschitz.last_c_convention": last_with_bregman_c,
    "iam.lipschitz.constant_lambda": weighted_average,
    "iam.lipschitz.constant_lambda_bregman": weighted_average_bregman,
    "iam.lipschitz.schedule": scheduled_mean,
    "iam.lipschitz.schedule_last": scheduled_last,
    "iam.smooth.fejer": smooth_fejer_change,
    "iam.smooth.log": last_with_bregman,
    "iam.smooth.log_recursion": last_with_bregman,
    "iam.smooth.sharp": last_with_bregman,
    "iam.smooth.sharp_c": last_with_bregman_c,
    "iam.smooth.constant_lambda": weighted_average_bregman,
    "iam.smooth.interp": last_with_bregman,
    "sps.over.fejer": fejer_change,
    "sps.over.fejer_sharp": fejer_change_sharp,
    "sps.over.ball": farthest,
    "iam.over.fejer": fejer_change,
    "iam.over.fejer_sharp": fejer_change_sharp,
    "iam.over.lipschitz_bregman": last_with_bregman,
    "iam.over.smooth_bregman": last_with_bregman,
    "sps.mean_target": true_fejer_change,
    "iam.capped.lipschitz": last_with_bregman,
    "iam.capped.smooth": last_with_bregman,
    "iam.capped.tuned": last_with_bregman,
    "sps.capped.ball": farthest,
    "sps.under.fejer": fejer_change_sharp,
    "iam.precond.pathwise": metric_change,
    "iam.precond.sum": telescoped,
    "iam.precond.nonincreasing": summed,
    "iam.precond.multiplicative": discounted,
    "iam.precond.adam_summed": summed,
    "iam.averaging": lambda tr: tr.mean_residual / 2.0,
    "sps.lipschitz.minimax": lambda tr: -tr.gap,
    "iam.smooth.quadratic_from_below": lambda tr: -tr.gap,
}


@pytest.mark.parametrize("claim_id", POLYAK)
def test_a_claim_has_the_left_hand_side_of_its_statement(claim_id: str) -> None:
    claim = POLYAK[claim_id]
    if claim.needs == {"point_dist_sq"}:
        expected: Quantity = relative_distance
    else:
        (*_, only) = claim.needs
        expected = READS.get(claim_id, attrgetter(only))
        assert claim_id in READS or len(claim.needs) == 1
    tr = trace(k_convention(2.0))
    np.testing.assert_array_equal(claim.quantity(tr), expected(tr))


OF_MEANS = [
    claim_id
    for claim_id, claim in POLYAK.items()
    if claim.kind is Kind.EXPECTATION and claim.needs <= LINEAR
]


@pytest.mark.parametrize("claim_id", OF_MEANS)
def test_a_closed_form_gives_means_to_linear_quantities_only(claim_id: str) -> None:
    claim = POLYAK[claim_id]
    tr = trace(k_convention(2.0))
    means = {name: rows.mean(axis=1)[:, None] for name, rows in tr.channels.items()}
    of_means = claim.quantity(replace(tr, channels=means))[:, 0]
    mean_of = claim.quantity(tr).mean(axis=1)
    # a few roundings of numbers below 30
    agree = np.allclose(of_means, mean_of, rtol=0, atol=1e-14)
    assert claim.is_linear is agree
    if claim.nonlinear:
        assert np.all(of_means <= mean_of)  # Jensen: r_t gives less


@pytest.mark.parametrize("method", [IAM_P, IAM_C, iam_k(9.0)])
@pytest.mark.parametrize("loss", [SQUARED, LOGISTIC])
def test_bregman_terms_make_the_last_iterate_the_sum_of_dual_gaps(
    loss: Loss, method: Method
) -> None:
    problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=8)
    setting = Setting(
        name="test", problem=problem, method=method, x0=np.ones(2), horizon=6
    )
    channels = frozenset({"gap", "average_gap", "bregman", "dual_gap"})
    tr, _, _ = tree.grow(setting, channels)
    total, start, t = np.cumsum(tr.dual_gap, axis=0), tr.gap[0], tr.times[:, None]
    if method is IAM_P:
        left, right = (t + 1) * last_with_bregman(tr), total
    elif method is IAM_C:
        left, right = t * last_with_bregman_c(tr), total - start
    else:
        left = (t + 9) * weighted_average_bregman(tr)
        right = total + 8 * start
    moved = slice(1, None)  # at t = 0 conventions C and K say nothing
    # sums of some twenty numbers below 100
    np.testing.assert_allclose(left[moved], right[moved], rtol=0, atol=2e-12)
    assert np.abs(tr.bregman[2:]).max() > 1e-3  # the terms are there
