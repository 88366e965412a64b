"""The sums that the averages of SPS* follow from, and what they divide by."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic import instances
from synthetic.catalogue import polyak_settings
from synthetic.desk import Options
from synthetic.engines import simulate, tree
from synthetic.families import planted
from synthetic.losses import HINGE, L1, SQUARED, Loss
from synthetic.metrics import fixed
from synthetic.problems.base import Problem
from synthetic.setting import Setting
from synthetic.verify import judge_setting, plan
from theory.claims import get
from theory.claims.sps_sums import active_sum, growth_sum
from theory.evidence import Engine
from theory.judge import Status
from theory.method import SPS_STAR

SETTINGS = {setting.name: setting for setting in polyak_settings()}
SUMS = ("sps.lastiterate.sum", "sps.master.active")


def on(problem: Problem, horizon: int = 6) -> Setting:
    return Setting(
        name="test",
        problem=problem,
        method=SPS_STAR,
        x0=np.ones(problem.dim),
        horizon=horizon,
    )


def test_only_losses_that_have_risen_count_in_the_active_moment() -> None:
    setting = on(instances.split_squares())  # (x - 1)^2/2 and (x + 1)^2/2, u = 0
    points = np.array([[0.5], [0.0], [-0.5], [3.0]])
    found = simulate.active_moment(setting, points)
    # at 3 both have: (3 - 1)^2/2 > 1/2
    assert found.tolist() == [1.5**2 / 2, 0.0, 1.5**2 / 2, (2**2 + 4**2) / 2]


def test_the_active_moment_is_that_of_the_metric(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = planted(SQUARED, num_components=6, dim=2, noise=1.0, seed=3)
    setting = on(problem)
    points = np.random.default_rng(0).standard_normal((3, 2))
    plain = simulate.active_moment(setting, points)
    measured = replace(setting, metric=fixed((4.0, 4.0)))
    assert simulate.active_moment(measured, points) == pytest.approx(plain / 4, 1e-15)
    monkeypatch.setattr(simulate, "MOST_ENTRIES", 1)  # one component at a time
    # another order of six terms
    assert simulate.active_moment(setting, points) == pytest.approx(plain, rel=1e-14)


@pytest.mark.parametrize(("loss", "share"), [(HINGE, 0.5), (L1, 0.9)])
def test_the_active_moment_is_sharper_than_the_constant_one(
    loss: Loss, share: float
) -> None:
    problem = planted(loss, num_components=4, dim=2, noise=0.3, seed=1)
    setting = replace(on(problem), x0=problem.point + 1.0)
    trace, _, weights = tree.grow(setting, frozenset({"gap", "active_moment"}))
    plain, active = growth_sum(trace) @ weights, active_sum(trace) @ weights
    assert np.all(plain <= active)
    assert 0.05 < plain[-1] < share * active[-1]  # 0.40 and 0.86 of it


@pytest.mark.parametrize("claim_id", SUMS)
def test_a_closed_form_does_not_judge_a_sum_of_squares(claim_id: str) -> None:
    long = SETTINGS["SPARSE-ABS(0.01) T=126, SPS*"]
    assert plan(get("sps.lipschitz.average"), long) is Engine.CLOSED
    assert plan(get(claim_id), long) is None
    (outcome,) = judge_setting(long, [get(claim_id)], Options())
    assert outcome.verdict.status is Status.NOT_APPLICABLE


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_sparse_abs_spends_what_it_has_not_kept(p: float) -> None:
    setting = on(instances.sparse_abs(p), horizon=10)
    (outcome,) = judge_setting(setting, [get("sps.master.active")], Options())
    # p x^2 is gained in expectation at x = 1, and x = 1 lasts with chance (1 - p)^t
    assert outcome.verdict.tightness == pytest.approx(1 - (1 - p) ** 10, rel=1e-13)


def test_what_is_summed_is_the_mean_of_squares_not_the_square_of_means() -> None:
    setting = on(planted(L1, num_components=4, dim=2, noise=1.0, seed=2))
    trace, _, weights = tree.grow(setting, frozenset({"gap"}))
    means = replace(trace, channels={"gap": (trace.gap @ weights)[:, None]})
    at_means, path_by_path = growth_sum(means)[:, 0], growth_sum(trace) @ weights
    assert np.all(at_means <= path_by_path * (1 + 1e-14))  # a few roundings
    assert at_means[-1] < 0.95 * path_by_path[-1]
