r"""Recipes for points: what Hypothesis draws, and what is made of it.

A recipe is a direction from the centre, how far, a partner, and how much to polish.
Every field shrinks towards the simplest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.hypotheses.climb import unit
from synthetic.hypotheses.probe import Probe
from synthetic.problems.base import FloatArray
from theory.errors import InputError

WAYS = ("coordinate", "lattice", "random", "downhill")
PARTNERS = ("centre", "opposite", "near", "other", "ray")
LATTICE = 4
STEPS = 12
"""Of a gradient descent whose last iterate is drawn."""


@dataclass(frozen=True)
class Recipe:
    """How to make a pair of points; every field shrinks towards the simplest."""

    way: str
    axis: int
    lattice: tuple[int, ...]
    near: int  # 10^(-near/10) of the radius from the centre
    partner: str
    apart: int  # 10^(-apart) of that between the points
    polish: int
    seed: int


def recipes(dim: int) -> tuple[Any, Any]:
    """Hypothesis, and recipes for points of so many coordinates."""
    try:
        import hypothesis  # noqa: PLC0415 -- only a probe needs it
        from hypothesis import strategies as st  # noqa: PLC0415
    except ImportError as error:
        msg = "Probing assumptions needs Hypothesis: pip install hypothesis."
        raise InputError(msg) from error
    made = st.builds(
        Recipe,
        way=st.sampled_from(WAYS),
        axis=st.integers(0, 2 * dim - 1),
        lattice=st.tuples(*[st.integers(-3, 3)] * min(dim, LATTICE)),
        near=st.integers(0, 40),
        partner=st.sampled_from(PARTNERS),
        apart=st.integers(0, 6),
        polish=st.sampled_from((0, 3, 8, 16)),
        seed=st.integers(0, 2**16),
    )
    return hypothesis, made


def direction(probe: Probe, recipe: Recipe, rng: np.random.Generator) -> FloatArray:
    """A unit vector."""
    oracle = probe.oracle
    v = np.zeros(oracle.dim)
    if recipe.way == "lattice" and any(recipe.lattice):
        index = (recipe.axis + np.arange(len(recipe.lattice))) % oracle.dim
        v[index] = recipe.lattice
    elif recipe.way in {"random", "downhill"}:
        v = rng.standard_normal(oracle.dim)
    else:
        v[recipe.axis // 2] = 1.0 - 2.0 * (recipe.axis % 2)
    v = v * oracle.kept
    if recipe.way == "downhill":
        v = _run(probe, unit(v)) - oracle.centre
    length = float(np.linalg.norm(v))
    return v / length if length > 0 else v


def _run(probe: Probe, v: FloatArray) -> FloatArray:
    """The last iterate of a short gradient descent from the sphere."""
    oracle = probe.oracle
    x = oracle.centre + probe.radius * v
    for _ in range(STEPS):
        slope = oracle.look(x[None], probe.base, None).slope[0] * oracle.kept
        away = x - oracle.centre
        square = float(slope @ slope)
        if not (np.isfinite(square) and square > 0):
            break
        x = x - 0.5 * abs(float(slope @ away)) / square * slope
    return x


def partner(
    recipe: Recipe, centre: FloatArray, x: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """The other point of the pair."""
    away = x - centre
    share = 10.0 ** (-recipe.apart)
    length = float(np.linalg.norm(away))
    if recipe.partner == "centre":
        return centre
    if recipe.partner == "opposite":
        return centre - share * away
    if recipe.partner == "ray":
        return centre + (1.0 - 0.5 * share) * away
    v = unit(rng.standard_normal(x.size))
    return (x if recipe.partner == "near" else centre) + share * length * v
