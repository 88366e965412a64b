"""Small settings that controls are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic import instances, mutants
from synthetic.families import planted
from synthetic.losses import CERTIFIED, L1, LOGISTIC, SQUARED, Loss
from synthetic.problems.base import Problem
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.claim import Claim
from theory.method import (
    IAM_P,
    POOLED,
    Method,
    Target,
    sgd,
)
from theory.schedules import Schedule

OFF_BY_ONE = Method("IAM, lambda_t = t + 1", IAM_P.rule, Schedule(1.0, 1.0))
OFF_BY_TWO = Method("IAM, lambda_t = t + 2", IAM_P.rule, Schedule(1.0, 2.0))
HALVED = Method("IAM, lambda_t = t / 2", IAM_P.rule, Schedule(0.5, 0.0))


def line(
    problem: Problem, method: Method, horizon: int, actual: Method | None = None
) -> Setting:
    """A run from the all-ones vector, perhaps of something else than declared."""
    return Setting(
        name=f"{problem.name}, {(actual or method).name}",
        problem=problem,
        method=method,
        x0=np.ones(problem.dim),
        horizon=horizon,
        actual_method=actual,
    )


def noisy(loss_name: str, seed: int = 1) -> GLM:
    """A small noisy problem; starts at the all-ones vector."""
    return planted(CERTIFIED[loss_name], num_components=4, dim=2, noise=1.0, seed=seed)


def shrunk(setting: Setting) -> Setting:
    """The setting with a ball ten percent too small."""
    return replace(setting, radius=0.9 * setting.distance)


def told(setting: Setting, target: Target) -> Setting:
    """The setting whose run is told other targets than the claim speaks of."""
    return replace(setting, actual_target=target)


def misled(setting: Setting, declared: Target, actual: Target) -> Setting:
    """The setting under declared targets, run with others."""
    return replace(setting, target=declared, actual_target=actual)


def in_order(setting: Setting, draws: list[int]) -> Setting:
    """The setting with its draws fixed in advance: not independent any more."""
    return replace(setting, order=np.array(draws))


def wedge(degrees: float, method: Method, horizon: int, actual: Method) -> Setting:
    """A run on WEDGE from its own start."""
    problem = instances.wedge(degrees)
    start = instances.wedge_start(degrees)
    return replace(line(problem, method, horizon, actual), x0=start)


def seen_by_rates(method: Method) -> Iterator[tuple[str, Setting]]:
    """Wrong code that a rate sees too, on instances found by search."""

    def small(loss: Loss, seed: int, noise: float, dim: int = 1) -> Setting:
        problem = planted(loss, num_components=4, dim=dim, noise=noise, seed=seed)
        return line(problem, method, 7)

    clip = mutants.unclipped(method)
    low = Target(-0.05)
    squared, logistic = small(SQUARED, 9, 0.3), small(LOGISTIC, 0, 0.3, dim=2)
    yield "no positive part (squared)", replace(squared, actual_method=clip)
    yield "no positive part (logistic)", replace(logistic, actual_method=clip)
    pooled = small(LOGISTIC, 11, 0.3)
    yield "mean f* for f_xi(x*) (logistic)", told(pooled, POOLED)
    squared, logistic = small(SQUARED, 11, 0.3), small(LOGISTIC, 3, 1.0)
    yield "target 0.05 too low (squared)", told(squared, low)
    yield "target 0.05 too low (logistic)", told(logistic, low)
    flat = line(planted(L1, num_components=2, dim=1), method, 12)
    step = sgd(2.0 * flat.distance / float(flat.constants().G_max))
    yield "constant step (l1-interp)", replace(flat, actual_method=step)


def mean_lipschitz(claim: Claim) -> Claim:
    r"""$(E \sup\|g\|)^2$ for $E \sup\|g\|^2$: on SPARSE-ABS, p for sqrt p."""
    bound = claim.bound
    return replace(claim, bound=lambda c, t: bound(replace(c, G=c.G**2, B=c.B**2), t))
