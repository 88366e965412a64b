"""The sampler: over all draws there are, and on sentences drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm
from typing import Any

import numpy as np

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.pcfg.oracle import Oracle
from synthetic.pcfg.sampler import Sentences, complaints, most_choices, sample
from synthetic.pcfg.small import language, named
from theory.cases import Enclosed
from theory.confidence import mean_limits
from theory.evidence import Engine
from theory.grammar_lengths import lengths
from theory.method import Family

MOST_DRAWS = 100_000


@dataclass(frozen=True)
class SampleCase:
    """Sentences of a grammar; their number is that of the draws where it is 0."""

    grammar: str
    count: int = 0

    def __str__(self) -> str:
        return f"{self.grammar}, {self.count or 'all'} draws"


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleSetting(CaseSetting):
    """What is exact of a sampler.

    Attributes:
        actual: The grammar that is sampled in place of the named one, in a control.

    """

    family = Family.PCFG_SAMPLER
    actual: str = ""

    def drawn(self, case: SampleCase, seed: int = 0, **told: Any) -> Sentences:
        """The case's sentences."""
        return sample(named(self.actual or case.grammar), case.count, seed, **told)

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, what the sampler made"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(200.0 * (c.count or MOST_DRAWS) for c in self.cases))


@dataclass(frozen=True, eq=False, kw_only=True)
class LawSetting(SampleSetting):
    """Every combination of draws on the grid that the chances divide, once."""

    offers = frozenset({"law_gap"})

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- all there is
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        return {name: tuple(self._gap(case) for case in self.cases) for name in needs}

    def _gap(self, case: SampleCase) -> Fraction:
        grammar = named(self.actual or case.grammar)
        rules = (rule for every in grammar.rules.values() for rule in every)
        unit = lcm(*(rule.chance.denominator for rule in rules))
        middle = (np.arange(unit) + 0.5) / unit
        rows = np.array(list(product(middle, repeat=most_choices(grammar))))
        found = sample(grammar, len(rows), told=rows)
        gap = dict(language(case.grammar))
        for row, size in zip(found.tokens.tolist(), found.lengths, strict=True):
            sentence = tuple(row[:size])
            gap[sentence] = gap.get(sentence, Fraction(0)) - Fraction(1, len(rows))
        return sum((abs(p) for p in gap.values()), Fraction(0))


@dataclass(frozen=True, eq=False, kw_only=True)
class TreeSetting(SampleSetting):
    """Sentences with trees, whole and in shards."""

    offers = frozenset({"broken"})

    def measure(
        self,
        needs: frozenset[str],
        options: Options,
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        found = tuple(self._broken(case, options.seed) for case in self.cases)
        return dict.fromkeys(needs, found)

    def _broken(self, case: SampleCase, seed: int) -> int:
        grammar = named(case.grammar)
        found, known = self.drawn(case, seed, trees=True), lengths(grammar)
        size, root = found.lengths, known[grammar.root]
        within = (size >= root.shortest) & (size <= root.longest)
        total = np.zeros(case.count)
        total[within] = Oracle(grammar).evidence(found.tokens[within], size[within])
        half = case.count // 2
        shard = sample(found.grammar, case.count - half, seed, first=half)
        differs = np.any(found.tokens[half:] != shard.tokens, axis=1)
        return len(complaints(found)) + int(np.sum(total == 0) + np.sum(differs))


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanLengthSetting(SampleSetting):
    """The mean length, enclosed with the run's error probability."""

    offers = frozenset({"mean_length"})
    engine = Engine.MONTE_CARLO

    def measure(
        self, needs: frozenset[str], options: Options
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        error = options.alpha / len(self.cases)
        found = tuple(self._mean(case, options.seed, error) for case in self.cases)
        return dict.fromkeys(needs, found)

    def _mean(self, case: SampleCase, seed: int, error: float) -> Enclosed:
        drawn = self.drawn(case, seed)
        known = lengths(drawn.grammar)[drawn.grammar.root]
        ends = (np.array([float(n)]) for n in (known.shortest, known.longest))
        rows = drawn.lengths.astype(np.float64)[:, None]
        limits = mean_limits(rows, *ends, alpha=error)
        three = (limits.lower[0], limits.upper[0], limits.mean[0])
        return Enclosed(*(Fraction(float(v)) for v in three))
