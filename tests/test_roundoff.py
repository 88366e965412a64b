"""What floats cannot tell is not told: roundoff, coarse bounds, and 50 digits."""

from dataclasses import replace
from math import inf, sqrt
from operator import attrgetter

import numpy as np
import pytest

from synthetic import instances, polyak_desk
from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.engines import simulate, tree
from synthetic.engines.common import exact_evidence, roundoff, scale, spoken_of
from synthetic.problems.base import Problem
from synthetic.replay import confirms, work
from synthetic.setting import Setting
from synthetic.verify import judge_control, judge_setting
from theory.claims import POLYAK
from theory.errors import InputError
from theory.evidence import Engine, Evidence
from theory.judge import FINEST, Status, Verdict, judge
from theory.method import IAM_C, IAM_P, SPS_STAR, Method
from theory.trace import Trace

OPTIONS = Options()
EPS = 2.0**-52
AVERAGE, FEJER = POLYAK["sps.lipschitz.average"], POLYAK["sps.fejer.pathwise"]


def on(problem: Problem, method: Method, horizon: int, *x0: float) -> Setting:
    start = np.array(x0) if x0 else np.ones(problem.dim)
    return Setting(name="t", problem=problem, method=method, x0=start, horizon=horizon)


LINF4 = on(instances.linf(4), SPS_STAR, 4)
C = replace(
    LINF4.constants(),
    D=2.0,
    G=3.0,
    G_max=5.0,
    gap0=-7.0,
    value_roundoff=1e-9,
    step_roundoff=1e-8,
)


def test_roundoff_grows_with_the_steps_and_has_the_units_of_its_claim() -> None:
    times, bound = np.array([0, 1, 9]), np.array([0.0, -100.0, 1e9])
    of_the_bound = 16 * EPS * np.array([0.0, 100.0, 1e9])
    gaps = 4 * np.array([1, 2, 10]) * (1e-9 + 5.0 * 1e-8) + of_the_bound
    found = roundoff(AVERAGE, C, times, bound)
    assert found.tolist() == pytest.approx(gaps.tolist(), rel=1e-14, abs=0)  # rounding
    unknown = roundoff(AVERAGE, replace(C, G_max=inf), times, 0 * bound)
    slope_one = 4 * np.array([1, 2, 10]) * (1e-9 + 1e-8)
    assert unknown.tolist() == pytest.approx(slope_one.tolist(), rel=1e-14, abs=0)
    relative = 4 * np.array([1, 2, 10]) * 1e-8 / 2.0 + of_the_bound
    found = roundoff(FEJER, C, times, bound)
    assert found.tolist() == pytest.approx(relative.tolist(), rel=1e-14, abs=0)


def test_the_natural_size_of_a_left_hand_side() -> None:
    assert scale(AVERAGE, C) == 6.0
    assert scale(AVERAGE, replace(C, G=inf)) == 7.0
    assert scale(FEJER, C) == 1.0


def test_a_claim_is_heard_between_its_first_and_last_time_both_included() -> None:
    times = np.arange(6)
    minimax, second = POLYAK["sps.lipschitz.minimax"], replace(AVERAGE, first=2)
    assert spoken_of(minimax, C, times).tolist() == [True] * 4 + [False] * 2
    assert spoken_of(second, C, times).tolist() == [False] * 2 + [True] * 4
    found, bound = exact_evidence(
        second, C, times, np.arange(6.0), Engine.TREE, "made up"
    )
    assert found.times.tolist() == found.estimate.tolist() == [2, 3, 4, 5]
    assert bound == pytest.approx([6.0 / sqrt(t + 1) for t in (2, 3, 4, 5)], rel=1e-15)
    assert (found.scale, found.error) == (6.0, 0.0)


def judged(
    lower: float,
    bound: float,
    noise: float,
    upper: float | None = None,
    engine: Engine = Engine.TREE,
) -> Verdict:
    low, high = np.array([lower]), np.array([lower if upper is None else upper])
    made = Evidence(
        np.zeros(1, dtype=np.int64), low, high, low, np.array([noise]), 0.0, engine, "x"
    )
    return judge(made, np.array([bound]))


def test_a_bound_below_what_floats_resolve_decides_nothing() -> None:
    assert judged(1e-10, 1e-10, 2e-8).status is Status.INCONCLUSIVE
    assert judged(0.0, 1e-10, 2e-8).status is Status.INCONCLUSIVE
    assert judged(0.0, 1e-10, 0.99 * FINEST * 1e-10).status is Status.HOLDS
    assert judged(0.0, 1e-10, 1.01 * FINEST * 1e-10).status is Status.INCONCLUSIVE
    assert judged(3e-8, 1e-10, 2e-8).status is Status.REFUTED  # beyond its roundoff
    # a bound of 0 is measured by the left-hand side's natural size, which is 1 here
    assert judged(0.0, 0.0, 0.99e-6).status is Status.HOLDS
    assert judged(0.0, 0.0, 1.01e-6).status is Status.INCONCLUSIVE
    assert judged(-1e-3, -1e-3, 0.99e-9).status is Status.HOLDS
    assert judged(-1e-3, -1e-3, 1.01e-9).status is Status.INCONCLUSIVE


