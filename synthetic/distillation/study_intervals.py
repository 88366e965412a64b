r"""Limits for paired differences over seeds, and the word that they allow.

The deciding interval is exact for any distribution: with
$D_{(1)} \le \dots \le D_{(n)}$ the ordered differences,

$$ P\bigl(D_{(k)} \le \mathrm{median} \le D_{(n+1-k)}\bigr)
   \ge 1 - 2 P(\mathrm{Bin}(n, 1/2) \le k - 1). $$

Student's interval for the mean needs normal differences: it is reported beside the
exact one, labelled approximate, and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import binom, t as student_t

from synthetic.distillation.students import FloatArray
from theory.confidence import mean_limits

FEWEST_FOR_STUDENT = 20


class Word(StrEnum):
    """What an interval for (method - plain SGD) says; lower is better."""

    HELPS = "helps"
    HURTS = "hurts"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True)
class Interval:
    """Limits, and the chance that they are wrong: at most `alpha`."""

    low: float
    high: float
    alpha: float

    @property
    def word(self) -> Word:
        """Helps if all of it is below 0, hurts if above, else nobody can tell."""
        if self.high < 0.0:
            return Word.HELPS
        return Word.HURTS if self.low > 0.0 else Word.UNKNOWN


def rank_of(num_samples: int, alpha: float) -> int:
    r"""The largest k with $2 P(\mathrm{Bin}(n, 1/2) \le k - 1) \le \alpha$, or 0."""
    ranks = np.arange(num_samples // 2 + 1)
    allowed = ranks[2.0 * binom.cdf(ranks - 1, num_samples, 0.5) <= alpha]
    return int(allowed[-1])


def fewest_seeds(alpha: float) -> int:
    r"""The smallest n with $2 \cdot 2^{-n} \le \alpha$: fewer cannot tell anything."""
    return int(np.ceil(1.0 - np.log2(alpha)))


def median_interval(differences: FloatArray, alpha: float) -> Interval:
    """The exact interval for the median; the whole line if there are too few."""
    k = rank_of(differences.size, alpha)
    if k == 0 or np.isnan(differences).any():
        return Interval(-np.inf, np.inf, alpha)
    ordered = np.sort(differences)
    return Interval(float(ordered[k - 1]), float(ordered[-k]), alpha)


def student_interval(differences: FloatArray, alpha: float) -> Interval | None:
    """Approximate, for the mean; `None` below 20 seeds or if a run diverged."""
    n = differences.size
    if n < FEWEST_FOR_STUDENT or not np.isfinite(differences).all():
        return None
    half = student_t.ppf(1.0 - alpha / 2.0, n - 1) * differences.std(ddof=1) / n**0.5
    mean = float(differences.mean())
    return Interval(mean - float(half), mean + float(half), alpha)


def range_interval(differences: FloatArray, alpha: float) -> Interval | None:
    """Exact, for the mean of differences that lie in [-1, 1], by betting."""
    if not np.isfinite(differences).all():
        return None
    ends = np.ones(1)
    limits = mean_limits(differences[:, None], -ends, ends, alpha=alpha)
    return Interval(float(limits.lower[0]), float(limits.upper[0]), alpha)
