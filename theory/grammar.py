r"""Context-free grammars without recursion, as data: rules with exact probabilities.

A symbol with rules is a non-terminal, any other a terminal. Without recursion there is
a longest sentence, and sums over all derivations are finite recursions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from theory.errors import InputError

MOST_TERMINALS = 100
"""So that a token fits in 8 bits, with room for masks."""


@dataclass(frozen=True)
class Rule:
    r"""A right side and its probability, $A \to X_1 \cdots X_m$ with m >= 1."""

    right: tuple[str, ...]
    chance: Fraction


@dataclass(frozen=True, eq=False)
class Grammar:
    """Rules of every non-terminal; checked when it is made.

    Attributes:
        name: What tables call it.
        root: Where derivations start.
        rules: By left side.

    Raises:
        InputError: A symbol is recursive, unreachable or unproductive, or its
            probabilities do not sum to 1; the message names it.

    """

    name: str
    root: str
    rules: Mapping[str, tuple[Rule, ...]]

    def __post_init__(self) -> None:
        """Refuse what is no distribution over finitely many sentences."""
        if self.root not in self.rules:
            msg = f"Grammar {self.name}: no rule for the root {self.root!r}; add one."
            raise InputError(msg)
        for symbol, rules in self.rules.items():
            _check_rules(self.name, symbol, rules)
        _check_productive(self)
        _check_reachable(self)
        if len(self.terminals) > MOST_TERMINALS:
            msg = (
                f"Grammar {self.name}: need at most {MOST_TERMINALS} terminals, got "
                f"{len(self.terminals)}; merge some."
            )
            raise InputError(msg)

    @cached_property
    def terminals(self) -> tuple[str, ...]:
        """Symbols without rules; whole numbers in their order, then words in theirs."""
        found = {x for s in self.rules for x in children(self, s)} - self.rules.keys()
        return tuple(sorted(found, key=_reading))

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The non-terminals, each before those that it derives; the root is first."""
        found: list[str] = []
        _visit(self, self.root, [], found)
        return tuple(reversed(found))

    @cached_property
    def depth(self) -> int:
        """The most ancestors that a token has, the root included."""
        height = dict.fromkeys(self.terminals, 0)
        for symbol in reversed(self.order):
            height[symbol] = 1 + max(height[x] for x in children(self, symbol))
        return height[self.root]


def _reading(symbol: str) -> tuple[int, int, str]:
    return (0, int(symbol), symbol) if symbol.isdecimal() else (1, 0, symbol)


def children(grammar: Grammar, symbol: str) -> list[str]:
    """The symbols of all right sides, in their order, each once."""
    every = (x for rule in grammar.rules.get(symbol, ()) for x in rule.right)
    return list(dict.fromkeys(every))


def uniform(
    name: str, root: str, rules: Mapping[str, Iterable[tuple[str, ...]]]
) -> Grammar:
    """A grammar whose right sides of one symbol are equally likely."""
    made = {}
    for symbol, rights in rules.items():
        every = tuple(rights)
        made[symbol] = tuple(Rule(r, Fraction(1, len(every))) for r in every)
    return Grammar(name, root, made)


def rooted(grammar: Grammar, root: str) -> Grammar:
    """The part of a grammar below one of its symbols, which becomes the root.

    Raises:
        InputError: It is no non-terminal of the grammar.

    """
    if root not in grammar.rules:
        known = ", ".join(grammar.order)
        msg = f"Grammar {grammar.name}: no non-terminal {root!r}; it has {known}."
        raise InputError(msg)
    found: list[str] = []
    _visit(grammar, root, [], found)
    kept = {symbol: grammar.rules[symbol] for symbol in reversed(found)}
    return Grammar(f"{grammar.name}/{root}", root, kept)


def _check_rules(name: str, symbol: str, rules: tuple[Rule, ...]) -> None:
    complaint, rights = "", [rule.right for rule in rules]
    if not rules or not all(rights):
        complaint = "has an empty right side; remove it, or write its tokens"
    elif len(set(rights)) < len(rights):
        twice = next(r for r in rights if rights.count(r) > 1)
        complaint = f"has the right side {' '.join(twice)!r} twice; add up the two"
    elif any(rule.chance <= 0 for rule in rules):
        worst = min(rule.chance for rule in rules)
        complaint = f"has a rule of probability {worst}; need > 0, or leave it out"
    elif (total := sum(rule.chance for rule in rules)) != 1:
        complaint = (
            f"has probabilities that sum to {total}, not 1; write fractions such as "
            "1/3, or none at all for equal ones"
        )
    if complaint:
        msg = f"Grammar {name}: symbol {symbol!r} {complaint}."
        raise InputError(msg)


def _check_productive(grammar: Grammar) -> None:
    """Refuse what derives no string of terminals at all."""
    good: set[str] = set()
    size = -1
    while size < len(good):
        size = len(good)
        for symbol, rules in grammar.rules.items():
            rights = (rule.right for rule in rules)
            if any(all(x in good or x not in grammar.rules for x in r) for r in rights):
                good.add(symbol)
    for symbol in grammar.rules:
        if symbol not in good:
            msg = (
                f"Grammar {grammar.name}: symbol {symbol!r} is unproductive, each of "
                "its rules leads back to itself; add a rule that ends in terminals."
            )
            raise InputError(msg)


def _check_reachable(grammar: Grammar) -> None:
    reached = set(grammar.order)  # raises where a reachable symbol is recursive
    for symbol in grammar.rules:
        if symbol not in reached:
            msg = (
                f"Grammar {grammar.name}: symbol {symbol!r} is unreachable from the "
                f"root {grammar.root!r}; remove its rules, or use it."
            )
            raise InputError(msg)


def _visit(grammar: Grammar, symbol: str, path: list[str], found: list[str]) -> None:
    """Append the symbol after all that it derives (depth first)."""
    if symbol in path:
        circle = " -> ".join([*path[path.index(symbol) :], symbol])
        msg = (
            f"Grammar {grammar.name}: symbol {symbol!r} derives itself ({circle}), so "
            "that no sentence is the longest; remove a rule of that circle."
        )
        raise InputError(msg)
    if symbol in found or symbol not in grammar.rules:
        return
    for child in children(grammar, symbol):
        _visit(grammar, child, [*path, symbol], found)
    found.append(symbol)
