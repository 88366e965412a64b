"""The limits are exact where a hand can follow, never too narrow, and never trivial."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from theory.confidence import BETS, Limits, mean_limits
from theory.errors import InputError

FloatArray = NDArray[np.float64]

ONE = np.ones(1)


def unit_limits(samples: FloatArray, alpha: float = 0.05) -> Limits:
    columns = samples.reshape(len(samples), -1)
    ones = np.ones(columns.shape[1])
    return mean_limits(columns, 0.0 * ones, ones, alpha=alpha)


def peak_wealth(samples: FloatArray, m: float) -> Fraction:
    """The definition, term by term in exact rational arithmetic."""
    fortunes = [Fraction(1)] * BETS.size
    peak = Fraction(0)
    for x in samples:
        payout = Fraction(float(x)) / Fraction(m)
        for j, bet in enumerate(map(Fraction, BETS.tolist())):
            fortunes[j] *= 1 + bet * (payout - 1)
        peak = max(peak, sum(fortunes, Fraction(0)) / BETS.size)
    return peak


@pytest.mark.parametrize("alpha", [0.5, 0.05, 1e-8])
def test_one_sample_at_the_upper_end_gives_the_closed_form(alpha: float) -> None:
    # 1 - c + c / m = 2 / alpha with the average bet c; nothing speaks against 1.
    limits = unit_limits(ONE, alpha)
    c = BETS.mean()
    assert limits.lower[0] == pytest.approx(c / (2.0 / alpha - 1.0 + c), rel=1e-11)
    assert limits.upper[0] == 1.0
    assert (limits.mean[0], limits.num_samples, limits.alpha) == (1.0, 1, alpha)


@pytest.mark.parametrize("n", [10, 100, 1000, 10_000])
def test_constant_samples_shrink_like_one_over_n(n: int) -> None:
    # Going all in alone reaches 2 J / alpha at (alpha / 2 J)^(1/n); no mixture reaches
    # 2 / alpha above (alpha / 2)^(1/n).
    lower = unit_limits(np.ones(n)).lower[0]
    assert (0.025 / BETS.size) ** (1 / n) * (1 - 1e-11) < lower < 0.025 ** (1 / n)
    middle = unit_limits(np.full(n, 0.5))
    assert middle.lower[0] == pytest.approx(0.5 * lower, rel=1e-11)
    assert middle.upper[0] == pytest.approx(1.0 - 0.5 * lower, rel=1e-11)
    point = mean_limits(np.ones((n, 1)), ONE, ONE, alpha=0.05)
    assert point.lower[0] == point.upper[0] == 1.0


@pytest.mark.parametrize("n", [1, 7, 40])
@pytest.mark.parametrize("shape", [(0.5, 1.5), (5.0, 1.0), (0.05, 0.2)])
def test_limits_are_those_of_the_definition(n: int, shape: tuple[float, float]) -> None:
    samples = np.random.default_rng(n).beta(*shape, n)
    limits, threshold = unit_limits(samples), 2 / Fraction(0.05)
    for x, limit in (samples, limits.lower[0]), (1 - samples, 1 - limits.upper[0]):
        if limit > 0.0:
            assert peak_wealth(x, limit * (1 - 1e-15)) >= threshold
        assert peak_wealth(x, limit * (1 + 1e-9) + 1e-15) < threshold
        for m in np.linspace(0.02, 1.0, 15):
            assert (peak_wealth(x, m) >= threshold) == (m <= limit)


def test_definition_and_limits_agree_beyond_one_block() -> None:
    samples = np.random.default_rng(0).random(2500)
    limit = unit_limits(samples).lower[0]
    for m, is_rejected in ((limit, True), (limit * (1 + 1e-9), False)):
        factors = 1.0 - BETS + BETS * samples[:, None] / m
        log_wealth = np.log(np.exp(np.log(factors).cumsum(axis=0)).mean(axis=1)).max()
        assert (log_wealth >= math.log(40.0)) == is_rejected


def test_the_limit_remembers_its_best_moment() -> None:
    # 50 ones, then 50 zeros, which ruin whoever is all in.
    samples = np.repeat([1.0, 0.0], 50)
    best, last = (unit_limits(samples[:n]).lower[0] for n in (50, 100))
    assert last == pytest.approx(best, rel=1e-11)


def test_limits_tighten_with_n_and_widen_with_confidence() -> None:
    samples = np.random.default_rng(1).beta(0.3, 0.7, (3000, 3))
    by_n = [unit_limits(samples[:n]) for n in (1, 2, 30, 1023, 1024, 1025, 3000)]
    by_alpha = [unit_limits(samples, alpha) for alpha in (1e-12, 1e-8, 1e-3, 0.05, 0.9)]
    for chain in (by_n, by_alpha):
        for wide, tight in pairwise(chain):
            assert np.all(tight.lower >= wide.lower - 1e-12)
            assert np.all(tight.upper <= wide.upper + 1e-12)
        assert np.all(chain[-1].upper - chain[-1].lower < 0.1)


def test_limits_move_with_units_and_swap_under_reflection() -> None:
    x = np.random.default_rng(2).beta(0.3, 0.7, (500, 2))
    low, high = np.array([0.0, -0.5]), np.array([1.0, 1.5])
    plain = mean_limits(x, low, high, alpha=1e-3)
    for scale, shift in ((3.7e6, -2e6), (1e-9, 1e-9), (0.3, 0.7)):
        ends = scale * low + shift, np.nextafter(scale * high + shift, np.inf)
        moved = mean_limits(scale * x + shift, *ends, alpha=1e-3)
        for limit, mapped in (moved.lower, plain.lower), (moved.upper, plain.upper):
            assert limit == pytest.approx(scale * mapped + shift, abs=1e-11 * scale)
    mirrored = mean_limits(-x, -high, -low, alpha=1e-3)
    assert np.array_equal(mirrored.lower, -plain.upper)
    assert np.array_equal(mirrored.upper, -plain.lower)


def test_one_budget_is_shared_by_all_quantities() -> None:
    x = np.random.default_rng(3).random((200, 4))
    together = unit_limits(x, 0.04)
    for k in range(4):
        assert unit_limits(x[:, k], 0.01).lower[0] == together.lower[k]


def test_a_false_range_takes_away_the_limit_that_relied_on_it() -> None:
    x = np.random.default_rng(4).random((300, 5))
    x[7, 0], x[7, 1], x[7, 2], x[7, 3] = -1e-300, np.nextafter(1, 2), np.nan, np.inf
    limits = unit_limits(x)
    assert np.isneginf(limits.lower).tolist() == [True, False, True, True, False]
    assert np.isposinf(limits.upper).tolist() == [False, True, True, True, False]


def test_an_unknown_end_costs_only_its_own_limit() -> None:
    x = np.random.default_rng(5).random((300, 2))
    known = unit_limits(x)
    low, high = np.array([0.0, -np.inf]), np.array([np.inf, 1.0])
    limits = mean_limits(x, low, high, alpha=0.05)
    assert limits.lower.tolist() == [known.lower[0], -np.inf]
    assert limits.upper.tolist() == [np.inf, known.upper[1]]


@pytest.mark.parametrize("x", [[1e308, -1e308], [5e-324, 0.0], [1e-310, 1e300], [0, 0]])
def test_extreme_numbers_never_give_nan(x: list[float]) -> None:
    samples, end = np.array(x)[:, None], 1e308 * ONE
    for low in (-end, 0.0 * ONE, -np.inf * ONE):
        limits = mean_limits(samples, low, end, alpha=1e-300)
        assert limits.lower[0] <= np.min(x)
        assert limits.upper[0] >= np.max(x)


@pytest.mark.parametrize(
    ("samples", "low", "high", "alpha", "needed"),
    [
        (np.ones((2, 1)), ONE, ONE, 0.0, "0 < alpha < 1"),
        (np.ones((2, 1)), ONE, ONE, math.nan, "alpha=nan"),
        (np.ones(2), ONE, ONE, 0.1, r"samples.shape=\(2,\)"),
        (np.ones((0, 1)), ONE, ONE, 0.1, "n >= 1 rows"),
        (np.ones((2, 2)), ONE, ONE, 0.1, "each of 2 columns"),
        (np.ones((2, 1)), ONE, 0.0 * ONE, 0.1, "low <= high"),
        (np.ones((2, 1)), np.nan * ONE, ONE, 0.1, "neither NaN"),
    ],
)
def test_unusable_arguments_are_named(
    samples: FloatArray, low: FloatArray, high: FloatArray, alpha: float, needed: str
) -> None:
    with pytest.raises(InputError, match=needed):
        mean_limits(samples, low, high, alpha=alpha)


@dataclass(frozen=True)
class Law:
    """What a calibration draws from; its runs with a false limit are counted."""

    mean: float
    draw: Callable[[np.random.Generator, int], FloatArray]
    high: float = 1.0


LAWS = {
    "rare": Law(0.02, lambda rng, n: rng.binomial(1, 0.02, n).astype(np.float64)),
    "ends": Law(0.5, lambda rng, n: rng.binomial(1, 0.5, n).astype(np.float64)),
    "uniform": Law(0.5, lambda rng, n: rng.random(n)),
    "skewed": Law(0.05, lambda rng, n: rng.beta(0.05, 0.95, n)),
    "constant": Law(0.3, lambda _rng, n: np.full(n, 0.3)),
    "unbounded": Law(1.0, lambda rng, n: rng.exponential(1.0, n), np.inf),
}
Errs = Callable[[FloatArray, FloatArray, FloatArray, float], bool]


def betting(x: FloatArray, mean: FloatArray, high: FloatArray, alpha: float) -> bool:
    limits = mean_limits(x, np.zeros_like(high), high, alpha=alpha)
    return bool(np.any((limits.lower > mean) | (limits.upper < mean)))


def unsplit(x: FloatArray, mean: FloatArray, high: FloatArray, alpha: float) -> bool:
    return betting(x, mean, high, 2 * mean.size * alpha)


def normal(x: FloatArray, mean: FloatArray, _high: FloatArray, _alpha: float) -> bool:
    reach = 1.96 * x.std(axis=0) / math.sqrt(len(x)) + 1e-12  # roundoff is no error
    return bool(np.any(np.abs(x.mean(axis=0) - mean) > reach))


def peeking(x: FloatArray, mean: FloatArray, _high: FloatArray, alpha: float) -> bool:
    wins = np.maximum(x / mean - 1.0, 0.0)  # half is staked, but only on rounds to win
    wealth = np.prod(1.0 + 0.5 * wins, axis=0)
    return bool(np.any(wealth >= 2 * mean.size / alpha))


def is_calibrated(errs: Errs, laws: list[Law], alpha: float, num_runs: int) -> bool:
    """Refuses what errs in a share alpha of all runs with probability <= 1e-6."""
    mean, high = np.array([(law.mean, law.high) for law in laws]).T
    num_false = 0
    for rng in np.random.default_rng(11).spawn(num_runs):
        x = np.column_stack([law.draw(rng, 200) for law in laws])
        num_false += any(errs(x[:n], mean, high, alpha) for n in (30, 200))
    return bool(binom.sf(num_false - 1, num_runs, alpha) > 1e-6)


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_no_law_makes_a_limit_false_too_often(law: Law) -> None:
    assert is_calibrated(betting, [law], alpha=0.05, num_runs=1000)


def test_all_limits_hold_at_once() -> None:
    assert is_calibrated(betting, list(LAWS.values()), alpha=0.01, num_runs=600)


@pytest.mark.parametrize("errs", [unsplit, normal, peeking])
def test_the_calibration_refuses_what_is_wrong(errs: Errs) -> None:
    assert not is_calibrated(errs, 8 * [LAWS["uniform"]], alpha=0.05, num_runs=200)


REACH = {  # how far below and above the mean at most, from so many samples
    "rare": (4096, 0.014, 0.022),
    "ends": (1024, 0.12, 0.12),
    "uniform": (4096, 0.035, 0.035),
    "skewed": (4096, 0.017, 0.023),
    "constant": (1024, 0.0056, 0.0129),
    "unbounded": (4096, 0.11, np.inf),
}


@pytest.mark.parametrize("name", LAWS)
def test_limits_are_near_the_mean(name: str) -> None:
    law, (n, below, above) = LAWS[name], REACH[name]
    x, mean = law.draw(np.random.default_rng(12), n)[:, None], law.mean
    limits = mean_limits(x, 0.0 * ONE, law.high * ONE, alpha=1e-6 / 12)
    assert mean - below < limits.lower[0] <= mean <= limits.upper[0] <= mean + above
