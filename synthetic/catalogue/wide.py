"""Exact settings of later sections: caps, batches, metrics, wrong targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from synthetic import instances
from synthetic.batches import Batch
from synthetic.catalogue.exact import METHODS, on_tree
from synthetic.families import planted
from synthetic.losses import CERTIFIED, L1, LOSSES, SQUARED
from synthetic.metrics import Metric, adam, fixed, growing, shrinking
from synthetic.problems.base import Problem
from synthetic.setting import Setting
from theory.method import (
    IAM_P,
    POOLED,
    SPS_STAR,
    Method,
    Target,
    capped_iam,
    capped_sps,
)
from theory.schedules import Schedule


def scheduled(slope: float, intercept: float) -> Method:
    r"""IAM with $\lambda_t = a t + b$ for $t \ge 1$."""
    name = f"IAM {slope:g}t + {intercept:g}"
    return Method(name, IAM_P.rule, Schedule(slope, intercept))


HALF, AHEAD, FAST = scheduled(0.5, 0.0), scheduled(1.0, 1.0), scheduled(2.0, 3.0)
"""Schedules of no convention; the last grows too fast for a last-iterate rate."""


def settings(tier: str) -> Iterator[Setting]:
    """All of them; the full tier has longer closed forms."""
    yield from _families()
    yield from _schedules()
    yield from _quadratics(tier)
    yield from _noise()
    yield from _under()
    yield from _capped()
    yield from _batches()
    yield from _metrics()


def ones(problem: Problem, method: Method, horizon: int, prefix: str = "") -> Setting:
    """A problem from the all-ones vector."""
    return Setting(
        name=f"{prefix}{problem.name}, {method.name}",
        problem=problem,
        method=method,
        x0=np.ones(problem.dim),
        horizon=horizon,
    )


def _families() -> Iterator[Setting]:
    """Trees of the losses that are not among the first three."""
    for loss in LOSSES.values():
        if loss.name in CERTIFIED:
            continue
        for noise, n in ((0.0, 3), (0.5, 4)):
            problem = planted(loss, num_components=n, dim=2, noise=noise, seed=12)
            yield from on_tree(problem, METHODS, "tree: ")


def _schedules() -> Iterator[Setting]:
    """Any schedule and any order of draws, for what speaks of them."""
    for method in (HALF, AHEAD, FAST):
        for loss in CERTIFIED.values():
            problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=3)
            yield from on_tree(problem, (method,), "any schedule: ")
    for method in (HALF, AHEAD):
        yield ones(instances.linf(16), method, 16, "any schedule: ")
    for method in METHODS:
        noisy = planted(SQUARED, num_components=4, dim=2, noise=1.0, seed=3)
        for setting in on_tree(noisy, (method,), "a cyclic order: "):
            yield replace(setting, horizon=21, order=np.arange(20) % 4)


def _quadratics(tier: str) -> Iterator[Setting]:
    """Where the constants of interpolation and strong convexity are attained."""
    for problem, horizon in (
        (instances.coord_quad(1.0, 1.0), 10),
        (instances.coord_quad(10.0, 0.1), 10),
        (instances.sparse_quad(0.5), 10),
    ):
        for method in METHODS:
            yield ones(problem, method, horizon)
    for method in (SPS_STAR, IAM_P):
        yield ones(instances.parabola(), method, 100, "T=100: ")
    for p, horizon in ((0.05, 1000),) if tier == "quick" else ((0.05, 8000),):
        for method in (SPS_STAR, IAM_P):
            setting = ones(instances.sparse_quad(p), method, horizon, f"T={horizon}: ")
            form = partial(instances.sparse_quad_moments, p, float(method is IAM_P))
            yield replace(setting, closed=form)


def _noise() -> Iterator[Setting]:
    """Noise that leaks the minimiser."""
    for method in METHODS:
        yield ones(instances.split_abs(2.0), method, 10)
        yield ones(instances.split_squares(), method, 10)


def _under() -> Iterator[Setting]:
    """Underestimates, and one target for all."""
    low = Target(-0.1)
    for method in (SPS_STAR, IAM_P):
        yield replace(ones(instances.absolute(), method, 200, "under: "), target=low)
    rows = planted(L1, num_components=4, dim=2, noise=1.0, seed=3)
    yield from on_tree(rows, (SPS_STAR, IAM_P), "under: ", low)
    yield replace(
        ones(instances.parabola(), SPS_STAR, 3000, "under: "), target=Target(-0.05)
    )
    for loss in CERTIFIED.values():
        noisy = planted(loss, num_components=4, dim=2, noise=1.0, seed=3)
        yield from on_tree(noisy, (SPS_STAR,), "one target: ", POOLED)


def _capped() -> Iterator[Setting]:
    """Caps that bind and caps that do not, under errors of every sign."""
    targets = {
        "exact": Target(),
        "over": Target(0.1),
        "under": Target(-0.1),
        "signed": Target((0.2, -0.2, 0.1, -0.1)),
    }
    for loss in CERTIFIED.values():
        problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=3)
        for cap in (0.1, 2.0):
            methods = (capped_sps(cap), capped_iam(cap))
            for label, target in targets.items():
                yield from on_tree(problem, methods, f"{label}: ", target)
    for method in (capped_sps(0.1), capped_iam(0.1)):
        yield ones(instances.absolute(), method, 40)
    for method in (capped_sps(2.0), capped_iam(2.0)):  # 2D/(G sqrt T), so never felt
        yield ones(instances.linf(16), method, 16)


def _batches() -> Iterator[Setting]:
    """Pairs out of four, with and without replacement."""
    for loss in CERTIFIED.values():
        problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=3)
        for batch, horizon, label in (
            (Batch(2), 4, "b = 2"),
            (Batch(2, replacement=False), 6, "b = 2 without replacement"),
        ):
            for setting in on_tree(problem, (SPS_STAR, IAM_P), f"{label}: "):
                yield replace(setting, batch=batch, horizon=horizon)
    sparse: tuple[Problem, ...] = (
        instances.sparse_abs(0.1),
        instances.sparse_quad(0.1),
    )
    for one in sparse:
        yield replace(ones(one, SPS_STAR, 7, "b = 2: "), batch=Batch(2))


METRICS: dict[str, Metric] = {
    "fixed metric": fixed((4.0, 0.25)),
    "shrinking metric": shrinking((4.0, 0.25), 0.8),
    "growing metric": growing((4.0, 0.25), 1.1),
    "Adam's metric": adam(0.9),
}


def _metrics() -> Iterator[Setting]:
    """Preconditioners of each kind."""
    for loss in CERTIFIED.values():
        problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=3)
        for label, metric in METRICS.items():
            for setting in on_tree(problem, (SPS_STAR, IAM_P), f"{label}: "):
                yield replace(setting, metric=metric)
    sudden = Metric("nonincreasing", (1.0, 1.0, 1.0), later=(1.0, 1e-4, 1.0))
    start = ones(instances.tilted(), SPS_STAR, 3, "sudden metric: ")
    yield replace(start, x0=np.array([1.0, 0.0, 1.0]), metric=sudden)
    for method in (SPS_STAR, IAM_P):
        for problem in (instances.absolute_row(), instances.parabola()):
            slow = ones(problem, method, 12, "shrinking metric: ")
            yield replace(slow, metric=shrinking((1.0,), 0.99))
    pair = instances.split_squares()
    for method in (SPS_STAR, IAM_P):
        for label, metric in (
            ("Adam's metric", adam(0.9)),
            ("its running maximum", adam(0.9, peak=True)),
        ):
            setting = ones(pair, method, 6, f"{label}: ")
            yield replace(setting, x0=np.array([0.99]), metric=metric)
    for method in (SPS_STAR, IAM_P):
        setting = ones(instances.linf(16), method, 16, "growing metric: ")
        yield replace(setting, metric=growing((1.0,) * 16, 1.1))
    line = ones(instances.absolute_row(), SPS_STAR, 6, "the identity: ")
    yield replace(line, metric=fixed((1.0,)))
