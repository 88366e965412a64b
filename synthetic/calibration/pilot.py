"""A short run of a setting that shows how its left-hand side is distributed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.desk import Subject
from synthetic.distillation import evidence
from synthetic.distillation.setting import Bench
from synthetic.engines import montecarlo, sequel
from synthetic.engines.sequel import Game
from synthetic.polyak_desk import address
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.errors import InputError

REPLICAS = 1024
WARM_UP = 64
"""Replicas run first, so that no compilation is timed."""

SEED = 0x9107
"""Root of a pilot's draws: not that of a run that is evidence."""


@dataclass(frozen=True, eq=False)
class Pilot:
    """What a pilot found.

    Attributes:
        name: The setting's.
        label: Which configuration of it, if it has several.
        count: How many configurations share alpha; each needs replicas of its own.
        game: Bounds and sure ranges at the recorded t, shape (K,).
        samples: Left-hand sides, shape (REPLICAS, K).
        seconds: Of one replica of one configuration.

    """

    name: str
    label: str
    count: int
    game: Game
    samples: FloatArray
    seconds: float

    @property
    def ratios(self) -> FloatArray:
        """Mean over bound at every t; -inf where the bound is not positive."""
        bound = self.game.bound
        mean = self.samples.mean(axis=0)
        ratio = mean / np.where(bound > 0, bound, 1.0)
        return np.asarray(np.where(bound > 0, ratio, -np.inf))


def run(claim: Claim, setting: Subject) -> Pilot:
    """The pilot of a claim that Monte Carlo judges on the setting.

    Raises:
        InputError: Its runs are part of the setting, and nobody can ask for more.

    """
    if isinstance(setting, Setting):
        return _of_polyak(claim, setting)
    if isinstance(setting, Bench):
        return _of_distillation(claim, setting)
    msg = f"The number of runs is part of {setting.name!r}: there is nothing to plan."
    raise InputError(msg)


def _of_polyak(claim: Claim, setting: Setting) -> Pilot:
    game = sequel.game_of(setting, claim, setting.constants())
    times = montecarlo.recorded_times(setting.horizon)
    seed = address(SEED, setting.name)
    warm = range(REPLICAS, REPLICAS + WARM_UP)
    montecarlo.sample(setting, [claim], times, seed, warm)
    start = time.perf_counter()
    found = montecarlo.sample(setting, [claim], times, seed, range(REPLICAS))[claim.id]
    seconds = (time.perf_counter() - start) / REPLICAS
    return Pilot(setting.name, "", 1, game, found[:, game.keep], seconds)


def _of_distillation(claim: Claim, bench: Bench) -> Pilot:
    """That of the configuration where the claim is tightest."""
    from synthetic.distillation import sampled  # noqa: PLC0415 -- loads numba

    times = sampled.recorded_times(bench.horizon)
    seed = address(SEED, bench.name)
    sampled.sample(bench, 0, seed, range(REPLICAS, REPLICAS + WARM_UP), times)
    everyone, pilots = bench.constants(), []
    (channel,) = claim.needs
    for case in range(bench.count):
        c = everyone.select(np.array([case]))
        if not evidence.meeting(claim, c)[0]:
            continue
        start = time.perf_counter()
        samples = sampled.sample(bench, case, seed, range(REPLICAS), times)[channel]
        seconds = (time.perf_counter() - start) / REPLICAS
        game = _game(claim, bench, (case, c), times, samples)
        label = bench.label(case)
        pilots.append(Pilot(bench.name, label, bench.count, game, samples, seconds))
    return max(pilots, key=lambda pilot: float(pilot.ratios.max()))


def _game(
    claim: Claim,
    bench: Bench,
    configuration: tuple[int, Any],
    times: np.ndarray[Any, Any],
    samples: FloatArray,
) -> Game:
    """One configuration's bound and range, as `distillation.sampled` has them.

    The roundoff of the samples themselves is left out: no number of replicas sees it.
    """
    from synthetic.distillation import sampled  # noqa: PLC0415 -- loads numba

    case, c = configuration
    t = times.astype(np.float64)
    bound = np.asarray(claim.bound(c, t), dtype=np.float64)[0]
    away = sampled.reach(bench)[case, times]
    top = away**2 if "dist_sq" in claim.needs else 0.5 * bench.problem.L * away**2
    noise = 8.0 * sampled.EPS * np.abs(samples).mean(axis=0)
    noise = noise + evidence.rounding(claim, c, t, bound[None, :])[0]
    everything = np.ones(len(times), dtype=bool)
    return Game(times, bound, -noise, top + noise, noise, everything)
