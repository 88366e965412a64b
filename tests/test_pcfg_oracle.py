"""The sampler and inside-outside, against enumeration and against each other."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from synthetic.pcfg import exact, sampler
from synthetic.pcfg.oracle import Oracle, hidden
from synthetic.pcfg.sampler import MASK, complaints, masks, sample
from theory import grammar_text
from theory.errors import InputError
from theory.grammar_family import find
from theory.grammar_lengths import lengths

UNEVEN = grammar_text.parse(
    "S -> A B c [1/3] | B [1/6] | a A c [1/2]\nA -> a [2/3] | a b [1/3]\n"
    "B -> A A [3/4] | c b a [1/4]",
    "uneven",
)


def seen_of(row: np.ndarray, size: int) -> exact.Seen:
    return tuple(int(t) if t >= 0 else None for t in row[:size])


@pytest.mark.parametrize("name", ["L3b", "L3", "L4", "L5", "cfg3b"])
def test_sentences_are_of_the_language(name: str) -> None:
    grammar = find(name)
    found = sample(grammar, 300, seed=3, trees=True)
    known = lengths(grammar)[grammar.root]
    assert not complaints(found)
    assert np.all(found.lengths >= known.shortest)
    assert np.all(found.lengths <= known.longest)
    error = found.lengths.mean() - float(known.mean)
    assert abs(error) < 5 * (float(known.variance) / 300) ** 0.5  # P < 1e-6
    some = 5 if name == "cfg3b" else 300
    oracle = Oracle(grammar)
    assert np.all(oracle.evidence(found.tokens[:some], found.lengths[:some]) > 0)


def test_shards_agree_and_seeds_do_not() -> None:
    grammar = find("L4")
    whole = sample(grammar, 100, seed=5)
    parts = [
        sample(grammar, 25, seed=5, first=i, trees=True) for i in range(0, 100, 25)
    ]
    assert np.array_equal(whole.tokens, np.concatenate([p.tokens for p in parts]))
    hid = masks(whole, 0.3, 5)
    again = [masks(p, 0.3, 5, first=25 * i) for i, p in enumerate(parts)]
    assert np.array_equal(hid, np.concatenate(again))
    assert not np.array_equal(whole.tokens, sample(grammar, 100, seed=6).tokens)
    assert sum(s.tokens.shape[0] for s in sampler.stream(grammar, 20_000)) == 20_000
    share = hid.sum() / whole.lengths.sum()
    assert abs(share - 0.3) < 5 * (0.21 / whole.lengths.sum()) ** 0.5


def test_a_broken_tree_is_seen() -> None:
    grammar = find("L3")
    found = sample(grammar, 1, trees=True)
    assert found.ends is not None
    assert found.ancestors is not None
    for broken in (found.ends, found.ancestors, found.tokens):
        kept = broken.copy()
        broken.flat[1] = 0 if broken.flat[1] else 1
        assert complaints(found)
        broken[...] = kept
    assert not complaints(found)


@pytest.mark.parametrize("name", ["cfg3b/10", "cfg3b/13", "L3b", "uneven"])
def test_posteriors_are_those_of_enumeration(name: str) -> None:
    grammar = UNEVEN if name == "uneven" else find(name)
    known, oracle = exact.language(grammar), Oracle(grammar)
    drawn = sample(grammar, 12, seed=1)
    for rate in (0.0, 0.3, 0.8, 1.0):
        tokens = hidden(drawn.tokens, ~masks(drawn, rate, 7))
        fixed = oracle.known_length(tokens, drawn.lengths)
        free = oracle.any_length(tokens)
        for i, size in enumerate(drawn.lengths):
            seen = seen_of(tokens[i], size)
            for found, n in ((fixed, int(size)), (free, None)):
                total = exact.evidence(known, seen, n)
                assert abs(found.evidence[i] - float(total)) <= 1e-15
                for p in range(oracle.longest):
                    told = exact.posterior(known, seen, p, len(grammar.terminals), n)
                    off = [
                        Fraction(x) - y
                        for x, y in zip(found.tokens[i, p].tolist(), told, strict=True)
                    ]
                    assert max(map(abs, off)) <= 1e-12
                    if name != "uneven":  # dyadic: one rounding, that of the division
                        assert [float(y) for y in told] == found.tokens[i, p].tolist()
            for n in range(oracle.longest + 1):
                told_n = exact.evidence(known, seen, n) / exact.evidence(
                    known, seen, None
                )
                assert abs(free.lengths[i, n] - float(told_n)) < 1e-12


def test_a_large_grammar_agrees_with_rationals() -> None:
    grammar, place = find("L4"), 20
    drawn = sample(grammar, 1, seed=2)
    size = int(drawn.lengths[0])
    visible = ~masks(drawn, 0.5, 3)
    visible[0, place] = False
    tokens = hidden(drawn.tokens, visible)
    found = Oracle(grammar).known_length(tokens, drawn.lengths)
    weights = []
    for a in range(3):
        tokens[0, place] = a
        weights.append(exact.inside(grammar, seen_of(tokens[0], size)))
    total = sum(weights)
    assert float(total) == found.evidence[0]
    assert [float(w / total) for w in weights] == found.tokens[0, place].tolist()


def test_an_impossible_sentence_is_an_error_not_a_division() -> None:
    oracle = Oracle(find("L3b"))
    row = np.zeros((2, 18), dtype=np.int8)
    row[0] = MASK
    with pytest.raises(InputError, match="No sentence of L3b has 16 tokens and reads"):
        oracle.known_length(row, np.array([16, 16]))
    with pytest.raises(InputError, match="14 to 18"):
        oracle.known_length(np.full((1, 18), MASK, np.int8), np.array([3]))
    for bad, words in (
        (lambda: oracle.known_length(row, np.array([19, 16])), "lengths from 0 to 18"),
        (lambda: oracle.known_length(row[0], np.array([16])), "one length each"),
        (lambda: oracle.known_length(row + 5, np.array([16, 16])), "tokens below 3"),
        (lambda: oracle.encode(["4"]), "got '4'"),
        (lambda: oracle.encode(["1"] * 19), "at most 18 tokens"),
        (lambda: sample(find("L3b"), 0), "count >= 1"),
        (lambda: masks(sample(find("L3b"), 1), 1.5), "rate=1.5"),
        (lambda: Oracle(find("cfg3b-extra")).encode("x"), "got 'x'"),
    ):
        with pytest.raises(InputError, match=words):
            bad()


def test_too_unlikely_derivations_are_refused() -> None:
    lines = [f"S{i} -> S{i + 1} S{i + 1}" for i in range(10)] + ["S10 -> a | b"]
    with pytest.raises(InputError, match=r"about 1e-30\d"):
        Oracle(grammar_text.parse("\n".join(lines)))


def test_the_length_of_a_hidden_sentence_has_the_law_of_the_grammar() -> None:
    oracle = Oracle(find("L4"))
    nothing = np.full((1, 54), MASK, np.int8)
    found = oracle.any_length(nothing)
    rows = found.tokens[0].sum(axis=1)
    assert all(a >= b - 1e-12 for a, b in pairwise(rows))
    assert abs(found.lengths[0] @ np.arange(55) - 44) < 1e-12
    longer = oracle.any_length(nothing, at_least=54)
    assert longer.lengths[0, 54] == 1.0
