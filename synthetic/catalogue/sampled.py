"""Settings too large for a tree: random families under Monte Carlo."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from synthetic.catalogue.exact import METHODS
from synthetic.families import computed, planted
from synthetic.losses import CERTIFIED, L1, LOGISTIC, SQUARED
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.method import Method, Target


def problems() -> Iterator[GLM]:
    """Each loss with and without ridge, interpolating, with noise, and computed."""
    for loss in CERTIFIED.values():
        for ridge in (0.0, 0.1):
            for noise in (0.0, 1.0):
                yield planted(
                    loss, num_components=40, dim=8, noise=noise, ridge=ridge, seed=1
                )
    yield computed(SQUARED, num_components=40, dim=8, seed=2)
    yield computed(L1, num_components=40, dim=8, seed=2)
    yield computed(L1, num_components=40, dim=8, ridge=0.1, seed=2)
    yield computed(LOGISTIC, num_components=40, dim=8, ridge=0.1, seed=2)


def settings(tier: str) -> Iterator[Setting]:
    """All sampled settings of the tier."""
    horizon = 100 if tier == "quick" else 1000
    for problem in problems():
        yield from under_each(problem, METHODS, horizon)
    for loss in CERTIFIED.values():
        noisy = planted(loss, num_components=40, dim=8, noise=1.0, seed=5)
        yield from under_each(noisy, METHODS[:2], horizon, Target(0.1), "over by 0.1: ")


def under_each(
    problem: GLM,
    methods: tuple[Method, ...],
    horizon: int,
    target: Target | None = None,
    prefix: str = "",
    x0: np.ndarray | None = None,
) -> Iterator[Setting]:
    """A problem under each method, from the origin unless told otherwise."""
    for method in methods:
        yield Setting(
            name=f"{prefix}{problem.name} n={problem.num_components}, {method.name}",
            problem=problem,
            method=method,
            x0=np.zeros(problem.dim) if x0 is None else x0,
            horizon=horizon,
            target=target or Target(),
        )
