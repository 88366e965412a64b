"""Steps to a threshold, with censoring: medians, survival curves, paired comparisons.

Every run has the same horizon, so a censored run is later than all that finished, and
order statistics of the median stay exact. Ratios take the horizon for a censored run.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from theory.errors import InputError

Array = NDArray[np.float64]
LEVEL = 0.05
RESAMPLES = 10_000
OFTEN = 0.75


class Finding(Enum):
    """What seeds say of a claim, by a rule fixed in advance (see `finding`)."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    UNDECIDED = "undecided"


@dataclass(frozen=True, eq=False)
class Times:
    """Steps to the threshold by seed.

    Args:
        seeds: One run each.
        steps: Steps to the threshold; the horizon where it was not reached.
        observed: Was it reached?
        horizon: The same for all.

    """

    seeds: tuple[int, ...]
    steps: Array
    observed: NDArray[np.bool_]
    horizon: int

    def __post_init__(self) -> None:
        if not len(self.seeds) == self.steps.size == self.observed.size > 0:
            msg = f"Need one time a seed, and a seed, got {len(self.seeds)} seeds."
            raise InputError(msg)
        if np.any(self.steps[~self.observed] != self.horizon):
            msg = (
                f"Need censored runs to have the horizon {self.horizon} as their time."
            )
            raise InputError(msg)

    @property
    def late(self) -> Array:
        """Steps, infinite where censored."""
        return np.where(self.observed, self.steps, np.inf)

    def of(self, seeds: tuple[int, ...]) -> Times:
        """The runs of these seeds, in their order."""
        at = [self.seeds.index(seed) for seed in seeds]
        return Times(seeds, self.steps[at], self.observed[at], self.horizon)


@dataclass(frozen=True)
class Median:
    """A median and an interval that holds it.

    Args:
        value: Infinite if half of the runs are censored.
        low: Of the interval; NaN if there are too few runs for one.
        high: Of the interval; infinite if it is censored.
        coverage: At least this, exactly that of the order statistics.
        num: Runs.
        censored: Of these, not finished.

    """

    value: float
    low: float
    high: float
    coverage: float
    num: int
    censored: int


