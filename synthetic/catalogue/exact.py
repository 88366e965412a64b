"""Settings with an exact answer: tight instances, closed forms, small trees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from synthetic import instances
from synthetic.families import planted
from synthetic.losses import CERTIFIED, L1, LOGISTIC, SQUARED
from synthetic.problems.base import Problem
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.method import IAM_C, IAM_P, SPS_STAR, Method, Target, iam_k, sgd

IAM_9 = iam_k(9.0)
METHODS = (SPS_STAR, IAM_P, IAM_C, IAM_9)

WEDGES = {"P": 45.0, "C": np.rad2deg(np.arccos(1 / np.sqrt(3)))}
"""Angles: at 45 degrees IAM-P is tight; at 54.74 SPS* and IAM-C exceed G D / sqrt T."""


def settings(tier: str) -> Iterator[Setting]:
    """All exact settings of the tier."""
    yield from _linf((4, 16) if tier == "quick" else (1, 2, 3, 4, 16, 64, 256))
    yield from _wedge()
    yield from _line()
    yield from _sparse(tier)
    yield from _trees(tier)
    yield from _over()
    yield from _comparators()


def _linf(dims: tuple[int, ...]) -> Iterator[Setting]:
    for dim in dims:
        problem = instances.linf(dim)
        for method in (*METHODS, sgd(0.5)):
            yield Setting(
                name=f"{problem.name} T={dim}, {method.name}",
                problem=problem,
                method=method,
                x0=np.ones(dim),
                horizon=dim,
            )


def _wedge() -> Iterator[Setting]:
    for degrees in WEDGES.values():
        problem = instances.wedge(degrees)
        for method in METHODS:
            yield Setting(
                name=f"{problem.name}, {method.name}",
                problem=problem,
                method=method,
                x0=instances.wedge_start(degrees),
                horizon=12,
            )


def _line() -> Iterator[Setting]:
    for problem in (instances.absolute(), instances.parabola()):
        for method in METHODS:
            known = problem.name == "abs" and method == IAM_9
            yield Setting(
                name=f"{problem.name}, {method.name}",
                problem=problem,
                method=method,
                x0=np.ones(1),
                horizon=12,
                closed=partial(instances.decaying_gap, 1.0, 0.9) if known else None,
            )


def _sparse(tier: str) -> Iterator[Setting]:
    for p, horizon in ((0.5, 10), (0.1, 12)):
        for method in METHODS:
            problem = instances.sparse_abs(p)
            yield Setting(
                name=f"{problem.name}, {method.name}",
                problem=problem,
                method=method,
                x0=np.ones(1),
                horizon=horizon,
            )
    for method in METHODS:
        yield Setting(
            name=f"COORD-ABS(3), {method.name}",
            problem=instances.absolute(3),
            method=method,
            x0=np.ones(3),
            horizon=8,
        )
    yield from _long(0.01, 126)
    if tier == "full":
        yield from _long(0.001, 1257)


def _long(p: float, horizon: int) -> Iterator[Setting]:
    """Horizons far beyond any tree, in closed form; p T = 1.2564 is the worst."""
    sparse = instances.sparse_abs(p)
    dim = 50
    coordinate = instances.absolute(dim)
    forms = ((SPS_STAR, instances.decaying_gap), (IAM_P, instances.averaged_gap))
    for method, form in forms:
        yield Setting(
            name=f"{sparse.name} T={horizon}, {method.name}",
            problem=sparse,
            method=method,
            x0=np.ones(1),
            horizon=horizon,
            closed=partial(form, p, 1.0 - p),
        )
        yield Setting(
            name=f"{coordinate.name} T={horizon}, {method.name}",
            problem=coordinate,
            method=method,
            x0=np.ones(dim),
            horizon=horizon,
            closed=partial(form, 1.0, 1.0 - 1.0 / dim),
        )


def small_problems(tier: str) -> Iterator[GLM]:
    """Random problems small enough for a tree: two planes, three or four components."""
    for seed in range(1 if tier == "quick" else 5):
        for loss in CERTIFIED.values():
            yield planted(loss, num_components=3, dim=2, seed=seed)
            yield planted(loss, num_components=4, dim=2, noise=1.0, seed=seed)
        yield planted(SQUARED, num_components=4, dim=2, noise=1.0, ridge=0.1, seed=seed)
        yield planted(LOGISTIC, num_components=3, dim=2, ridge=0.1, seed=seed)


def _trees(tier: str) -> Iterator[Setting]:
    for number, problem in enumerate(small_problems(tier)):
        yield from on_tree(problem, METHODS, f"tree {number}: ")


def on_tree(
    problem: GLM,
    methods: tuple[Method, ...],
    prefix: str,
    target: Target | None = None,
) -> Iterator[Setting]:
    """A small problem under each method, from the origin, as long as a tree can be."""
    for method in methods:
        yield Setting(
            name=f"{prefix}{problem.name}, {method.name}",
            problem=problem,
            method=method,
            x0=np.zeros(problem.dim),
            horizon=8 if problem.num_components == 3 else 6,
            target=target or Target(),
        )


def _over() -> Iterator[Setting]:
    """Overestimates: equal and unequal errors, floors on the line."""
    for loss in CERTIFIED.values():
        problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=3)
        for target, label in (
            (Target(0.1), "0.1"),
            (Target((0.0, 0.05, 0.1, 0.3)), "0 to 0.3"),
        ):
            yield from on_tree(problem, METHODS, f"over by {label}: ", target)
    on_the_line: tuple[tuple[Problem, float], ...] = (
        (instances.absolute(), 0.1),
        (instances.parabola(), 0.01),
    )
    for one, eps in on_the_line:
        for method in METHODS:
            yield Setting(
                name=f"over by {eps:g}: {one.name}, {method.name}",
                problem=one,
                method=method,
                x0=np.ones(1),
                horizon=201,
                target=Target(eps),
            )


def _comparators() -> Iterator[Setting]:
    """Points that do not minimise: any comparator, and teachers."""
    rng = np.random.default_rng(11)
    for loss in (SQUARED, L1, LOGISTIC):
        problem = planted(loss, num_components=4, dim=2, noise=1.0, seed=4)
        u = problem.point + 0.4 * rng.standard_normal(2)
        for label, target in (("comparator", Target()), ("teacher", Target(0.2))):
            yield from on_tree(
                problem.with_comparator(u), METHODS, f"{label}: ", target
            )
    teacher = instances.absolute().with_comparator(np.array([0.1]))
    for method in METHODS:
        yield Setting(
            name=f"teacher at 0.1: abs, {method.name}",
            problem=teacher,
            method=method,
            x0=np.ones(1),
            horizon=50,
        )
