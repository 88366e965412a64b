"""One hunt from the search to the record: search, shrink, check, write down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from synthetic.hunt.check import Checked, check
from synthetic.hunt.files import as_record
from synthetic.hunt.quest import Quest
from synthetic.hunt.rounds import Round, run_round
from synthetic.hunt.search import REFUTING, Effort, Found, search
from synthetic.hunt.shrink import LEAST_EXCESS, SHORTEST, Trophy, shrink
from synthetic.hunt.words import describe
from theory.errors import InputError
from theory.judge import Status

PATIENCE = 20.0
"""Seconds that a try with fewer points may take."""


@dataclass(frozen=True, eq=False)
class Hunt:
    """What a hunt brought.

    Attributes:
        asked: The claim as it was to be hunted.
        effort: What it was allowed to spend.
        found: What the search found.
        trophy: The same, smaller and rounder; its quest may have a shorter horizon.
        checked: What the desk says of it.

    """

    asked: Quest
    effort: Effort
    found: Found
    trophy: Trophy
    checked: Checked

    @property
    def status(self) -> Status:
        """The desk's verdict."""
        return self.checked.outcome.verdict.status

    @property
    def exit_code(self) -> int:
        """1 if what is expected to hold was refuted; 130 after Ctrl-C, else 0."""
        if self.status is Status.REFUTED and not self.asked.should_fall:
            return 1
        return 130 if self.found.interrupted else 0

    def words(self) -> list[str]:
        """The instance in words."""
        return describe(self.trophy.setting)

    def record(self) -> dict[str, Any]:
        """What goes into a file."""
        verdict = self.checked.outcome.verdict
        result = {
            "status": verdict.status.value,
            "ratio": verdict.tightness,
            "time": verdict.tightest_time if verdict.time is None else verdict.time,
            "reason": verdict.reason,
            "digits": self.checked.digits,
            "words": self.words(),
        }
        spent = {
            "found": self.found.ratio,
            "evaluations": self.found.evaluations,
            "rounds": self.found.rounds,
            "seconds": round(self.found.seconds, 3),
            "method": "CMA-ES from random starts, exact engine",
        }
        effort = asdict(self.effort) | spent
        return as_record(self.trophy.quest, self.trophy.setting, result, effort)


def hunt(
    asked: Quest,
    effort: Effort,
    progress: Callable[[int, float], None] = lambda _evaluations, _ratio: None,
) -> Hunt:
    """Search, shrink and check.

    Raises:
        InputError: No start met the hypotheses, so there is nothing to show.

    """
    found = search(asked, effort, progress)
    if found.setting is None:
        msg = (
            f"No instance met the hypotheses of {asked.words()} in "
            f"{found.evaluations} tries with {asked.horizon} points; raise --budget, "
            "or the families here have none."
        )
        raise InputError(msg)
    best = _soonest(Trophy(asked, found.setting, found.ratio), effort)
    trophy = shrink(best)
    checked = check(trophy.quest, trophy.setting)
    lost = found.ratio > REFUTING and checked.outcome.verdict.status is not (
        Status.REFUTED
    )
    if lost:  # what shrinking made of it does not stand: show what was found
        trophy, checked = best, check(best.quest, best.setting)
    return Hunt(asked, effort, found, trophy, checked)


def _soonest(best: Trophy, effort: Effort) -> Trophy:
    """A refutation with fewer points, if one round finds it; the fewest go first.

    A bound that was scaled down falls at T = 1 already, where it is attained: there the
    horizon that was asked for says more.
    """
    if not (best.ratio > REFUTING and best.quest.scale == 1.0):
        return best
    shorter = [best.quest]
    while shorter[-1].horizon > SHORTEST and shorter[-1].last > 1:
        shorter.append(shorter[-1].shorter())
    for quest in reversed(shorter[1:]):
        if quest.claim().first > quest.last:
            continue
        this, until = Round(0, effort.allowance), time.time() + PATIENCE
        catch = run_round(this, quest, effort.seed, until)
        if catch.setting is not None and catch.ratio > 1.0 + LEAST_EXCESS:
            return Trophy(quest, catch.setting, catch.ratio)
    return best
