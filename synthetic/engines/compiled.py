r"""Monte Carlo's runs in machine code: the same samples, the same channels, faster.

`sample` is `simulate` of `component_draws` with `times`, up to the rounding of sums in
another order. Its kernel (`synthetic.engines.kernel`) is coded by integers, so one
compilation serves every loss, rule and schedule. SPS* is IAM with $\lambda = 0$.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from synthetic.engines import inputs
from synthetic.engines.inputs import LOSSES, PLACES, RULES, Walk, floats
from synthetic.problems.base import IntArray
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory.trace import SAMPLED, Trace


def supports(setting: Setting) -> bool:
    """Can the kernel run it? Otherwise `simulate` does."""
    problem, method = setting.problem, setting.actual_method or setting.method
    return (
        type(problem) is GLM
        and problem.loss in LOSSES
        and method.rule in RULES
        and method.step is None
        and setting.order is None
        and setting.batch.size == 1
        and setting.metric is None
        and setting.optimiser is None
        and find_spec("numba") is not None
    )


def sample(
    setting: Setting,
    *,
    seed: int,
    replicas: range,
    channels: frozenset[str],
    times: IntArray,
    threads: int = 1,
) -> Trace:
    """Run replicas and record, on draws that depend on (seed, replica, t) alone.

    Args:
        setting: What to run; `supports` says whether it can be.
        seed: Any integer; counts modulo $2^{64}$.
        replicas: Consecutive ones; they are the trace's columns.
        channels: Some of `theory.trace.SAMPLED`.
        times: The t at which to record, ascending and below the horizon.
        threads: How many threads share the replicas. The results do not depend on it.

    """
    problem = setting.problem
    assert isinstance(problem, GLM)
    told = setting.targets(setting.actual_target or setting.target)
    data = inputs.data_of(problem, told, np.zeros(problem.num_components))
    walk = _walk(setting, channels, np.array(times, dtype=np.int64))
    out = inputs.record(data, walk, seed=seed, replicas=replicas, threads=threads)
    return Trace(
        times=walk.times,
        channels={name: out[:, PLACES[name]].T for name in SAMPLED & channels},
        schedule=setting.method.schedule,
        dist0=setting.ball_radius,
        gap0=problem.gap(setting.x0[None, :])[0],
    )


def _walk(setting: Setting, channels: frozenset[str], times: IntArray) -> Walk:
    method = setting.actual_method or setting.method
    steps = np.arange(times[-1] + 2.0 if times.size else 0.0)
    return Walk(
        start=floats(setting.x0),
        comparator=floats(setting.problem.point),
        drift=np.zeros(setting.problem.dim),
        lam=floats(method.schedule(steps)),
        rule=RULES.index(method.rule),
        sizes=np.full(steps.size, float(method.size)),
        times=times,
        wanted=inputs.wanted(channels),
    )
