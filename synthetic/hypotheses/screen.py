"""What becomes of claims whose hypotheses a point contradicts: NOT APPLICABLE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from synthetic.desk import Desk, Subject
from synthetic.hypotheses import probes, statements
from synthetic.hypotheses.search import known
from synthetic.hypotheses.witness import Witness
from synthetic.places import where
from synthetic.problems.user import UserProblem
from synthetic.setting import Setting
from theory import assumptions as polyak
from theory.claim import Claim
from theory.constants import Constants
from theory.judge import Verdict, not_applicable

RESTS_ON: Mapping[str, tuple[str, ...]] = {
    polyak.CONVEX.name: ("convex",),
    polyak.MINIMISER.name: ("minimiser_gap",),
    polyak.SMOOTH.name: ("smoothness",),
    polyak.EXPECTED_SMOOTH.name: ("smoothness",),
    polyak.GROWS_QUADRATICALLY.name: ("mu",),
}
"""Which statement of a user a hypothesis rests on first; else on `lipschitz`."""


class Reading:
    """Constants that note which of them are read."""

    def __init__(self, c: Any) -> None:
        self._c, self._read = c, set[str]()

    def __getattr__(self, name: str) -> Any:
        """The constant itself."""
        self._read.add(name)
        return getattr(self._c, name)


def constants_read(claim: Claim, c: Any, horizon: int) -> frozenset[str]:
    """The names of the constants that a claim's bound is made of."""
    reading = Reading(c)
    t = np.arange(claim.first, max(horizon, claim.first + 1), dtype=np.float64)
    with np.errstate(all="ignore"):
        claim.bound(reading, t)
    return frozenset(reading._read)


@dataclass(frozen=True, eq=False)
class Screened:
    """What is left to judge.

    Attributes:
        setting: Without the statements that failed.
        decided: The claims that do not apply, by id.

    """

    setting: Any
    decided: Mapping[str, Verdict]


def screened(setting: Subject, claims: list[Claim], desk: Desk, seed: int) -> Screened:
    """Probe what the claims assume there.

    Args:
        setting: Of any kind; only stochastic Polyak steps and finite sums are probed.
        claims: Those that speak of it.
        desk: The setting's.
        seed: Root of the points.

    """
    if isinstance(setting, Setting) and isinstance(setting.problem, UserProblem):
        return _of_a_user(setting, setting.problem, claims, desk, seed)
    c = setting.constants()
    assumed = [claim for claim in claims if desk.failing(claim, c) is None]
    names = {a.name for claim in assumed for a in claim.assumes if probes.is_probed(a)}
    failed = dict(_failing(setting, names, seed))
    decided = {}
    for claim in assumed:
        broken = [a.name for a in claim.assumes if a.name in failed]
        if broken:
            decided[claim.id] = not_applicable(f"{broken[0]}: {failed[broken[0]]}")
    return Screened(setting, decided)


def _failing(setting: Any, names: set[str], seed: int) -> Iterator[tuple[str, Witness]]:
    done: set[str] = set()
    for probe in probes.probes_of(setting, names):
        if probe.assumption in done:
            continue
        witness = known(probe, seed)
        if witness is not None:
            done.add(probe.assumption)
            yield probe.assumption, witness


def _of_a_user(
    setting: Setting,
    problem: UserProblem,
    claims: list[Claim],
    desk: Desk,
    seed: int,
) -> Screened:
    c = setting.constants()
    radius = c.reach if np.isfinite(c.reach) else setting.ball_radius
    failed = statements.refuted(problem, radius, seed)
    if not failed:
        return Screened(setting, {})
    left = replace(setting, problem=statements.weakened(problem, failed))
    less = left.constants()
    place = f"(loss: {where(problem.loss_of)}, gradient: {where(problem.gradient_of)})"
    decided = {}
    for claim in claims:
        if desk.failing(claim, c) is not None:
            continue  # it does not apply as stated, whatever the points say
        why = _why(claim, setting, c, less, failed)
        if why is not None:
            decided[claim.id] = not_applicable(f"{why} {place}")
    return Screened(left, decided)


def _why(
    claim: Claim,
    setting: Setting,
    c: Constants,
    less: Constants,
    failed: Mapping[str, Witness],
) -> str | None:
    """The hypothesis, or the constant in the bound, that went with a statement."""
    for assumption in claim.assumes:
        if assumption.failure(less) is not None:
            rests = RESTS_ON.get(assumption.name, ("lipschitz",))
            first = next((name for name in rests if name in failed), None)
            witness = failed[first or next(iter(failed))]
            return f"{assumption.name}: {witness}"
    changed = {
        f.name
        for f in fields(Constants)
        if getattr(c, f.name) != getattr(less, f.name) and f.name != "witness"
    }
    gone = sorted(changed & constants_read(claim, c, setting.horizon))
    if not gone:
        return None
    witnesses = "; ".join(map(str, failed.values()))
    return f"the bound reads {', '.join(gone)}: {witnesses}"
