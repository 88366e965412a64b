"""How many replicas a decision takes, by resampling through the true betting wealth."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.stats import binom

from synthetic.problems.base import FloatArray
from theory.confidence import Wealth, start, wager

RUNS = 200
"""Resampled runs behind each number."""

MOST = 131_072
"""Replicas after which a run counts as undecided."""

GROWTH = 1.1
CONFIDENCE = 0.95


def checkpoints(most: int) -> list[int]:
    """Numbers of replicas at which runs are looked at: 8, then 10 % more each time."""
    found = [8]
    while found[-1] < most:
        found.append(min(most, max(found[-1] + 8, int(GROWTH * found[-1]))))
    return found


@dataclass(frozen=True)
class Needed:
    """Replicas by which a share of the runs is decided; infinite if beyond `MOST`.

    Attributes:
        number: The quantile of the resampled runs.
        low: Its limits, order statistics at 95 %, for these runs alone: what the pilot
            did not see is not in them.
        high: See `low`.

    """

    number: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Bet:
    """Fortunes that must all pass their threshold.

    Attributes:
        payouts: What may be drawn, rows of K numbers >= 0.
        against: The means that are bet against, shape (K,).
        enough: The logarithm of the fortune that decides.

    """

    payouts: FloatArray
    against: FloatArray
    enough: float

    def at(self, k: int) -> Bet:
        """The bet of one t alone."""
        only = slice(k, k + 1)
        return Bet(self.payouts[:, only], self.against[only], self.enough)


def needed(
    bet: Bet, power: float, rng: np.random.Generator, runs: int | None = None
) -> Needed:
    """Replicas by which the share `power` of `RUNS` resampled runs is decided."""
    runs = RUNS if runs is None else runs
    middle = int(np.ceil(power * runs))
    low, high = binom.ppf([0.5 * (1 - CONFIDENCE), 0.5 * (1 + CONFIDENCE)], runs, power)
    goal = int(high) + 1
    passed = passages(bet, rng, runs, min(goal, runs))
    beyond = [float("inf")] if goal > runs else []
    found = [*sorted(passed), *beyond]
    return Needed(found[middle - 1], found[max(int(low), 1) - 1], found[goal - 1])


def passages(bet: Bet, rng: np.random.Generator, runs: int, goal: int) -> list[float]:
    """Checkpoint at which each run is decided; infinite after the `goal`-th."""
    found = [float("inf")] * runs
    count = len(bet.against)
    open_bets = [dict.fromkeys(range(count), start()) for _ in range(runs)]
    for first, last in pairwise([0, *checkpoints(MOST)]):
        for run, bets in enumerate(open_bets):
            if bets:
                rows = bet.payouts[rng.integers(len(bet.payouts), size=last - first)]
                _play(bets, rows, bet)
                if not bets:
                    found[run] = float(last)
        if runs - found.count(float("inf")) >= goal:
            break
    return found


def _play(bets: dict[int, Wealth], rows: FloatArray, bet: Bet) -> None:
    """Stake what is still open; drop what has passed."""
    for k in list(bets):
        bets[k] = wager(bets[k], rows[:, k], float(bet.against[k]))
        if bets[k].peak >= bet.enough:
            del bets[k]
