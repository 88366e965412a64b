"""Reading S off one neuron's first gradient: how many labels that takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import log
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.parity.desk_sampled import Generator, chances
from synthetic.parity.desk_words import WORD, LabelCase, failures
from theory.evidence import Engine
from theory.method import Family


@dataclass(frozen=True)
class Half:
    """Labels with which S is read, or is not, more often than not.

    Attributes:
        d: Dimension.
        k: Size of S.
        n: Number of labels.
        enough: Is it read?
        runs: How often that is tried.

    """

    d: int
    k: int
    n: int
    enough: bool
    runs: int = 200


@dataclass(frozen=True)
class BracketCase:
    """Too few labels, and enough, at one d and k."""

    few: Half
    many: Half

    @property
    def halves(self) -> tuple[Half, ...]:
        """What is tried."""
        return self.few, self.many

    def __str__(self) -> str:
        sizes = f"d = {self.few.d}, k = {self.few.k}"
        return f"{sizes}, n = {self.few.n} and {self.many.n}"


@dataclass(frozen=True)
class GrowthCase:
    """How fast the number of labels grows with d, for a small k and for a larger one.

    Attributes:
        few: Too few at the near d, smaller k.
        many: Enough at the far d, smaller k: the exponent is at most what joins them.
        near: Enough at the near d, larger k.
        far: Too few at the far d, larger k: the exponent is at least what joins them.

    """

    few: Half
    many: Half
    near: Half
    far: Half

    @property
    def halves(self) -> tuple[Half, ...]:
        """What is tried."""
        return self.few, self.many, self.near, self.far

    @property
    def exponents(self) -> tuple[float, float]:
        """At most that for the smaller k, at least that for the larger."""
        pairs = (self.few, self.many), (self.near, self.far)
        at_most, at_least = (log(v.n / u.n) / log(v.d / u.d) for u, v in pairs)
        return at_most, at_least

    def __str__(self) -> str:
        at_most, at_least = self.exponents
        easy, hard = self.few.k, self.near.k
        return f"k = {easy}: at most {at_most:.3f}, k = {hard}: at least {at_least:.3f}"


@dataclass(frozen=True)
class EnoughCase(LabelCase):
    """So many that S is read with probability 1 - delta."""

    delta: Fraction


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelRuns(CaseSetting):
    """One neuron with random signs for weights and no bias, on fresh labels.

    Attributes:
        runs: Of each case.

    """

    family = Family.PARITY_LABELS
    offers = frozenset({"failure"})
    engine = Engine.MONTE_CARLO
    runs: int

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- there is one channel
        options: Options,
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        key = (options.seed, self.name)
        return {"failure": chances(self.cases, self._failures, key, options.alpha)}

    def _failures(self, case: LabelCase, rng: Generator) -> NDArray[np.bool_]:
        return failures(case, self.runs, rng)

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, {self.runs} runs of each"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(c.n * c.d * self.runs for c in self.cases) / WORD)


@dataclass(frozen=True, eq=False, kw_only=True)
class HalfRuns(CaseSetting):
    """Numbers of labels on either side of the one that suffices half the time."""

    family = Family.PARITY_LABELS
    offers: ClassVar[frozenset[str]] = frozenset({"halves"})
    engine = Engine.MONTE_CARLO

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- there is one channel
        options: Options,
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        every = tuple(half for case in self.cases for half in case.halves)
        key = (options.seed, self.name)
        found = iter(chances(every, _unexpected, key, options.alpha))
        twice = tuple(
            tuple(next(found).over(Fraction(1, 2)) for _ in case.halves)
            for case in self.cases
        )
        return dict.fromkeys(self.offers, twice)

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        runs = sum(half.runs for case in self.cases for half in case.halves)
        return f"{self.count}, {runs} runs"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        halves = (half for case in self.cases for half in case.halves)
        return float(sum(h.n * h.d * h.runs for h in halves) / WORD)


@dataclass(frozen=True, eq=False, kw_only=True)
class GrowthRuns(HalfRuns):
    """The same of `GrowthCase`s."""

    offers = frozenset({"quarters"})


def _unexpected(half: Half, rng: Generator) -> NDArray[np.bool_]:
    """Which runs misread S where labels are enough, or read it where they are few."""
    missed = failures(LabelCase(half.d, half.k, half.n), half.runs, rng)
    return missed if half.enough else ~missed
