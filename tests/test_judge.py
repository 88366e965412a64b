"""The judge: every status for the right reason, and no tolerance of its own."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory.evidence import Engine, Evidence
from theory.judge import Status, judge


def evidence(
    lower: list[float],
    upper: list[float] | None = None,
    roundoff: float = 0.0,
    engine: Engine = Engine.TREE,
) -> Evidence:
    low = np.array(lower, dtype=np.float64)
    high = low if upper is None else np.array(upper, dtype=np.float64)
    return Evidence(
        times=np.arange(low.size),
        lower=low,
        upper=high,
        estimate=0.5 * (low + high),
        roundoff=np.full(low.size, roundoff),
        error=0.0,
        engine=engine,
        source="made up",
    )


def test_equality_holds_and_one_ulp_more_is_refuted() -> None:
    bound = np.array([1.0, 0.5])
    assert judge(evidence([1.0, 0.5]), bound).status is Status.HOLDS
    above = float(np.nextafter(0.5, 1.0))
    verdict = judge(evidence([1.0, above]), bound)
    assert verdict.status is Status.REFUTED
    assert verdict.time == 1


def test_limits_that_enclose_the_bound_decide_nothing() -> None:
    verdict = judge(evidence([0.4], [0.6]), np.array([0.5]))
    assert verdict.status is Status.INCONCLUSIVE
    assert "[0.4, 0.6] enclose the bound 0.5" in verdict.reason


def test_roundoff_of_the_evidence_works_both_ways() -> None:
    bound = np.array([1.0])
    assert judge(evidence([1.0 + 1e-9], roundoff=2e-9), bound).status is Status.HOLDS
    assert judge(evidence([1.0 + 3e-9], roundoff=2e-9), bound).status is Status.REFUTED


def test_coarse_arithmetic_never_says_holds() -> None:
    verdict = judge(evidence([0.0], roundoff=1e-3), np.array([1.0]))
    assert verdict.status is Status.INCONCLUSIVE
    assert "too coarse" in verdict.reason


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_missing_number_never_says_holds(bad: float) -> None:
    assert judge(evidence([0.0]), np.array([bad])).status is Status.INCONCLUSIVE
    lost = judge(evidence([0.0, bad]), np.array([1.0, 1.0]))
    assert lost.status is (Status.REFUTED if bad == np.inf else Status.INCONCLUSIVE)
    assert judge(evidence([0.0], roundoff=bad), np.array([1.0])).status is not (
        Status.HOLDS
    )


def test_an_upper_limit_of_infinity_never_says_holds() -> None:
    verdict = judge(evidence([0.0], [np.inf]), np.array([1.0]))
    assert verdict.status is Status.INCONCLUSIVE


def test_no_recorded_time_never_says_holds() -> None:
    assert judge(evidence([]), np.zeros(0)).status is Status.INCONCLUSIVE


def test_one_bad_time_among_many_refutes() -> None:
    values, bound = np.zeros(50), np.ones(50)
    values[37] = 1.5
    verdict = judge(evidence(values.tolist()), bound)
    assert verdict.status is Status.REFUTED
    assert verdict.time == 37
    assert verdict.tightness == 1.5
    assert verdict.tightest_time == 37


def test_tightness_is_absent_where_the_bound_is_zero() -> None:
    assert judge(evidence([-1.0]), np.zeros(1)).tightness is None


@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=6),
    st.floats(0.01, 5),
    st.floats(-10, 10),
)
def test_a_larger_bound_never_turns_holds_into_refuted(
    lower: list[float], width: float, bound: float
) -> None:
    upper = [value + width for value in lower]
    made = evidence(lower, upper)
    order = [Status.REFUTED, Status.INCONCLUSIVE, Status.HOLDS]
    small = order.index(judge(made, np.full(len(lower), bound)).status)
    large = order.index(judge(made, np.full(len(lower), bound + 1.0)).status)
    assert large >= small


@pytest.mark.parametrize("roundoff", [0.0, 2.0**-21])
def test_ratio_limits_are_the_largest_limits_over_the_bound(roundoff: float) -> None:
    evidence = Evidence(
        times=np.arange(3),
        lower=np.array([1.0, 3.0, np.nan]),
        upper=np.array([4.0, 5.0, np.nan]),
        estimate=np.array([2.0, 4.0, np.nan]),
        roundoff=np.full(3, roundoff),
        error=0.01,
        engine=Engine.MONTE_CARLO,
        source="by hand",
    )
    verdict = judge(evidence, np.array([2.0, 10.0, 1.0]))
    assert verdict.tightness == 1.0
    assert verdict.tightness_limits == (0.5 - roundoff / 2, 2.0 + roundoff / 2)
    assert judge(evidence, np.zeros(3)).tightness_limits is None


def test_a_ratio_over_a_tiny_bound_is_infinite_and_no_warning() -> None:
    verdict = judge(evidence([2.0]), np.array([1e-308]))
    assert verdict.status is Status.REFUTED
    assert verdict.tightness == np.inf
    assert verdict.tightness_limits == (np.inf, np.inf)
