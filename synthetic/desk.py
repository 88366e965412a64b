"""A desk judges claims on one kind of setting: which engine, which run, which verdict.

Each system of the project (stochastic Polyak steps, distillation) has its own settings
and engines; sessions, tables and records see them through this interface alone.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from theory.claim import Claim
from theory.evidence import Engine
from theory.judge import Verdict


@dataclass(frozen=True)
class Options:
    """How to verify.

    Attributes:
        seed: Root of all draws.
        alpha: Error probability of each claim on each setting.
        max_replicas: Limit of Monte Carlo.
        engine: "auto" (strongest first), or one engine by name.
        probe: Are the hypotheses of the claims probed first? A point that contradicts
            one makes the claim NOT APPLICABLE (`synthetic.hypotheses`).
        carried: What earlier runs left of sampled pairs, by claim and setting; then
            Monte Carlo goes on from there (`synthetic.engines.sequel`).

    """

    seed: int = 0
    alpha: float = 1e-6
    max_replicas: int = 4096
    engine: str = "auto"
    probe: bool = False
    carried: Mapping[tuple[str, str], Any] | None = None


ENGINES = {
    "auto": None,
    "closed": Engine.CLOSED,
    "tree": Engine.TREE,
    "pathwise": Engine.PATHWISE,
    "montecarlo": Engine.MONTE_CARLO,
}
"""Engines by their names on the command line."""


class Subject(Protocol):
    """What a claim is tried on: a setting of any system."""

    @property
    def name(self) -> str:
        """Unique in a catalogue."""

    def constants(self) -> Any:
        """What bounds may use."""


class Desk(abc.ABC):
    """How claims are judged on one kind of setting."""

    @abc.abstractmethod
    def speaks(self, claim: Claim, setting: Any) -> bool:
        """Does the claim speak of what the setting runs, within its horizon?"""

    @abc.abstractmethod
    def plan(self, claim: Claim, setting: Any, engine: str) -> Engine | None:
        """The strongest engine that can judge the claim there; `None` if none can."""

    @abc.abstractmethod
    def run(
        self,
        engine: Engine,
        setting: Any,
        claims: list[Claim],
        c: Any,
        options: Options,
        *,
        checked: bool = True,
    ) -> dict[str, Verdict]:
        """One run of one engine, judged by all claims, by their ids.

        Unless `checked`, no hypothesis is asked for: a control is wrong on purpose.
        """

    @abc.abstractmethod
    def operations(self, setting: Any, engine: Engine, max_replicas: int) -> float:
        """Scalar operations of a run, roughly: only the order matters."""

    def failing(self, claim: Claim, c: Any) -> str | None:
        """Name the first hypothesis that the setting does not meet, and why."""
        return claim.failing(c)

    def numbers(self, c: Any, _verdict: Verdict) -> Any:
        """The constants that go with a verdict; one record of plain values."""
        return c
