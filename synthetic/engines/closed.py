"""Closed forms: exact expectations of linear channels at every t, however long.

A formula could drift from the code that it stands for. So it is anchored first: on the
longest horizon that an exact tree can run, the tree must give the same numbers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic.engines import tree
from synthetic.engines.common import exact_evidence, roundoff
from synthetic.problems.base import IntArray
from synthetic.setting import Setting
from theory.claim import Claim
from theory.constants import Constants
from theory.evidence import Engine, Evidence
from theory.trace import FloatArray, Trace

ANCHOR_PATHS = 4096


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


def disagreement(setting: Setting, claim: Claim, c: Constants) -> str | None:
    """Where the closed form and an exact tree of the code differ, or `None`."""
    n = setting.problem.num_components
    steps = int(np.log(ANCHOR_PATHS) / np.log(n)) if n > 1 else setting.horizon - 1
    short = replace(setting, horizon=min(setting.horizon, steps + 1))
    trace, _, weights = tree.grow(short, claim.needs)
    code = np.asarray(claim.quantity(trace) @ weights)
    formula = claim.quantity(expectations(short))[:, 0]
    allowed = roundoff(claim, c, trace.times, formula)
    allowed += (trace.times + 1.0) * c.guard_max  # closed forms know no guard
    bad = np.abs(code - formula) > allowed
    if not np.any(bad):
        return None
    t = int(np.argmax(bad))
    return f"at t = {t} the closed form is {formula[t]:.9g}, the code {code[t]:.9g}"


def evidence(
    claim: Claim, c: Constants, setting: Setting
) -> tuple[Evidence, FloatArray]:
    """The closed form at every t, after its anchoring."""
    why = disagreement(setting, claim, c)
    trace = expectations(setting)
    value = claim.quantity(trace)[:, 0]
    source = "closed form, equal to an exact tree of the code at small t"
    if why is not None:
        value = np.full_like(value, np.nan)
        source = f"closed form and code disagree: {why}"
    return exact_evidence(claim, c, trace.times, value, Engine.CLOSED, source)
