"""Evidence over time: each claim's tightest setting, run once more and kept.

A session's JSON holds verdicts, not arrays. The run is the same (seed, error budget and
tier are the session's), so its tightness has to be the same number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from figures.report.checks import Check, checks
from synthetic.catalogue import catalogue_of
from synthetic.desk import Options, Subject
from synthetic.program import TIERS
from synthetic.verify import Outcome, judge_setting
from theory import claims as registry
from theory.evidence import Evidence

MOST_ROWS = 300
"""A chart shows no more, and a page of all claims must stay small."""


@dataclass(frozen=True)
class Curve:
    r"""Limits of the left-hand side, and the bound, at K times.

    Attributes:
        claim_id: Which claim.
        setting: Where.
        times: t, or -1 for no time and -2 for the limit, K of them.
        lower: Lower limits.
        upper: Upper limits.
        estimate: Values between them.
        bound: Right-hand sides.
        roundoff: What floating-point arithmetic may have changed.
        labels: Configurations, empty where a run has one.
        of: How many rows there were before thinning.
        tightness: Largest estimate / bound over all rows, if it means something.
        error: Probability that any limit is wrong.
        source: What was run.
        checks: The claim's hypotheses on it.

    """

    claim_id: str
    setting: str
    times: list[int]
    lower: list[float]
    upper: list[float]
    estimate: list[float]
    bound: list[float]
    roundoff: list[float]
    labels: list[str]
    of: int
    tightness: float | None
    error: float
    source: str
    checks: list[Check]

    @property
    def configurations(self) -> int:
        """How many configurations its rows are about."""
        return len(set(self.labels)) or 1

    def plain(self) -> dict[str, Any]:
        """As values that JSON can hold."""
        return asdict(self)


def restore(values: Mapping[str, Any]) -> Curve:
    """A curve from `Curve.plain`."""
    kept = [Check(**check) for check in values["checks"]]
    return Curve(**{**values, "checks": kept})


def kept_rows(times: NDArray[np.int64], special: Iterable[int]) -> NDArray[np.int64]:
    """At most about `MOST_ROWS` rows, denser where t is small, with all special ones.

    Args:
        times: All t, shape (K,).
        special: Rows that must stay.

    """
    count = len(times)
    if count <= MOST_ROWS:
        return np.arange(count)
    spread = np.geomspace(1, count, MOST_ROWS).astype(np.int64) - 1
    ends = [0, count - 1]
    return np.unique(np.concatenate([spread, ends, list(special)]).astype(np.int64))


def _curve(outcome: Outcome, place: Subject) -> Curve | None:
    verdict = outcome.verdict
    found, bound = verdict.evidence, verdict.bound
    if found is None or bound is None or outcome.constants is None:
        return None
    named = [t for t in (verdict.time, verdict.tightest_time) if t is not None]
    rows = kept_rows(found.times, np.flatnonzero(np.isin(found.times, named)))
    return Curve(
        claim_id=outcome.claim_id,
        setting=outcome.setting,
        times=found.times[rows].tolist(),
        lower=found.lower[rows].tolist(),
        upper=found.upper[rows].tolist(),
        estimate=found.estimate[rows].tolist(),
        bound=bound[rows].tolist(),
        roundoff=np.broadcast_to(found.roundoff, bound.shape)[rows].tolist(),
        labels=_labels(found, rows, place),
        of=len(bound),
        tightness=verdict.tightness,
        error=found.error,
        source=found.source,
        checks=checks(registry.get(outcome.claim_id), outcome.constants),
    )


def _labels(found: Evidence, rows: NDArray[np.int64], place: Any) -> list[str]:
    # Evidence that has been through another process has lost the function.
    label = found.label or getattr(place, "label", None)
    if found.cases is None or label is None:
        return []
    return [label(int(case)) for case in found.cases[rows]]


def compute(
    wanted: Mapping[str, str],
    tier: str,
    options: Options,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Curve]:
    """Run each setting once, for all claims that are tightest on it.

    Args:
        wanted: Claim ids, and the name of the setting for each.
        tier: Of the catalogue.
        options: `options.alpha` is the error probability of each claim and setting.
        progress: Called with (settings done, settings in all).

    Returns:
        Curves by claim id, without those whose setting this catalogue lacks.

    """
    claims = [registry.get(claim_id) for claim_id in wanted]
    places: dict[str, Subject] = {
        s.name: s for s in catalogue_of(claims, tier).settings
    }
    groups: dict[str, list[str]] = {}
    for claim_id, place in wanted.items():
        if place in places:
            groups.setdefault(place, []).append(claim_id)
    found: dict[str, Curve] = {}
    for done, (place, ids) in enumerate(groups.items()):
        progress(done, len(groups))
        with threadpool_limits(limits=1):
            outcomes = judge_setting(
                places[place], [registry.get(claim_id) for claim_id in ids], options
            )
        for outcome in outcomes:
            if (curve := _curve(outcome, places[place])) is not None:
                found[outcome.claim_id] = curve
    progress(len(groups), len(groups))
    return found


def options_of(record: Mapping[str, Any]) -> Options:
    """How a recorded session verified each claim on each setting."""
    return Options(
        int(record["seed"]),
        float(record["alpha_each"]),
        TIERS[record["tier"]],
        record["engine"],
    )
