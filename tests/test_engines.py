"""Engines against each other, against exact values, and against 50 digits."""

from dataclasses import replace

import numpy as np
import pytest

from synthetic import instances
from synthetic.catalogue import polyak_settings
from synthetic.desk import Options
from synthetic.engines import closed, montecarlo, pathwise, tree
from synthetic.engines.montecarlo import Budget
from synthetic.engines.simulate import simulate
from synthetic.families import planted
from synthetic.losses import CERTIFIED, LOGISTIC, SQUARED
from synthetic.setting import Setting
from synthetic.verify import judge_setting
from theory.claim import Claim, Kind
from theory.claims import POLYAK, get
from theory.constants import Constants
from theory.errors import InputError
from theory.evidence import Engine
from theory.judge import Status
from theory.method import IAM_C, IAM_P, SPS_STAR, Method, Target, iam_k
from theory.trace import CHANNELS

ALL = frozenset(CHANNELS)
MAGIC = float(np.rad2deg(np.arccos(1 / np.sqrt(3))))


def on(problem: object, method: Method, horizon: int, **more: object) -> Setting:
    values: dict[str, object] = {
        "name": "test",
        "problem": problem,
        "method": method,
        "horizon": horizon,
        "x0": np.ones(problem.dim),  # type: ignore[attr-defined]
    }
    return Setting(**(values | more))  # type: ignore[arg-type]


def gaps(setting: Setting) -> np.ndarray:
    """$E f(x_t) - f(u)$ by the exact tree."""
    trace, _, weights = tree.grow(setting, frozenset({"gap"}))
    return np.asarray(trace.gap @ weights)


def test_linf_keeps_its_level_for_d_points_then_drops() -> None:
    for dim in (1, 2, 5, 16):
        for method in (SPS_STAR, IAM_P):
            assert gaps(on(instances.linf(dim), method, dim)).tolist() == [1.0] * dim
        assert gaps(on(instances.linf(dim), SPS_STAR, dim + 1))[-1] == 0.0


def test_wedge_has_the_first_step_of_its_closed_form() -> None:
    for degrees in (10.0, 24.0, 35.2, 45.0, MAGIC, 80.0):
        start = instances.wedge_start(degrees)
        angle = np.deg2rad(degrees)
        # x_1 = (0, sin theta), so f(x_1) = sin(2 theta) sin(theta)
        expected = np.sin(2 * angle) * np.sin(angle)
        found = gaps(on(instances.wedge(degrees), SPS_STAR, 2, x0=start))
        assert found[0] == pytest.approx(np.cos(angle), abs=1e-15)  # one rounding
        assert found[1] == pytest.approx(expected, abs=1e-15)  # a few roundings
    assert 4 / (3 * np.sqrt(3)) * np.sqrt(2) == pytest.approx(1.0887, abs=5e-5)


def test_sps_halves_the_parabola_and_iam_follows_the_gamma_function() -> None:
    assert gaps(on(instances.parabola(), SPS_STAR, 6)) == pytest.approx(
        [0.5 * 4.0**-t for t in range(6)],
        rel=1e-11,  # the guard shifts targets by 1e-13
    )
    # x_t = Gamma(t + 3/2) / (Gamma(3/2) Gamma(t + 2)), so x_{t+1} / x_t is
    x = np.cumprod([1.0, *((t + 1.5) / (t + 2.0) for t in range(7))])
    assert gaps(on(instances.parabola(), IAM_P, 8)) == pytest.approx(
        (0.5 * x**2).tolist(),
        rel=1e-11,  # the guard again
    )


def test_constant_lambda_on_the_absolute_value_decays_by_nine_tenths() -> None:
    found = gaps(on(instances.absolute(), iam_k(9.0), 6))
    assert found == pytest.approx([0.9**t for t in range(6)], rel=1e-15)  # roundings
    assert found[4] * np.sqrt(5.0) == pytest.approx(1.4671, abs=5e-5)


