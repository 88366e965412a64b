r"""Compressors $C$ of a student's parameters, applied after each step."""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synthetic.distillation.problems import FloatArray
from theory.method import Family

if TYPE_CHECKING:
    from synthetic.distillation.setting import Bench


@dataclass(frozen=True)
class Compressor(abc.ABC):
    """A random or deterministic map of parameters.

    Attributes:
        name: What tables call it.

    """

    name: str

    @property
    @abc.abstractmethod
    def family(self) -> Family:
        """The family whose theorems speak of it."""

    @property
    @abc.abstractmethod
    def outcomes(self) -> int:
        """How many values C(x) may have."""

    @abc.abstractmethod
    def expand(
        self, points: FloatArray, chance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Every value of C at points (B, P, d), P = (paths, m) with chances (m,).

        Returns points (B, P * outcomes, d) and chances (m * outcomes,).
        """

    @abc.abstractmethod
    def numbers(self, bench: Bench) -> dict[str, Any]:
        """Its entries of `DistillationConstants`."""
