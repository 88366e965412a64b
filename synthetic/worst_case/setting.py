"""What claims about every function of a class are tried on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from theory.constants import Constants
from theory.method import Family
from theory.worst_case.known import WorstCase
from theory.worst_case.lines import Line


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassSetting:
    """A worst case at some numbers of points, proved by certificates.

    Attributes:
        name: Unique in a catalogue.
        case: Which program, and how it is proved.
        points: Those T.
        delivered: What becomes of a certificate's text before the verifier reads it: a
            wrong one in tests.

    """

    name: str
    case: WorstCase
    points: tuple[int, ...]
    delivered: Callable[[str], str] = _as_it_is

    family = Family.PEP_RUN

    @property
    def claims(self) -> frozenset[str]:
        """Whose left-hand side this is."""
        return frozenset({self.case.id, *self.case.claims})

    @property
    def channel(self) -> str:
        """What is measured, by the name that claims use for it."""
        is_mean = self.problem(self.points[0]).get("measure") == "average"
        return "average_gap" if is_mean else "gap"

    def problem(self, points: int) -> Mapping[str, Any]:
        """What a certificate has to be about."""
        return self.case.program(points).problem

    @property
    def is_smooth(self) -> bool:
        """Is it the class of L-smooth functions, not of G-Lipschitz ones?"""
        functions = self.problem(self.points[0]).get("functions", "smooth")
        return bool(functions == "smooth")

    def constants(self) -> Constants:
        """The class's: L = D = 1, or G = D = 1, in as many dimensions as it takes.

        On the ball a gradient of a smooth function is at most L D, and a value L D^2/2.
        """
        smooth = self.is_smooth
        top = 0.5 if smooth else 1.0
        return Constants(
            D=1.0,
            G=1.0,
            G_max=1.0,
            L=1.0 if smooth else math.inf,
            sigma=0.0,
            A=2.0 if smooth else 0.0,
            B=0.0 if smooth else 1.0,
            gap0=top,
            value_u=0.0,
            u_norm=0.0,
            minimiser_gap=0.0,
            lam=0.0,
            error_mean=0.0,
            error_min=0.0,
            error_max=0.0,
            guard=0.0,
            guard_max=0.0,
            dim=max(self.points),
            num_components=1,
            reach=1.0,
            gap_max=top,
        )


@dataclass(frozen=True)
class Identities:
    """What stands in place of constants: the claims hold for every L, step and x."""

    statements: tuple[str, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class LineSetting:
    """Identities by the claims that they prove; several where a proof takes several."""

    name: str
    lines: Mapping[str, tuple[Line, ...]]

    family = Family.PEP_STEP

    @property
    def claims(self) -> frozenset[str]:
        """Which claims these are."""
        return frozenset(self.lines)

    def constants(self) -> Identities:
        """The statements."""
        every = (line for lines in self.lines.values() for line in lines)
        return Identities(tuple(line.statement for line in every))
