"""Is the origin a minimiser? Decided exactly, from the numbers of the instance.

Hunted problems are moved so that the comparator is 0. Nothing is believed of them, be
it because a family made them so or a file says so: the certificate is worked out again.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from synthetic.certify import Minimiser
from synthetic.problems.base import FloatArray, Problem
from synthetic.problems.glm import GLM
from synthetic.problems.nonconvex import Valleys
from synthetic.problems.polyhedral import Polyhedral


def arrays(problem: Problem) -> dict[str, FloatArray]:
    """The numbers of a problem, apart from its weights: slopes before offsets."""
    if isinstance(problem, Polyhedral | Valleys):
        return {"pieces": problem.pieces, "offsets": problem.offsets}
    assert isinstance(problem, GLM)  # the families have no other
    return {"features": problem.features, "target": problem.target}


def origin(dim: int) -> Minimiser:
    """The origin as a comparator of which nothing is known."""
    return Minimiser(np.zeros(dim), np.inf, np.inf, "comparator", "any point")


def certified(problem: Problem) -> Minimiser:
    """The origin, with gap 0 if it is a minimiser and there is a short proof."""
    why = _proof(problem)
    if why is None:
        return origin(problem.dim)
    return Minimiser(np.zeros(problem.dim), 0.0, np.inf, "origin", why)


def _proof(problem: Problem) -> str | None:
    if isinstance(problem, Polyhedral):
        slopes = [
            _slope_at_origin(*pair)
            for pair in zip(problem.pieces, problem.offsets, strict=True)
        ]
        if _cancel(slopes, problem.weights):
            return "subgradients at 0 add up to 0 exactly"
    if isinstance(problem, Valleys):
        tops = problem.offsets.max(axis=-1)  # (n, B): each bank's value at 0
        least = tops.min(axis=-1, keepdims=True)
        flat = ~problem.pieces.any(axis=-1)  # constant pieces bound a bank from below
        floor = np.where(flat, problem.offsets, -np.inf).max(axis=-1)
        if np.all(floor >= least):
            return "no bank of any component is ever below its value at 0"
    if isinstance(problem, GLM) and problem.ridge == 0:
        score = np.zeros(problem.num_components)
        slope = problem.loss.slope(score, problem.target)
        rows = [s * row for s, row in zip(slope, problem.features, strict=True)]
        if _cancel(rows, problem.weights):
            return "gradients at 0 add up to 0 exactly"
    return None


def _slope_at_origin(pieces: FloatArray, offsets: FloatArray) -> FloatArray:
    """A subgradient of one maximum at 0: 0 if two show that it is one, else the first.

    Two active slopes that are opposite have 0 between them; a flat one is 0.
    """
    active = pieces[offsets == offsets.max()]
    slopes = {tuple(slope) for slope in active.tolist()}
    if any(tuple(-v for v in slope) in slopes for slope in slopes):
        return np.zeros(active.shape[1])
    return np.asarray(active[0])


def _cancel(slopes: Iterable[FloatArray], weights: FloatArray) -> bool:
    """Is the weighted sum 0, in rationals?"""
    moving = [(w, s) for w, s in zip(weights, slopes, strict=True) if s.any()]
    if not moving:
        return True
    if not all(np.isfinite(w) and np.all(np.isfinite(s)) for w, s in moving):
        return False
    columns = zip(*(s.tolist() for _, s in moving), strict=True)
    shares = [Fraction(float(w)) for w, _ in moving]
    return all(
        sum(w * Fraction(v) for w, v in zip(shares, column, strict=True)) == 0
        for column in columns
    )
