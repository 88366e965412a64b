"""Sure ranges, on which Monte Carlo rests: by formula, and on every path of trees."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from synthetic.catalogue import polyak_settings
from synthetic.engines import tree
from theory.claim import distance_support, gap_support, sampled_support
from theory.claims import POLYAK
from theory.claims.iam import bregman_support
from theory.claims.iam_constant import weighted_bregman_support, weighted_support
from theory.claims.iam_schedules import last_support, mean_support
from theory.claims.sps_sums import active_support, growth_support
from theory.constants import Constants
from theory.judge import Status
from theory.method import EXACT, Family

SETTINGS = {setting.name: setting for setting in polyak_settings()}
T = np.array([1.0, 3.0])
C = Constants(
    D=2.0,
    G=3.0,
    G_max=5.0,
    L=7.0,
    sigma=1.1,
    A=1.3,
    B=1.7,
    gap0=1.5,
    value_u=0.0,
    u_norm=0.0,
    minimiser_gap=0.25,
    lam=3.0,
    error_mean=0.0,
    error_min=0.0,
    error_max=0.0,
    guard=0.0,
    guard_max=0.0,
    dim=1,
    num_components=1,
    reach=2.5,
    gap_max=6.0,
    excess_low=-9.5,
    excess_high=10.0,
    G_f=4.0,
)


def pair(found: tuple[np.ndarray, np.ndarray]) -> list[list[float]]:
    return [end.tolist() for end in found]


def test_sure_ranges_are_those_of_their_formulas() -> None:
    assert pair(gap_support(C, T)) == [[-0.25] * 2, [6.0] * 2]
    any_point = replace(C, minimiser_gap=inf)
    assert pair(gap_support(any_point, T)) == [[-4.0 * 2.5] * 2, [6.0] * 2]
    assert pair(sampled_support(C, T)) == [[-9.5] * 2, [10.0] * 2]
    assert pair(distance_support(C, T)) == [[0.0] * 2, [1.25**2] * 2]
    assert pair(bregman_support(C, T)) == [[-0.25] * 2, [10.0] * 2]
    # each d_s is at least -1/4 - 2 x 4 x 2.5
    assert pair(mean_support(C, T)) == [[-20.25] * 2, [10.0] * 2]
    assert pair(active_support(C, T)) == [[0.0] * 2, [2 * 1.25**2, 4 * 1.25**2]]
    most = 36 / (1.3 * 6 + 1.7) / 4
    assert pair(growth_support(C, T)) == [[0.0] * 2, [2 * most, 4 * most]]


def test_sure_ranges_of_weighted_averages_divide_by_their_weights() -> None:
    # (T excess - r_0 + lambda gap) / (T + lambda - 1) at T = 2 and 4
    low = [(2 * -9.5 - 1.5 - 0.75) / 4, (4 * -9.5 - 1.5 - 0.75) / 6]
    high = [(2 * 10 - 1.5 + 18) / 4, (4 * 10 - 1.5 + 18) / 6]
    top = [(2 * 10 + 2 * 1.5) / 4, (4 * 10 + 2 * 1.5) / 6]  # T G_f reach + 2 r_0
    assert pair(weighted_support(C, T)) == [low, high]
    assert pair(weighted_bregman_support(C, T)) == [low, top]


def test_the_range_of_a_scheduled_last_iterate_is_that_of_a_gap_scaled_and_moved() -> (
    None
):
    ahead = replace(C, momentum_slope=0.5, momentum_intercept=2.0)
    # ((1 + lambda_t) gap - (5/2 - 1) r_0) / T, lambda_t = 5/2 and 7/2 at T = 2 and 4
    low = [(-0.25 * 3.5 - 2.25) / 2, (-0.25 * 4.5 - 2.25) / 4]
    high = [(6 * 3.5 - 2.25) / 2, (6 * 4.5 - 2.25) / 4]
    assert pair(last_support(ahead, T)) == [low, high]


BY_CLAIM = {
    "iam.lipschitz.schedule": mean_support,
    "iam.lipschitz.schedule_last": last_support,
}


def test_a_claim_uses_the_range_of_what_it_reads() -> None:
    by_channels = {
        frozenset({"average_gap"}): sampled_support,
        frozenset({"gap"}): gap_support,
        frozenset({"iterate_gap"}): gap_support,
        frozenset({"best_gap"}): gap_support,
        frozenset({"point_dist_sq"}): distance_support,
        frozenset({"gap", "bregman"}): bregman_support,
        frozenset({"gap", "average_gap"}): weighted_support,
        frozenset({"gap", "average_gap", "bregman"}): weighted_bregman_support,
    }
    for claim in POLYAK.values():
        sampled = claim.kind.value == "expectation"
        if sampled and claim.expected is Status.HOLDS and not claim.dense:
            expected = BY_CLAIM.get(claim.id) or by_channels[claim.needs]
            assert claim.support is expected, claim.id


OTHERS = [
    name
    for name, setting in SETTINGS.items()
    if name.startswith(("comparator", "teacher"))
    # no rate speaks of overestimates under conventions C and K
    and (setting.target == EXACT or setting.method.family in {Family.SPS, Family.IAM_P})
]


@pytest.mark.parametrize("name", OTHERS)
def test_runs_measured_from_any_point_stay_within_their_sure_ranges(name: str) -> None:
    setting = SETTINGS[name]
    c = setting.constants()
    if setting.num_paths() > 5000 or setting.horizon > 200:
        setting = replace(setting, horizon=3)
    checked = 0
    for claim in POLYAK.values():
        if setting.method.family not in claim.families or claim.failing(c) is not None:
            continue
        if claim.kind.value == "pathwise":
            continue
        trace, _, _ = tree.grow(setting, claim.needs)
        quantity = claim.quantity(trace)[claim.first :]
        t = trace.times[claim.first :].astype(np.float64)
        low, high = claim.support(c, t)
        noise = 1e-12 * (1.0 + np.abs(quantity).max())  # far above roundoff
        assert np.all(quantity >= low[:, None] - noise), claim.id
        assert np.all(quantity <= high[:, None] + noise), claim.id
        checked += 1
    assert checked


def test_a_comparator_can_be_beaten_so_the_lower_end_must_be_below_zero() -> None:
    lowest = []
    for name in OTHERS:
        setting = SETTINGS[name]
        if setting.problem.minimiser.gap == inf and setting.num_paths() <= 5000:
            trace, _, _ = tree.grow(setting, frozenset({"gap"}))
            lowest.append(trace.gap.min())
    assert min(lowest) < -0.01  # so a support that starts at 0 would be false
