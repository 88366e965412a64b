"""Probabilities from runs, enclosed at the run's error probability."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.parity.exact_samples import CheckpointSetting
from synthetic.parity.exact_search import SearchCase, ambiguous
from theory.cases import Enclosed
from theory.confidence import mean_limits
from theory.errors import InputError
from theory.evidence import Engine
from theory.method import Family

Generator = np.random.Generator


def chances(
    cases: tuple[Any, ...],
    failures: Callable[[Any, Generator], NDArray[np.bool_]],
    key: tuple[int, str],
    alpha: float,
) -> tuple[Enclosed, ...]:
    """P(failure) of each case, all enclosed together with probability 1 - alpha.

    Args:
        cases: What is run.
        failures: Which of a case's independent runs failed, in their order.
        key: The run's seed and the setting's name, for the draws.
        alpha: Shared by the cases in equal parts.

    """
    found = []
    for index, case in enumerate(cases):
        rng = np.random.default_rng([key[0], zlib.crc32(key[1].encode()), index])
        samples = failures(case, rng).astype(np.float64)[:, None]
        ends = (np.zeros(1), np.ones(1))
        limits = mean_limits(samples, *ends, alpha=alpha / len(cases))
        three = (limits.lower[0], limits.upper[0], limits.mean[0])
        found.append(Enclosed(*(Fraction(float(v)) for v in three)))
    return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class SearchRuns(CaseSetting):
    """Brute force over all sets on drawn samples.

    Attributes:
        runs: Of each case.

    """

    family = Family.PARITY_SEARCH
    offers: ClassVar[frozenset[str]] = frozenset({"failure"})
    engine = Engine.MONTE_CARLO
    runs: int

    def measure(
        self, needs: frozenset[str], options: Options
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        key = (options.seed, self.name)
        failure = chances(self.cases, self._failures, key, options.alpha)
        found = tuple(Enclosed(1 - p.high, 1 - p.low, 1 - p.near) for p in failure)
        able = {"failure": failure, "found": found}
        return {name: able[name] for name in needs}

    def _failures(self, case: SearchCase, rng: Generator) -> NDArray[np.bool_]:
        columns = rng.integers(2**case.n, size=(case.d, self.runs))
        return np.asarray(ambiguous(columns, case.k))

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, {self.runs} runs of each"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(self.runs * c.d**c.k for c in self.cases))


@dataclass(frozen=True, eq=False, kw_only=True)
class LongSearchRuns(SearchRuns):
    """So many samples that failures are too rare to compare with their bound."""

    offers = frozenset({"found"})


@dataclass(frozen=True)
class TeacherCase:
    """A teacher: c x_i on S, `off` x_i off it, and `parity` times the parity, added."""

    d: int
    k: int
    c: Fraction
    delta: Fraction
    off: Fraction
    parity: Fraction

    def __post_init__(self) -> None:
        """Refuse what is no teacher with outputs in [-1, 1]."""
        size = self.k * self.c + (self.d - self.k) * abs(self.off) + abs(self.parity)
        if not (self.c > 0 and size <= 1):
            msg = f"Need c > 0 and |f| <= 1, got c={self.c} and |f| up to {size}."
            raise InputError(msg)

    def __str__(self) -> str:
        numbers = {"c": self.c, "off": self.off, "parity": self.parity}
        words = ", ".join(f"{name} = {float(v):g}" for name, v in numbers.items())
        return f"d = {self.d}, k = {self.k}, {words}, delta = {float(self.delta):g}"


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckpointRuns(CheckpointSetting):
    """Both stages on drawn labels.

    Attributes:
        runs: Of each case.

    """

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

    def _failures(self, case: TeacherCase, rng: Generator) -> NDArray[np.bool_]:
        return np.array([self._fails(case, rng) for _ in range(self.runs)])

    def _fails(self, case: TeacherCase, rng: Generator) -> bool:
        """Read S, then fill its table with true labels."""
        found = self.reads(case, rng)
        fresh = _signs(rng, self.used(case).table, case.d)[:, found]
        right = bool(np.all(found == (np.arange(case.d) < case.k)))
        return not (right and len(np.unique(fresh, axis=0)) == 2**case.k)

    def reads(self, case: TeacherCase, rng: Generator) -> NDArray[np.bool_]:
        """Which coordinates labels +-1 with mean f show to be in S."""
        n = self.used(case).read
        x = _signs(rng, n, case.d)
        weights = np.where(np.arange(case.d) < case.k, float(case.c), float(case.off))
        f = x @ weights + float(case.parity) * x[:, : case.k].prod(axis=1)
        y = np.where(rng.random(n) < (1.0 + f) / 2.0, 1.0, -1.0)
        return np.asarray(y @ x / n >= float(self.threshold * case.c))

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, {self.runs} runs of each"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(self.used(c).read * c.d * self.runs for c in self.cases))


def _signs(rng: Generator, n: int, d: int) -> NDArray[np.float64]:
    """Uniform points of the cube, (n, d)."""
    return 1.0 - 2.0 * rng.integers(2, size=(n, d), dtype=np.int8).astype(np.float64)
