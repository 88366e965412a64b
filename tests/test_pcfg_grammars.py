"""Grammars as data: what is refused, the text format, exact lengths."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from synthetic.pcfg import exact
from theory import grammar_text
from theory.errors import InputError
from theory.grammar import Grammar, Rule, rooted, uniform
from theory.grammar_family import NAMES, cfg3b, find
from theory.grammar_lengths import law, lengths, of_law


@pytest.mark.parametrize(
    ("name", "shortest", "mean", "longest"),
    [
        ("L3b", 14, 16, 18),
        ("L3", 21, 24, 27),
        ("L4", 35, 44, 54),
        ("L5", 70, 110, 144),
        ("L6", 161, 294, 432),
        ("cfg3b", 161, 294, 432),
        ("cfg3b-extra", 138, Fraction("275.625"), 432),
    ],
)
def test_lengths_are_exact(
    name: str, shortest: int, mean: Fraction, longest: int
) -> None:
    grammar = find(name)
    found = lengths(grammar)[grammar.root]
    assert found[:3] == (shortest, longest, mean)
    assert of_law(law(grammar), found.derivations) == found
    assert sum(law(grammar).values()) == 1


def test_the_numbers_of_cfg3b() -> None:
    found = lengths(cfg3b())["22"]
    assert f"{found.derivations:.3g}" == "7.04e+49"
    assert f"{lengths(cfg3b(extra=True))['22'].derivations:.3g}" == "1.98e+64"
    assert found.variance == Fraction(15731, 8)
    assert round(float(found.variance) ** 0.5, 4) == 44.3438
    tail = {n: sum(p for m, p in law(cfg3b()).items() if m > n) for n in (180, 420)}
    assert round(float(tail[180]), 3) == 0.998
    assert f"{float(tail[420]):.0e}" == "3e-17"
    assert cfg3b().depth == 6
    assert sum(len(rules) for rules in cfg3b().rules.values()) == 31


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S -> A a\nA -> S b | a", ("'S'", "derives itself", "S -> A -> S", "remove")),
        ("S -> a | A\nA -> A b", ("'A'", "unproductive", "add a rule")),
        ("S -> a b\nT -> a", ("'T'", "unreachable", "remove its rules")),
        ("S -> a [1/3] | b [1/3]", ("'S'", "sum to 2/3", "fractions")),
        ("S -> a [1/2] | b", ("'S'", "all of them one, or none")),
        ("S -> a [0] | b [1]", ("'S'", "probability 0", "leave it out")),
        ("S -> a [x]", ("line 1", "'x'", "1/4")),
        ("S -> a | a", ("'S'", "twice")),
        ("S -> a |", ("'S'", "empty right side")),
        ("S T -> a", ("line 1", "SYMBOL ->")),
        ("S -> a -> b", ("line 1", "two arrows")),
        ("# nothing\n", ("no rule",)),
        ("S -> a [1", ("line 1", "[1/4]")),
    ],
)
def test_what_is_no_grammar_is_told(text: str, words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as caught:
        grammar_text.parse(text)
    for word in words:
        assert word in str(caught.value)


def test_an_unknown_name_or_file_is_told(tmp_path: Path) -> None:
    for name, words in (
        ("cfg3", "Closest: cfg3b"),
        ("cfg3b/99", "no non-terminal '99'"),
        (str(tmp_path / "none.txt"), "No grammar or file"),
    ):
        with pytest.raises(InputError, match=words):
            find(name)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="Cannot read"):
        find(str(tmp_path / "binary"))
    with pytest.raises(InputError, match="no rule for the root"):
        Grammar("g", "S", {"T": (Rule(("a",), Fraction(1)),)})
    with pytest.raises(InputError, match="at most 100 terminals"):
        uniform("g", "S", {"S": [(f"t{i}",) for i in range(101)]})


@pytest.mark.parametrize("name", NAMES)
def test_a_grammar_that_is_written_is_read_back(name: str, tmp_path: Path) -> None:
    known = find(name)
    path = tmp_path / "grammar.txt"
    path.write_text(grammar_text.shown(known), "utf-8")
    again = find(str(path))
    assert (again.root, again.order) == (known.root, known.order)
    assert dict(again.rules) == dict(known.rules)


def test_a_part_has_its_own_root() -> None:
    part = rooted(cfg3b(), "10")
    assert part.root == "10"
    assert set(part.rules) == {"10", "7", "8", "9"}
    assert part.name == find("cfg3b/10").name == "cfg3b/10"
    assert find("cfg3b/10").terminals == ("1", "2", "3")


@given(weights=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_moments_are_those_of_the_enumerated_sentences(weights: list[int]) -> None:
    total = sum(weights)
    rules: dict[str, tuple[Rule, ...]] = {}
    rules["S"] = (Rule(("A", "x", "A"), Fraction(1)),)
    rules["A"] = tuple(
        Rule(("a",) * (i + 1), Fraction(w, total)) for i, w in enumerate(weights)
    )
    grammar = Grammar("g", "S", rules)
    known, found = exact.language(grammar), lengths(grammar)["S"]
    mean = sum(p * len(x) for x, p in known.items())
    assert found.mean == mean
    assert found.variance == sum(p * (len(x) - mean) ** 2 for x, p in known.items())
    assert (found.shortest, found.longest) == (
        min(map(len, known)),
        max(map(len, known)),
    )


@pytest.mark.parametrize(("name", "count"), [("cfg3b/10", 8), ("cfg3b/13", 128)])
def test_small_languages(name: str, count: int) -> None:
    known = exact.language(find(name))
    assert len(known) == count
    assert sum(known.values()) == 1


def test_too_large_a_language_is_not_enumerated() -> None:
    with pytest.raises(InputError, match="derivations"):
        exact.language(find("L4"))
