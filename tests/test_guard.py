"""The guard of targets, ties of pieces, and what the Fejer inequality cannot see."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic import instances, mutants
from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.engines import tree
from synthetic.families import planted
from synthetic.losses import CERTIFIED, LOGISTIC, POISSON, SQUARED, Loss
from synthetic.problems import base, polyhedral
from synthetic.problems.base import Problem
from synthetic.setting import Setting
from synthetic.verify import judge_control, judge_setting
from theory.claims import CLAIMS
from theory.judge import Status, Verdict
from theory.method import IAM_C, IAM_P, SPS_STAR, Method, Target, iam_k

OPTIONS = Options()


def on(problem: Problem, method: Method, horizon: int, x0: float = 0.0) -> Setting:
    return Setting(
        name=f"{problem.name}, {method.name}",
        problem=problem,
        method=method,
        x0=np.full(problem.dim, x0),
        horizon=horizon,
    )


def fejer(setting: Setting) -> Verdict:
    claim = CLAIMS["sps.fejer.pathwise" if setting.method == SPS_STAR else "iam.fejer"]
    (outcome,) = judge_setting(setting, [claim], OPTIONS)
    return outcome.verdict


def worst(setting: Setting) -> float:
    evidence = fejer(setting).evidence
    assert evidence is not None
    return float(evidence.estimate.max())


def interpolating(loss: Loss, method: Method, seed: int) -> Setting:
    return on(planted(loss, num_components=3, dim=1, seed=seed), method, 400)


@pytest.mark.parametrize("method", [SPS_STAR, iam_k(1.0)])
@pytest.mark.parametrize("loss", [LOGISTIC, POISSON])
def test_only_the_guard_keeps_the_fejer_inequality_where_gradients_vanish(
    loss: Loss, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = [interpolating(loss, method, seed) for seed in range(3)]
    for setting in settings:
        verdict = fejer(setting)
        assert verdict.status is Status.HOLDS
        assert worst(setting) <= 1e-15  # nothing moves away, but for one rounding
    monkeypatch.setattr(base, "GUARD", 0.0)
    # roundoff of Delta over a tiny gradient is a step of 1e-5 D and more: its square
    assert max(worst(setting) for setting in settings) > 1e-11
    statuses = {fejer(setting).status for setting in settings}
    assert Status.INCONCLUSIVE in statuses  # 50 digits do not confirm it
    assert Status.REFUTED not in statuses


@pytest.mark.parametrize("method", [SPS_STAR, IAM_P])
def test_long_interpolating_runs_keep_the_inequality(method: Method) -> None:
    problem = planted(SQUARED, num_components=8, dim=4, seed=1)
    assert fejer(on(problem, method, 200)).status is Status.HOLDS


@pytest.mark.parametrize("loss", CERTIFIED)
def test_targets_are_the_losses_at_the_comparator_plus_error_plus_guard(
    loss: str,
) -> None:
    problem = planted(CERTIFIED[loss], num_components=4, dim=2, noise=1.0, seed=3)
    setting = on(problem, SPS_STAR, 3)
    stars = problem.losses(problem.point[None])[0]
    guard = 1e-13 * (1.0 + np.abs(stars))
    assert problem.guard.tolist() == guard.tolist()
    assert setting.targets(setting.target).tolist() == (stars + guard).tolist()
    off = setting.targets(Target((0.1, 0.2, -0.3, 0.0))) - stars
    # sums of numbers below 10
    assert off == pytest.approx(np.array([0.1, 0.2, -0.3, 0.0]) + guard, abs=4e-15)
    mean = float(problem.weights @ stars)
    pooled = setting.targets(Target(pooled=True))
    assert pooled == pytest.approx(mean + guard, abs=4e-15)


def test_exact_data_have_no_guard() -> None:
    setting = on(instances.linf(3), SPS_STAR, 3, 1.0)
    assert setting.targets(setting.target).tolist() == [0.0]
    assert setting.targets(Target(0.25)).tolist() == [0.25]


@pytest.mark.parametrize("level", [0.1, 1 / 3, 0.7, np.pi, 123.456, 1e-3])
@pytest.mark.parametrize("method", [SPS_STAR, IAM_P])
def test_linf_keeps_a_level_that_is_no_dyadic_number(
    level: float, method: Method
) -> None:
    for dim in (3, 7, 16):
        setting = on(instances.linf(dim), method, dim, level)
        trace, _, _ = tree.grow(setting, frozenset({"gap"}))
        # a mean of equal numbers is off by one rounding a step
        assert trace.gap[:, 0] == pytest.approx(np.full(dim, level), rel=1e-14, abs=0)


def answer(problem: Problem, x: np.ndarray) -> list[float]:
    _, grad = problem.component(np.zeros(1, dtype=np.int64), x[None])
    assert problem.gradient(x[None]).tolist() == grad.tolist()
    return [float(value) for value in grad[0]]


def test_pieces_that_are_equal_up_to_rounding_are_tied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts = {degrees: instances.wedge_start(degrees) for degrees in range(1, 80)}
    wedges = {degrees: instances.wedge(degrees) for degrees in starts}
    first = [answer(wedges[k], x) == [1.0, 0.0] for k, x in starts.items()]
    assert all(first)  # ties go to w, as the instance declares
    monkeypatch.setattr(polyhedral, "TIE", 0.0)
    bare = [answer(wedges[k], x) == [1.0, 0.0] for k, x in starts.items()]
    assert not all(bare)  # of 79 equalities some are off by one unit


@pytest.mark.parametrize("size", [1.0, 1e6])
def test_a_tie_reaches_eight_units_and_no_further(size: float) -> None:
    problem, unit = instances.linf(2), 8 * 2.0**-52 * (1.0 + size)
    for distance, tied in ((0.0, True), (0.9, True), (1.1, False)):
        found = answer(problem, np.array([size, size + distance * unit]))
        assert found == ([1.0, 0.0] if tied else [0.0, 1.0])
    assert answer(problem, np.array([size, size * (1 + 1e-6)])) == [0.0, 1.0]
    assert answer(problem, np.array([size, size * (1 + 1e-12)])) == [0.0, 1.0]


WRONG_LAMBDA = {
    "off by one": (IAM_P, IAM_C),
    "one late": (IAM_C, IAM_P),
    "constant 9": (IAM_P, iam_k(9.0)),
    "none": (IAM_P, SPS_STAR),
}


@pytest.mark.parametrize("name", WRONG_LAMBDA)
def test_the_fejer_inequality_is_blind_to_a_wrong_schedule(name: str) -> None:
    declared, actual = WRONG_LAMBDA[name]
    problem = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=3)
    setting = replace(on(problem, declared, 6), actual_method=actual)
    for claim_id, status in (
        ("iam.fejer", Status.HOLDS),
        ("iam.fejer.sum", Status.HOLDS),
        ("iam.ball", Status.HOLDS),
        ("iam.identity", Status.REFUTED),
        ("iam.averaging", Status.REFUTED),
    ):
        control = Control(claim_id=claim_id, label=name, setting=setting)
        verdict = judge_control(control, CLAIMS[claim_id], OPTIONS).verdict
        assert verdict.status is status, (claim_id, verdict.reason)


@pytest.mark.parametrize("loss", CERTIFIED)
@pytest.mark.parametrize("method", [SPS_STAR, IAM_P, IAM_C])
def test_the_fejer_inequality_is_blind_to_overestimates_in_its_own_numerators(
    loss: str, method: Method
) -> None:
    problem = planted(CERTIFIED[loss], num_components=4, dim=2, noise=1.0, seed=3)
    setting = replace(on(problem, method, 6), target=Target((0.0, 0.05, 0.1, 0.3)))
    kind = "sps.fejer.pathwise" if method is SPS_STAR else "iam.fejer"
    over = "sps.over.fejer" if method is SPS_STAR else "iam.over.fejer"
    for claim_id in (kind, over, f"{over}_sharp"):
        control = Control(claim_id=claim_id, label="", setting=setting)
        verdict = judge_control(control, CLAIMS[claim_id], OPTIONS).verdict
        assert verdict.status is Status.HOLDS, (claim_id, verdict.reason)


def test_numerators_of_the_truth_see_an_overestimate_and_a_longer_step() -> None:
    setting = on(instances.absolute(), SPS_STAR, 3, 1.0)
    claim_id = "sps.fejer.pathwise"
    for change in (
        {"actual_target": Target(0.25)},  # gains 1 is claimed, 1 - 1/16 is made
        {"actual_method": mutants.scaled(SPS_STAR, 1.5)},
    ):
        wrong = replace(setting, **change)
        control = Control(claim_id=claim_id, label="", setting=wrong)
        verdict = judge_control(control, CLAIMS[claim_id], OPTIONS).verdict
        assert verdict.status is Status.REFUTED
