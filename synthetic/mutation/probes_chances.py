"""Probes of confidence limits, their shares of alpha, and verdicts."""

from __future__ import annotations

from itertools import product

import mpmath
import numpy as np

from synthetic.mutation import small
from theory.confidence import BETS
from theory.judge import Status


def confidence_payout() -> str:
    r"""Where a limit stands the mixture owns $2K/\alpha$, in 50 digits.

    With K quantities each of 2K limits has the share $\alpha/(2K)$, and the wealth is
    the mean over bets at its largest in time. Once the limit is known this is algebra.
    """
    samples, alpha, copies = small.TOSSES, 0.1, 2
    found = small.limits(samples, alpha, copies)
    ends = (
        (samples, found.lower[0]),
        (1.0 - samples, 1.0 - found.upper[0]),
    )
    for y, limit in ends:
        if not 0.0 < limit < 1.0:
            return f"a limit at {limit}"
        owned = _peak_wealth(y, limit)
        if abs(owned * alpha / (2 * copies) - 1.0) > 1e-9:
            return f"the limit {limit:.6g} pays {owned:.6g}, not {2 * copies / alpha:g}"
    return ""


def _peak_wealth(y: np.ndarray, m: float) -> float:
    """The largest wealth in time against the mean m, in 50 digits."""
    with mpmath.workdps(50):
        wealth = [mpmath.mpf(1) for _ in BETS]
        best = mpmath.mpf(0)
        for value in y:
            factor = mpmath.mpf(float(value)) / mpmath.mpf(m)
            wealth = [
                w * (1 - mpmath.mpf(c) + mpmath.mpf(c) * factor)
                for w, c in zip(wealth, map(float, BETS), strict=True)
            ]
            best = max(best, sum(wealth) / len(wealth))
        return float(best)


def confidence_coverage() -> str:
    r"""The exact chance that limits miss a Bernoulli mean: sums over all $2^n$ paths.

    n = 6 tosses, $\alpha$ = 0.6 for one quantity, so that misses do occur.
    """
    n, alpha = 6, 0.6
    rows = [np.array(path) for path in product((0.0, 1.0), repeat=n)]
    found = [small.limits(row, alpha, 1) for row in rows]
    for p in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98):
        chances = [p ** row.sum() * (1 - p) ** (n - row.sum()) for row in rows]
        over = sum(c for c, f in zip(chances, found, strict=True) if f.lower[0] > p)
        under = sum(c for c, f in zip(chances, found, strict=True) if f.upper[0] < p)
        if max(over, under) > alpha / 2:
            return f"at mean {p} a limit misses with chance {max(over, under):.3f}"
    return ""


def confidence_bets() -> str:
    """No stake is more than all, none is less than nothing."""
    return "" if np.all((BETS >= 0) & (BETS <= 1)) else f"a stake of {BETS.max()}"


def judgement() -> str:
    """Verdicts on limits by hand against the bound 1, and what they have to be."""
    nan = float("nan")
    for row, (found, expected) in enumerate(
        (
            (small.judged(0.5), Status.HOLDS),
            (small.judged(1.0), Status.HOLDS),
            (small.judged(1.0 + 2.0**-52), Status.REFUTED),
            (small.judged(1.01), Status.REFUTED),
            (small.judged(0.5, 1.5), Status.INCONCLUSIVE),
            (small.judged(0.5, 1.8), Status.INCONCLUSIVE),
            (small.judged_twice(2.0, 0.5), Status.REFUTED),
            (small.judged_twice(0.5, 2.0), Status.REFUTED),
            (small.judged(nan), Status.INCONCLUSIVE),
            (small.judged_twice(0.5, nan, rounding=(0.0, 1.0)), Status.INCONCLUSIVE),
            (small.judged(0.5, rounding=1.0), Status.INCONCLUSIVE),
            (small.judged(1.0 + 1e-8, rounding=1e-7), Status.HOLDS),
        )
    ):
        if found is not expected:
            return f"row {row}: {found.value}, not {expected.value}"
    return ""


def replayed() -> str:
    """What is 1 exceeds 0.5 and does not exceed 2, in 50 digits."""
    found = small.confirmed(0.5), small.confirmed(2.0)
    return "" if found == (True, False) else f"{found}"


def alpha_shared() -> str:
    """All sampled pairs together have the run's error probability."""
    each, pairs = small.share()
    off = abs(each * pairs - 1e-3)
    return "" if off <= 1e-15 else f"{pairs} pairs have {each:g} each, of 1e-3"
