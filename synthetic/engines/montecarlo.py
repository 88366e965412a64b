"""Monte Carlo with finite-sample limits that hold at all recorded t and at any time.

Replicas are added in doublings until every claim is decided or the budget is spent;
the limits stay valid under that, because they are confidence sequences in the number
of replicas (`theory.confidence`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import memory
from synthetic.engines import compiled
from synthetic.engines.common import roundoff, scale, spoken_of
from synthetic.engines.simulate import simulate
from synthetic.problems.base import FloatArray, IntArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.confidence import mean_limits
from theory.constants import Constants
from theory.evidence import Engine, Evidence
from theory.judge import Status, Verdict, judge

FIRST_BATCH = 256
NUM_TIMES = 10
LARGEST_RUN = 500_000
"""Replicas times points at once, where every point of every replica is kept."""

LARGEST_BATCH = 2_000_000
"""Replicas times components at once: it bounds memory, and changes no draw."""


@dataclass(frozen=True)
class Budget:
    """How much Monte Carlo may cost.

    Attributes:
        seed: Root of every draw.
        alpha: Error probability of one claim on one setting, all t together.
        max_replicas: Stop here even if undecided.

    """

    seed: int
    alpha: float
    max_replicas: int


def recorded_times(horizon: int) -> IntArray:
    """About ten geometric times from 1 to T - 1; x_0 is not random."""
    if horizon < 2:
        return np.zeros(0, dtype=np.int64)
    grid = np.geomspace(1.0, horizon - 1.0, NUM_TIMES)
    return np.unique(np.round(grid).astype(np.int64))


DECIDED = frozenset({Status.HOLDS, Status.REFUTED})


def run(
    setting: Setting, claims: list[Claim], c: Constants, budget: Budget
) -> dict[str, Verdict]:
    """Judge all claims: those that need f at every t from a run of their own."""
    cheap = [claim for claim in claims if claim.is_cheap]
    dense = [claim for claim in claims if not claim.is_cheap]
    verdicts: dict[str, Verdict] = {}
    for group in (cheap, dense):
        if group:
            verdicts |= _run_group(setting, group, c, budget)
    return verdicts


def _run_group(
    setting: Setting, claims: list[Claim], c: Constants, budget: Budget
) -> dict[str, Verdict]:
    """Add replicas until every claim of the group is decided or the budget is spent."""
    times = recorded_times(setting.horizon)
    samples: dict[str, list[FloatArray]] = {claim.id: [] for claim in claims}
    verdicts: dict[str, Verdict] = {}
    room = max(64, LARGEST_BATCH // setting.problem.num_components)
    room = min(room, memory.room(setting, claims))
    if not all(claim.is_cheap for claim in claims) or setting.batch.size > 1:
        room = min(room, max(64, LARGEST_RUN // setting.horizon))
    done, wanted = 0, min(FIRST_BATCH, budget.max_replicas)
    while done < budget.max_replicas:
        size = min(wanted - done, room)
        batch = sample(setting, claims, times, budget.seed, range(done, done + size))
        for claim_id, values in batch.items():
            samples[claim_id].append(values)
        done += size
        if done < wanted:
            continue
        wanted = min(2 * done, budget.max_replicas)
        for claim in claims:
            if claim.id in verdicts and verdicts[claim.id].status in DECIDED:
                continue
            seen = np.concatenate(samples[claim.id])
            evidence, bound = enclose(claim, c, times, seen, budget.alpha)
            verdicts[claim.id] = judge(evidence, bound)
        if all(verdict.status in DECIDED for verdict in verdicts.values()):
            break
    return verdicts


def sample(
    setting: Setting,
    claims: list[Claim],
    times: IntArray,
    seed: int,
    replicas: range,
) -> dict[str, FloatArray]:
    """Left-hand sides (size, K) of these replicas, at the times."""
    channels = frozenset().union(*(claim.needs for claim in claims))
    if not all(claim.is_cheap for claim in claims):
        draws = _draws(setting, seed, replicas, setting.horizon - 1)
        trace = simulate(setting, draws, channels=channels)
        return {claim.id: claim.quantity(trace)[times].T for claim in claims}
    if compiled.supports(setting):
        trace = compiled.sample(
            setting, seed=seed, replicas=replicas, channels=channels, times=times
        )
    else:
        draws = _draws(setting, seed, replicas, setting.horizon)
        trace = simulate(setting, draws, channels=channels, times=times)
    return {claim.id: claim.quantity(trace).T for claim in claims}


def _draws(setting: Setting, seed: int, replicas: range, num_steps: int) -> IntArray:
    first = (replicas.start, len(replicas))
    return setting.batch.sample(seed, first, num_steps, setting.problem)


def enclose(
    claim: Claim, c: Constants, times: IntArray, samples: FloatArray, alpha: float
) -> tuple[Evidence, FloatArray]:
    """Limits for the mean of each recorded t, from samples (N, K)."""
    keep = spoken_of(claim, c, times)
    times, samples = times[keep], samples[:, keep]
    t = times.astype(np.float64)
    bound = np.asarray(claim.bound(c, t), dtype=np.float64)
    low, high = claim.support(c, t)
    noise = roundoff(claim, c, times, bound)  # samples may stick out by roundoff
    limits = mean_limits(samples, low - noise, high + noise, alpha=alpha)
    evidence = Evidence(
        times=times,
        lower=limits.lower,
        upper=limits.upper,
        estimate=limits.mean,
        roundoff=noise,
        error=alpha,
        engine=Engine.MONTE_CARLO,
        source=f"{len(samples)} replicas, error probability {alpha:.2g} in the ball",
        scale=scale(claim, c),
    )
    return evidence, bound
