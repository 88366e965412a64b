r"""A grammar as a small text file.

    # cfg3b's symbols 10 and below
    10 -> 7 9 8 | 9 8 7
    7 -> 3 1 [1/4] | 1 2 3 [3/4]
    8 -> 3 2 | 3 1 2
    9 -> 3 2 1

One left side a line; the first is the root. Right sides are words between bars, each
with its probability in brackets (1/4 or 0.25), or none of them with one: then they are
equally likely. A symbol may go on in a later line.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from theory.errors import InputError
from theory.grammar import Grammar, Rule

ARROW = "->"
LARGEST = 1_000_000
"""Bytes of a file that may be a grammar."""

Side = tuple[tuple[str, ...], Fraction | None]


def read(path: Path) -> Grammar:
    """The grammar in a file, which names it.

    Raises:
        InputError: There is no such file, or no grammar in it.

    """
    try:
        if path.stat().st_size > LARGEST:
            msg = f"Need a grammar of at most {LARGEST} bytes, {path} has more."
            raise InputError(msg)
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"Cannot read the grammar {path}: {error}. Name a text file."
        raise InputError(msg) from error
    return parse(text, path.name)


def parse(text: str, name: str = "text") -> Grammar:
    """The grammar that a text says.

    Raises:
        InputError: A line is no rule, or `Grammar` refuses the whole.

    """
    sides: dict[str, list[Side]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        said = line.split("#", 1)[0].strip()
        if not said:
            continue
        left, arrow, right = said.partition(ARROW)
        if not arrow or len(left.split()) != 1:
            msg = (
                f"{name}, line {number}: need 'SYMBOL -> WORDS | WORDS', got {said!r}."
            )
            raise InputError(msg)
        place = f"{name}, line {number}"
        sides.setdefault(left.strip(), []).extend(
            _side(part, place) for part in right.split("|")
        )
    if not sides:
        msg = f"{name} has no rule; write 'SYMBOL -> WORDS | WORDS', one a line."
        raise InputError(msg)
    rules = {symbol: _rules(symbol, found, name) for symbol, found in sides.items()}
    return Grammar(name, next(iter(sides)), rules)


def shown(grammar: Grammar) -> str:
    """The text that `parse` takes back."""
    lines = []
    for symbol in grammar.order:
        rules = grammar.rules[symbol]
        is_even = all(rule.chance == rules[0].chance for rule in rules)
        parts = [
            " ".join(rule.right) + ("" if is_even else f" [{rule.chance}]")
            for rule in rules
        ]
        lines.append(f"{symbol} {ARROW} {' | '.join(parts)}")
    return "\n".join(lines)


def _side(part: str, place: str) -> Side:
    found = re.fullmatch(r"([^\[\]]*)(?:\[([^\[\]]*)\])?", part.strip())
    if found is None:
        msg = f"{place}: need words, then perhaps [1/4]; got {part.strip()!r}."
        raise InputError(msg)
    words, chance = tuple(found[1].split()), found[2]
    if ARROW in words:
        msg = f"{place}: two arrows in one line; begin a line for each left side."
        raise InputError(msg)
    if chance is None:
        return words, None
    try:
        return words, Fraction(chance.strip())
    except (ValueError, ZeroDivisionError) as error:
        msg = f"{place}: need a probability such as 1/4 or 0.25, got {chance!r}."
        raise InputError(msg) from error


def _rules(symbol: str, found: list[Side], name: str) -> tuple[Rule, ...]:
    told = [chance for _, chance in found if chance is not None]
    if told and len(told) < len(found):
        msg = (
            f"{name}: {len(told)} of the {len(found)} right sides of {symbol!r} have a "
            "probability; give all of them one, or none."
        )
        raise InputError(msg)
    even = Fraction(1, len(found))
    return tuple(Rule(right, even if p is None else p) for right, p in found)
