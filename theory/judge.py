"""One pure function decides. It has no tolerance: roundoff is part of the evidence."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from theory.evidence import Engine, Evidence

FloatArray = NDArray[np.float64]

FINEST = 1e-6
"""Times whose roundoff exceeds this share of the bound say nothing for a claim.

Where the bound is 0, the share is of the left-hand side's natural size.
"""


class Status(StrEnum):
    """The four verdicts."""

    HOLDS = "holds"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, eq=False)
class Verdict:
    """A status with what it rests on.

    Attributes:
        status: The decision.
        reason: One full sentence with the numbers.
        tightness: Largest estimate / bound over t; `None` where the bound is 0 or
            too small for floats to resolve.
        time: The t that decided; `None` if all did.
        tightest_time: The t of `tightness`.
        evidence: The evidence judged; `None` if NOT APPLICABLE.
        bound: The right-hand side at the evidence's times, shape (K,).
        case: The configuration of `tightness`, where a run has several; the one that
            decided, if there is no tightness.
        label: Its name.

    """

    status: Status
    reason: str
    tightness: float | None = None
    time: int | None = None
    tightest_time: int | None = None
    evidence: Evidence | None = None
    bound: FloatArray | None = None
    case: int | None = None
    label: str = ""

    @property
    def tightness_limits(self) -> tuple[float, float] | None:
        r"""Largest (lower - roundoff) / bound and (upper + roundoff) / bound over t.

        They enclose the largest left-hand side / bound, with the evidence's confidence.
        """
        if self.tightness is None or self.evidence is None or self.bound is None:
            return None
        found, usable = self.evidence, _usable(self.evidence, self.bound)
        bound = self.bound[usable]
        with np.errstate(over="ignore"):  # over a tiny bound a ratio may be inf
            low = (found.lower - found.roundoff)[usable] / bound
            high = (found.upper + found.roundoff)[usable] / bound
        return float(np.max(low)), float(np.max(high))


def not_applicable(reason: str) -> Verdict:
    """Say that an assumption of the claim fails, and which."""
    return Verdict(Status.NOT_APPLICABLE, reason)


def judge(evidence: Evidence, bound: FloatArray) -> Verdict:
    r"""Compare $[\mathrm{lower}_t, \mathrm{upper}_t]$ with the bound at every t.

    REFUTED if a lower limit exceeds the bound by more than roundoff at some t; HOLDS
    if no upper limit does at any t; INCONCLUSIVE otherwise, and whenever a number is
    missing or the arithmetic was too coarse to tell.

    Args:
        evidence: Limits at K times.
        bound: The right-hand side at the same times, shape (K,).

    """
    bound = np.broadcast_to(np.asarray(bound, dtype=np.float64), evidence.lower.shape)
    tightness, row = _tightness(evidence, bound)
    status, k, reason = _decide(evidence, bound)
    case = _case(evidence, row if k is None or row is not None else k)
    return Verdict(
        status=status,
        reason=f"{reason}; {evidence.source}.",
        tightness=tightness,
        time=None if k is None else int(evidence.times[k]),
        tightest_time=None if row is None else int(evidence.times[row]),
        evidence=evidence,
        bound=bound,
        case=case,
        label=evidence.label(case) if evidence.label and case is not None else "",
    )


def _case(evidence: Evidence, row: int | None) -> int | None:
    """The configuration that a row is about."""
    if row is None or evidence.cases is None:
        return None
    return int(evidence.cases[row])


def _decide(evidence: Evidence, bound: FloatArray) -> tuple[Status, int | None, str]:
    """Status, the index of the time that decided (if one did), and why."""
    lower, upper = evidence.lower, evidence.upper
    if lower.size == 0:
        return Status.INCONCLUSIVE, None, "no time was recorded"
    above = lower - evidence.roundoff > bound
    if np.any(above):
        k = int(np.argmax(above))  # the first t that refutes
        reason = (
            f"at {evidence.place(k)} the left-hand side is at least {lower[k]:.9g}, "
            f"above the bound {bound[k]:.9g}"
        )
        return Status.REFUTED, k, reason
    if not np.all(np.isfinite(bound)) or np.any(np.isnan(evidence.estimate)):
        reason = "the bound or the left-hand side is not a finite number"
        return Status.INCONCLUSIVE, None, reason
    size = np.where(bound != 0, np.abs(bound), evidence.scale)
    fine = evidence.roundoff <= FINEST * size
    if not np.any(fine):
        reason = f"roundoff reaches {np.max(evidence.roundoff):.2g}, too coarse to tell"
        return Status.INCONCLUSIVE, None, reason
    below = (upper <= bound + evidence.roundoff) | ~fine
    if np.all(below):
        what = "times" if evidence.cases is None else "places"
        reason = f"no upper limit exceeds the bound at {np.sum(fine)} {what}"
        if evidence.engine is not Engine.MONTE_CARLO:
            reason += f" (roundoff {np.max(evidence.roundoff[fine]):.1g})"
        if not np.all(fine):
            reason += f", {np.sum(~fine)} more are below what floats resolve"
        return Status.HOLDS, None, reason
    k = int(np.argmin(below))
    reason = (
        f"at {evidence.place(k)} the limits [{lower[k]:.6g}, {upper[k]:.6g}] enclose "
        f"the bound {bound[k]:.6g}"
    )
    return Status.INCONCLUSIVE, k, reason


def _tightness(
    evidence: Evidence, bound: FloatArray
) -> tuple[float | None, int | None]:
    usable = _usable(evidence, bound)
    if not np.any(usable):
        return None, None
    value = np.where(usable, evidence.estimate, -np.inf)
    with np.errstate(over="ignore"):  # over a tiny bound a ratio may be inf
        ratios = value / np.where(usable, bound, 1.0)
    k = int(np.argmax(ratios))
    return float(ratios[k]), k


def _usable(evidence: Evidence, bound: FloatArray) -> NDArray[np.bool_]:
    """At which times the ratio of left-hand side and bound means something."""
    known: NDArray[np.bool_] = ~np.isnan(evidence.estimate)
    resolved = evidence.roundoff <= FINEST * np.abs(bound)
    usable: NDArray[np.bool_] = known & resolved & (bound > 0) & np.isfinite(bound)
    if evidence.telling is not None and np.any(usable & evidence.telling):
        usable &= evidence.telling
    return usable
