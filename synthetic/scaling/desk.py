"""The desk of scaling laws: closed forms, and minima with limits on both sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic.desk import ENGINES, Desk, Options
from synthetic.scaling.desk_setting import ScalingSetting
from theory.claim import Claim
from theory.evidence import TIMELESS, Engine, Evidence
from theory.judge import Verdict, judge
from theory.scaling import Limits, ScalingConstants, ScalingTrace

ROUNDOFF = 1e-11
"""Of a left-hand side, relative to 1 plus its size: logarithms of up to 1e3 are added
and taken to a power, each with an error of 1e-16 of itself; a test in 50 digits holds
this to it."""


class ScalingDesk(Desk):
    """Judges claims on a `ScalingSetting`."""

    def speaks(self, claim: Claim, setting: ScalingSetting) -> bool:
        """See `Desk.speaks`."""
        meter = setting.meter
        offers = meter.offers | setting.columns.keys()
        return meter.family in claim.families and claim.needs <= offers

    def plan(self, claim: Claim, setting: ScalingSetting, engine: str) -> Engine | None:  # noqa: ARG002
        """See `Desk.plan`: each kind of setting has one engine."""
        wanted = ENGINES[engine]
        return setting.meter.engine if wanted in {None, setting.meter.engine} else None

    def failing(self, claim: Claim, c: ScalingConstants) -> str | None:
        """See `Desk.failing`: `None` if some configuration meets every hypothesis."""
        if meeting(claim, c):
            return None
        return claim.failing(c) or "no configuration meets all hypotheses at once"

    def run(
        self,
        engine: Engine,
        setting: ScalingSetting,
        claims: list[Claim],
        c: ScalingConstants,
        options: Options,  # noqa: ARG002 -- nothing is drawn
        *,
        checked: bool = True,
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        trace = ScalingTrace(c, setting.meter.measure(setting))
        source = setting.meter.source
        return {
            claim.id: judged(claim, trace, engine, source, checked=checked)
            for claim in claims
        }

    def numbers(self, c: ScalingConstants, verdict: Verdict) -> ScalingConstants:
        """See `Desk.numbers`: the deciding configuration, or the first judged."""
        found, index = verdict.evidence, verdict.case
        if index is None and found is not None and found.cases is not None:
            index = int(found.cases[0])
        return c.at(index or 0)

    def operations(
        self,
        setting: ScalingSetting,
        engine: Engine,
        max_replicas: int,  # noqa: ARG002 -- nothing is drawn
    ) -> float:
        """See `Desk.operations`."""
        each = 1e3 if engine is Engine.CLOSED else 1e6
        return each * setting.constants().count


def meeting(claim: Claim, c: ScalingConstants) -> list[int]:
    """Which configurations meet every hypothesis."""
    met = np.ones(c.count, dtype=bool)
    for assumption in claim.assumes:
        if assumption.meets is not None:
            met &= np.asarray(assumption.meets(c), dtype=bool)
    return [int(i) for i in np.flatnonzero(met)]


def judged(
    claim: Claim,
    trace: ScalingTrace,
    engine: Engine,
    source: str,
    *,
    checked: bool = True,
) -> Verdict:
    """Compare a claim with limits of its left-hand side, on every configuration."""
    every = trace.constants
    kept = meeting(claim, every) if checked else list(range(every.count))
    part = trace.select(kept)
    with np.errstate(all="ignore"):  # a control may leave the range of its formulas
        value: Limits = claim.quantity(part)  # type: ignore[assignment]
    bound = claim.bound(part.constants, np.zeros(len(kept)))
    low, high = (np.broadcast_to(v, bound.shape) for v in value)
    evidence = Evidence(
        times=np.full(len(kept), TIMELESS),
        lower=np.array(low),
        upper=np.array(high),
        estimate=np.array(high),
        roundoff=ROUNDOFF * (1.0 + np.where(np.isfinite(low), np.abs(low), 0.0)),
        error=0.0,
        engine=engine,
        source=source,
        cases=np.array(kept, dtype=np.int64),
        label=every.label,
    )
    verdict = judge(evidence, bound)
    # A bound method does not pass from one process to another.
    return replace(verdict, evidence=replace(evidence, label=None))