def test_times_too_small_to_see_neither_hide_nor_make_a_violation() -> None:
    low = np.array([0.5, 1e-10, 0.5])
    noise = np.full(3, 1e-9)
    times = np.arange(3)
    made = Evidence(times, low, low, low, noise, 0.0, Engine.TREE, "x")
    verdict = judge(made, np.array([1.0, 1e-10, 0.6]))
    assert verdict.status is Status.HOLDS
    assert "at 2 times" in verdict.reason
    assert "1 more are below what floats resolve" in verdict.reason
    assert verdict.tightness == 0.5 / 0.6  # the coarse time's ratio of 1 is not counted
    assert verdict.tightest_time == 2
    wide = replace(made, upper=np.array([0.5, 1e-8, 0.5]))
    assert judge(wide, np.array([1.0, 1e-10, 0.6])).status is Status.HOLDS
    refuted = judge(made, np.array([1.0, 1e-10, 0.4]))
    assert refuted.status is Status.REFUTED
    assert refuted.time == 2


def test_limits_around_the_bound_are_inconclusive_under_monte_carlo() -> None:
    for noise in (0.0, 1e-9):
        around = judged(0.4, 0.5, noise, 0.6, Engine.MONTE_CARLO)
        assert around.status is Status.INCONCLUSIVE
    barely = judged(0.4, 0.5, 0.0, 0.5 + 1e-9, Engine.MONTE_CARLO)
    assert barely.status is Status.INCONCLUSIVE
    assert judged(0.4, 0.3, 0.0, 0.6, Engine.MONTE_CARLO).status is Status.REFUTED
    assert judged(0.4, 0.7, 0.0, 0.6, Engine.MONTE_CARLO).status is Status.HOLDS


def test_a_violation_of_a_billionth_is_seen_where_the_bound_is_zero() -> None:
    c = LINF4.constants()
    for value, status in (
        (1e-9, Status.REFUTED),
        (0.0, Status.HOLDS),
        (1e-15, Status.HOLDS),
    ):
        values = np.array([0.0, value, 0.0])
        made, bound = exact_evidence(
            FEJER, c, np.arange(3), values, Engine.PATHWISE, "made up"
        )
        assert judge(made, bound).status is status


def far_away(dim: int, level: float, method: Method) -> Setting:
    """LINF around (u, ..., u) with u = 10^4, from u + level."""
    u = 1e4
    offsets = np.concatenate([np.full(dim, -u), np.full(dim, u)])[None]
    there = replace(instances.at_origin(dim), point=np.full(dim, u))
    problem = replace(instances.linf(dim), offsets=offsets, minimiser=there)
    return on(problem, method, dim, *(np.full(dim, u) + level))


@pytest.mark.parametrize("method", [SPS_STAR, IAM_P])
@pytest.mark.parametrize("sharpen", [1.0, 0.9, 0.1])
def test_a_run_whose_gaps_are_roundoff_never_holds(
    method: Method, sharpen: float
) -> None:
    setting = far_away(16, 1e-9, method)
    for claim_id in (
        "sps.lipschitz.average",
        "sps.lipschitz.best",
        "iam.lipschitz.last",
    ):
        claim = POLYAK[claim_id]
        if method.family in claim.families:
            control = Control(
                claim_id=claim_id, label="", setting=setting, sharpen=sharpen
            )
            verdict = judge_control(control, claim, OPTIONS).verdict
            assert verdict.status is Status.INCONCLUSIVE
            assert verdict.tightness is None
    near = far_away(16, 1.0, method)  # where floats do resolve it, it is seen
    claim_id = "sps.lipschitz.best" if method is SPS_STAR else "iam.lipschitz.last"
    control = Control(claim_id=claim_id, label="", setting=near, sharpen=sharpen)
    status = judge_control(control, POLYAK[claim_id], OPTIONS).verdict.status
    assert status is (Status.HOLDS if sharpen == 1.0 else Status.REFUTED)


