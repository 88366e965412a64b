"""Empirical claims on confidence, answered from runs by a rule fixed in advance.

They are observations of one data set and one table of configurations, no theorems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthetic.deviations.confidence_configurations import NULL, SOFT, TABLE
from synthetic.deviations.confidence_rule import (
    FEWEST_SEEDS,
    THRESHOLDS,
    Judgement,
    Mean,
    mean_of,
)
from synthetic.deviations.confidence_runs import Outcome
from synthetic.parity.hitting import Finding
from synthetic.parity.verdicts import Verdict

DISTILLED = tuple(name for name in TABLE if name != NULL)
PARTS = ("held", "train")


@dataclass(frozen=True, eq=False)
class Judged:
    """One configuration with its answers.

    Attributes:
        outcome: The numbers.
        parts: Held-out and training rows, and the two controls.
        gain: Held-out accuracy, student's minus teacher's.

    """

    outcome: Outcome
    parts: Mapping[str, Judgement]
    gain: Mean


def judged(outcome: Outcome, parts: Mapping[str, Judgement]) -> Judged:
    """With the paired difference in accuracy."""
    values = outcome.values
    gain = mean_of(values["student.accuracy"] - values["teacher.accuracy"])
    return Judged(outcome, parts, gain)


def verdicts(found: Mapping[str, Judged]) -> tuple[Verdict, ...]:
    """The three claims, in the order in which they are told."""
    return slope(found), low_underfit(found), universal(found)


def slope(found: Mapping[str, Judged]) -> Verdict:
    """Do students of clean MLPs at temperatures of 2 or more exaggerate?"""
    cases = {
        f"{name}, {part}": found[name].parts[part]
        for name in SOFT
        if name in found
        for part in PARTS
    }
    answer = _all(one.finding for one in cases.values())
    if NULL not in found or found[NULL].parts["held"].finding is Finding.REPRODUCED:
        answer = Finding.UNDECIDED
    return Verdict(
        "deviations.confidence.slope",
        "students of MLPs on clean labels, at temperatures of 2 or more, exaggerate "
        "their teachers' confidence, on held-out and on training rows",
        _complete(answer, found, (*SOFT, NULL)),
        (
            *(
                f"{name}: slope {shown(one.means['slope'])}, {one.finding.value}"
                for name, one in cases.items()
            ),
            *_missing(found, (*SOFT, NULL)),
        ),
        "other data, architectures or schedules; a large effect; why",
    )


def low_underfit(found: Mapping[str, Judged]) -> Verdict:
    """Are students less sure than teachers where teachers are least sure?"""
    there = [name for name in DISTILLED if name in found]
    means = {n: found[n].parts["held"].means["low_under"] for n in there}
    answer = _all(_above(found[n].parts["held"], "low_under") for n in there)
    evidence = [
        f"{name}: {shown(mean)} of the teacher's least sure held-out quarter"
        for name, mean in means.items()
    ]
    if NULL in found:
        null = found[NULL].parts["held"]
        evidence.append(f"without distillation: {shown(null.means['low_under'])}")
        if _above(null, "low_under") is Finding.REPRODUCED:
            answer = Finding.UNDECIDED
    return Verdict(
        "deviations.confidence.low_underfit",
        "every distilled configuration of the table is less sure than its teacher on "
        "more than half of the teacher's least sure held-out quarter, and a student of "
        "labels alone is not",
        _complete(answer, found, TABLE),
        (*evidence, *_missing(found, TABLE)),
        "exaggeration: a student that is under-trained is less sure everywhere",
    )


def universal(found: Mapping[str, Judged]) -> Verdict:
    """Do all of them exaggerate?"""
    there = [name for name in DISTILLED if name in found]
    kinds = {
        kind: [n for n in there if found[n].parts["held"].finding is kind]
        for kind in Finding
    }
    better = [n for n in kinds[Finding.REPRODUCED] if found[n].gain.lower > 0.0]
    answer = _all(found[name].parts["held"].finding for name in there)
    if answer is not Finding.NOT_REPRODUCED:  # one counterexample is enough
        answer = _complete(answer, found, DISTILLED)
    return Verdict(
        "deviations.confidence.universal",
        "students exaggerate their teachers' confidence on held-out rows, whatever the "
        "architecture, the temperature and the labels",
        answer,
        (
            *(
                f"{kind.value}: {', '.join(names) or 'none'}"
                for kind, names in kinds.items()
            ),
            f"exaggeration with a more accurate student: {', '.join(better) or 'none'}",
            *_missing(found, DISTILLED),
        ),
        "that it is rare elsewhere: this is one small data set",
    )


def shown(mean: Mean, digits: int = 3) -> str:
    """A mean with its one-sided bounds."""
    low, middle, high = (
        f"{v:.{digits}f}" for v in (mean.lower, mean.value, mean.upper)
    )
    return f"{middle} [{low}, {high}]"


def _above(judgement: Judgement, name: str) -> Finding:
    mean, at = judgement.means[name], THRESHOLDS[name]
    if judgement.num_seeds < FEWEST_SEEDS or judgement.num_diverged:
        return Finding.UNDECIDED
    if mean.lower > at:
        return Finding.REPRODUCED
    return Finding.NOT_REPRODUCED if mean.upper <= at else Finding.UNDECIDED


def _all(findings: Iterable[Finding]) -> Finding:
    """Reproduced if each is, not reproduced if one is not."""
    kinds = set(findings)
    if Finding.NOT_REPRODUCED in kinds:
        return Finding.NOT_REPRODUCED
    return Finding.REPRODUCED if kinds == {Finding.REPRODUCED} else Finding.UNDECIDED


def _complete(
    answer: Finding, found: Mapping[str, Judged], needed: Sequence[str]
) -> Finding:
    return answer if all(name in found for name in needed) else Finding.UNDECIDED


def _missing(found: Mapping[str, Judged], needed: Sequence[str]) -> tuple[str, ...]:
    absent = [name for name in needed if name not in found]
    return (f"not run: {', '.join(absent)}",) if absent else ()