def median(times: Times, level: float = LEVEL) -> Median:
    """The median between the closest order statistics that hold it with P >= .95.

    Both lie around the median of any law with probability 1 - 2 P(Bin(n, 1/2) < j).
    """
    late = np.sort(times.late)
    n = late.size
    tails = stats.binom.cdf(np.arange(n), n, 0.5)  # j = 1, 2, ... misses 2 tails[j - 1]
    j = int(np.sum(2.0 * tails[: (n + 1) // 2] <= level))
    low, high = (late[j - 1], late[n - j]) if j else (np.nan, np.nan)
    coverage = 1.0 - 2.0 * float(tails[j - 1]) if j else 0.0
    value = _median(late)
    missing = int(np.sum(~times.observed))
    return Median(value, float(low), float(high), coverage, n, missing)


def _median(late: Array) -> float:
    # the mean of two infinities is one; np.median makes it NaN
    ordered = np.sort(late)
    low, high = ordered[(late.size - 1) // 2], ordered[late.size // 2]
    return float(high if np.isinf(high) else 0.5 * (low + high))


def survival(times: Times) -> tuple[Array, Array, Array, Array]:
    """Kaplan and Meier's curve from step 0: steps, P(not yet), pointwise 95 % limits.

    The limits are those of log(-log S), Greenwood's variance.
    """
    data = stats.CensoredData(
        uncensored=times.steps[times.observed], right=times.steps[~times.observed]
    )
    found: Any = stats.ecdf(data).sf
    with warnings.catch_warnings():  # undefined at 0 and 1, says SciPy: NaN
        warnings.simplefilter("ignore", RuntimeWarning)
        band = found.confidence_interval(0.95, method="log-log")
    low, high = (np.nan_to_num(b.probabilities, nan=0.0) for b in (band.low, band.high))
    curves = (np.array(c, float) for c in (found.probabilities, low, high))
    alive, low, high = (np.concatenate(([1.0], curve)) for curve in curves)
    return np.concatenate(([0.0], found.quantiles)), alive, low, high


@dataclass(frozen=True)
class Ratio:
    """A ratio of times with its bootstrap interval (percentiles, seeds resampled).

    A censored run counts with the horizon: where only the denominator has some, the
    true ratio is below what is stated, and where only the numerator has, above.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Does A reach the threshold before B? By seed.

    Args:
        faster: A's name.
        slower: B's name.
        wins: Seeds where A was first.
        losses: Seeds where B was.
        ties: Seeds where both took as long, or neither finished: no wins.
        needed: The fewest wins that the sign test accepts at level .05.
        sign_p: One-sided p of the sign test, ties against A.
        wilcoxon_p: One-sided p of Wilcoxon's signed ranks (Pratt's zeros); beside the
            point of the finding.
        of_medians: Ratio of the medians A / B.
        of_pairs: Median of the ratios A / B by seed.
        samples_first: Seeds where A also took fewer samples, its teacher's included.
        finding: By the rule of `finding`, from wins alone.

    """

    faster: str
    slower: str
    wins: int
    losses: int
    ties: int
    needed: int
    sign_p: float
    wilcoxon_p: float
    of_medians: Ratio
    of_pairs: Ratio
    samples_first: int
    finding: Finding

    @property
    def num(self) -> int:
        """Seeds."""
        return self.wins + self.losses + self.ties


def needed_wins(n: int, level: float = LEVEL) -> int:
    """The fewest w with P(Bin(n, 1/2) >= w) <= level; n + 1 if there is none."""
    tails = stats.binom.sf(np.arange(n + 1) - 1, n, 0.5)
    return int(n + 1 - np.sum(tails <= level))


def finding(wins: int, n: int) -> Finding:
    """Three answers from wins among n seeds, each with an error of at most .05.

    Reproduced: the sign test rejects "wins are as likely as not". Otherwise not
    reproduced: an exact test rejects "wins in three seeds of four or more". Undecided
    is what remains, and all that few seeds can say. A true share between the two ends
    as reproduced with enough seeds, and may be called not reproduced with fewer: the
    gain is there, but small.
    """
    if wins >= needed_wins(n):
        return Finding.REPRODUCED
    if stats.binom.cdf(wins, n, OFTEN) <= LEVEL:
        return Finding.NOT_REPRODUCED
    return Finding.UNDECIDED


def compare(
    names: tuple[str, str], a: Times, b: Times, samples: tuple[Array, Array]
) -> Comparison:
    """Compare runs of the same seeds.

    Args:
        names: Of A, which should be faster, and of B.
        a: Times of A.
        b: Times of B.
        samples: Total samples of both, by seed.

    Raises:
        InputError: The seeds differ, or the horizons.

    """
    if a.seeds != b.seeds or a.horizon != b.horizon:
        msg = f"Need the same seeds and horizon for {names[0]} and {names[1]}."
        raise InputError(msg)
    n = len(a.seeds)
    wins = int(np.sum(a.late < b.late))
    losses = int(np.sum(a.late > b.late))
    ratios = a.steps / b.steps
    draws = np.random.default_rng(n).integers(n, size=(RESAMPLES, n))
    of_medians = np.median(a.steps[draws], axis=1) / np.median(b.steps[draws], axis=1)
    of_pairs = np.median(ratios[draws], axis=1)
    return Comparison(
        faster=names[0],
        slower=names[1],
        wins=wins,
        losses=losses,
        ties=n - wins - losses,
        needed=needed_wins(n),
        sign_p=float(stats.binom.sf(wins - 1, n, 0.5)),
        wilcoxon_p=signed_rank_p(a.steps - b.steps, "less"),
        of_medians=_ratio(float(np.median(a.steps) / np.median(b.steps)), of_medians),
        of_pairs=_ratio(float(np.median(ratios)), of_pairs),
        samples_first=int(np.sum(samples[0] < samples[1])),
        finding=finding(wins, n),
    )


def signed_rank_p(differences: Array, alternative: str) -> float:
    """Wilcoxon's one-sided p; 1 if all differences are 0."""
    if not np.any(differences):
        return 1.0
    found = stats.wilcoxon(
        differences, zero_method="pratt", alternative=alternative, method="auto"
    )
    return float(found.pvalue)


def _ratio(value: float, draws: Array) -> Ratio:
    low, high = np.quantile(draws, (LEVEL / 2, 1 - LEVEL / 2))
    return Ratio(value, float(low), float(high))
