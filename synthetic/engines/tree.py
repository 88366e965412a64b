"""Exact expectations: every one of the n**(T - 1) paths, each with its probability."""

from __future__ import annotations

import numpy as np

from synthetic import memory
from synthetic.engines.common import exact_evidence
from synthetic.engines.simulate import simulate
from synthetic.problems.base import FloatArray, IntArray
from synthetic.setting import Setting
from theory.claim import Claim, Kind
from theory.constants import Constants
from theory.errors import InputError
from theory.evidence import Engine, Evidence
from theory.trace import Trace

MAX_PATHS = 100_000
"""More paths than this are refused: the run would be slow and large."""


def all_draws(num_components: int, num_steps: int) -> IntArray:
    """Every sequence of draws, shape (num_steps, num_components ** num_steps)."""
    path = np.arange(num_components**num_steps)
    place = num_components ** np.arange(num_steps - 1, -1, -1)
    return np.asarray((path[None, :] // place[:, None]) % num_components)


def check_size(setting: Setting, max_paths: int = MAX_PATHS) -> None:
    """Refuse a tree with too many paths, and say how many it would have."""
    paths = setting.num_paths()
    if paths > max_paths:
        n, steps = (
            setting.batch.count(setting.problem.num_components),
            setting.horizon - 1,
        )
        fits = int(np.log(max_paths) / np.log(n)) + 1
        digits = steps * np.log10(n)
        size = digits + np.log10(memory.path_bytes(setting, 1))
        msg = (
            f"The exact tree of {setting.name} has {n}**{steps} = 10**{digits:.1f} "
            f"paths, more than {max_paths}, and needs 10**{size:.1f} bytes. "
            f"Shorten the horizon to {fits} or use the engine 'montecarlo'."
        )
        raise InputError(msg)


def grow(
    setting: Setting, channels: frozenset[str]
) -> tuple[Trace, IntArray, FloatArray]:
    """Run all paths; returns the trace, the draws and each path's probability."""
    check_size(setting)
    if setting.order is not None:
        draws, weights = setting.order[:, None], np.ones(1)
    else:
        answers, chance = setting.batch.all(setting.problem.weights)
        path = all_draws(len(answers), setting.horizon - 1)
        weights = np.prod(chance[path], axis=0)
        draws = answers[path][:, :, 0] if setting.batch.size == 1 else answers[path]
    return simulate(setting, draws, channels=channels), draws, weights


def evidence(
    claim: Claim, c: Constants, trace: Trace, weights: FloatArray
) -> tuple[Evidence, FloatArray]:
    """The exact mean over paths, or the largest value for a pathwise claim."""
    quantity = claim.quantity(trace)
    times = trace.times[: len(quantity)]
    if claim.kind is Kind.PATHWISE:
        value = quantity[:, weights > 0].max(axis=1)
        engine, what = Engine.PATHWISE, "the largest of"
    else:
        value, engine, what = quantity @ weights, Engine.TREE, "the exact mean of"
    number = weights.size
    paths = "the only path" if number == 1 else f"all {number} paths"
    source = f"{what} {paths}" if number > 1 else paths
    return exact_evidence(claim, c, times, value, engine, source)
