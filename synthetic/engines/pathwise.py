"""Deterministic inequalities, at every step of many sampled paths."""

from __future__ import annotations

from synthetic.engines.common import exact_evidence
from synthetic.engines.simulate import simulate
from synthetic.problems.base import IntArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.constants import Constants
from theory.evidence import Engine, Evidence
from theory.trace import FloatArray, Trace

NUM_PATHS = 64


def run(
    setting: Setting, channels: frozenset[str], seed: int
) -> tuple[Trace, IntArray]:
    """Record `NUM_PATHS` paths with full gradients; returns their draws too."""
    draws = setting.batch.sample(
        seed, (0, NUM_PATHS), setting.horizon - 1, setting.problem
    )
    return simulate(setting, draws, channels=channels), draws


def evidence(claim: Claim, c: Constants, trace: Trace) -> tuple[Evidence, FloatArray]:
    """The largest value over the paths, at each t."""
    quantity = claim.quantity(trace)
    source = f"the largest of {quantity.shape[1]} sampled paths"
    return exact_evidence(
        claim,
        c,
        trace.times[: len(quantity)],
        quantity.max(axis=1),
        Engine.PATHWISE,
        source,
    )
