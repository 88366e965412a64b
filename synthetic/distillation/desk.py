"""The desk of distillation: finite sums, moments, stationary laws, paths, samples."""

from __future__ import annotations

from typing import Any

from synthetic.desk import ENGINES as NAMED, Desk, Options
from synthetic.distillation import evidence, record
from synthetic.distillation.problems import Quadratic
from synthetic.distillation.setting import Bench
from theory.claim import Claim
from theory.distillation import (
    LIMIT,
    NUMBERS,
    PATHS,
    PROBE,
    TREES,
    DistillationConstants,
)
from theory.evidence import Engine
from theory.judge import Status, Verdict

GROUPS = {
    "probe": PROBE,
    "limit": LIMIT,
    "numbers": NUMBERS,
    "paths": PATHS,
    "trees": TREES,
}
ENGINES = {
    "probe": Engine.ONE_STEP,
    "limit": Engine.LYAPUNOV,
    "numbers": Engine.NUMBERS,
    "paths": Engine.PATHWISE,
    "trees": Engine.TREE,
}


def group(claim: Claim) -> str:
    """Which group of channels the claim reads: `run` unless one of the others."""
    for name, channels in GROUPS.items():
        if claim.needs <= channels.keys():
            return name
    return "run"


class CasesDesk(Desk):
    """Of settings whose constants are arrays over configurations."""

    def failing(self, claim: Claim, c: Any) -> str | None:
        """See `Desk.failing`: `None` if some configuration meets every hypothesis."""
        return evidence.failing(claim, c)

    def numbers(self, c: Any, verdict: Verdict) -> Any:
        """See `Desk.numbers`: those of the configuration that the verdict names."""
        return c.at(verdict.case or 0)


class DistillationDesk(CasesDesk):
    """Judges claims on a `Bench`."""

    def speaks(self, claim: Claim, setting: Bench) -> bool:
        """See `Desk.speaks`."""
        what = group(claim)
        return (
            setting.family in claim.families
            and what in setting.offers
            and (what != "run" or setting.horizon > max(claim.first, 1))
        )

    def plan(self, claim: Claim, setting: Bench, engine: str) -> Engine | None:
        """See `Desk.plan`: each group of channels has one engine on each bench."""
        wanted, chosen = NAMED[engine], self._engine(claim, setting)
        return chosen if wanted is None or wanted is chosen else None

    @staticmethod
    def _engine(claim: Claim, setting: Bench) -> Engine | None:
        what = group(claim)
        if what == "limit" and not isinstance(setting.sampled, Quadratic):
            return None
        if what != "run":
            return ENGINES[what]
        if claim.needs & record.MOMENTS_ONLY and not record.has_moments(setting):
            return None
        chosen = record.run_engine(setting)
        sampled = claim.needs <= record.WITH_LIMIT and setting.compressor is None
        if chosen is Engine.MONTE_CARLO and (
            claim.expected is Status.REFUTED or not sampled
        ):
            return None
        return chosen

    def run(
        self,
        engine: Engine,
        setting: Bench,
        claims: list[Claim],
        c: DistillationConstants,
        options: Options,
        *,
        checked: bool = True,
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        if engine is Engine.MONTE_CARLO:
            from synthetic.distillation import sampled  # noqa: PLC0415 -- loads numba

            return sampled.run(setting, claims, c, options, checked=checked)
        verdicts = {}
        parts: dict[tuple[str, bool], list[Claim]] = {}
        for claim in claims:  # the limit of t is known of these two channels only
            key = (group(claim), claim.needs <= record.WITH_LIMIT)
            parts.setdefault(key, []).append(claim)
        for part in parts.values():
            needs = frozenset().union(*(claim.needs for claim in part))
            trace, source = record.trace(engine, setting, needs, c, options.seed)
            for claim in part:
                verdicts[claim.id] = evidence.judged(
                    claim, trace, engine, source, setting.label, checked=checked
                )
        return verdicts

    def operations(self, setting: Bench, engine: Engine, max_replicas: int) -> float:
        """See `Desk.operations`."""
        problem = setting.problem
        each = problem.num_components * problem.dim * setting.count
        if engine is Engine.MONTE_CARLO:
            return float(setting.horizon * each * max_replicas)
        steps = setting.horizon if engine is Engine.MOMENTS else 2
        return float(steps * each * problem.dim)
