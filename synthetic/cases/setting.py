"""What claims on cases are tried on, and how each case is measured."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from synthetic.desk import Options
from theory.cases import CaseConstants
from theory.evidence import Engine
from theory.method import Family


@dataclass(frozen=True, eq=False, kw_only=True)
class CaseSetting(abc.ABC):
    """Cases of one kind.

    Attributes:
        name: Unique in a catalogue.
        cases: Frozen dataclasses with whole or rational fields; `str` names them.
        family: The family whose theorems speak of it.
        offers: The channels that it can measure.
        engine: Who measures them.

    """

    name: str
    cases: tuple[Any, ...]
    family: ClassVar[Family]
    offers: ClassVar[frozenset[str]]
    engine: ClassVar[Engine] = Engine.RATIONAL

    def constants(self) -> CaseConstants:
        """The cases."""
        return CaseConstants(self.cases)

    def label(self, index: int) -> str:
        """What messages call a case."""
        return str(self.cases[index])

    @property
    def count(self) -> str:
        """How many cases, in words."""
        return f"{len(self.cases)} case{'s' if len(self.cases) != 1 else ''}"

    @abc.abstractmethod
    def measure(
        self, needs: frozenset[str], options: Options
    ) -> Mapping[str, tuple[Any, ...]]:
        """The channels that are needed, one entry for each case."""

    @property
    @abc.abstractmethod
    def source(self) -> str:
        """One sentence about where the channels come from."""

    @property
    @abc.abstractmethod
    def work(self) -> float:
        """Scalar operations, roughly."""
