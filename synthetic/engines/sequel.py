r"""Monte Carlo that goes on where an earlier run stopped, with the same error control.

For each recorded t two fortunes are staked on fresh replicas: one against "the mean is
at most the bound", one against "it is at least the bound" (`theory.confidence`). While
its hypothesis is true each is a nonnegative supermartingale that starts at 1, and it
remains one when it is written down and played on later, as long as no replica is played
twice. So the chance that it *ever* reaches 2K / alpha, in all runs together, is at most
alpha / (2K) (Ville): no run pays for having looked before, and none gains by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from synthetic import memory
from synthetic.engines.common import roundoff, scale, spoken_of
from synthetic.engines.montecarlo import (
    DECIDED,
    FIRST_BATCH,
    LARGEST_BATCH,
    LARGEST_RUN,
    Budget,
    recorded_times,
    sample,
)
from synthetic.problems.base import FloatArray, IntArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.confidence import Wealth, start, wager
from theory.constants import Constants
from theory.evidence import Engine, Evidence
from theory.judge import Verdict, judge


@dataclass(frozen=True, eq=False)
class Carried:
    """Where one claim on one setting stands.

    Attributes:
        num_samples: Replicas played so far; the next one is number `num_samples`.
        total: Sums of the left-hand sides, shape (K,), for the estimate.
        above: Fortunes against "at most the bound", one for each t.
        below: Fortunes against "at least the bound".
        alpha: Error probability that the pair has had from its first run on.
        runs: How many runs played.

    """

    num_samples: int
    total: FloatArray
    above: tuple[Wealth, ...]
    below: tuple[Wealth, ...]
    alpha: float
    runs: int = 0


@dataclass(frozen=True, eq=False)
class Game:
    """The numbers that stay the same from round to round, shapes (K,)."""

    times: IntArray
    bound: FloatArray
    low: FloatArray
    high: FloatArray
    noise: FloatArray
    keep: np.ndarray = field(repr=False)


def run(
    setting: Setting,
    claim: Claim,
    c: Constants,
    budget: Budget,
    carried: Carried | None,
) -> Verdict:
    """Judge from what is carried and, unless that decides, from fresh replicas.

    Args:
        setting: What to run.
        claim: Its claim.
        c: The setting's constants.
        budget: Seed, alpha, and how many replicas this run may add. A later run's alpha
            can lower the pair's, never raise it.
        carried: Of the last run, if there was one.

    """
    game = game_of(setting, claim, c)
    now = carried or beginning(game, budget.alpha)
    now = replace(now, alpha=min(now.alpha, budget.alpha), runs=now.runs + 1)
    room = max(64, LARGEST_BATCH // setting.problem.num_components)
    room = min(room, memory.room(setting, [claim]))
    if not claim.is_cheap or setting.batch.size > 1:
        room = min(room, max(64, LARGEST_RUN // setting.horizon))
    verdict = judged(game, claim, c, now)
    end, wanted = now.num_samples + budget.max_replicas, FIRST_BATCH
    while verdict.status not in DECIDED and now.num_samples < end:
        goal = min(now.num_samples + wanted, end)
        while now.num_samples < goal:
            stop = min(now.num_samples + room, goal)
            replicas = range(now.num_samples, stop)
            times = recorded_times(setting.horizon)
            found = sample(setting, [claim], times, budget.seed, replicas)[claim.id]
            now = played(game, now, found[:, game.keep])
        wanted = 2 * wanted
        verdict = judged(game, claim, c, now)
    return verdict


def beginning(game: Game, alpha: float) -> Carried:
    """Before the first replica."""
    count = len(game.times)
    return Carried(0, np.zeros(count), (start(),) * count, (start(),) * count, alpha)


def game_of(setting: Setting, claim: Claim, c: Constants) -> Game:
    """What the claim says of the setting at the recorded times."""
    times = recorded_times(setting.horizon)
    keep = spoken_of(claim, c, times)
    times = times[keep]
    t = times.astype(np.float64)
    bound = np.asarray(claim.bound(c, t), dtype=np.float64)
    low, high = claim.support(c, t)
    noise = roundoff(claim, c, times, bound)
    return Game(times, bound, low - noise, high + noise, noise, keep)


def played(game: Game, now: Carried, samples: FloatArray) -> Carried:
    """Stake both fortunes of every t on the samples (N, K)."""
    above, below = [], []
    for k, x in enumerate(samples.T):
        over = game.bound[k] + 2.0 * game.noise[k]
        under = game.bound[k] + game.noise[k]
        above.append(_staked(now.above[k], x - game.low[k], over - game.low[k]))
        below.append(_staked(now.below[k], game.high[k] - x, game.high[k] - under))
    return replace(
        now,
        num_samples=now.num_samples + len(samples),
        total=now.total + samples.sum(axis=0),
        above=tuple(above),
        below=tuple(below),
    )


def _staked(wealth: Wealth, y: FloatArray, m: float) -> Wealth:
    """`wager`; lost for good where no range is known, or a sample is out of it.

    An m <= 0 is rejected by the range alone, as long as no sample contradicts that.
    """
    if np.all(np.isneginf(wealth.total)):
        return wealth
    if not (np.isfinite(m) and np.isfinite(y).all() and y.min() >= 0.0):
        return Wealth(np.full_like(wealth.total, -np.inf), wealth.error, -np.inf)
    if m <= 0.0:
        return replace(wealth, peak=np.inf)
    return wager(wealth, y, m)


def judged(game: Game, claim: Claim, c: Constants, now: Carried) -> Verdict:
    """Limits are at the bound's own place: on which side of it the mean is, or not."""
    enough = np.log(2.0 * max(len(game.times), 1) / now.alpha)
    above = np.array([wealth.peak >= enough for wealth in now.above], dtype=bool)
    below = np.array([wealth.peak >= enough for wealth in now.below], dtype=bool)
    count = max(now.num_samples, 1)
    estimate = now.total / count
    evidence = Evidence(
        times=game.times,
        lower=np.where(above, game.bound + 2.0 * game.noise, -np.inf),
        upper=np.where(below, game.bound + game.noise, np.inf),
        estimate=estimate if now.num_samples else np.full(len(game.times), np.nan),
        roundoff=game.noise,
        error=now.alpha,
        engine=Engine.MONTE_CARLO,
        source=f"{now.num_samples} replicas over {now.runs} runs of a ledger, error "
        f"probability {now.alpha:.2g} of them all",
        scale=scale(claim, c),
        carried=now,
    )
    return judge(evidence, game.bound)
