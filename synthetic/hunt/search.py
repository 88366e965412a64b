"""The search: rounds over processes until one is good enough, or time is up."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from synthetic.hunt.quest import Quest
from synthetic.hunt.rounds import ROUND, Catch, Round, run_round
from synthetic.hunt.score import UNFIT
from synthetic.pool import Deadline, completed
from synthetic.setting import Setting
from theory.errors import InputError

ENOUGH = 0.999
REFUTING = 1.0 + 1e-6
"""Scores above this are taken for refutations; the desk decides in the end."""

MOST_JOBS = 64


@dataclass(frozen=True)
class Effort:
    """How much to spend.

    Attributes:
        seed: Root of every draw.
        budget: Seconds.
        evaluations: No round counts that begins after so many instances; unless the
            budget ends first, nothing depends on the clock then. `None`: no limit.
        jobs: Processes, one thread each.

    """

    seed: int = 0
    budget: float = 120.0
    evaluations: int | None = None
    jobs: int = 2

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if not 0 < self.budget < math.inf:
            msg = f"Need a budget of more than 0 s, and finite, got {self.budget} s."
            raise InputError(msg)
        if not 0 <= self.seed < 2**32:
            msg = f"Need a seed from 0 to 2**32 - 1, got {self.seed}."
            raise InputError(msg)
        if self.evaluations is not None and self.evaluations < 1:
            msg = f"Need at least 1 evaluation, got {self.evaluations}."
            raise InputError(msg)
        if not 1 <= self.jobs <= MOST_JOBS:
            msg = f"Need 1 to {MOST_JOBS} jobs, got {self.jobs}."
            raise InputError(msg)

    @property
    def allowance(self) -> int:
        """How many instances one round may run."""
        return min(ROUND, self.evaluations or ROUND)

    def rounds(self) -> Iterator[Round]:
        """Rounds without end, in their order."""
        return (Round(number, self.allowance) for number in itertools.count())


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes:
        ratio: The best score; `UNFIT` if nothing met the hypotheses.
        setting: Where.
        evaluations: How many instances were run.
        rounds: How many rounds were run.
        seconds: How long it took.
        interrupted: Was it stopped by Ctrl-C?

    """

    ratio: float
    setting: Setting | None
    evaluations: int
    rounds: int
    seconds: float
    interrupted: bool = False


def search(
    quest: Quest,
    effort: Effort,
    progress: Callable[[int, float], None] = lambda _evaluations, _ratio: None,
) -> Found:
    """Run rounds until one refutes, or reaches 0.999 of a bound that should hold.

    The rounds up to the first good one in their order decide, so the outcome does not
    depend on who was faster.
    """
    begin = time.time()
    work = partial(
        run_round, quest=quest, seed=effort.seed, until=begin + effort.budget
    )
    deadline = Deadline(effort.budget)
    catches: dict[int, Catch] = {}
    interrupted = False
    try:
        for this, catch in completed(effort.rounds(), work, effort.jobs, deadline):
            catches[this.number] = catch
            progress(
                sum(one.evaluations for one in catches.values()),
                max(one.ratio for one in catches.values()),
            )
            if _decided(catches, quest, effort) is not None:
                break
    except KeyboardInterrupt:
        interrupted = True
    last = _decided(catches, quest, effort)
    kept = [catches[k] for k in sorted(catches) if last is None or k <= last]
    best = max(kept, key=lambda one: one.ratio, default=Catch(UNFIT, None, 0))
    total = sum(one.evaluations for one in catches.values())
    seconds = time.time() - begin
    return Found(best.ratio, best.setting, total, len(catches), seconds, interrupted)


def _decided(catches: dict[int, Catch], quest: Quest, effort: Effort) -> int | None:
    """The first good round, or the last that counts, once all before it are done."""
    spent = 0
    for number in itertools.count():
        catch = catches.get(number)
        if catch is None:
            return None
        spent += catch.evaluations
        enough = catch.ratio >= ENOUGH and not quest.should_fall
        if catch.ratio > REFUTING or enough:
            return number
        if effort.evaluations is not None and spent >= effort.evaluations:
            return number
    return None
