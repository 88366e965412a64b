"""Closed forms: exact expectations of linear channels at every t, however long.

A formula could drift from the code that it stands for. So it is anchored twice: on the
longest horizon that an exact tree can run, the tree must give the same numbers; and
over the whole horizon it must lie within the limits of a sampled run.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic.engines import montecarlo, tree
from synthetic.engines.common import exact_evidence, roundoff
from synthetic.problems.base import IntArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.constants import Constants
from theory.evidence import Engine, Evidence
from theory.trace import FloatArray, Trace

ANCHOR_PATHS = 4096
ANCHOR_REPLICAS = 256
ANCHOR_ERROR = 1e-9
"""Chance that the sampled run contradicts a right formula, all t together."""


def expectations(setting: Setting) -> Trace:
    """A trace whose single column holds expectations."""
    if setting.closed is None:
        msg = f"{setting.name} has no closed form."
        raise ValueError(msg)
    times: IntArray = np.arange(setting.horizon)
    channels = {name: v[:, None] for name, v in setting.closed(times).items()}
    if "gap" in channels:
        total = np.cumsum(channels["gap"], axis=0)
        channels.setdefault("average_gap", total / (times + 1.0)[:, None])
    return Trace(
        times=times,
        channels=channels,
        schedule=setting.method.schedule,
        dist0=setting.distance,
        gap0=float(channels["gap"][0, 0]),
    )


def disagreement(setting: Setting, claim: Claim, c: Constants, seed: int) -> str | None:
    """Where the closed form and the code differ, or `None`."""
    return _off_tree(setting, claim, c) or _off_sample(setting, claim, c, seed)


def _anchor(setting: Setting) -> int:
    """The longest horizon of an exact tree."""
    n = setting.problem.num_components
    steps = int(np.log(ANCHOR_PATHS) / np.log(n)) if n > 1 else setting.horizon - 1
    return min(setting.horizon, steps + 1)


def _off_tree(setting: Setting, claim: Claim, c: Constants) -> str | None:
    short = replace(setting, horizon=_anchor(setting))
    trace, _, weights = tree.grow(short, claim.needs)
    code = np.asarray(claim.quantity(trace) @ weights)
    formula = claim.quantity(expectations(short))[:, 0]
    allowed = roundoff(claim, c, trace.times, formula)
    allowed += (trace.times + 1.0) * c.guard_max  # closed forms know no guard
    bad = ~(np.abs(code - formula) <= allowed)
    if not np.any(bad):
        return None
    t = int(np.argmax(bad))
    return f"at t = {t} the closed form is {formula[t]:.9g}, the code {code[t]:.9g}"


def _off_sample(setting: Setting, claim: Claim, c: Constants, seed: int) -> str | None:
    times = montecarlo.recorded_times(setting.horizon)
    if times.size == 0 or setting.num_paths() == 1:
        return None
    samples = montecarlo.sample(setting, [claim], times, seed, range(ANCHOR_REPLICAS))
    found, _ = montecarlo.enclose(claim, c, times, samples[claim.id], ANCHOR_ERROR)
    formula = claim.quantity(expectations(setting))[found.times, 0]
    slack = found.roundoff + (found.times + 1.0) * c.guard_max
    bad = ~((found.lower - slack <= formula) & (formula <= found.upper + slack))
    if not np.any(bad):
        return None
    k = int(np.argmax(bad))
    return (
        f"at t = {found.times[k]} the closed form is {formula[k]:.6g}, sampled limits "
        f"are [{found.lower[k]:.6g}, {found.upper[k]:.6g}]"
    )


def evidence(
    claim: Claim, c: Constants, setting: Setting, seed: int
) -> tuple[Evidence, FloatArray]:
    """The closed form at every t, after its anchoring."""
    why = disagreement(setting, claim, c, seed)
    trace = expectations(setting)
    value = claim.quantity(trace)[:, 0]
    source = (
        f"closed form, equal to an exact tree of the code up to t = "
        f"{_anchor(setting) - 1} and within a sampled run's limits beyond"
    )
    if why is not None:
        value = np.full_like(value, np.nan)
        source = f"closed form and code disagree: {why}"
    return exact_evidence(claim, c, trace.times, value, Engine.CLOSED, source)
