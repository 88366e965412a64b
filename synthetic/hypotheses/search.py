r"""Hypothesis draws points of the ball, climbs towards a violation, and shrinks it.

It steers its recipes by the largest excess; when one violates the inequality, it looks
for the simplest that does, and then coordinates are rounded.
"""

from __future__ import annotations

from random import Random

import numpy as np

from synthetic.hypotheses.ascent import ascended
from synthetic.hypotheses.climb import CANDIDATES, climbed
from synthetic.hypotheses.probe import Place, Probe
from synthetic.hypotheses.recipes import Recipe, direction, partner, recipes
from synthetic.hypotheses.witness import Witness
from synthetic.problems.base import FloatArray, IntArray

DRAWS = 40
"""Recipes that are tried unless one violates the inequality before."""

BLOCK = 1_000_000
"""So many numbers, rows times d, are looked at together."""


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
    k = int(np.argmax(place.excess))
    i, x, y = place.i[[k]], place.x[[k]], place.y[[k]]
    for digits in range(1, 9):
        found = probe.look(i, _rounded(x, digits), _rounded(y, digits))
        if found.excess[0] > 0:
            place, k = found, 0
            break
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


def _rounded(x: FloatArray, digits: int) -> FloatArray:
    """To so many digits of the largest coordinate."""
    size = float(np.max(np.abs(x), initial=0.0))
    if not size > 0:
        return x
    return np.asarray(np.round(x, digits - 1 - int(np.floor(np.log10(size)))))
