"""Rounds of a hunt: each a start in some family and a climb from there.

A round depends on its number and the seed alone, so it does not matter which process
runs it, nor what the others found.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from synthetic.hunt.evolution import Evolution
from synthetic.hunt.plans import plan
from synthetic.hunt.quest import Quest
from synthetic.hunt.score import UNFIT, score
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting

ROUND = 4_000
"""Evaluations in a round, at most."""

TRIES = 64
STARTS = 6
"""So many fit starts are looked for in `TRIES`; the best of them is climbed from."""

PATIENCE = 60
"""Generations without progress after which a climb ends."""

PROGRESS = 1e-6
PLENTY = 100.0
"""A ratio that says all there is to say."""


@dataclass(frozen=True)
class Round:
    """One round: its number and how many evaluations it may take."""

    number: int
    allowance: int = ROUND


@dataclass(frozen=True, eq=False)
class Catch:
    """What a round found.

    Attributes:
        ratio: The best score.
        setting: Where; `None` if no start met the hypotheses.
        evaluations: How many instances were run.

    """

    ratio: float
    setting: Setting | None
    evaluations: int


class _Counter:
    """The objective, counting, that stops at an allowance or a moment."""

    def __init__(
        self, value: Callable[[FloatArray], float], allowance: int, until: float
    ) -> None:
        self.value, self.left, self.until = value, allowance, until
        self.calls = 0

    def __call__(self, vector: FloatArray) -> float:
        self.left -= 1
        self.calls += 1
        return self.value(vector)

    @property
    def is_spent(self) -> bool:
        return self.left <= 0 or time.time() >= self.until


def run_round(this: Round, quest: Quest, seed: int, until: float) -> Catch:
    """Start and climb, on one thread; runs in a worker process.

    Args:
        this: Which round.
        quest: What is hunted.
        seed: Root of every draw.
        until: The time, as `time.time` has it, after which to stop.

    """
    rng = np.random.default_rng([seed, this.number])
    mine, claim = plan(quest, this.number, rng), quest.claim()
    with threadpool_limits(limits=1):
        value = _Counter(
            lambda vector: score(claim, mine.setting(vector)), this.allowance, until
        )
        ratio, vector = _start(mine.start, value, rng)
        if ratio > UNFIT:
            ratio, vector = _climb(ratio, vector, value, rng)
    setting = None if ratio == UNFIT else mine.setting(vector)
    return Catch(ratio, setting, value.calls)


def _start(
    draw: Callable[[np.random.Generator], FloatArray],
    value: _Counter,
    rng: np.random.Generator,
) -> tuple[float, FloatArray]:
    """The best of a few starts that meet the hypotheses."""
    best, found = UNFIT, draw(rng)
    fit = 0
    for _ in range(TRIES):
        vector = draw(rng)
        ratio = value(vector)
        if ratio > best:
            best, found = ratio, vector
        fit += ratio > UNFIT
        if fit == STARTS or value.is_spent:
            break
    return best, found


def _climb(
    ratio: float, vector: FloatArray, value: _Counter, rng: np.random.Generator
) -> tuple[float, FloatArray]:
    evolution, waited = Evolution(vector, rng), 0
    while not (value.is_spent or evolution.is_over or ratio >= PLENTY):
        best, where = evolution.step(value)
        waited += 1
        if best > ratio + PROGRESS * abs(ratio):
            waited = 0
        if best > ratio:
            ratio, vector = best, where
        if waited >= PATIENCE:
            break
    return ratio, vector
