r"""The grammars that the project knows by name.

`cfg3b` is that of Panigrahi et al. (arXiv 2410.05464), re-declared as data: in their
file the symbol 9 has one rule. A second one, 9 -> 2 1, is recalled from elsewhere
(Allen-Zhu and Li, arXiv 2305.13673; not read), and makes another grammar.
L3b, L3, L4 and L5 are its lower levels under a root with two rules.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from theory import grammar_text
from theory.errors import InputError
from theory.grammar import Grammar, Rule, rooted, uniform

CFG3B = """
22 -> 21 20 | 20 19
19 -> 16 17 18 | 17 18 16
20 -> 17 16 18 | 16 17
21 -> 18 16 | 16 18 17
16 -> 15 13 | 13 15 14
17 -> 14 13 15 | 15 13 14
18 -> 15 14 13 | 14 13
13 -> 11 12 | 12 11
14 -> 11 10 12 | 10 11 12
15 -> 12 11 10 | 11 12 10
10 -> 7 9 8 | 9 8 7
11 -> 8 7 9 | 7 8 9
12 -> 8 9 7 | 9 7 8
7 -> 3 1 | 1 2 3
8 -> 3 2 | 3 1 2
9 -> 3 2 1
"""

ROOTS: Mapping[str, str] = {
    "L3b": "R -> 12 11 | 11 10",
    "L3": "R -> 12 11 10 | 11 12 10",
    "L4": "R -> 15 14 | 14 13",
    "L5": "R -> 17 16 | 16 18",
}
"""The family: a root over cfg3b's lower levels."""

NAMES = ("cfg3b", "cfg3b-extra", "L3b", "L3", "L4", "L5", "L6")


def cfg3b(*, extra: bool = False) -> Grammar:
    """Six levels above the terminals 1, 2, 3.

    Args:
        extra: With the second rule 9 -> 2 1, which the authors' file lacks.

    """
    known = grammar_text.parse(CFG3B, "cfg3b")
    if not extra:
        return known
    nine = [rule.right for rule in known.rules["9"]] + [("2", "1")]
    changed = uniform("9", "9", {"9": nine}).rules
    return Grammar("cfg3b-extra", known.root, {**known.rules, **changed})


def find(name: str) -> Grammar:
    """A grammar by name, or from a file; `NAME/SYMBOL` is the part below a symbol.

    Raises:
        InputError: There is no such name or file.

    """
    if name in NAMES:
        return _named(name)
    base, slash, symbol = name.rpartition("/")
    if slash and base in NAMES:
        return rooted(_named(base), symbol)
    if Path(name).is_file():
        return grammar_text.read(Path(name))
    close = difflib.get_close_matches(name, NAMES, n=2, cutoff=0.4)
    hint = f" Closest: {', '.join(close)}." if close else ""
    msg = (
        f"No grammar or file is called {name!r}.{hint} Known: {', '.join(NAMES)}, or "
        "NAME/SYMBOL for a part."
    )
    raise InputError(msg)


def _named(name: str) -> Grammar:
    if name in {"cfg3b", "cfg3b-extra"}:
        return cfg3b(extra=name != "cfg3b")
    if name == "L6":
        known = cfg3b()
        return Grammar("L6", known.root, known.rules)
    top = grammar_text.parse(ROOTS[name], name).rules
    rules: dict[str, tuple[Rule, ...]] = {**top, **cfg3b().rules}
    below = {s for rule in top["R"] for part in rule.right for s in _below(part)}
    return Grammar(name, "R", {s: r for s, r in rules.items() if s in below | {"R"}})


def _below(symbol: str) -> tuple[str, ...]:
    return rooted(cfg3b(), symbol).order
