"""Inside-outside against enumeration, on sentences with random masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.pcfg import exact
from synthetic.pcfg.oracle import Oracle, Posterior, hidden
from synthetic.pcfg.sampler import masks, sample
from synthetic.pcfg.small import DYADIC, language, named
from theory.errors import InputError
from theory.method import Family

SEED = 5
RATES = (0.3, 0.7, 1.0)


@dataclass(frozen=True)
class OracleCase:
    """Sentences of a grammar, each with masks of three rates.

    Attributes:
        grammar: By name.
        count: Sentences.
        knows_length: Is the length known?

    """

    grammar: str
    count: int
    knows_length: bool

    @property
    def is_dyadic(self) -> bool:
        """Are all chances dyadic, and so is the sum over lengths?"""
        return self.grammar in DYADIC

    def __str__(self) -> str:
        length = "known" if self.knows_length else "any"
        return f"{self.grammar}, {self.count} sentences, {length} length"


@dataclass(frozen=True, eq=False, kw_only=True)
class OracleSetting(CaseSetting):
    """Every posterior of every token, as a float and as a rational.

    Attributes:
        actual: The grammar of the tables in place of the named one, in a control.
        forgets: Are masks forgotten, in a control?
        longer: Tokens that are added to the length, in a control.
        assumes: Is the length taken for known where it is not, in a control?

    """

    family = Family.PCFG_ORACLE
    offers = frozenset({"differing", "off"})
    actual: str = ""
    forgets: bool = False
    longer: int = 0
    assumes: bool = False

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- masks have a seed of their own
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        found = [self._measured(case) for case in self.cases]
        return {name: tuple(row[name] for row in found) for name in needs}

    def _measured(self, case: OracleCase) -> dict[str, Any]:
        off, differing = Fraction(0), 0
        for value, expected in self._pairs(case):
            exact_value = Fraction(value)
            off = max(off, abs(exact_value - expected) / (expected or 1))
            differing += value != float(expected)
        return {"off": off, "differing": differing}

    def _pairs(self, case: OracleCase) -> Iterator[tuple[float, Fraction]]:
        grammar = named(case.grammar)
        oracle = Oracle(named(self.actual) if self.actual else grammar)
        drawn = sample(grammar, case.count, SEED)
        for rate in RATES:
            visible = ~masks(drawn, rate, SEED)
            tokens = hidden(drawn.tokens, visible)
            told = drawn.tokens if self.forgets else tokens
            size = np.minimum(drawn.lengths + self.longer, oracle.longest)
            try:
                if case.knows_length or self.assumes:
                    found = oracle.known_length(told, size)
                else:
                    found = oracle.any_length(told)
            except InputError:  # in controls alone: sentences exist, says the sampler
                yield 0.0, Fraction(1)
                continue
            for i, n in enumerate(drawn.lengths):
                seen = tuple(t if t >= 0 else None for t in tokens[i, :n].tolist())
                yield from _compared(case, found, i, seen)

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, {len(RATES)} masks of each sentence, by enumeration"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(3e4 * c.count for c in self.cases))


def _compared(
    case: OracleCase, found: Posterior, i: int, seen: exact.Seen
) -> Iterator[tuple[float, Fraction]]:
    known, size = language(case.grammar), len(seen)
    terminals = found.tokens.shape[2]
    kept = {x: p for x, p in known.items() if exact.agrees(x, seen)}
    told = size if case.knows_length else None
    total = exact.evidence(kept, seen, told)
    yield float(found.evidence[i]), total
    for n in range(found.lengths.shape[1]):
        share = exact.evidence(kept, seen, n) if told in {None, n} else Fraction(0)
        yield float(found.lengths[i, n]), share / total
    for place in range(found.tokens.shape[1]):
        expected = exact.posterior(kept, seen, place, terminals, told)
        values: list[float] = np.asarray(found.tokens[i, place]).tolist()
        yield from zip(values, expected, strict=True)
