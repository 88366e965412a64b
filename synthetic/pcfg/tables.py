r"""A grammar as flat arrays, for the sampler and for inside-outside.

Symbols are numbered: terminals first, in `Grammar.terminals`' order, so that a token is
the number of its symbol; then the others, children before parents; the root is last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError
from theory.grammar import Grammar, Rule
from theory.grammar_lengths import least_chance, lengths

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST = 1e-280
"""Less likely derivations are refused: their products would leave the floats."""


class Choices(NamedTuple):
    r"""The rules as the sampler reads them.

    Attributes:
        first: Rules of symbol s are `first[s]` to `first[s + 1] - 1`.
        upto: $p_1 + \cdots + p_r$ within the symbol, (rules,).
        start: The right side of rule r is `right[start[r] : start[r + 1]]`.
        right: Symbols.
        flat: Are they terminals alone?, (rules,).
        terminals: How many; each has one rule, whose right side is itself.

    """

    first: IntArray
    upto: FloatArray
    start: IntArray
    right: IntArray
    flat: NDArray[np.bool_]
    terminals: int


def choices(grammar: Grammar) -> Choices:
    """The rules of every symbol, in the grammar's own order."""
    number = numbered(grammar)
    first, start = [0], [0]
    upto: list[float] = []
    right: list[int] = []
    for symbol in number:
        itself = (Rule((symbol,), Fraction(1)),)
        rules = grammar.rules.get(symbol, itself)
        total = Fraction(0)
        for rule in rules:
            total += rule.chance
            upto.append(float(total))
            right.extend(number[x] for x in rule.right)
            start.append(len(right))
        first.append(len(upto))
    flat = [max(right[a:b]) < len(grammar.terminals) for a, b in pairwise(start)]
    return Choices(
        np.array(first),
        np.array(upto, np.float64),
        np.array(start),
        np.array(right),
        np.array(flat),
        len(grammar.terminals),
    )


def numbered(grammar: Grammar) -> dict[str, int]:
    """The number of each symbol."""
    order = (*grammar.terminals, *reversed(grammar.order))
    return {symbol: i for i, symbol in enumerate(order)}


class Spans(NamedTuple):
    r"""Binary rules, and where each symbol can stand in a sentence.

    $A \to X_1 \cdots X_m$ becomes $A \to X_1 \langle X_2 \cdots X_m\rangle$ with one
    shared auxiliary symbol for each suffix. All that a symbol derives begins at
    `begin` at the least and at `last` at the most, and is followed by `after` to
    `after_most` tokens.

    Attributes:
        parts: (operations, 3): A, B and C of A -> B C, C = -1 in A -> B; those of one
            A stand together, children before parents.
        chance: (operations,).
        shortest: (symbols,); longest, begin, last, after, after_most alike.
        longest: Most tokens.
        begin: Least start.
        last: Greatest start.
        after: Fewest tokens that follow.
        after_most: Most tokens that follow.
        row: Row of the symbol's shortest span in a table; the longer ones follow.

    """

    parts: IntArray
    chance: FloatArray
    shortest: IntArray
    longest: IntArray
    begin: IntArray
    last: IntArray
    after: IntArray
    after_most: IntArray
    row: IntArray

    @property
    def rows(self) -> int:
        """Of a table with one row for each symbol and length."""
        return int(self.row[-1] + self.longest[-1] - self.shortest[-1] + 1)


@dataclass(frozen=True)
class _Part:
    left: tuple[str, ...]
    right: tuple[tuple[str, ...], ...]
    chance: float


def spans(grammar: Grammar) -> Spans:
    """The grammar for inside-outside.

    Raises:
        InputError: A derivation is too unlikely for floats.

    """
    if (least := least_chance(grammar)) < LEAST:
        msg = (
            f"Grammar {grammar.name}: its least likely derivation has probability "
            f"{_digits(least)}; need at least {LEAST:g}. Use a part of it."
        )
        raise InputError(msg)
    every: list[_Part] = []
    number: dict[tuple[str, ...], int] = {
        (symbol,): i for i, symbol in enumerate(grammar.terminals)
    }
    for symbol in reversed(grammar.order):
        pieces = list(_pieces(grammar, symbol))
        for piece in pieces[::-1]:  # suffixes first, the shortest before the longer
            if len(piece.left) > 1 and piece.left in number:
                continue
            every.append(piece)
            number.setdefault(piece.left, len(number))
    return _spans(grammar, every, number)


def _pieces(grammar: Grammar, symbol: str) -> Iterator[_Part]:
    """The symbol's own operations, then those of its suffixes, longest first."""
    rules, suffixes = grammar.rules[symbol], set()
    for rule in rules:
        halves = tuple(h for h in (rule.right[:1], rule.right[1:]) if h)
        yield _Part((symbol,), halves, float(rule.chance))
        suffixes |= {rule.right[i:] for i in range(1, len(rule.right) - 1)}
    for suffix in sorted(suffixes, key=lambda s: (-len(s), s)):
        yield _Part(suffix, (suffix[:1], suffix[1:]), 1.0)


def _spans(
    grammar: Grammar, every: list[_Part], number: dict[tuple[str, ...], int]
) -> Spans:
    known = lengths(grammar)
    shortest = np.array([sum(known[x].shortest for x in key) for key in number])
    longest = np.array([sum(known[x].longest for x in key) for key in number])
    parts = np.full((len(every), 3), -1, dtype=np.int64)
    for row, part in zip(parts, every, strict=True):
        found = [number[part.left], *(number[half] for half in part.right)]
        row[: len(found)] = found
    begin, last = np.full((2, len(number)), 2**40), np.full((2, len(number)), -1)
    begin[:, -1] = last[:, -1] = 0
    for a, b, c in parts[::-1]:  # places left (0) and right (1) of what A derives
        widths = (0, 0) if c < 0 else (shortest[c], longest[c])
        _widen(begin, last, a, b, (0, 0, *widths))
        if c >= 0:
            _widen(begin, last, a, c, (shortest[b], longest[b], 0, 0))
    row = np.concatenate([[0], np.cumsum(longest - shortest + 1)[:-1]])
    return Spans(
        parts,
        np.array([part.chance for part in every]),
        *(shortest, longest, begin[0], last[0], begin[1], last[1], row),
    )


def _widen(
    begin: IntArray, last: IntArray, a: int, b: int, beside: tuple[int, ...]
) -> None:
    left, left_most, right, right_most = beside
    begin[:, b] = np.minimum(begin[:, b], begin[:, a] + [left, right])
    last[:, b] = np.maximum(last[:, b], last[:, a] + [left_most, right_most])


def _digits(value: Fraction) -> str:
    """A positive fraction that floats may not hold, to its order of magnitude."""
    size = len(str(value.numerator)) - len(str(value.denominator))
    return f"about 1e{size}"