@pytest.mark.parametrize("eps", [1e-7, 1e-8, 1e-9])
@pytest.mark.parametrize("horizon", [2, 3, 12])
def test_the_sharp_rate_of_convention_c_survives_its_cancellation(
    eps: float, horizon: int
) -> None:
    setting = on(instances.linf(2), IAM_C, horizon, 1.0, eps)
    claim = POLYAK["iam.lipschitz.last_c_sharp"]
    (outcome,) = judge_setting(setting, [claim], OPTIONS)
    assert outcome.verdict.status is not Status.REFUTED


def test_the_minimax_claim_wants_a_level_start() -> None:
    claim = POLYAK["sps.lipschitz.minimax"]
    for x0, status in (
        ((1.0, 1.0), Status.HOLDS),
        ((1.0, 0.5), Status.NOT_APPLICABLE),
        ((1.0, 1.0 - EPS), Status.NOT_APPLICABLE),
    ):
        setting = on(instances.linf(2), SPS_STAR, 2, *x0)
        (outcome,) = judge_setting(setting, [claim], OPTIONS)
        assert outcome.verdict.status is status


def raised(
    monkeypatch: pytest.MonkeyPatch, factor: float = 1.01, more_by: float = 0.0
) -> None:
    """Floats, and not the replay, see gaps and distances that are too large."""

    def wrong(*arguments: object, **more: object) -> Trace:
        right = simulate.simulate(*arguments, **more)  # type: ignore[arg-type]
        channels = {k: factor * rows + more_by for k, rows in right.channels.items()}
        return replace(right, channels=channels)

    monkeypatch.setattr(tree, "simulate", wrong)


@pytest.mark.parametrize("claim_id", ["sps.lipschitz.best", "sps.ball"])
def test_a_violation_of_floats_alone_is_not_confirmed(
    claim_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised(monkeypatch)
    (outcome,) = judge_setting(LINF4, [POLYAK[claim_id]], OPTIONS)
    assert outcome.verdict.status is Status.INCONCLUSIVE
    assert outcome.verdict.reason.startswith("Not confirmed in 50 digits: at t = ")
    monkeypatch.setattr(
        polyak_desk, "MOST_WORK", 0
    )  # too large to run again: floats' word
    (outcome,) = judge_setting(LINF4, [POLYAK[claim_id]], OPTIONS)
    assert outcome.verdict.status is Status.REFUTED
    assert "50 digits" not in outcome.verdict.reason


def test_paths_of_probability_zero_neither_refute_nor_confirm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certain = replace(instances.sparse_abs(0.5), weights=np.array([1.0, 0.0]))
    setting = on(certain, SPS_STAR, 3)  # f(x_1) is 0, and 1 on the impossible paths
    claim = replace(
        FEJER,
        quantity=attrgetter("gap"),
        needs=frozenset({"gap"}),
        bound=lambda c, t: 0.5 + 0.0 * t,
        first=1,
    )
    control = Control(claim_id=claim.id, label="", setting=setting)
    assert judge_control(control, claim, OPTIONS).verdict.status is Status.HOLDS
    raised(monkeypatch, 1.0, 0.75)
    verdict = judge_control(control, claim, OPTIONS).verdict
    assert verdict.status is Status.INCONCLUSIVE
    assert verdict.reason.startswith("Not confirmed")


def test_a_true_violation_is_confirmed_with_its_weights_and_its_worst_path() -> None:
    sparse = on(instances.sparse_abs(0.25), SPS_STAR, 3)
    control = Control(claim_id=AVERAGE.id, label="", setting=sparse, sharpen=0.3)
    verdict = judge_control(control, AVERAGE, OPTIONS).verdict
    assert verdict.status is Status.REFUTED
    assert verdict.reason.endswith("; confirmed in 50 digits.")
    # E f(x_0), and the mean of E f(x_0), E f(x_1): 1/4 and (1/4 + 3/16)/2
    draws, weights = tree.all_draws(2, 2), np.array([1, 3, 3, 9]) / 16
    for row, value in ((0, 0.25), (1, 0.21875)):
        for bound, above in ((value, False), (value * (1 - 1e-14), True)):
            assert confirms(AVERAGE, sparse, draws, row, bound, weights) is above
    assert work(sparse, 4, 1) == 4 * 3 * 2 * 1  # paths, rows up to 2, n, d


@pytest.mark.parametrize("wrong", [[0.5, 0.4], [0.6, 0.5], [1.5, -0.5], [np.nan, 1.0]])
def test_weights_that_are_no_probabilities_are_refused(wrong: list[float]) -> None:
    with pytest.raises(InputError, match="sum to 1 in COORD-ABS"):
        replace(instances.absolute(2), weights=np.array(wrong))


def test_an_order_of_the_wrong_length_is_refused() -> None:
    for length in (2, 4):
        with pytest.raises(InputError, match=f"order of 3 draws, got {length}"):
            replace(LINF4, order=np.zeros(length, dtype=np.int64))
