"""Grammars that are small enough to enumerate, and what is known of them."""

from __future__ import annotations

from functools import cache

from synthetic.pcfg import exact
from theory import grammar_text
from theory.grammar import Grammar, uniform
from theory.grammar_family import find

UNEVEN = grammar_text.parse(
    """
    S -> A B c [1/3] | B [1/6] | a A c [1/2]
    A -> a [2/3] | a b [1/3]
    B -> A A [3/4] | c b a [1/4]
    """,
    "uneven",
)
"""Ambiguous, with a unit rule, uneven depths and chances that are not dyadic."""

EVEN = uniform(
    "even", "S", {s: [r.right for r in rules] for s, rules in UNEVEN.rules.items()}
)
"""The same rules, those of each symbol equally likely."""

_L3B = find("L3b")
EXCHANGED = Grammar(
    "exchanged",
    _L3B.root,
    {**_L3B.rules, "10": _L3B.rules["12"], "12": _L3B.rules["10"]},
)
"""L3b with the rules of 10 and 12 exchanged: another language."""

DYADIC = ("cfg3b/10", "cfg3b/13", "L3b")


def named(name: str) -> Grammar:
    """A grammar by name, this module's own among them."""
    own = {g.name: g for g in (UNEVEN, EVEN, EXCHANGED)}
    return own[name] if name in own else find(name)


@cache
def language(name: str) -> exact.Language:
    """Every sentence with its probability."""
    return exact.language(named(name))
