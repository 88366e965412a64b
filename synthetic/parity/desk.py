"""The desk of sparse parity: exact rationals, and a few sampled probabilities."""

from __future__ import annotations

from synthetic.desk import ENGINES, Desk, Options
from synthetic.parity import desk_evidence as evidence
from synthetic.parity.desk_setting import ParitySetting
from theory.claim import Claim
from theory.evidence import Engine
from theory.judge import Verdict
from theory.parity import ParityConstants, ParityTrace


class ParityDesk(Desk):
    """Judges claims on a `ParitySetting`."""

    def speaks(self, claim: Claim, setting: ParitySetting) -> bool:
        """See `Desk.speaks`."""
        return setting.family in claim.families and claim.needs <= setting.offers

    def plan(self, claim: Claim, setting: ParitySetting, engine: str) -> Engine | None:  # noqa: ARG002
        """See `Desk.plan`: each kind of setting has one engine."""
        wanted = ENGINES[engine]
        return setting.engine if wanted in {None, setting.engine} else None

    def failing(self, claim: Claim, c: ParityConstants) -> str | None:
        """See `Desk.failing`: `None` if some case meets every hypothesis."""
        return evidence.failing(claim, c)

    def run(
        self,
        engine: Engine,
        setting: ParitySetting,
        claims: list[Claim],
        c: ParityConstants,
        options: Options,
        *,
        checked: bool = True,
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        needs = frozenset().union(*(claim.needs for claim in claims))
        trace = ParityTrace(c.cases, setting.measure(needs, options))
        error = options.alpha if engine is Engine.MONTE_CARLO else 0.0
        return {
            claim.id: evidence.judged(
                claim, trace, engine, setting.source, error, checked=checked
            )
            for claim in claims
        }

    def numbers(self, c: ParityConstants, verdict: Verdict) -> ParityConstants:
        """See `Desk.numbers`: the deciding case, or the first that was judged."""
        found, index = verdict.evidence, verdict.case
        if index is None and found is not None and found.cases is not None:
            index = int(found.cases[0])
        return ParityConstants((c.cases[index or 0],))

    def operations(
        self,
        setting: ParitySetting,
        engine: Engine,  # noqa: ARG002 -- there is one
        max_replicas: int,  # noqa: ARG002 -- settings know their own number
    ) -> float:
        """See `Desk.operations`."""
        return setting.work
