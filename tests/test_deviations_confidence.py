"""Confidence of students on that of teachers: statistics, training, rule."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from synthetic.deviations.confidence_configurations import CONFIGURATIONS, choose
from synthetic.deviations.confidence_network import (
    Array,
)
from synthetic.deviations.confidence_rule import (
    Judgement,
    holm,
    judge,
    mean_of,
    too_often,
)
from synthetic.deviations.confidence_runs import Request, run
from synthetic.deviations.confidence_statistics import log_odds, pairs, statistics
from synthetic.parity.hitting import Finding
from theory.errors import InputError


def cloud(n: int = 4000) -> Array:
    return np.random.default_rng(1).normal(3.0, 2.0, n)


def test_a_line_is_found_exactly() -> None:
    x = cloud()
    found = statistics(x, 1.2 * x - 0.3)
    assert found.slope == pytest.approx(1.2, abs=1e-12)
    assert found.rma == pytest.approx(1.2, abs=1e-12)
    assert found.intercept == pytest.approx(-0.3, abs=1e-11)
    low, high = np.sort(x)[:1000], np.sort(x)[-1000:]  # Y > X iff X > 1.5
    assert found.low_under == np.mean(low < 1.5)
    assert found.hi_over == np.mean(high > 1.5) == 1.0


def test_noise_leaves_the_slope_and_dilutes_the_reverse() -> None:
    # slope - 1 is normal with standard error .5 / (2 sqrt(4000)) = .004
    x = cloud()
    y = x + np.random.default_rng(2).normal(0.0, 0.5, len(x))
    assert abs(statistics(x, y).slope - 1.0) < 5.0 * 0.004
    assert statistics(y, x).slope == pytest.approx(1.0 / 1.0625, abs=0.02)
    assert statistics(x, y).rma > 1.02


def test_students_of_other_points_have_slope_zero() -> None:
    x = cloud()
    y = np.random.default_rng(3).permutation(1.2 * x)
    assert abs(statistics(x, y).slope) < 5.0 * 1.2 / np.sqrt(len(x))


def test_shares_count_strictly_and_by_quarters() -> None:
    x = np.arange(12.0)
    y = x.copy()
    assert statistics(x, y).low_under == statistics(x, y).hi_over == 0.0
    y[[0, 2, 3]] -= 0.5  # 3 is outside the lowest quarter
    y[[8, 11]] += 0.5  # and 8 outside the highest
    assert statistics(x, y).low_under == 2 / 3
    assert statistics(x, y).hi_over == 1 / 3


def test_statistics_refuse_what_has_no_slope() -> None:
    with pytest.raises(InputError, match="vary"):
        statistics(np.full(20, 3.0), np.arange(20.0))
    with pytest.raises(InputError, match="8 pairs"):
        statistics(np.arange(7.0), np.arange(7.0))
    for diverged in (np.nan, np.inf, 1e300):
        found = statistics(np.arange(20.0), np.full(20, diverged))
        assert np.isnan([found.slope, found.low_under, found.hi_over]).all()


def test_log_odds_come_from_logits_where_probabilities_round_to_one() -> None:
    z = np.array([[50.0, 0.0, 0.0], [900.0, -900.0, -900.0]])
    chosen = np.array([0, 0])
    expected = [50.0 - np.log(2.0), 1800.0 - np.log(2.0)]
    np.testing.assert_allclose(log_odds(z, chosen), expected, rtol=1e-15)
    p = 1.0 / (1.0 + 2.0 * np.exp(-50.0))
    assert p == 1.0  # so that log(p / (1 - p)) would be infinite


@given(
    arrays(np.float64, (5, 3), elements=st.floats(-8.0, 8.0)),
    st.floats(-100.0, 100.0),
)
def test_log_odds_are_those_of_probabilities(z: Array, shift: float) -> None:
    x, y = pairs(z, z + shift)
    np.testing.assert_allclose(x, y, atol=1e-11)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(x, np.log(p.max(1) / (1 - p.max(1))), atol=1e-7)


def values(
    slope: float = 1.02, low: float = 0.7, high: float = 0.4, num: int = 10
) -> dict[str, Array]:
    spread = np.linspace(-0.01, 0.01, num)
    return {
        "slope": slope + spread,
        "low_under": low + spread,
        "hi_over": high + spread,
    }


def test_bounds_are_those_of_the_t_test() -> None:
    sample = np.random.default_rng(0).normal(1.0, 0.1, 12)
    found = mean_of(sample, 1.0)
    test = stats.ttest_1samp(sample, 1.0, alternative="greater")
    assert found.p == pytest.approx(test.pvalue, rel=1e-12)
    assert found.lower == pytest.approx(test.confidence_interval(0.95).low, rel=1e-12)
    mirrored = stats.ttest_1samp(sample, 1.0, alternative="less")
    assert found.upper == pytest.approx(
        mirrored.confidence_interval(0.95).high, rel=1e-12
    )
    assert mean_of(np.ones(10), 0.5).p == 0.0
    assert mean_of(np.array([1.0])).lower == -np.inf


@pytest.mark.parametrize(
    ("sample", "finding"),
    [
        (values(), Finding.REPRODUCED),
        (values(num=9), Finding.UNDECIDED),
        (values(slope=1.003), Finding.UNDECIDED),
        (values(slope=0.99), Finding.NOT_REPRODUCED),
        (values(low=0.502), Finding.UNDECIDED),
        (values(low=0.48), Finding.NOT_REPRODUCED),
        (values(high=0.152), Finding.UNDECIDED),
        (values(high=0.0), Finding.NOT_REPRODUCED),  # under-trained
        (values() | {"slope": np.full(10, np.nan)}, Finding.UNDECIDED),
    ],
)
def test_the_rule(sample: dict[str, Array], finding: Finding) -> None:
    assert judge(sample).finding is finding


def test_the_rule_errs_seldom_where_nothing_is_exaggerated() -> None:
    # slope 1 exactly, shares far above their thresholds: it fires in 5 % of samples.
    # 2000 of them: at most 5 standard errors (.0049) from that.
    rng = np.random.default_rng(11)
    fired, usual = 0, values()
    for _ in range(2000):
        sample = usual | {"slope": rng.normal(1.0, 0.01, 10)}
        fired += judge(sample).finding is Finding.REPRODUCED
    assert abs(fired / 2000 - 0.05) < 5 * 0.0049
    assert not too_often([True] * 4 + [False] * 23)
    assert too_often([True] * 7 + [False] * 20)


def test_holm_asks_more_of_many() -> None:
    edge = values()
    edge["slope"] = 1.0 + np.linspace(-0.01, 0.03, 10)
    alone: dict[str, Judgement] = {"edge": judge(edge)}
    assert holm(alone) == ("edge",)
    many = alone | {f"{k}": judge(values(slope=0.99)) for k in range(200)}
    assert holm(many) == ()
    assert holm({"clear": judge(values()), "not": judge(values(slope=0.9))}) == (
        "clear",
    )


@pytest.mark.parametrize(
    ("name", "on_training_rows"),
    [("mlp-tau4", Finding.REPRODUCED), ("null", Finding.NOT_REPRODUCED)],
)
def test_networks_on_digits(name: str, on_training_rows: Finding) -> None:
    (one,) = choose(name)
    outcome = run(one, Request(seeds=tuple(range(10))))
    assert judge(outcome.of("train")).finding is on_training_rows
    assert outcome.values["teacher.accuracy"].min() > 0.93
    assert np.abs(outcome.values["permuted.slope"]).max() < 0.25
    assert judge(outcome.of("permuted")).finding is Finding.NOT_REPRODUCED
    assert judge(outcome.of("noise")).finding is not Finding.REPRODUCED
    held: Callable[[str], Array] = lambda key: outcome.values[f"held.{key}"]  # noqa: E731
    x, y = outcome.points
    assert statistics(x, y).slope == pytest.approx(held("slope")[0], abs=0.01)


def test_configurations_are_found_by_pattern() -> None:
    assert choose("*") == CONFIGURATIONS
    assert [c.name for c in choose("null, mlp-tau4*")] == [
        "mlp-tau4",
        "mlp-tau4-long",
        "null",
    ]
    with pytest.raises(InputError, match="did you mean mlp-tau"):
        choose("mlp-tau5")
    with pytest.raises(InputError, match="Need a configuration"):
        choose(" , ")
