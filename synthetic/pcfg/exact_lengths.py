"""Lengths of sentences as sums over their law, or over all sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.pcfg import exact
from synthetic.pcfg.small import named
from theory.grammar import Grammar, rooted
from theory.grammar_lengths import Law, Lengths, laws, lengths, of_law, upwards
from theory.method import Family


@dataclass(frozen=True)
class LengthCase:
    """A symbol of a grammar, or its root."""

    grammar: str
    symbol: str = ""

    def __str__(self) -> str:
        return f"{self.grammar}, {self.symbol or 'root'}"


@dataclass(frozen=True, eq=False, kw_only=True)
class LengthSetting(CaseSetting):
    """Lengths by enumeration where that can be, else by generating functions.

    Attributes:
        actual: The grammar that is measured in place of the named one, in a control.

    """

    family = Family.PCFG_LENGTHS
    offers = frozenset({"lengths", "means", "size"})
    actual: str = ""

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        how = {"lengths": self._lengths, "means": self._means, "size": self._size}
        return {name: tuple(how[name](c) for c in self.cases) for name in needs}

    def _grammar(self, case: LengthCase) -> Grammar:
        return named(self.actual or case.grammar)

    def _lengths(self, case: LengthCase) -> Lengths:
        grammar = self._grammar(case)
        symbol = case.symbol or grammar.root
        count = _derivations(grammar.name)[symbol]
        if count <= exact.MOST:
            part = grammar if symbol == grammar.root else rooted(grammar, symbol)
            return of_law(_enumerated(exact.language(part)), count)
        return of_law(_laws(grammar.name)[symbol], count)

    def _means(self, case: LengthCase) -> dict[str, Fraction]:
        found = _laws(self._grammar(case).name)
        return {
            s: sum((n * p for n, p in f.items()), Fraction(0)) for s, f in found.items()
        }

    def _size(self, case: LengthCase) -> tuple[int, int]:
        grammar = self._grammar(case)
        return sum(len(rules) for rules in grammar.rules.values()), grammar.depth

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        how = f"over all sentences up to {exact.MOST} derivations, else over the law"
        return f"{self.count}, sums in rationals {how}"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(_work(c.grammar) for c in self.cases))


def _work(name: str) -> int:
    grammar = named(name)
    return 100 * lengths(grammar)[grammar.root].longest ** 2


@cache
def _laws(name: str) -> dict[str, Law]:
    return laws(named(name))


@cache
def _derivations(name: str) -> dict[str, int]:
    """How many trees of each symbol, without the chances."""
    return upwards(named(name), 1, lambda rules: sum(prod(r) for _, r in rules))


def _enumerated(known: exact.Language) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    for sentence, p in known.items():
        found[len(sentence)] = found.get(len(sentence), Fraction(0)) + p
    return found
