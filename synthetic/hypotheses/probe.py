"""One inequality of one hypothesis on one ball, ready to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from synthetic.hypotheses.inequalities import Sides
from synthetic.hypotheses.oracle import Oracle, Seen
from synthetic.problems.base import FloatArray, IntArray


@dataclass(frozen=True, eq=False, kw_only=True)
class Probe:
    """One inequality of one hypothesis, ready to be looked at.

    Attributes:
        assumption: The hypothesis.
        sentence: The inequality with its constants.
        oracle: Of what.
        radius: Of the ball.
        sides: Both sides at x and y.
        each: Is it said of every component, and not of the mean?
        key: Tells apart what is looked at: equal keys and sentences, equal answers.
        pairs: "none" if y does not matter, "free", or "half" if it lies half-way.

    """

    assumption: str
    sentence: str
    oracle: Oracle
    radius: float
    sides: Callable[[Seen, Seen], Sides]
    each: bool = False
    key: tuple[object, ...] = ()
    pairs: Literal["none", "free", "half"] = "none"

    @cached_property
    def base(self) -> FloatArray:
        """Subgradients of all components at the centre."""
        return self.oracle.at_centre()

    def look(self, i: IntArray, x: FloatArray, y: FloatArray) -> Place:
        """Both sides at pairs of points, pulled into the ball; `i` per row."""
        x, y = self._inside(x), self._inside(y)
        if self.pairs == "half":
            y = 0.5 * (x + self.oracle.centre)
        index = i if self.each else None
        seen = self.oracle.look(x, self.base, index)
        other = seen
        if self.pairs != "none":
            other = self.oracle.look(y, self.base, index)
        with np.errstate(all="ignore"):
            found = self.sides(seen, other)
        return Place(i, x, y, seen, other, found, found.excess)

    def _inside(self, x: FloatArray) -> FloatArray:
        away = (x - self.oracle.centre) * self.oracle.kept
        length = np.sqrt(np.sum(away**2, axis=1, keepdims=True))
        share = self.radius / np.where(length > self.radius, length, self.radius)
        kept = self.oracle.kept > 0
        moved = (length > self.radius) | ~kept
        return np.where(moved, self.oracle.centre + share * away, x)


@dataclass(frozen=True, eq=False)
class Place:
    """Pairs of points with what was seen there, R rows."""

    i: IntArray
    x: FloatArray
    y: FloatArray
    seen: Seen
    other: Seen
    sides: Sides
    excess: FloatArray
