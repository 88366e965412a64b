"""The desk of whole classes of functions: certificates, and identities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from synthetic.desk import ENGINES, Desk, Options
from synthetic.worst_case import certified
from synthetic.worst_case.setting import ClassSetting, LineSetting
from theory.claim import Claim
from theory.evidence import TIMELESS, Engine, Evidence, FloatArray, Scope
from theory.judge import Verdict, judge
from theory.schedules import NONE
from theory.trace import Trace


class WorstCaseDesk(Desk):
    """Judges claims on a `ClassSetting` or a `LineSetting`."""

    def speaks(self, claim: Claim, setting: ClassSetting | LineSetting) -> bool:
        """See `Desk.speaks`: by name, as a certificate is about one quantity."""
        if claim.id not in setting.claims:
            return False
        return isinstance(setting, LineSetting) or claim.needs == {setting.channel}

    def plan(
        self,
        claim: Claim,  # noqa: ARG002 -- each kind of setting has one engine
        setting: ClassSetting | LineSetting,
        engine: str,
    ) -> Engine | None:
        """See `Desk.plan`."""
        is_line = isinstance(setting, LineSetting)
        own = Engine.RATIONAL if is_line else Engine.WORST_CASE
        return own if ENGINES[engine] in {None, own} else None

    def run(
        self,
        engine: Engine,  # noqa: ARG002 -- there is one
        setting: ClassSetting | LineSetting,
        claims: list[Claim],
        c: Any,
        options: Options,  # noqa: ARG002 -- nothing is drawn
        *,
        checked: bool = True,  # noqa: ARG002 -- the class meets all or nothing
    ) -> dict[str, Verdict]:
        """See `Desk.run`."""
        if isinstance(setting, LineSetting):
            return {claim.id: _line(claim, setting, c) for claim in claims}
        found = certified.evidence(setting)
        t = found.times.astype(np.float64)
        return {
            claim.id: judge(_seen_by(claim, found), claim.bound(c, t))
            for claim in claims
        }

    def operations(
        self,
        setting: ClassSetting | LineSetting,
        engine: Engine,  # noqa: ARG002 -- there is one
        max_replicas: int,  # noqa: ARG002 -- nothing is drawn
    ) -> float:
        """See `Desk.operations`: elimination is of third order in the vectors."""
        if isinstance(setting, LineSetting):
            return 1e5
        return float(sum(1e3 * (2 * points) ** 3 for points in setting.points))


def _seen_by(claim: Claim, found: Evidence) -> Evidence:
    """The evidence of the claim's left-hand side, which is what was certified.

    In a control it is something else, put in the place of what the claim speaks of.
    """

    def side(values: FloatArray) -> FloatArray:
        channels = dict.fromkeys(claim.needs, values[:, None])
        return claim.quantity(Trace(found.times, channels, NONE, 1.0, 1.0))[:, 0]

    return replace(found, lower=side(found.lower), upper=side(found.upper))


def _line(claim: Claim, setting: LineSetting, c: Any) -> Verdict:
    """0 for each identity that holds, else its largest residual."""
    lines = setting.lines[claim.id]
    (name,) = claim.needs
    residuals = np.array([float(line.largest_residual()) for line in lines])
    value = claim.quantity({name: residuals})
    sizes = " and ".join(str(line.grid_size) for line in lines)
    evidence = Evidence(
        times=np.full(len(lines), TIMELESS),
        lower=value,
        upper=value,
        estimate=value,
        roundoff=np.zeros(len(lines)),
        error=0.0,
        engine=Engine.RATIONAL,
        source=f"residuals at {sizes} points, which decide an identity for all numbers",
        scope=Scope.CLASS,
        cases=np.arange(len(lines)),
        label=_identity,
    )
    return judge(evidence, claim.bound(c, np.zeros(len(lines))))


def _identity(index: int) -> str:
    return f"identity {index + 1}"
