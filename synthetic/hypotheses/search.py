r"""Hypothesis draws points of the ball, climbs towards a violation, and shrinks it.

It steers its recipes by the largest excess; when one violates the inequality, it looks
for the simplest that does, and then coordinates are rounded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

import numpy as np

from synthetic.hypotheses.ascent import ascended
from synthetic.hypotheses.climb import CANDIDATES, climbed
from synthetic.hypotheses.probe import Place, Probe
from synthetic.hypotheses.recipes import Recipe, direction, partner, recipes
from synthetic.hypotheses.witness import Witness
from synthetic.problems.base import FloatArray, IntArray

DRAWS = 20
"""Recipes that are tried unless one violates the inequality before."""

BLOCK = 1_000_000
"""So many numbers, rows times d, are looked at together."""


@dataclass(frozen=True)
class _Keyed:
    key: tuple[object, ...]
    probe: Probe = field(compare=False)


def known(probe: Probe, seed: int = 0) -> Witness | None:
    """`search`, once for all settings that share what is looked at."""
    return _searched(
        _Keyed((probe.assumption, probe.sentence, *probe.key), probe), seed
    )


@lru_cache(maxsize=4096)
def _searched(keyed: _Keyed, seed: int) -> Witness | None:
    return search(keyed.probe, seed)


def search(probe: Probe, seed: int = 0, draws: int = DRAWS) -> Witness | None:
    """A point where the inequality fails, as simple as one is found; else `None`.

    Args:
        probe: What to look at.
        seed: Root of the draws.
        draws: How many recipes.

    Raises:
        InputError: Hypothesis is missing.

    """
    hypothesis, strategy = recipes(probe.oracle.dim)
    settings = hypothesis.settings(
        max_examples=draws,
        database=None,
        deadline=None,
        phases=[
            hypothesis.Phase.generate,
            hypothesis.Phase.target,
            hypothesis.Phase.shrink,
        ],
    )

    def violates(recipe: Recipe) -> bool:
        place = _prepared(probe, recipe)
        worst = float(np.max(place.excess))
        hypothesis.target(min(max(worst, -1e9), 1e9), label="excess")
        return worst > 0

    try:
        found = hypothesis.find(
            strategy, violates, settings=settings, random=Random(seed)
        )
    except hypothesis.errors.NoSuchExample:
        return None
    return _witness(probe, _prepared(probe, found))


def _prepared(probe: Probe, recipe: Recipe) -> Place:
    """The pairs of a recipe, polished: one for each component, or one of the mean."""
    oracle, rng = probe.oracle, np.random.default_rng(recipe.seed)
    rows: IntArray = np.zeros(1, dtype=np.int64)
    if probe.each:
        rows = np.arange(oracle.num_components)
        most = max(1, BLOCK // (CANDIDATES * oracle.dim))
        if rows.size > most:
            rows = np.sort(rng.choice(rows, most, replace=False))
    reach = probe.radius * 10.0 ** (-0.1 * recipe.near)
    way = direction(probe, recipe, rng)
    x = oracle.centre + reach * way
    y = partner(recipe, oracle.centre, x, rng)
    shape = (rows.size, 1)
    place = probe.look(rows, np.tile(x, shape), np.tile(y, shape))
    for step in range(recipe.polish):
        place = climbed(probe, place, rng, 0.5 ** (0.5 * step))
    if recipe.polish and not probe.each:
        place = ascended(probe, place)
    return place


def _witness(probe: Probe, place: Place) -> Witness:
    """The worst row, its coordinates rounded as far as it stays a violation."""
    worst = int(np.argmax(place.excess))
    i, x, y = place.i[[worst]], place.x[[worst]], place.y[[worst]]
    simple = _simpler(probe, i, x, y)
    place, k = (place, worst) if simple is None else (simple, 0)
    return Witness(
        assumption=probe.assumption,
        problem=probe.oracle.name,
        i=int(place.i[k]) if probe.each else None,
        x=place.x[k],
        y=place.y[k] if probe.pairs != "none" else None,
        lhs=float(place.sides.lhs[k]),
        rhs=float(place.sides.rhs[k]),
        sentence=probe.sentence,
    )


def _simpler(probe: Probe, i: IntArray, x: FloatArray, y: FloatArray) -> Place | None:
    """The violation with the fewest digits, a little nearer to the centre if need be.

    Points that rounding takes out of the ball are no witnesses.
    """
    centre = probe.oracle.centre
    for digits in range(1, 9):
        for pull in (1.0, 0.9):
            near = _rounded(centre + pull * (x - centre), digits)
            other = _rounded(centre + pull * (y - centre), digits)
            found = probe.look(i, near, other)
            stays = np.array_equal(found.x, near)
            if stays and found.excess[0] > 0:
                return found
    return None


def _rounded(x: FloatArray, digits: int) -> FloatArray:
    """To so many digits of the largest coordinate."""
    size = float(np.max(np.abs(x), initial=0.0))
    if not size > 0:
        return x
    return np.asarray(np.round(x, digits - 1 - int(np.floor(np.log10(size)))))
