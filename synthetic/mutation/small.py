"""Small runs of each engine: for the numbers that mutants change, and for probes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from synthetic import instances, replay
from synthetic.desk import Options
from synthetic.distillation import instances as quadratics
from synthetic.distillation.multipliers import RandK
from synthetic.distillation.setting import Bench
from synthetic.engines import common, compiled, simulate as loop, tree
from synthetic.families import planted
from synthetic.losses import CERTIFIED, LOGISTIC
from synthetic.pcfg.oracle import Oracle
from synthetic.pcfg.sampler import MASK, sample
from synthetic.problems.base import FloatArray, IntArray
from synthetic.problems.glm import GLM
from synthetic.session import run, tasks_for
from synthetic.setting import Setting
from theory import claims as registry
from theory.confidence import Limits, mean_limits
from theory.evidence import Engine, Evidence
from theory.grammar_family import find
from theory.judge import Status, judge
from theory.method import IAM_P, SPS_STAR, Method
from theory.trace import Trace

RIDGE = "ridge"


def problem(loss: str = "squared") -> GLM:
    """Four components in the plane, with noise; `RIDGE` is logistic with ridge."""
    if loss == RIDGE:
        return planted(LOGISTIC, num_components=3, dim=2, ridge=0.1, seed=1)
    return planted(CERTIFIED[loss], num_components=4, dim=2, noise=1.0, seed=1)


def setting(method: Method = SPS_STAR, loss: str = "squared") -> Setting:
    """Five points from the all-ones vector."""
    return Setting(
        name="small", problem=problem(loss), method=method, x0=np.ones(2), horizon=5
    )


def sparse(chance: float = 0.1) -> Setting:
    """Five points of SPS* on SPARSE-ABS: unequal chances, a component that is 0."""
    return Setting(
        name="sparse",
        problem=instances.sparse_abs(chance),
        method=SPS_STAR,
        x0=np.ones(1),
        horizon=5,
    )


def on_tree(channel: str) -> list[float]:
    """Mean of a channel of IAM over all paths of `setting`, at each t."""
    trace, _, weights = tree.grow(setting(IAM_P), frozenset({channel}))
    return [float(v) for v in getattr(trace, channel) @ weights]


def on_paths(channel: str, draws: Iterable[int] = (0, 1, 2, 3)) -> list[float]:
    """A channel of IAM along one path."""
    order = np.array(list(draws), dtype=np.int64)[:, None]
    trace = loop.simulate(setting(IAM_P), order, channels=frozenset({channel}))
    return [float(v) for v in getattr(trace, channel)[:, 0]]


def replicas(one: Setting, channels: frozenset[str], times: IntArray) -> Trace:
    """Eight compiled replicas."""
    return compiled.sample(
        one, seed=0, replicas=range(8), channels=channels, times=times
    )


def on_kernel(channel: str, loss: str = "squared") -> float:
    """Sum of a channel of IAM over eight compiled replicas at the last point."""
    trace = replicas(setting(IAM_P, loss), frozenset({channel}), np.array([4]))
    return float(getattr(trace, channel).sum())


def quantity(formula: Callable[[Trace], FloatArray]) -> list[float]:
    """The mean over paths of a left-hand side on `setting` with IAM."""
    names = frozenset(
        ("gap", "dual_gap", "bregman", "numerator", "grad_norm_sq", "dist_sq")
    ) | {"dist_sq_next"}
    trace, _, weights = tree.grow(setting(IAM_P), names)
    return [float(v) for v in formula(trace) @ weights]


def rounding() -> float:
    """The roundoff of a bound of 1 after one step."""
    one, claim = setting(), registry.get("sps.ball")
    return float(common.roundoff(claim, one.constants(), np.arange(1), np.ones(1))[0])


def support(formula: Callable[..., tuple[FloatArray, FloatArray]]) -> list[float]:
    """A sure range at t = 1 on `setting`."""
    return [float(end[0]) for end in formula(setting().constants(), np.ones(1))]


def failing() -> str | None:
    """What a claim about smooth losses misses on losses that are not."""
    return registry.get("sps.smooth.sharp").failing(setting(loss="l1").constants())


def confirmed(bound: float) -> bool:
    r"""Do 50 digits find $\|x_0 - u\| / D$, which is 1, above the bound?"""
    draws = np.zeros((4, 1), dtype=np.int64)
    return replay.confirms(registry.get("sps.ball"), setting(), draws, 0, bound)


def judged(
    lower: float, upper: float | None = None, *, rounding: float = 0.0
) -> Status:
    """The verdict on limits at one time, against the bound 1."""
    return judged_twice(lower, lower, upper, rounding=rounding)


def judged_twice(
    first: float,
    last: float,
    upper: float | None = None,
    *,
    rounding: float | tuple[float, float] = 0.0,
) -> Status:
    """The verdict on limits at two times, against the bound 1."""
    lower = np.array([first, last])
    high = lower if upper is None else np.full(2, upper)
    evidence = Evidence(
        times=np.arange(2),
        lower=lower,
        upper=high,
        estimate=0.5 * (lower + high),
        roundoff=np.broadcast_to(np.asarray(rounding), (2,)),
        error=0.0,
        engine=Engine.TREE,
        source="by hand",
    )
    return judge(evidence, np.ones(2)).status


TOSSES: FloatArray = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])


def limits(samples: FloatArray = TOSSES, alpha: float = 0.1, copies: int = 2) -> Limits:
    """Limits for means of several quantities in [0, 1] with the same samples."""
    rows = np.repeat(samples[:, None], copies, axis=1)
    return mean_limits(rows, np.zeros(copies), np.ones(copies), alpha=alpha)


def ends(samples: FloatArray = TOSSES, alpha: float = 0.1) -> tuple[float, float]:
    """The first of these limits, lower and upper."""
    found = limits(samples, alpha)
    return float(found.lower[0]), float(found.upper[0])


def share() -> tuple[float, int]:
    """Error probability of each pair in a run of 1e-3, and how many pairs share it."""
    claims = registry.find(["sps.lipschitz.iterate", "sps.lipschitz.average"])
    long = replace(setting(loss="logistic"), horizon=200)
    tasks = tasks_for(claims, (long,), ())
    found = run(tasks, Options(alpha=1e-3, max_replicas=64), budget=1e-9)
    return found.alpha_each, len(claims)


def bench() -> Bench:
    """One teacher near the minimiser of Gaussian least squares, weight 0.5."""
    gauss = quadratics.gauss()
    star = gauss.star[None, :]
    return Bench(
        name="small",
        problem=gauss,
        start=star + 1.0,
        teacher=star + 0.3,
        weight=np.array([0.5]),
        step=np.array([0.02]),
        horizon=4,
    )


def compressed() -> tuple[FloatArray, FloatArray]:
    r"""Mean and second moment of $C(z) - c$ for Rand-1 in the plane."""
    mean, centre = np.array([[1.0, 2.0]]), np.array([[3.0, -1.0]])
    second = mean[:, :, None] * mean[:, None, :]
    return RandK(2, 1).moments(mean, second, centre)


def enumerated() -> tuple[FloatArray, FloatArray]:
    """The same as `compressed`, as the mean over all outcomes."""
    centre = np.array([3.0, -1.0])
    w, chance = RandK(2, 1).multipliers
    away = w * (np.array([1.0, 2.0]) + centre) - centre
    mean = chance @ away
    return mean[None], ((away.T * chance) @ away)[None]


def paths(one: Setting, channels: frozenset[str]) -> tuple[Trace, Any]:
    """All paths of a setting, with their probabilities."""
    trace, _, weights = tree.grow(one, channels)
    return trace, weights


def masked_posterior() -> list[float]:
    """Posteriors of a sentence of L3b with every other token hidden."""
    oracle, found = Oracle(find("L3b")), sample(find("L3b"), 1)
    found.tokens[:, ::2] = MASK
    told = oracle.any_length(found.tokens, at_least=14)
    return [*told.tokens.ravel().tolist(), float(told.evidence[0])]


def sentences() -> list[list[int]]:
    """Two sentences of a part of cfg3b, and where their ancestors end."""
    found = sample(find("cfg3b/13"), 2, first=7, trees=True)
    ends = found.tokens if found.ends is None else found.ends
    return [*found.tokens.tolist(), *ends.tolist()]