@pytest.mark.parametrize("p", [0.5, 0.1])
def test_sparse_abs_decays_by_its_probability(p: float) -> None:
    found = gaps(on(instances.sparse_abs(p), SPS_STAR, 9))
    expected = [p * (1 - p) ** t for t in range(9)]
    assert found == pytest.approx(expected, rel=1e-14)  # sums of 2^8 exact terms


def test_the_closed_forms_of_the_catalogue_equal_the_code() -> None:
    settings = [s for s in polyak_settings() if s.closed is not None]
    assert len(settings) >= 5
    for setting in settings:
        claim = get("sps.lipschitz.average")
        assert closed.disagreement(setting, claim, c(setting), 0) is None


def test_a_closed_form_that_drifts_from_the_code_is_not_believed() -> None:
    setting = next(s for s in polyak_settings() if s.closed is not None)
    wrong = replace(setting, closed=lambda t: {"gap": 0.5 * np.ones(len(t))})
    found, _ = closed.evidence(get("sps.lipschitz.average"), c(wrong), wrong, 0)
    assert "disagree" in found.source
    assert np.all(np.isnan(found.estimate))


def c(setting: Setting) -> Constants:
    return setting.constants()


@pytest.mark.parametrize("loss", CERTIFIED)
@pytest.mark.parametrize("method", [SPS_STAR, IAM_P, IAM_C, iam_k(9.0)])
def test_monte_carlo_encloses_the_exact_tree(loss: str, method: Method) -> None:
    # error probability 1e-8 for each claim, about 12 x 10 claims in all
    problem = planted(CERTIFIED[loss], num_components=4, dim=2, noise=1.0, seed=9)
    setting = on(problem, method, 6)
    exact = judge_setting(setting, list(POLYAK.values()), Options())
    for outcome in exact:
        claim, verdict = get(outcome.claim_id), outcome.verdict
        if claim.kind is Kind.PATHWISE or verdict.evidence is None:
            continue
        budget = Budget(seed=5, alpha=1e-8, max_replicas=1024)
        sampled = montecarlo.run(setting, [claim], c(setting), budget)[claim.id]
        assert sampled.evidence is not None
        assert sampled.evidence.engine is Engine.MONTE_CARLO
        at = np.searchsorted(verdict.evidence.times, sampled.evidence.times)
        truth = verdict.evidence.estimate[at]
        assert np.all(sampled.evidence.lower <= truth)
        assert np.all(truth <= sampled.evidence.upper)
        assert sampled.status is not Status.REFUTED


def test_monte_carlo_refutes_what_the_tree_refutes() -> None:
    setting = on(instances.sparse_abs(0.5), SPS_STAR, 4)
    claim = get("sps.lipschitz.average").sharpened(0.6)
    budget = Budget(seed=1, alpha=1e-6, max_replicas=4096)
    found = montecarlo.run(setting, [claim], c(setting), budget)[claim.id]
    assert found.status is Status.REFUTED


def test_monte_carlo_adds_replicas_until_it_knows() -> None:
    setting = on(instances.sparse_abs(0.5), SPS_STAR, 4)
    claim = get("sps.lipschitz.iterate")
    few = montecarlo.run(setting, [claim], c(setting), Budget(1, 1e-6, 8))[claim.id]
    many = montecarlo.run(setting, [claim], c(setting), Budget(1, 1e-6, 8192))[claim.id]
    assert few.status is Status.INCONCLUSIVE
    assert many.status is Status.HOLDS


def test_a_run_that_leaves_its_stated_range_is_never_certified() -> None:
    setting = on(instances.sparse_abs(0.5), SPS_STAR, 4, radius=0.1)
    claim = get("sps.lipschitz.iterate").sharpened(1e6)
    found = montecarlo.run(setting, [claim], c(setting), Budget(1, 1e-6, 512))[claim.id]
    assert found.status is Status.INCONCLUSIVE


