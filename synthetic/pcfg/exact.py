r"""Posteriors by enumeration, in rationals: for small grammars, and to be sure.

None of this shares code with the sampler or with inside-outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from theory.errors import InputError
from theory.grammar import Grammar
from theory.grammar_lengths import lengths

Sentence = tuple[int, ...]
Seen = tuple[int | None, ...]
Chances = tuple[Fraction, ...]
Language = Mapping[Sentence, Fraction]

MOST = 5000
"""Derivations that are enumerated at the most."""


def language(grammar: Grammar) -> Language:
    """Every sentence with its probability; tokens are numbered as the terminals.

    Raises:
        InputError: There are too many derivations.

    """
    count = lengths(grammar)[grammar.root].derivations
    if count > MOST:
        msg = (
            f"Grammar {grammar.name} has {float(count):.3g} derivations; need at most "
            f"{MOST} to enumerate them. Use a part of it, NAME/SYMBOL."
        )
        raise InputError(msg)
    below: dict[str, dict[Sentence, Fraction]] = {
        word: {(i,): Fraction(1)} for i, word in enumerate(grammar.terminals)
    }
    for symbol in reversed(grammar.order):
        total: dict[Sentence, Fraction] = {}
        for rule in grammar.rules[symbol]:
            strings: dict[Sentence, Fraction] = {(): rule.chance}
            for part in rule.right:
                strings = _followed(strings, below[part])
            for string, p in strings.items():
                total[string] = total.get(string, Fraction(0)) + p
        below[symbol] = total
    return below[grammar.root]


def _followed(a: Language, b: Language) -> dict[Sentence, Fraction]:
    found: dict[Sentence, Fraction] = {}
    for x, p in a.items():
        for y, q in b.items():
            found[x + y] = found.get(x + y, Fraction(0)) + p * q
    return found


def agrees(sentence: Sentence, seen: Seen) -> bool:
    """Does the sentence have these tokens where some are seen?"""
    return all(
        token is None or (i < len(sentence) and token == sentence[i])
        for i, token in enumerate(seen)
    )


def evidence(known: Language, seen: Seen, size: int | None) -> Fraction:
    r"""$P(x_O, |x| = n)$; without a size $P(x_O)$."""
    rows = (p for x, p in known.items() if size in {None, len(x)} and agrees(x, seen))
    return sum(rows, Fraction(0))


def posterior(
    known: Language, seen: Seen, place: int, terminals: int, size: int | None
) -> Chances:
    r"""$P(x_p = a \mid x_O)$ of every a; the length is `size`, or any."""
    weights = [Fraction(0)] * terminals
    total = Fraction(0)
    for x, p in known.items():
        if size in {None, len(x)} and agrees(x, seen):
            total += p
            if place < len(x):
                weights[x[place]] += p
    return tuple(w / total for w in weights)


def inside(grammar: Grammar, seen: Seen) -> Fraction:
    r"""$P(x_O, |x| = n)$ by recursion over right sides, in rationals; slow."""
    known = lengths(grammar)
    number = {word: i for i, word in enumerate(grammar.terminals)}

    @cache
    def string(right: tuple[str, ...], start: int, stop: int) -> Fraction:
        if len(right) == 1:
            return symbol(right[0], start, stop)
        first, rest = known[right[0]], right[1:]
        least = max(start + first.shortest, stop - sum(known[x].longest for x in rest))
        most = min(start + first.longest, stop - sum(known[x].shortest for x in rest))
        total = Fraction(0)
        for middle in range(least, most + 1):
            if head := symbol(right[0], start, middle):
                total += head * string(rest, middle, stop)
        return total

    @cache
    def symbol(name: str, start: int, stop: int) -> Fraction:
        if name in number:
            fits = stop == start + 1 and seen[start] in {None, number[name]}
            return Fraction(int(fits))
        if not known[name].shortest <= stop - start <= known[name].longest:
            return Fraction(0)
        rules = grammar.rules[name]
        return sum(
            (r.chance * string(r.right, start, stop) for r in rules), Fraction(0)
        )

    return symbol(grammar.root, 0, len(seen))
