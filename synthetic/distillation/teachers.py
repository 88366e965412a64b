r"""Teachers of graded quality: perfect, near, early-stopped, wrong, random."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synthetic.distillation.problems import FiniteSum, FloatArray, Quadratic

MOST_STEPS = 1000
"""Of gradient descent, for the early-stopped teacher."""

GRADES = ("perfect", "near", "early-stopped", "wrong direction", "random")


def directions(problem: Quadratic) -> Mapping[str, FloatArray]:
    """Unit vectors along which teachers miss the minimiser."""
    spectrum, basis = np.linalg.eigh(problem.hessian)
    inside = np.flatnonzero(spectrum > 1e-10 * spectrum[-1])
    rng = np.random.default_rng(17)
    mixed = basis[:, inside] @ rng.standard_normal(len(inside))
    noise = problem.at_star.T @ rng.standard_normal(problem.num_components)
    return {
        "flattest": basis[:, inside[0]],
        "steepest": basis[:, inside[-1]],
        "random": mixed / np.linalg.norm(mixed),
        "noise": noise / np.linalg.norm(noise),
    }


def graded(
    problem: FiniteSum, start: FloatArray, seed: int = 0
) -> Mapping[str, FloatArray]:
    r"""One teacher of each grade, (d,).

    Args:
        problem: Whose minimiser they miss.
        start: Where the early-stopped one started from, (d,).
        seed: Of the random ones.

    """
    rng = np.random.default_rng(seed)
    star = problem.star
    away = start - star
    length = float(np.linalg.norm(away))
    noise = rng.standard_normal(star.size)
    noise *= length / np.linalg.norm(noise)
    early = start[None, :]
    for _ in range(min(int(np.ceil(problem.L / problem.mu_pl)), MOST_STEPS)):
        early = early - problem.gradient(early) / problem.L
    return {
        "perfect": star,
        "near": star + 0.03 * noise,
        "early-stopped": early[0],
        "wrong direction": star - away,
        "random": star + noise,
    }
