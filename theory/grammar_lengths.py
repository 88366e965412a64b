r"""Exact lengths of a grammar's sentences: range, mean, variance, law, derivations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple, TypeVar

from theory.grammar import Grammar

Value = TypeVar("Value")
Law = Mapping[int, Fraction]


class Lengths(NamedTuple):
    """What is known of the sentences that one symbol derives.

    Attributes:
        shortest: Fewest tokens.
        longest: Most tokens.
        mean: $E|x|$.
        variance: $E|x|^2 - (E|x|)^2$.
        derivations: How many trees; at least the number of sentences.

    """

    shortest: int
    longest: int
    mean: Fraction
    variance: Fraction
    derivations: int


TOKEN = Lengths(1, 1, Fraction(1), Fraction(0), 1)


def upwards(
    grammar: Grammar,
    token: Value,
    joined: Callable[[Sequence[tuple[Fraction, list[Value]]]], Value],
) -> dict[str, Value]:
    """A value for every symbol, from those of its right sides; children first.

    Args:
        grammar: Whose symbols.
        token: The value of each terminal.
        joined: From the rules of one symbol, each with its probability and the values
            of the symbols on its right side.

    """
    found = dict.fromkeys(grammar.terminals, token)
    for symbol in reversed(grammar.order):
        rules = grammar.rules[symbol]
        found[symbol] = joined([(r.chance, [found[x] for x in r.right]) for r in rules])
    return found


def lengths(grammar: Grammar) -> dict[str, Lengths]:
    r"""Of each symbol: $E|x|^2 = \sum_r p_r (V_r + m_r^2)$ over its rules r.

    Along a right side means $m_r$ and variances $V_r$ add up.
    """
    return upwards(grammar, TOKEN, _lengths)


def _lengths(rules: Sequence[tuple[Fraction, list[Lengths]]]) -> Lengths:
    mean = sum((p * sum(x.mean for x in right) for p, right in rules), Fraction(0))
    square = Fraction(0)
    for p, right in rules:
        centre = sum(x.mean for x in right)
        square += p * (sum(x.variance for x in right) + centre**2)
    return Lengths(
        min(sum(x.shortest for x in right) for _, right in rules),
        max(sum(x.longest for x in right) for _, right in rules),
        mean,
        square - mean**2,
        sum(prod(x.derivations for x in right) for _, right in rules),
    )


def laws(grammar: Grammar) -> dict[str, Law]:
    r"""$P(|x| = n)$ of each symbol: products of generating functions."""
    return upwards(grammar, {1: Fraction(1)}, _law)


def law(grammar: Grammar) -> Law:
    r"""$P(|x| = n)$ of a sentence, for every n that occurs, in increasing order."""
    found = laws(grammar)[grammar.root]
    return {n: found[n] for n in sorted(found)}


def _law(rules: Sequence[tuple[Fraction, list[Law]]]) -> Law:
    total: dict[int, Fraction] = {}
    for chance, right in rules:
        product: dict[int, Fraction] = {0: chance}
        for factor in right:
            product = _convolved(product, factor)
        for n, p in product.items():
            total[n] = total.get(n, Fraction(0)) + p
    return total


def _convolved(a: Law, b: Law) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    for n, p in a.items():
        for m, q in b.items():
            found[n + m] = found.get(n + m, Fraction(0)) + p * q
    return found


def of_law(found: Law, derivations: int) -> Lengths:
    """The same numbers as sums over the law, whose probabilities must be positive."""
    mean = sum((p * n for n, p in found.items()), Fraction(0))
    square = sum((p * n**2 for n, p in found.items()), Fraction(0))
    return Lengths(min(found), max(found), mean, square - mean**2, derivations)


def least_chance(grammar: Grammar) -> Fraction:
    """The probability of the least likely derivation."""
    found = upwards(
        grammar, Fraction(1), lambda rules: min(p * prod(r) for p, r in rules)
    )
    return found[grammar.root]
