"""Which families a hunt tries, in which order, and one member from its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.hunt.quest import Quest
from synthetic.hunt.score import MOST_PATHS
from synthetic.hunt.shapes import (
    FREE,
    PAIRS,
    Hollows,
    Maxima,
    Resisting,
    Rows,
    Shape,
)
from synthetic.hunt.tape import Tape
from synthetic.hunt.terms import Terms, choices
from synthetic.problems.base import FloatArray
from synthetic.setting import Setting
from theory import assumptions as a, claims as registry

MOST_DIMENSIONS = 6


@dataclass(frozen=True)
class Plan:
    """A family of settings: the problems, and what goes with them."""

    shape: Shape
    terms: Terms
    quest: Quest

    def start(self, rng: np.random.Generator) -> FloatArray:
        """Parameters to begin at."""
        mine = self.terms.start(self.shape, self.quest.horizon, rng)
        return np.concatenate([self.shape.start(rng), mine])

    def setting(self, vector: FloatArray) -> Setting:
        """The member of the family with those parameters."""
        tape = Tape(vector)
        problem, x0 = self.shape.build(tape)
        return Setting(
            name=f"hunted: {problem.name}",
            problem=problem,
            x0=x0,
            horizon=self.quest.horizon,
            **self.terms.build(tape, self.shape, self.quest.horizon),
        )


def shapes(quest: Quest) -> tuple[Shape, ...]:
    """The families of problems, those with many tight bounds first."""
    asked = {h.name for h in registry.get(quest.claim_id).assumes}
    if a.RESISTING.name in asked and quest.dropped != a.RESISTING.name:
        return (Resisting(1, quest.horizon),)
    if a.QUADRATIC.name in asked and quest.dropped != a.QUADRATIC.name:
        return (Rows(1, 1),)
    if quest.dropped == a.CONVEX.name:
        found: tuple[Shape, ...] = _HOLLOW
    elif quest.dropped == a.MINIMISER.name:
        found = _FREE
    elif quest.dropped == a.IID.name:
        several = tuple(s for s in (*_SMALL, *_FREE) if s.num_components > 1)
        found = (Maxima(2, 2), *several)
    else:
        found = (*_deep(quest), *_SMALL, *_FREE)
    return tuple(s for s in found if s.num_components**quest.last <= MOST_PATHS)


def plan(quest: Quest, number: int, rng: np.random.Generator) -> Plan:
    """The family of one round: the first shape has every other one, the rest the rest.

    Where the first does not meet the hypotheses, its rounds cost next to nothing.
    """
    first, *others = shapes(quest)
    half, is_odd = divmod(number, 2)
    shape = others[half % len(others)] if is_odd and others else first
    return Plan(shape, choices(quest).draw(rng), quest)


def _deep(quest: Quest) -> tuple[Shape, ...]:
    """As many pieces and dimensions as there are points."""
    points = min(quest.last + 1, MOST_DIMENSIONS)
    return (Maxima(1, points, num_pieces=points), Rows(1, 1), Rows(2, 2))


_SMALL: tuple[Shape, ...] = (
    Maxima(1, 2),
    Maxima(2, 1, PAIRS, has_offsets=True),
    Rows(2, 1, PAIRS, "huber"),
    Maxima(1, 3, num_pieces=3),
    Rows(2, 2, loss="huber"),
    Maxima(1, 2, num_pieces=3, has_offsets=True, is_level=False),
    Rows(2, 1, PAIRS),
    Maxima(2, 2),
    Rows(2, 2, PAIRS, "logistic"),
    Maxima(4, 2, PAIRS, has_offsets=True),
    Rows(3, 2, loss="l1"),
    Rows(4, 2, PAIRS),
)
_FREE: tuple[Shape, ...] = (
    Maxima(1, 2, FREE, num_pieces=3, has_offsets=True),
    Rows(2, 2, FREE),
    Maxima(2, 2, FREE, has_offsets=True),
    Rows(2, 1, FREE, "huber"),
    Rows(3, 2, FREE, "l1"),
    Rows(2, 2, FREE, "logistic"),
)
_HOLLOW: tuple[Shape, ...] = (
    Hollows(1, 1),
    Hollows(1, 2),
    Hollows(2, 1),
    Hollows(2, 2),
)
