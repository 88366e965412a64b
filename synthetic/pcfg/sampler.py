r"""Sentences of a grammar with their trees, from a seed and an index each.

Sentence i depends on the grammar, the seed and i alone: any range can be made again, on
any machine, and shards agree. Draw j of sentence i has the address (seed, i, j) of
`synthetic.draws`; chances that are no multiples of 2^-53 are rounded to such.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import uniforms
from synthetic.pcfg.tables import choices, numbered
from theory.errors import InputError
from theory.grammar import Grammar
from theory.grammar_lengths import lengths

Tokens = NDArray[np.int8]
FloatArray = NDArray[np.float64]

MASK, PAD = -1, -2
"""Tokens that are none: hidden, and past the end."""

MASKS_FROM = 2**32
"""Draws from here on are those of masks: no derivation makes so many choices."""

BLOCK = 1 << 14
"""Sentences at once where they are wanted one after the other."""


@dataclass(frozen=True, eq=False)
class Sentences:
    """Sentences in rows.

    Attributes:
        grammar: Of which language.
        tokens: Numbers in `grammar.terminals`, then `PAD`; (sentences, n), `int8`.
        lengths: (sentences,).
        ancestors: Symbols above each token, the root first, numbered as `symbols`
            says, -1 where there are no more; (sentences, levels, n), `int16`.
        ends: How many of them end with the token, counted from the lowest;
            (sentences, n), `int8`.

    """

    grammar: Grammar
    tokens: Tokens
    lengths: NDArray[np.int64]
    ancestors: NDArray[np.int16] | None = None
    ends: NDArray[np.int8] | None = None

    def words(self, index: int) -> tuple[str, ...]:
        """One sentence."""
        row = self.tokens[index, : self.lengths[index]]
        return tuple(self.grammar.terminals[token] for token in row)


def symbols(grammar: Grammar) -> tuple[str, ...]:
    """The symbols in the order of their numbers, terminals first, the root last."""
    return tuple(numbered(grammar))


def sample(
    grammar: Grammar,
    count: int,
    seed: int = 0,
    *,
    first: int = 0,
    trees: bool = False,
    told: FloatArray | None = None,
) -> Sentences:
    """Sentences `first` to `first + count - 1` of a seed.

    Args:
        grammar: Whose language.
        count: How many.
        seed: Any integer; counts modulo 2^64.
        first: Index of the first one.
        trees: With ancestors and ends.
        told: Uniforms in place of the draws, one row a sentence: to try all there are.

    """
    from synthetic.pcfg.kernel_sample import derive  # noqa: PLC0415 -- loads numba

    if count < 1 or first < 0:
        msg = f"Need count >= 1 and first >= 0, got {count=} and {first=}."
        raise InputError(msg)
    known = lengths(grammar)
    width, levels = known[grammar.root].longest, grammar.depth
    if told is not None and told.shape != (count, most_choices(grammar)):
        msg = f"Need draws of shape {(count, most_choices(grammar))}, got {told.shape}."
        raise InputError(msg)
    tokens = np.full((count, width), PAD, dtype=np.int8)
    size = np.zeros(count, dtype=np.int64)
    kept = width if trees else 0
    ancestors = np.full((count, levels, kept), -1, dtype=np.int16)
    ends = np.zeros((count, kept), dtype=np.int8)
    rules = (rule for every in grammar.rules.values() for rule in every)
    stack = 1 + levels * max(len(rule.right) for rule in rules)
    address = (np.uint64(seed % 2**64), np.uint64(first))
    room = np.zeros((stack, 3), dtype=np.int64), np.zeros(levels, dtype=np.int16)
    draws = np.zeros((count, 0)) if told is None else told
    derive(choices(grammar), address, draws, room, tokens, (size, ancestors, ends))
    if not trees:
        return Sentences(grammar, tokens, size)
    return Sentences(grammar, tokens, size, ancestors, ends)


def most_choices(grammar: Grammar) -> int:
    """The most draws that one sentence takes."""
    most = dict.fromkeys(grammar.terminals, 0)
    for symbol in reversed(grammar.order):
        rules = grammar.rules[symbol]
        below = max(sum(most[x] for x in rule.right) for rule in rules)
        most[symbol] = below + (len(rules) > 1)
    return most[grammar.root]


def stream(
    grammar: Grammar, count: int, seed: int = 0, *, trees: bool = False
) -> Iterator[Sentences]:
    """The first sentences of a seed, in blocks that fit in memory."""
    for first in range(0, count, BLOCK):
        size = min(BLOCK, count - first)
        yield sample(grammar, size, seed, first=first, trees=trees)


def masks(
    sentences: Sentences, rate: float, seed: int = 0, *, first: int = 0
) -> NDArray[np.bool_]:
    """Which tokens are hidden, each with the same chance; (sentences, n).

    Token p of sentence i has a draw of its own, (seed, i, 2^32 + p), so that a model
    and a reference see the same masks.

    Args:
        sentences: Those that begin at `first`.
        rate: The chance, between 0 and 1.
        seed: Of these masks.
        first: Index of the first sentence.

    """
    if not 0 <= rate <= 1:
        msg = f"Need 0 <= rate <= 1, got rate={rate:g}."
        raise InputError(msg)
    count, width = sentences.tokens.shape
    rows = np.arange(first, first + count)[:, None]
    drawn = uniforms(seed, rows, MASKS_FROM + np.arange(width)[None, :])
    inside = np.arange(width) < sentences.lengths[:, None]
    return np.asarray((drawn < rate) & inside)


def complaints(sentences: Sentences) -> list[str]:
    """What is wrong with the trees: a rule that the grammar lacks, or loose ends."""
    found = []
    for i in range(len(sentences.lengths)):
        complaint = _complaint(sentences, i)
        if complaint:
            found.append(f"sentence {i}: {complaint}")
    return found


def _complaint(sentences: Sentences, index: int) -> str:
    """Build the tree of one sentence from ancestors and ends, token by token."""
    grammar, names = sentences.grammar, symbols(sentences.grammar)
    assert sentences.ancestors is not None
    assert sentences.ends is not None
    open_: list[tuple[str, list[str]]] = []
    for p in range(int(sentences.lengths[index])):
        column = sentences.ancestors[index, :, p]
        path = [names[a] for a in column[column >= 0]]
        if [symbol for symbol, _ in open_] != path[: len(open_)]:
            return f"token {p} is below {path}, not {open_}"
        open_ += [(symbol, []) for symbol in path[len(open_) :]]
        child = grammar.terminals[sentences.tokens[index, p]]
        open_[-1][1].append(child)
        for _ in range(int(sentences.ends[index, p])):
            symbol, right = open_.pop()
            if tuple(right) not in {rule.right for rule in grammar.rules[symbol]}:
                return f"no rule {symbol} -> {' '.join(right)}"
            if open_:
                open_[-1][1].append(symbol)
    return f"{open_} do not end" if open_ else ""
