"""In a process with one mutant: check claims and probes, and say what turns red.

Red is what `ratecheck verify` would not let pass: a true claim REFUTED or INCONCLUSIVE
on some setting, a required control that is not refuted, a claim that is as a whole not
as expected, a check that raises an error, or a probe that finds something.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from synthetic.catalogue import catalogue_of
from synthetic.catalogue.entry import Control
from synthetic.desk import Options
from synthetic.mutation import small
from synthetic.mutation.mutant import Mutant
from synthetic.mutation.probes import PROBES, matching
from synthetic.results import ClaimResult
from synthetic.session import Task, cheapest_first, run_task, tasks_for
from synthetic.verify import Outcome
from theory import claims as registry
from theory.claim import Claim
from theory.judge import Status

OPTIONS = Options(alpha=1e-9)
"""A billionth for each claim on each sampled setting."""

PROBE = "probe."
CATALOGUE, ALL = "the catalogue", "all settings"


@dataclass(frozen=True)
class Red:
    """One check that fails.

    Attributes:
        claim: Its id, or the probe's name.
        where: The setting, or the control.
        engine: Who judged.
        verdict: What was said.

    """

    claim: str
    where: str
    engine: str
    verdict: str


def carry_out(order: dict[str, Any], mutant: Mutant | None) -> dict[str, Any]:
    """What the order asks for, as plain values.

    Args:
        order: `mode` "first" stops at the first red; "all" tries every claim;
            "again" tries what `again` lists; "numbers" evaluates what `numbers` lists.
        mutant: What is applied, if anything.

    """
    if order["mode"] == "numbers":
        told = [Mutant(**one) for one in order["numbers"]]
        return {"numbers": {one.label: number(one) for one in told}}
    if order["mode"] == "again":
        reds = [red for claim, where in order["again"] for red in _again(claim, where)]
        return {"reds": [asdict(red) for red in reds]}
    found: dict[str, Any] = {"number": number(mutant) if mutant else ""}
    if order["mode"] == "all":
        return found | {"caught": caught(order["claims"])}
    seen_by = mutant.seen_by if mutant else ()
    deadline = time.monotonic() + order["limit"]
    red = first_red(seen_by, deadline)
    return found | {"red": None if red is None else asdict(red)}


def number(mutant: Mutant) -> str:
    """The mutant's witness, in this process; an error's name if it raises one."""
    module = import_module(mutant.module)
    names = {**vars(module), "small": small}
    try:
        return repr(eval(mutant.witness, names))
    except Exception as error:  # a wrong line may raise anything
        return f"{type(error).__name__}: {error}"


def first_red(seen_by: Iterable[str], deadline: float) -> Red | None:
    """The first red of what ought to see the mutant, then of everything else."""
    tried: set[str] = set()
    for pattern in (*seen_by, f"{PROBE}*", *registry.CLAIMS):
        if time.monotonic() > deadline:
            return None
        if pattern.startswith(PROBE):
            red = next(probe_reds(pattern, deadline), None)
        else:
            claims = [c for c in registry.find([pattern]) if c.id not in tried]
            tried |= {claim.id for claim in claims}
            red = next(claim_reds(claims, deadline), None)
        if red is not None:
            return red
    return None


def probe_reds(pattern: str, deadline: float = float("inf")) -> Iterator[Red]:
    """What the matching probes find."""
    for name in matching(pattern):
        if time.monotonic() > deadline:
            return
        try:
            complaint = PROBES[name]()
        except Exception as error:  # a wrong line may raise anything
            complaint = f"{type(error).__name__}: {error}"
        if complaint:
            yield Red(name, "", "exact", complaint)


def claim_reds(claims: list[Claim], deadline: float = float("inf")) -> Iterator[Red]:
    """Red tasks, cheapest first; at the end the claims that are not as expected."""
    if not claims:
        return
    results = {claim.id: ClaimResult(claim) for claim in claims}
    try:
        tasks = _tasks(claims)
    except Exception as error:  # a catalogue may not even be made
        said = f"{type(error).__name__}: {error}"
        yield from (Red(claim.id, CATALOGUE, "", said) for claim in claims)
        return
    for task in tasks:
        if time.monotonic() > deadline:
            return
        try:
            outcomes = run_task(task, OPTIONS)
        except Exception as error:  # a wrong line may raise anything
            said = f"{type(error).__name__}: {error}"
            yield from (Red(key, where(task), "", said) for key in task.claim_ids)
            continue
        for outcome in outcomes:
            _enter(results[outcome.claim_id], task, outcome)
            if _is_red(task, outcome):
                yield _red(task, outcome)
    for result in results.values():
        if not result.as_expected:
            yield Red(result.claim.id, ALL, "", result.status.value)


def _tasks(claims: list[Claim]) -> list[Task]:
    known = catalogue_of(claims)
    return cheapest_first(tasks_for(claims, known.settings, known.controls), OPTIONS)


def where(task: Task) -> str:
    """The setting's name, or the control's with what is wrong there."""
    if isinstance(task.subject, Control):
        return f"control: {task.subject.label} ({task.subject.setting.name})"
    return task.subject.name


def _enter(result: ClaimResult, task: Task, outcome: Outcome) -> None:
    if isinstance(task.subject, Control):
        result.controls.append((task.subject, outcome))
    else:
        result.outcomes.append(outcome)


def _is_red(task: Task, outcome: Outcome) -> bool:
    status = outcome.verdict.status
    if isinstance(task.subject, Control):
        counts = task.subject.required and not task.subject.hidden
        return counts and status is not Status.REFUTED
    expected = registry.get(outcome.claim_id).expected
    wrong = {Status.REFUTED, Status.INCONCLUSIVE}
    return expected is Status.HOLDS and status in wrong


def _red(task: Task, outcome: Outcome) -> Red:
    found = outcome.verdict.evidence
    engine = "" if found is None else found.engine.value
    return Red(outcome.claim_id, where(task), engine, outcome.verdict.status.value)


def _again(claim_id: str, place: str) -> Iterator[Red]:
    """What is red of one check: of a probe, or of a claim at one place."""
    if claim_id.startswith(PROBE):
        yield from probe_reds(claim_id)
        return
    claims = [registry.get(claim_id)]
    tasks = [t for t in _tasks(claims) if where(t) == place]
    if not tasks:
        yield from claim_reds(claims)
    for task in tasks:
        for outcome in run_task(task, OPTIONS):
            if _is_red(task, outcome):
                yield _red(task, outcome)


def caught(claim_ids: list[str]) -> list[bool]:
    """For each claim, or probe: is something of it red?"""
    found: set[str] = set()
    probes = [key for key in claim_ids if key.startswith(PROBE)]
    for name in probes:
        found |= {red.claim for red in probe_reds(name)}
    claims = [registry.get(key) for key in claim_ids if key not in set(probes)]
    found |= {red.claim for red in claim_reds(claims)}
    return [key in found for key in claim_ids]
