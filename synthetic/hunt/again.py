"""`ratecheck verify --instance FILE`: a hunted instance is judged again."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from synthetic.desk import Options
from synthetic.hunt.check import check
from synthetic.hunt.files import Instance, load
from synthetic.hunt.words import describe
from synthetic.program import Asked, write_files
from synthetic.results import Change, ClaimResult, Session
from theory.errors import InputError

SAME = 1e-9
"""Ratios that differ by less, relatively, are the same on another processor."""


@dataclass(frozen=True, eq=False)
class Replay:
    """A run on one hunted instance, that is ready to start.

    Attributes:
        known: What the file holds.
        path: The file.
        asked: The command line's options.

    """

    known: Instance
    path: Path
    asked: Asked

    def run(self, progress: Callable[[int, int], None]) -> Session:
        """Judge the claim there, as it was hunted."""
        quest, setting = self.known.quest, self.known.setting
        begin = time.perf_counter()
        outcome = check(quest, setting).outcome
        outcome = replace(outcome, seconds=time.perf_counter() - begin)
        claim = quest.claim()
        if quest.should_fall:  # what was found of it is what is expected again
            claim = replace(claim, expected=self.known.status)
        result = ClaimResult(claim, [outcome])
        session = Session({claim.id: result}, Options(), self.asked.alpha)
        session.changes = self._changes(outcome.verdict.tightness, result)
        progress(1, 1)
        return session

    def _changes(self, ratio: float | None, result: ClaimResult) -> list[Change]:
        known, changes = self.known, []
        if result.status is not known.status:
            text = f"{known.status.value} was written, it is {result.status.value} now"
            changes.append(Change(text, fails=True))
        now = math.nan if ratio is None else ratio
        both = math.isfinite(now) and math.isfinite(known.ratio)
        same = (
            abs(now - known.ratio) <= SAME * abs(known.ratio)
            if both
            else (str(now) == str(known.ratio))
        )
        if not same:
            text = f"the ratio {known.ratio!r} was written, it is {now!r} now"
            changes.append(Change(text, fails=True))
        if not known.is_current:
            text = "the file was written by other code or on another system"
            changes.append(Change(text, fails=False))
        return changes

    def words(self) -> list[str]:
        """What is judged, and where."""
        return [f"{self.known.quest.words()}, on", *describe(self.known.setting)]

    def save(self, session: Session) -> None:
        """Write the files that were asked for."""
        write_files(self.asked, session, None)


def prepare(path: Path, patterns: list[str], asked: Asked) -> Replay:
    """Read the instance; options that would be ignored are refused."""
    default = Asked(
        json_file=asked.json_file,
        latex_file=asked.latex_file,
        junit_file=asked.junit_file,
        summary_file=asked.summary_file,
    )
    if patterns or asked != default:
        msg = (
            "--instance names its own claim and instance: of the other options only "
            "--json, --latex, --junit, --summary and -v go with it."
        )
        raise InputError(msg)
    return Replay(load(path), path, asked)
