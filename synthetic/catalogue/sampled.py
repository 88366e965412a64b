"""Settings too large for a tree: random families under Monte Carlo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic.batches import Batch
from synthetic.catalogue.exact import METHODS
from synthetic.families import computed, planted
from synthetic.losses import CERTIFIED, L1, LOGISTIC, LOSSES, SQUARED
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.method import Method, Target, capped_iam, capped_sps


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
    horizon = 100 if tier == "quick" else 300
    for problem in problems():
        yield from under_each(problem, METHODS, horizon)
    for loss in LOSSES.values():
        if loss.name not in CERTIFIED:
            rough = planted(loss, num_components=40, dim=8, noise=0.5, seed=1)
            yield from under_each(rough, METHODS[:2], horizon)
    away = planted(SQUARED, num_components=40, dim=8, noise=1.0, seed=6)
    moved = away.with_comparator(away.point + 0.1)
    yield from under_each(moved, METHODS[:2], horizon, prefix="comparator: ")
    for batch in (Batch(4), Batch(4, replacement=False)):
        label = f"b = 4{'' if batch.replacement else ' without replacement'}: "
        for setting in under_each(away, METHODS[:2], horizon, prefix=label):
            yield replace(setting, batch=batch)
    signed = Target(tuple(np.resize([0.2, -0.1], 40).tolist()))
    caps = (capped_sps(0.2), capped_iam(0.2))
    yield from under_each(away, caps, horizon, signed, "signed: ")
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
