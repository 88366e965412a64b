"""From channels over configurations to a verdict: one row for each place and t."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from theory.claim import Claim
from theory.distillation import CaseConstants, CaseTrace, FloatArray
from theory.evidence import Engine, Evidence
from theory.judge import FINEST, Verdict, judge

EPS = float(np.finfo(np.float64).eps)
BOUND_ROUNDOFF = 32.0


def meeting(claim: Claim, c: CaseConstants) -> np.ndarray[Any, Any]:
    """Which configurations meet every hypothesis, (B,)."""
    met = np.ones(c.weight.shape, dtype=bool)
    for assumption in claim.assumes:
        # In order: a formula of a later one may divide by what an earlier one wants.
        if assumption.meets is not None and np.any(met):
            met &= np.asarray(assumption.meets(c), dtype=bool)
    return met[:, 0]


def failing(claim: Claim, c: CaseConstants) -> str | None:
    """`None` if some configuration meets every hypothesis, else what fails."""
    if np.any(meeting(claim, c)):
        return None
    for assumption in claim.assumes:
        why = assumption.failure(c)
        if why is not None:
            return f"{assumption.name}: {why}"
    return "no configuration meets all hypotheses at once"


def rounding(
    claim: Claim, c: CaseConstants, t: FloatArray, bound: FloatArray
) -> FloatArray:
    """Roundoff of a bound: that of its terms, which may cancel."""
    size = np.zeros_like(bound)
    for adding in c.adding():
        with np.errstate(all="ignore"):
            one = np.abs(np.asarray(claim.bound(adding, t)))
        size = np.maximum(size, np.where(np.isfinite(one), one, 0.0))
    return np.asarray(BOUND_ROUNDOFF * c.roundoff * (size + np.abs(bound)))


def telling(
    claim: Claim, c: CaseConstants, t: FloatArray, bound: FloatArray
) -> np.ndarray[Any, Any]:
    """Where the floor is at least half of the bound: the start then hides nothing."""
    with np.errstate(all="ignore"):
        floor = np.broadcast_to(claim.bound(c.settled(), t), bound.shape)
    return np.asarray((floor > 0) & (floor >= 0.5 * bound))


def judged(
    claim: Claim,
    trace: CaseTrace,
    engine: Engine,
    source: str,
    label: Callable[[int], str],
    *,
    checked: bool = True,
) -> Verdict:
    """Compare a claim with an exact trace, at every place that it speaks of."""
    kept = (
        np.flatnonzero(meeting(claim, trace.constants))
        if checked
        else np.arange(len(trace.constants.weight))
    )
    times = trace.times
    spoken = (times < 0) | (times >= max(claim.first, 1))
    part = trace.select(kept)
    with np.errstate(all="ignore"):  # a control may leave the range of its formulas
        value = np.broadcast_to(claim.quantity(part), (len(kept), len(times)))
        t = np.where(times < 0, np.inf, times.astype(np.float64))
        bound = np.asarray(claim.bound(part.constants, t), dtype=np.float64)
        bound = np.broadcast_to(bound, value.shape)
        errors, sizes = part.uncertainty(claim)
    noise = errors + rounding(claim, part.constants, t, bound)
    clear = telling(claim, part.constants, t, bound)
    rows = np.flatnonzero(spoken)

    def flat(values: FloatArray) -> FloatArray:
        return np.asarray(values[:, rows].T.ravel(), dtype=np.float64)

    evidence = Evidence(
        times=np.repeat(times[rows], len(kept)),
        lower=flat(value),
        upper=flat(value),
        estimate=flat(value),
        roundoff=flat(noise),
        error=0.0,
        engine=engine,
        source=source,
        scale=flat(np.maximum(sizes, np.finfo(np.float64).tiny)),
        cases=np.tile(kept, len(rows)),
        label=label,
        telling=clear[:, rows].T.ravel(),
    )
    return shrunk(judge(evidence, flat(bound)))


def shrunk(verdict: Verdict) -> Verdict:
    """The verdict with one row of evidence for each t: its largest ratio to the bound.

    The rows that the verdict rests on, its tightest and the one that decided, are kept.
    """
    evidence, bound = verdict.evidence, verdict.bound
    if evidence is None or bound is None or evidence.cases is None:
        return verdict
    with np.errstate(all="ignore"):
        ratio = (evidence.upper - evidence.roundoff) / np.where(
            bound > 0, bound, np.nan
        )
    hidden = np.isnan(ratio) | (evidence.roundoff > FINEST * np.abs(bound))
    if evidence.telling is not None and np.any(~hidden & evidence.telling):
        hidden |= ~evidence.telling
    ratio = np.where(hidden, -np.inf, ratio)
    # Where the bound is 0 there is no ratio: what comes closest to it, among the fine.
    size = np.where(bound != 0, np.abs(bound), evidence.scale)
    fine = evidence.roundoff <= FINEST * size
    with np.errstate(all="ignore"):
        excess = (evidence.upper - evidence.roundoff - bound) / size
    excess = np.where(fine & ~np.isnan(excess), excess, -np.inf)
    keep = []
    for t in np.unique(evidence.times):
        rows = np.flatnonzero(evidence.times == t)
        seen = ratio if np.any(ratio[rows] > -np.inf) else excess
        keep.append(int(rows[np.argmax(seen[rows])]))
    named = (evidence.cases == verdict.case) & (evidence.times == verdict.tightest_time)
    keep += np.flatnonzero(named).tolist()
    for decided in (
        evidence.lower - evidence.roundoff > bound,
        np.isnan(evidence.estimate) | ~np.isfinite(bound),
        fine & (evidence.upper > bound + evidence.roundoff),
    ):
        keep += np.flatnonzero(decided)[:1].tolist()
    index = np.unique(keep)
    small = Evidence(
        times=evidence.times[index],
        lower=evidence.lower[index],
        upper=evidence.upper[index],
        estimate=evidence.estimate[index],
        roundoff=evidence.roundoff[index],
        error=evidence.error,
        engine=evidence.engine,
        source=evidence.source,
        scale=np.broadcast_to(evidence.scale, evidence.times.shape)[index],
        cases=evidence.cases[index],
        telling=None if evidence.telling is None else evidence.telling[index],
    )
    return replace(verdict, evidence=small, bound=bound[index])
