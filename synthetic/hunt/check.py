"""The last word on an instance: the desk, with every hypothesis, and 50 digits."""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
import numpy as np

from synthetic.desk import Options
from synthetic.engines import tree
from synthetic.hunt.quest import Quest
from synthetic.replay import DIGITS, MOST_WORK, replayed, work
from synthetic.setting import Setting
from synthetic.verify import Outcome, judge_setting
from theory.claim import Kind
from theory.errors import InputError

SHOWN = 20


@dataclass(frozen=True, eq=False)
class Checked:
    """What the desk said of an instance.

    Attributes:
        outcome: Its verdict, with evidence and constants.
        digits: Left-hand side over bound at the t of the verdict, or the tightest one,
            from a run in 50 digits; `None` where the bound is not positive or the tree
            is too large to run again.

    """

    outcome: Outcome
    digits: str | None


def check(quest: Quest, setting: Setting) -> Checked:
    """Judge the quest's claim there as `ratecheck verify` judges claims."""
    outcomes = judge_setting(setting, [quest.claim()], Options())
    if not outcomes:
        msg = (
            f"{quest.claim_id} does not speak of {setting.method.name} with "
            f"{setting.horizon} points: the file's instance is not one of its."
        )
        raise InputError(msg)
    return Checked(outcomes[0], _digits(quest, setting, outcomes[0]))


def _digits(quest: Quest, setting: Setting, outcome: Outcome) -> str | None:
    verdict, claim = outcome.verdict, quest.claim()
    row = verdict.tightest_time if verdict.time is None else verdict.time
    if row is None or verdict.evidence is None or verdict.bound is None:
        return None
    trace, draws, weights = tree.grow(setting, claim.needs)
    chances: np.ndarray | None = weights
    if claim.kind is Kind.PATHWISE:
        values = np.where(weights > 0, claim.quantity(trace)[row], -np.inf)
        path = int(np.argmax(values))
        draws, chances = draws[:, path : path + 1], None
    place = int(np.argmax(verdict.evidence.times == row))
    bound = float(verdict.bound[place])
    if not bound > 0 or work(setting, draws.shape[1], row) > MOST_WORK:
        return None
    value = replayed(claim, setting, draws, row, chances)
    with mpmath.workdps(DIGITS):
        return str(mpmath.nstr(value / mpmath.mpf(bound), SHOWN))
