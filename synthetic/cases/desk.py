"""The desk of claims on cases: exact or enclosed, and a few sampled probabilities."""

from __future__ import annotations

from synthetic.cases import evidence
from synthetic.cases.setting import CaseSetting
from synthetic.desk import ENGINES, Desk, Options
from theory.cases import CaseConstants, CaseTrace
from theory.claim import Claim
from theory.evidence import Engine
from theory.judge import Verdict


class CaseDesk(Desk):
    """Judges claims on a `CaseSetting`."""

    def speaks(self, claim: Claim, setting: CaseSetting) -> bool:
        """See `Desk.speaks`."""
        return setting.family in claim.families and claim.needs <= setting.offers

    def plan(self, claim: Claim, setting: CaseSetting, engine: str) -> Engine | None:  # noqa: ARG002
        """See `Desk.plan`: each kind of setting has one engine."""
        wanted = ENGINES[engine]
        return setting.engine if wanted in {None, setting.engine} else None

    def failing(self, claim: Claim, c: CaseConstants) -> str | None:
        """See `Desk.failing`: `None` if some case meets every hypothesis."""
        return evidence.failing(claim, c)

    def run(
        self,
        engine: Engine,
        setting: CaseSetting,
        claims: list[Claim],
        c: CaseConstants,
        options: Options,
        *,
        checked: bool = True,
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        needs = frozenset().union(*(claim.needs for claim in claims))
        trace = CaseTrace(c.cases, setting.measure(needs, options))
        error = options.alpha if engine is Engine.MONTE_CARLO else 0.0
        return {
            claim.id: evidence.judged(
                claim, trace, engine, setting.source, error, checked=checked
            )
            for claim in claims
        }

    def numbers(self, c: CaseConstants, verdict: Verdict) -> CaseConstants:
        """See `Desk.numbers`: the deciding case, or the first that was judged."""
        found, index = verdict.evidence, verdict.case
        if index is None and found is not None and found.cases is not None:
            index = int(found.cases[0])
        return CaseConstants((c.cases[index or 0],))

    def operations(
        self,
        setting: CaseSetting,
        engine: Engine,  # noqa: ARG002 -- there is one
        max_replicas: int,  # noqa: ARG002 -- settings know their own number
    ) -> float:
        """See `Desk.operations`."""
        return setting.work
