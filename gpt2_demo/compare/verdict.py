"""From losses to words; pure functions of numbers, infinite where a run diverged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from gpt2_demo.compare.rules import LEVEL, MARGIN


class Word(StrEnum):
    """Of an untuned method beside a tuned one."""

    BETTER = "better"
    AS_GOOD = "as good within the margin"
    WORSE = "worse"
    UNDECIDED = "undecided"


class Control(StrEnum):
    """Of the teacher's losses beside what stands in their place."""

    TEACHER = "the teacher is better"
    SAME = "no difference within the margin"
    CONTROL = "the control is better"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Paired:
    """Differences by seed, ours minus theirs.

    Attributes:
        differences: One a seed, nats; NaN where both diverged.
        mean: Their mean; NaN unless all are finite.
        lower: Of the interval for the mean; -inf if there is none.
        upper: The same; inf if there is none.
        diverged: How many of ours, and of theirs.

    """

    differences: tuple[float, ...]
    mean: float
    lower: float
    upper: float
    diverged: tuple[int, int]

    @property
    def word(self) -> Word:
        """By `rules.RULE`."""
        ours, theirs = self.diverged
        if ours or theirs:
            if ours > theirs:
                return Word.WORSE
            all_theirs = theirs == len(self.differences) and not ours
            return Word.BETTER if all_theirs else Word.UNDECIDED
        if self.upper < 0:
            return Word.BETTER
        if self.upper < MARGIN:
            return Word.AS_GOOD
        return Word.WORSE if self.lower > MARGIN else Word.UNDECIDED

    @property
    def control(self) -> Control:
        """Who is ahead, if anybody is; diverged runs count as in `word`."""
        ours, theirs = self.diverged
        if ours or theirs:
            words = {Word.WORSE: Control.CONTROL, Word.BETTER: Control.TEACHER}
            return words.get(self.word, Control.UNDECIDED)
        if self.upper < 0:
            return Control.TEACHER
        if self.lower > 0:
            return Control.CONTROL
        is_same = self.lower > -MARGIN and self.upper < MARGIN
        return Control.SAME if is_same else Control.UNDECIDED


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Paired:
    """Compare losses of the same seeds in the same order; NaN is a diverged run."""
    a, b = (np.where(np.isfinite(x), x, np.inf) for x in (ours, theirs))
    with np.errstate(invalid="ignore"):
        differences = a - b
    diverged = int(np.isinf(a).sum()), int(np.isinf(b).sum())
    mean, lower, upper = math.nan, -math.inf, math.inf
    if not any(diverged):
        mean = float(differences.mean())
        lower, upper = interval(differences.tolist())
    return Paired(tuple(differences.tolist()), mean, lower, upper, diverged)


def interval(values: Sequence[float]) -> tuple[float, float]:
    r"""$\bar d \mp t_{n-1} s / \sqrt n$; the whole line for one value."""
    number = len(values)
    if number < 2:
        return -math.inf, math.inf
    mean = float(np.mean(values))
    error = float(np.std(values, ddof=1)) / math.sqrt(number)
    half = float(stats.t.ppf(0.5 + LEVEL / 2, number - 1)) * error
    return mean - half, mean + half


@dataclass(frozen=True)
class Beaten:
    """How many of a tuned method's own settings an untuned run beats.

    Attributes:
        number: Settings (schedule and rate) with a greater final loss.
        total: Settings tried.

    """

    number: int
    total: int


def beaten(ours: float, grid: Sequence[float]) -> Beaten:
    """One run of ours beside a grid, all of one seed; a diverged run beats none."""
    if not math.isfinite(ours):
        return Beaten(0, len(grid))
    return Beaten(sum(not loss <= ours for loss in grid), len(grid))


@dataclass(frozen=True)
class Spread:
    """What a setting is worth.

    Attributes:
        means: Mean final loss by setting; infinite if a run diverged.
        width: Greatest minus least mean: infinite if one of them is, 0 if all are.

    """

    means: Mapping[str, float]
    width: float


def spread(losses: Mapping[str, Sequence[float]]) -> Spread:
    """Means over seeds, and the range of them."""
    means = {
        key: float(np.mean(values)) if np.isfinite(values).all() else math.inf
        for key, values in losses.items()
    }
    least, most = min(means.values()), max(means.values())
    return Spread(means, 0.0 if least == most else most - least)


def claim(words: Sequence[Word]) -> str:
    """The claim from the words of the methods that it stands or falls with."""
    if any(word is Word.WORSE for word in words):
        return "refuted"
    if any(word is Word.UNDECIDED for word in words):
        return "undecided"
    return "supported"
