r"""Limits for many means at once, valid at every number of samples.

Betting (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
betting", J. R. Stat. Soc. B 86, 2024), here with a mixture of fixed bets. Let
$Y_1, Y_2, \dots \ge 0$ be i.i.d. with mean $\mu$, and let $c_1, \dots, c_J \in [0, 1]$.
Whoever stakes the fraction $c_j$ against "the mean is $m$" owns after $n$ rounds

$$ W_n(m) = \frac1J \sum_j \prod_{i \le n} \Bigl(1 + c_j \frac{Y_i - m}{m}\Bigr). $$

* Factors are nonnegative, since $c_j \le 1$ and $Y_i \ge 0$, and have mean 1 at
  $m = \mu$. So $W_n(\mu)$ is a nonnegative martingale that starts at 1, and by Ville's
  inequality it ever reaches $1/a$ with probability at most $a$. No upper end is needed.
* Each factor is $1 - c_j + c_j Y_i / m$, which does not increase with $m$. Neither does
  $\max_n W_n(m)$: the rejected means are an interval $(0, m^*]$, and $m^*$ is a lower
  limit for $\mu$ with error $a$, whenever one stops.
* No $c_j$ looks at the samples, so no bet can peek. The mixture costs $\log J$ in
  $\log W_n$ against the best of the $c_j$, which plays the part of a variance estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from theory.errors import InputError

FloatArray = NDArray[np.float64]

# The best stake is about sqrt(2 log(1/a) / n) mean / deviation in any unit of Y. Odds
# c / (1 - c) from 64 down to 1/4096 in steps of 2^1.5, and all in (c = 1), have one
# close to it up to n = 65536. For larger n the limits stay valid but turn cruder.
BETS: FloatArray = np.append(1.0, 1.0 / (1.0 + 2.0 ** (1.5 * np.arange(-4, 9))))

_BLOCK = 1024  # rounds at a time: they fit the cache, and memory does not grow with n
_EPS = float(np.finfo(np.float64).eps)
_HUGE = 1e300  # a larger payout is cut down to this one, which only lowers the wealth
_PRECISION = 1e-12  # of log(limit); the limit is rounded to the safe side by it
_FARTHEST = 700.0  # log(mean / limit): beyond it the limit is the end of the range


@dataclass(frozen=True, eq=False)
class Limits:
    r"""$\text{lower}_k \le E X_k \le \text{upper}_k$ with probability $1 - \alpha$.

    Attributes:
        lower: One limit a quantity; $-\infty$ where nothing can be said.
        upper: One limit a quantity; $+\infty$ where nothing can be said. If it is below
            `lower`, an event of probability `alpha` occurred or an assumption is false.
        mean: The samples' average: an estimate, never evidence.
        num_samples: $n$.
        alpha: The chance that any of them is false, for any $k$, at any $n$.

    """

    lower: FloatArray
    upper: FloatArray
    mean: FloatArray
    num_samples: int
    alpha: float


@dataclass(frozen=True, eq=False)
class Wealth:
    r"""$W_n(m)$ at one $m$, so that later rounds can be played on it.

    Attributes:
        total: $\log$ of each bet's product, shape (J, 1), rounded.
        error: What its roundings add up to at most.
        peak: $\max_n \log W_n(m)$ so far, less a bound on its rounding error.

    """

    total: FloatArray
    error: FloatArray
    peak: float


def start() -> Wealth:
    """Before the first round."""
    return Wealth(np.zeros((len(BETS), 1)), np.zeros((len(BETS), 1)), -math.inf)


def wager(wealth: Wealth, y: FloatArray, m: float) -> Wealth:
    r"""Play rounds $Y \ge 0$ against "the mean is $m$" ($m > 0$) on what is owned.

    It is a martingale under $E Y = m$ whoever stops and goes on when: if every round is
    a fresh sample, the peak over all of them exceeds $\log(1/a)$ with probability at
    most $a$. A running sum $S_1, S_2, \dots$ is off by at most $\epsilon/2$ times
    $\sum |S_n|$ for the additions and a few $\epsilon$ a round for the terms.
    """
    bets, best = BETS[:, None], wealth.peak
    total, error = wealth.total, wealth.error.copy()
    for first in range(0, y.size, _BLOCK):
        payout = np.minimum(y[first : first + _BLOCK] / m, _HUGE)
        with np.errstate(divide="ignore"):  # all of it staked, and lost
            log_wealth = np.log((1.0 - bets) + bets * payout)
        log_wealth[:, :1] += total
        np.cumsum(log_wealth, axis=1, out=log_wealth)
        total = log_wealth[:, -1:].copy()
        size = np.where(log_wealth > -np.inf, np.abs(log_wealth), 0.0)  # ruin is exact
        error += _EPS * (4.0 + size).sum(axis=1, keepdims=True)
        log_wealth -= error
        peak = log_wealth.max(axis=0)
        share = np.exp(log_wealth - peak).mean(axis=0)
        best = max(best, float((peak + np.log(share)).max()))
    return Wealth(total, error, best)


def _log_peak_wealth(y: FloatArray, m: float) -> float:
    r"""$\max_n \log W_n(m)$, less a bound on its rounding error."""
    return wager(start(), y, m).peak


def _largest_rejected(y: FloatArray, error: float) -> float:
    r"""$m^* = \sup \{m : \max_n W_n(m) \ge 1 / a\}$, rounded down, for $\max Y = 1$.

    Returns 0, which no sample can refute, where $m^*$ is too small to be written.
    $W_n(m) \le \max(1, \bar Y_n / m)^n$ (each stake's product by the inequality of the
    means), so $m^* \le \max_n \bar Y_n a^{1/n}$. The search goes down from there.
    """
    log_odds = -math.log(error)
    rounds = np.arange(1, y.size + 1)
    above = float((np.cumsum(y) / rounds * np.exp(-log_odds / rounds)).max())
    if above == 0.0:
        return 0.0

    def excess(distance: float) -> float:
        return _log_peak_wealth(y, above * math.exp(-distance)) - log_odds

    spread = float(y.std() / y.mean())
    inner = 0.0
    outer = (1.0 + spread * math.sqrt(2.0 * y.size / log_odds)) * log_odds / y.size
    while outer < _FARTHEST and above * math.exp(-outer) > 0.0:
        if excess(outer) >= 0.0:
            root = brentq(excess, inner, outer, xtol=_PRECISION)
            return above * math.exp(-root - 2.0 * _PRECISION)
        inner, outer = outer, 2.0 * outer
    return 0.0


def _lower_limit(x: FloatArray, low: float, error: float) -> float:
    """The largest rejected mean of $X >= low$; $-inf$ if some sample is below it."""
    with np.errstate(over="ignore", invalid="ignore"):
        y = x - low
    if not np.isfinite(y).all() or y.min() < 0.0:
        return -math.inf
    unit = float(y.max())  # the wealth sees only Y / m, so this loses nothing
    if unit == 0.0:
        return low
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        limit = low + unit * _largest_rejected(y / unit, error)
    return max(low, math.nextafter(limit, -math.inf))


def mean_limits(
    samples: FloatArray, low: FloatArray, high: FloatArray, *, alpha: float
) -> Limits:
    r"""Limits with $P(\exists n, k: E X_k \notin [\ell_k, u_k]) \le \alpha$.

    One budget: each of the $2K$ limits may err with probability $\alpha / (2K)$. Any
    stopping rule may have chosen $n$.

    Args:
        samples: $X_1, \dots, X_n$ as rows, *in the order they were drawn*, one column a
            quantity. Sorted rows, or rows picked by their values, void the guarantee.
        low: What no sample can fall below, $-\infty$ if unknown. It is what the lower
            limit rests on: one sample beyond it makes that limit $-\infty$.
        high: What no sample can exceed, $+\infty$ if unknown. It is what the upper
            limit rests on, in the same way; a loose range makes wide limits.
        alpha: In $(0, 1)$.

    Returns:
        The limits. A quantity with a sample that is not finite has none.

    """
    samples, low, high = (np.asarray(a, dtype=np.float64) for a in (samples, low, high))
    _check(samples, low, high, alpha)
    num_samples, num_quantities = samples.shape
    error = alpha / (2 * num_quantities)
    columns = np.ascontiguousarray(samples.T)
    lower = [
        _lower_limit(x, float(end), error) for x, end in zip(columns, low, strict=True)
    ]
    upper = [
        -_lower_limit(-x, -float(end), error)
        for x, end in zip(columns, high, strict=True)
    ]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = columns.mean(axis=1)
    return Limits(np.array(lower), np.array(upper), mean, num_samples, alpha)


def _check(
    samples: FloatArray, low: FloatArray, high: FloatArray, alpha: float
) -> None:
    if not 0.0 < alpha < 1.0:
        msg = f"Need 0 < alpha < 1, got {alpha=}."
        raise InputError(msg)
    if samples.ndim != 2 or 0 in samples.shape:
        msg = f"Need samples as n >= 1 rows of K >= 1 columns, got {samples.shape=}."
        raise InputError(msg)
    if low.shape != samples.shape[1:] or high.shape != samples.shape[1:]:
        msg = (
            f"Need one low and one high for each of {samples.shape[1]} columns, got "
            f"{low.shape=} and {high.shape=}."
        )
        raise InputError(msg)
    if not np.all((low <= high) & (low < np.inf) & (high > -np.inf)):
        msg = f"Need low <= high, neither NaN, got {low=} and {high=}."
        raise InputError(msg)
