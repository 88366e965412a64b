r"""Monte Carlo's runs in machine code: the same samples, the same channels, faster.

`sample` is `simulate` of `component_draws` with `times`, up to the rounding of sums in
another order. Its kernel (`synthetic.engines.kernel`) is coded by integers, so one
compilation serves every loss, rule and schedule. SPS* is IAM with $\lambda = 0$.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic import losses
from synthetic.draws import partial_sums
from synthetic.problems.base import FloatArray, IntArray
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory import formulas
from theory.trace import SAMPLED, Trace

LOSSES = tuple(losses.LOSSES.values())
RULES = (formulas.polyak, formulas.capped_polyak, formulas.constant)

GAP, AVERAGE, ITERATE, DISTANCE = range(4)
PLACES = {
    "gap": GAP,
    "average_gap": AVERAGE,
    "iterate_gap": ITERATE,
    "point_dist_sq": DISTANCE,
}

MOST_LANES = 128
LANE_BUDGET = 2**15
"""Coordinates times lanes: a group's state stays in the second-level cache."""

MOST_BUCKETS = 16
"""Base-2 logarithm; more buckets than components save looking at the next one."""


class Data(NamedTuple):
    r"""The problem, as the run is told.

    Attributes:
        rows: $(a_i, b_i, v_i, f_i(u))$, shape (n, d + 3).
        weights: $w_i$.
        center: $c$.
        ridge: $\mu$.
        loss: Place in `LOSSES`.

    """

    rows: FloatArray
    weights: FloatArray
    center: FloatArray
    ridge: float
    loss: int


class Walk(NamedTuple):
    r"""The method, and what is recorded of it.

    Attributes:
        start: $x_0$.
        comparator: $u$.
        lam: $\lambda_0, \lambda_1, \dots$ up to one past the last time.
        rule: Place in `RULES`.
        size: The rule's parameter.
        times: The recorded t, ascending.
        wanted: Which channels are, by their `PLACES`.

    """

    start: FloatArray
    comparator: FloatArray
    lam: FloatArray
    rule: int
    size: float
    times: IntArray
    wanted: NDArray[np.bool_]


class Stream(NamedTuple):
    r"""How bits become components: as `draws.component_draws` does it.

    Attributes:
        seed: Modulo $2^{64}$.
        sums: Partial sums of the weights.
        guide: For each of $2^p$ buckets of u, the component at its lower end.
        shift: $64 - p$: the bucket is the first p bits.

    """

    seed: np.uint64
    sums: FloatArray
    guide: IntArray
    shift: np.uint64


def supports(setting: Setting) -> bool:
    """Can the kernel run it? Otherwise `simulate` does."""
    problem, method = setting.problem, setting.actual_method or setting.method
    return (
        type(problem) is GLM
        and problem.loss in LOSSES
        and method.rule in RULES
        and setting.order is None
        and setting.batch.size == 1
        and setting.metric is None
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
    from synthetic.engines.kernel import run  # noqa: PLC0415 -- numba loads slowly

    times = np.array(times, dtype=np.int64)
    out = np.zeros((len(replicas), len(PLACES), len(times)))
    if out.size:
        data, walk = _data(setting), _walk(setting, channels, times)
        stream = _stream(seed, setting.problem.weights)

        def part(start: int, stop: int) -> None:
            lanes = _lanes(walk.start.size, stop - start)
            run(data, walk, stream, replicas[start], lanes, out[start:stop])

        ends = np.linspace(0, len(replicas), min(threads, len(replicas)) + 1)
        parts = list(pairwise(ends.astype(int).tolist()))
        if len(parts) == 1:
            part(*parts[0])
        else:
            with ThreadPoolExecutor(len(parts)) as pool:
                list(pool.map(lambda ends: part(*ends), parts))
    return Trace(
        times=times,
        channels={name: out[:, PLACES[name]].T for name in SAMPLED & channels},
        schedule=setting.method.schedule,
        dist0=setting.ball_radius,
        gap0=setting.problem.gap(setting.x0[None, :])[0],
    )


def _data(setting: Setting) -> Data:
    problem = setting.problem
    assert isinstance(problem, GLM)
    told = setting.targets(setting.actual_target or setting.target)
    columns = (problem.features, problem.target, told, problem.loss_star)
    return Data(
        rows=np.column_stack(columns).astype(np.float64, order="C"),
        weights=_floats(problem.weights),
        center=_floats(problem.center),
        ridge=float(problem.ridge),
        loss=LOSSES.index(problem.loss),
    )


def _walk(setting: Setting, channels: frozenset[str], times: IntArray) -> Walk:
    method = setting.actual_method or setting.method
    return Walk(
        start=_floats(setting.x0),
        comparator=_floats(setting.problem.point),
        lam=_floats(method.schedule(np.arange(times[-1] + 2.0))),
        rule=RULES.index(method.rule),
        size=float(method.size),
        times=times,
        wanted=np.array([name in channels for name in PLACES]),
    )


def _stream(seed: int, weights: FloatArray) -> Stream:
    sums = partial_sums(weights, len(weights))
    assert sums is not None
    depth = min(len(weights).bit_length() + 3, MOST_BUCKETS)
    lower_ends = np.arange(2**depth) / 2**depth  # exact, as is the comparison below
    return Stream(
        seed=np.uint64(seed % 2**64),
        sums=sums,
        guide=np.searchsorted(sums, lower_ends, side="right").astype(np.int64),
        shift=np.uint64(64 - depth),
    )


def _floats(values: FloatArray) -> FloatArray:
    """A writable copy in order: another layout would be compiled for again."""
    return np.array(values, dtype=np.float64, order="C")


def _lanes(dim: int, count: int) -> int:
    """How many replicas go side by side: a multiple of the vector width."""
    fitting = min(max(LANE_BUDGET // dim, 8), MOST_LANES, count + 7)
    return fitting - fitting % 8
