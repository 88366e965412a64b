"""Deterministic inequalities, at every step of many sampled paths."""

from __future__ import annotations

import numpy as np

from synthetic.engines.common import exact_evidence
from synthetic.engines.simulate import simulate
from synthetic.problems.base import IntArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.constants import Constants
from theory.evidence import Engine, Evidence
from theory.trace import FloatArray, Trace

NUM_PATHS = 64
MOST_FORCED = 512
"""So many paths begin with a component of their own, however rare it is."""

MOST_LOSSES = 1_000_000
"""Losses evaluated at once: paths times components."""


def num_paths(setting: Setting) -> int:
    """How many paths a run has."""
    return NUM_PATHS + num_forced(setting)


def num_forced(setting: Setting) -> int:
    """How many components open a path; fewer where each point costs many losses."""
    n = setting.problem.num_components
    return min(n, MOST_FORCED, max(MOST_LOSSES // n - NUM_PATHS, 0))


def run(
    setting: Setting, channels: frozenset[str], seed: int
) -> tuple[Trace, IntArray]:
    """Record paths with full gradients; returns their draws too.

    `NUM_PATHS` are sampled; then each component (the first `MOST_FORCED`) opens a path
    of its own. A pathwise inequality holds for any order of draws.
    """
    steps = setting.horizon - 1
    draws = setting.batch.sample(seed, (0, num_paths(setting)), steps, setting.problem)
    if steps and setting.batch.size == 1:
        possible = np.flatnonzero(setting.problem.weights[: num_forced(setting)] > 0)
        draws[0, NUM_PATHS + possible] = possible
    return simulate(setting, draws, channels=channels), draws


def evidence(claim: Claim, c: Constants, trace: Trace) -> tuple[Evidence, FloatArray]:
    """The largest value over the paths, at each t."""
    quantity = claim.quantity(trace)
    source = f"the largest of {quantity.shape[1]} paths, {NUM_PATHS} of them sampled"
    return exact_evidence(
        claim,
        c,
        trace.times[: len(quantity)],
        quantity.max(axis=1),
        Engine.PATHWISE,
        source,
    )