def test_the_tree_lists_every_path_once_with_its_probability() -> None:
    draws = tree.all_draws(3, 4)
    assert draws.shape == (4, 81)
    assert len({tuple(column) for column in draws.T}) == 81
    _, _, weights = tree.grow(on(instances.sparse_abs(0.3), SPS_STAR, 5), ALL)
    assert weights.sum() == pytest.approx(1.0, abs=1e-15)  # 16 products of 4
    assert weights.max() == pytest.approx(0.7**4, rel=1e-15)


def test_a_tree_too_large_says_how_many_paths_it_would_have() -> None:
    problem = planted(SQUARED, num_components=40, dim=2)
    with pytest.raises(
        InputError, match=r"40\*\*99 = .* paths.*Shorten the horizon to"
    ):
        tree.check_size(on(problem, SPS_STAR, 100))


def test_paths_sampled_and_listed_obey_the_same_code() -> None:
    problem = planted(LOGISTIC, num_components=4, dim=2, noise=1.0, seed=2)
    setting = on(problem, IAM_P, 5)
    listed, draws, _ = tree.grow(setting, ALL)
    sampled, sampled_draws = pathwise.run(setting, ALL, seed=3)
    place = 4 ** np.arange(3, -1, -1)
    same = place @ sampled_draws
    assert np.array_equal(draws[:, same], sampled_draws)
    for name in ("gap", "bregman", "numerator", "dist_sq_next"):
        ours, theirs = getattr(sampled, name), getattr(listed, name)[:, same]
        # one matrix product over 64 rows or over 256: another order of sums
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("loss", CERTIFIED)
@pytest.mark.parametrize("method", [SPS_STAR, IAM_P, IAM_C, iam_k(9.0)])
def test_floats_follow_50_digits_within_the_stated_roundoff(
    loss: str, method: Method
) -> None:
    import mpmath  # noqa: PLC0415

    problem = planted(CERTIFIED[loss], num_components=4, dim=2, noise=1.0, seed=6)
    setting = on(problem, method, 8)
    draws = np.array([[0, 3, 1, 2, 2, 0, 1]]).T
    floats = simulate(setting, draws, channels=ALL)
    with mpmath.workdps(50):
        exact = simulate(setting.lifted(), draws, channels=ALL)
    claim: Claim = get("iam.identity")
    from synthetic.engines.common import roundoff  # noqa: PLC0415

    allowed = roundoff(claim, c(setting), floats.times, np.zeros(8))
    for name in ("gap", "average_gap", "dual_gap", "bregman", "best_gap"):
        off = np.abs(getattr(floats, name) - getattr(exact, name).astype(float))[:, 0]
        assert np.all(off <= allowed), name
    assert np.all(allowed < 1e-10)  # and that is not much


def test_targets_told_and_declared_are_kept_apart() -> None:
    setting = on(instances.absolute(), SPS_STAR, 3, actual_target=Target(0.25))
    trace, _, _ = tree.grow(setting, ALL)
    # told 0.25: from 1 to 0.25, then it stops; declared 0: numerators 1 and 0.25
    assert trace.gap[:, 0].tolist() == [1.0, 0.25, 0.25]
    assert trace.numerator[:, 0].tolist() == [1.0, 0.25]
    assert trace.target_error[:, 0].tolist() == [0.0, 0.0]


def test_a_setting_that_cannot_be_run_is_refused() -> None:
    problem = instances.absolute(2)
    with pytest.raises(InputError, match="start of 2 numbers"):
        on(problem, SPS_STAR, 3, x0=np.ones(3))
    with pytest.raises(InputError, match="finite start"):
        on(problem, SPS_STAR, 3, x0=np.array([1.0, np.nan]))
    with pytest.raises(InputError, match="horizon of at least 1"):
        on(problem, SPS_STAR, 0)
    with pytest.raises(InputError, match="D = 0"):
        on(problem, SPS_STAR, 3, x0=np.zeros(2)).constants()
