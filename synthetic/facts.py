"""What a record says of one judged case, as text: for JUnit, pytest and summaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from synthetic.desk import Options
from synthetic.results import ClaimResult, Session
from synthetic.verify import Outcome
from theory.judge import Status, Verdict

UNDECIDED = frozenset({Status.INCONCLUSIVE, Status.NOT_APPLICABLE})


@dataclass(frozen=True)
class Fact:
    """One case, judged.

    Attributes:
        group: The claim's id, or the file that it stands in.
        name: The case, unique in the group.
        passed: Is it as it must be?
        undecided: Is that let off, though it is not `passed`?
        reason: One sentence.
        seconds: Its share of the run.
        properties: The evidence.

    """

    group: str
    name: str
    passed: bool
    undecided: bool
    reason: str
    seconds: float
    properties: Mapping[str, str]


def evidence_of(outcome: Outcome, options: Options) -> dict[str, str]:
    """Verdict, bound, interval, engine, alpha, seed and tightness as text.

    Bound and interval are those of the t that decided, else of the tightest one, which
    `time` names. Numbers are written so that they read back as they are.
    """
    verdict = outcome.verdict
    found = {
        "claim": outcome.claim_id,
        "setting": outcome.setting,
        "verdict": verdict.status.value,
        "seed": str(options.seed),
        "tightness": _number(verdict.tightness),
    }
    if outcome.control is not None:
        found["control"] = outcome.control
    evidence, row = verdict.evidence, _row(verdict)
    if evidence is None:
        return found | {"engine": "none", "alpha": "0.0", "bound": "", "interval": ""}
    found |= {"engine": evidence.engine.value, "alpha": repr(float(evidence.error))}
    if row is None or verdict.bound is None:
        return found | {"bound": "", "interval": ""}
    low, high = float(evidence.lower[row]), float(evidence.upper[row])
    return found | {
        "time": str(int(evidence.times[row])),
        "bound": repr(float(verdict.bound[row])),
        "interval": f"[{low!r}, {high!r}]",
    }


def fact(outcome: Outcome, options: Options, expected: Status) -> Fact:
    """What a session says of one setting or control; `expected` is the claim's."""
    status = outcome.verdict.status
    what = outcome.setting
    if outcome.control is not None:
        expected, what = Status.REFUTED, f"wrong: {outcome.control} ({what})"
    return Fact(
        group=outcome.claim_id,
        name=what,
        passed=status is expected,
        undecided=False,
        reason=outcome.verdict.reason,
        seconds=outcome.seconds,
        properties=evidence_of(outcome, options),
    )


def _row(verdict: Verdict) -> int | None:
    time = verdict.tightest_time if verdict.time is None else verdict.time
    if time is None or verdict.evidence is None:
        return None
    rows = np.flatnonzero(verdict.evidence.times == time)
    return int(rows[0]) if rows.size else None


def _number(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def facts_of(session: Session) -> list[Fact]:
    """Every setting and control of a session; all passed or let off if it exits with 0.

    What neither shows a true claim wrong nor a false one right is `undecided` while the
    claim as a whole is as expected (a setting that a hypothesis excludes, a false
    statement that one instance does not show, a control that is out of sight).
    """
    return [
        *(
            fact
            for result in session.results.values()
            for fact in _facts(result, session)
        ),
        *(
            Fact("compare", change.text, not change.fails, False, change.text, 0.0, {})
            for change in session.changes or ()
        ),
    ]


def _facts(result: ClaimResult, session: Session) -> Iterator[Fact]:
    settled = result.status is result.claim.expected
    for outcome in result.outcomes:
        found = fact(outcome, session.options, result.claim.expected)
        yield found if found.passed else replace(found, undecided=settled)
    for control, outcome in result.controls:
        found = fact(outcome, session.options, Status.REFUTED)
        excused = control.hidden or not control.required
        yield found if found.passed else replace(found, undecided=excused)
    if result.pending or not (result.outcomes or result.controls):
        words = f"{result.pending} settings and controls were not tried."
        yield Fact(result.claim.id, "not tried", False, False, words, 0.0, {})
