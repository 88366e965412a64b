"""Censored times: exact intervals, survival curves, paired tests, the rule."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from synthetic.parity.hitting import (
    Finding,
    Times,
    compare,
    finding,
    median,
    needed_wins,
    signed_rank_p,
    survival,
)
from theory.errors import InputError

SHEET = {  # steps of six seeds at tau = 1, as published with this configuration
    "ce": [23500, 14500, 33000, 8500, 16000, 33500],
    "one-shot": [17500, 13500, 14500, 11500, 9500, 12000],
    "mid": [8500, 8500, 9500, 7500, 6500, 6000],
}


def times(steps: Sequence[float], horizon: int = 60_000) -> Times:
    values = np.array(steps, dtype=float)
    seen = values < horizon
    kept = np.where(seen, values, horizon)
    return Times(tuple(range(len(steps))), kept, seen, horizon)


def test_the_critical_numbers() -> None:
    assert [needed_wins(n) for n in (4, 5, 6, 8, 12, 20)] == [5, 5, 6, 7, 10, 15]


@pytest.mark.parametrize("n", range(1, 60))
def test_the_rule_errs_at_most_once_in_twenty(n: int) -> None:
    said = [finding(w, n) for w in range(n + 1)]
    likely = stats.binom.pmf(np.arange(n + 1), n, 0.5)
    often = stats.binom.pmf(np.arange(n + 1), n, 0.75)
    assert (
        sum(p for p, f in zip(likely, said, strict=True) if f is Finding.REPRODUCED)
        <= 0.05
    )
    assert (
        sum(p for p, f in zip(often, said, strict=True) if f is Finding.NOT_REPRODUCED)
        <= 0.05
    )


@pytest.mark.parametrize(
    ("wins", "n", "answer"),
    [
        (7, 8, "reproduced"),
        (6, 8, "undecided"),
        (4, 8, "undecided"),
        (3, 8, "not reproduced"),
        (15, 20, "reproduced"),
        (14, 20, "undecided"),
        (11, 20, "not reproduced"),
        (3, 3, "undecided"),
    ],
)
def test_the_rule(wins: int, n: int, answer: str) -> None:
    assert finding(wins, n).value == answer


def test_medians_of_known_runs() -> None:
    ce, one = times(SHEET["ce"]), times(SHEET["one-shot"])
    assert median(ce).value == 19750
    assert median(one).value == 12750
    found = median(ce)
    assert (found.low, found.high) == (8500, 33500)
    assert found.coverage == 1 - 2 / 64


def test_five_runs_are_too_few_for_an_interval() -> None:
    found = median(times([1, 2, 3, 4, 5]))
    assert np.isnan(found.low)
    assert found.coverage == 0.0


def test_a_censored_half_has_no_median() -> None:
    found = median(times([100, 200, 300, 60_000, 60_000, 60_000]))
    assert found.value == np.inf
    assert (found.low, found.high, found.censored) == (100, np.inf, 3)
    assert median(times([100, 200, 300, 400, 60_000])).value == 300


@given(st.lists(st.integers(1, 50), min_size=6, max_size=40))
def test_the_interval_holds_the_median(steps: list[int]) -> None:
    found = median(times([float(s) for s in steps]))
    assert found.low <= found.value <= found.high
    assert found.coverage >= 0.95


def test_the_interval_covers_as_stated() -> None:
    # 4000 samples of 20 exponentials: coverage .9586; within 5 s.e. with P > 1 - 1e-6
    rng = np.random.default_rng(0)
    draws = rng.exponential(size=(4000, 20)) + 1.0
    truth = 1.0 + np.log(2.0)
    found = [median(times(list(row))) for row in draws]
    share = np.mean([one.low <= truth <= one.high for one in found])
    stated = found[0].coverage
    assert stated == pytest.approx(0.9586, abs=1e-4)
    assert abs(share - stated) < 5 * np.sqrt(stated * (1 - stated) / 4000)


def test_survival_without_censoring_counts() -> None:
    steps, alive, low, high = survival(times([10, 20, 20, 40]))
    assert steps.tolist() == [0, 10, 20, 40]
    assert alive.tolist() == [1.0, 0.75, 0.25, 0.0]
    assert np.all((low <= alive) & (alive <= high) | (alive == 0.0))


def test_survival_stops_falling_where_runs_are_censored() -> None:
    _, alive, _, _ = survival(times([10, 20, 60_000, 60_000]))
    assert alive[-1] == 0.5


def test_a_known_comparison() -> None:
    found = compare(
        ("mid", "ce"),
        times(SHEET["mid"]),
        times(SHEET["ce"]),
        (np.zeros(6), np.ones(6)),
    )
    assert (found.wins, found.losses, found.ties) == (6, 0, 0)
    assert found.sign_p == pytest.approx(1 / 64)
    assert found.wilcoxon_p == pytest.approx(1 / 64)
    assert found.finding is Finding.REPRODUCED
    assert found.of_medians.value == pytest.approx(8000 / 19750)
    assert found.of_medians.low <= found.of_medians.value <= found.of_medians.high
    assert found.samples_first == 6


def test_ties_are_no_wins() -> None:
    found = compare(
        ("a", "b"),
        times([5, 5, 5, 60_000, 5, 5]),
        times([6, 6, 6, 60_000, 6, 6]),
        (np.zeros(6), np.zeros(6)),
    )
    assert (found.wins, found.ties, found.finding) == (5, 1, Finding.UNDECIDED)
    assert found.samples_first == 0


def test_a_censored_rival_loses_though_it_has_the_horizon_as_its_time() -> None:
    found = compare(
        ("a", "b"), times([59_999.0]), times([60_000]), (np.zeros(1), np.zeros(1))
    )
    assert found.wins == 1


def test_different_seeds_are_not_paired() -> None:
    a = times([1, 2])
    b = Times((1, 2), a.steps, a.observed, a.horizon)
    with pytest.raises(InputError, match="same seeds"):
        compare(("a", "b"), a, b, (a.steps, a.steps))


def test_censored_times_must_be_the_horizon() -> None:
    with pytest.raises(InputError, match="horizon"):
        Times((0,), np.array([5.0]), np.array([False]), 10)
    with pytest.raises(InputError, match="a seed"):
        Times((), np.array([]), np.array([], dtype=bool), 10)


def test_no_difference_has_no_evidence() -> None:
    assert signed_rank_p(np.zeros(9), "less") == 1.0
