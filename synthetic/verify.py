"""One setting, one run, every claim that applies: trace -> evidence -> verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from synthetic.catalogue.entry import Control
from synthetic.desk import Options, Subject
from synthetic.desks import desk_of
from synthetic.hypotheses.screen import screened
from synthetic.problems.user import UserProblem
from theory.claim import Claim, Kind
from theory.evidence import Engine
from theory.judge import Status, Verdict, not_applicable
from theory.slope import Slope, observed


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one claim's check said on one setting.

    Attributes:
        claim_id: Which claim.
        setting: Its name.
        verdict: The judgement with its evidence.
        constants: The instance's numbers; `None` for controls.
        seconds: This claim's share of the run.
        control: What was wrong on purpose, if anything.

    """

    claim_id: str
    setting: str
    verdict: Verdict
    constants: Any
    seconds: float
    control: str | None = None

    def slope(self, claim: Claim) -> Slope | None:
        """The observed exponent of T, where a claim in expectation was judged."""
        evidence = self.verdict.evidence
        if evidence is None or claim.kind is not Kind.EXPECTATION:
            return None
        if evidence.cases is not None:  # each t has its own tightest configuration
            return None
        return observed(evidence)


def plan(claim: Claim, setting: Subject, engine: str = "auto") -> Engine | None:
    """The strongest engine that can judge the claim there; `None` if none can."""
    return desk_of(setting).plan(claim, setting, engine)


def applicable(claims: list[Claim], setting: Subject) -> list[Claim]:
    """The claims that speak of the setting's declared method, within its horizon."""
    desk = desk_of(setting)
    return [claim for claim in claims if desk.speaks(claim, setting)]


def lay_out(
    setting: Subject, claims: list[Claim], c: Any, options: Options
) -> tuple[dict[str, Verdict], dict[Engine, list[Claim]]]:
    """What needs no run since a hypothesis fails, and the claims for each engine."""
    desk = desk_of(setting)
    verdicts: dict[str, Verdict] = {}
    planned: dict[Engine, list[Claim]] = {}
    for claim in applicable(claims, setting):
        why = desk.failing(claim, c)
        if why is not None:
            verdicts[claim.id] = not_applicable(why)
            continue
        engine = plan(claim, setting, options.engine)
        if engine is None:
            verdicts[claim.id] = not_applicable(_no_engine(claim, options.engine))
        else:
            planned.setdefault(engine, []).append(claim)
    return verdicts, planned


def judge_setting(
    setting: Subject, claims: list[Claim], options: Options
) -> list[Outcome]:
    """Judge every claim on the setting, from as few runs as engines need."""
    start = time.perf_counter()
    desk = desk_of(setting)
    decided: Mapping[str, Verdict] = {}
    if options.probe:
        probed = screened(setting, applicable(claims, setting), desk, options.seed)
        setting, decided = probed.setting, probed.decided
        claims = [claim for claim in claims if claim.id not in decided]
    c = setting.constants()
    verdicts, planned = lay_out(setting, claims, c, options)
    verdicts |= decided
    for engine, group in planned.items():
        verdicts |= desk.run(engine, setting, group, c, options)
    share = (time.perf_counter() - start) / max(len(verdicts), 1)
    return [
        Outcome(claim_id, setting.name, verdict, desk.numbers(c, verdict), share)
        for claim_id, verdict in verdicts.items()
    ]


def _no_engine(claim: Claim, wanted: str) -> str:
    """Why nothing can judge the claim on a setting that meets its hypotheses."""
    if claim.expected is Status.REFUTED:
        return "no exact engine reaches this size, and a sample proves no falsehood"
    if wanted != "auto":
        return f"the engine {wanted!r} cannot judge it here"
    return "no engine can judge it here"


def judge_control(control: Control, claim: Claim, options: Options) -> Outcome:
    """Judge a claim on something wrong; no hypothesis is checked, REFUTED is right."""
    start = time.perf_counter()
    options = replace(options, carried=None)  # a control gathers no evidence
    setting, altered = control.setting, control.altered(claim)
    engine = plan(altered, setting)
    c = setting.constants()
    failed = _false_word(setting, altered, options)
    if failed is not None:
        verdict = failed
    elif engine is None:
        verdict = Verdict(Status.INCONCLUSIVE, f"no engine can run {setting.name}")
    else:
        desk = desk_of(setting)
        verdict = desk.run(engine, setting, [altered], c, options, checked=False)[
            claim.id
        ]
    seconds = time.perf_counter() - start
    return Outcome(
        control.claim_id, setting.name, verdict, None, seconds, control.label
    )


def _false_word(setting: Any, claim: Claim, options: Options) -> Verdict | None:
    """NOT APPLICABLE where a user's statement fails: nothing is learnt from that."""
    if not (
        options.probe and isinstance(getattr(setting, "problem", None), UserProblem)
    ):
        return None
    found = screened(setting, [claim], desk_of(setting), options.seed)
    return found.decided.get(claim.id)
