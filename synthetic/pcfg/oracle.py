r"""What an ideal predictor knows: $P(x_p = a \mid x_O)$ by inside-outside.

O are the observed positions, anything else is a wildcard (`MASK`). The length is known,
or it is one of all that the grammar allows; then one pass sums over them. Weights are
sums of products of positive numbers, so that nothing cancels: relative errors are a few
thousand units of the last place at the most, and none where chances are dyadic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.pcfg.sampler import MASK, PAD, Tokens
from synthetic.pcfg.tables import FloatArray, IntArray, spans
from theory.errors import InputError
from theory.grammar import Grammar
from theory.grammar_lengths import lengths

BLOCK = 4096
"""Sentences whose posteriors are in memory at once, where only a part is kept."""


@dataclass(frozen=True, eq=False)
class Posterior:
    r"""What is known of each token.

    Attributes:
        tokens: $P(x_p = a \mid x_O)$, (sentences, n, terminals). Rows sum to 1 within
            the sentence; to $P(|x| > p \mid x_O)$ where it may have ended; 0 after.
        evidence: $P(x_O)$, jointly with the length where that is known, (sentences,).
        lengths: $P(|x| = n \mid x_O)$, (sentences, n + 1).

    """

    tokens: FloatArray
    evidence: FloatArray
    lengths: FloatArray


class Oracle:
    """Exact posteriors of one grammar.

    Attributes:
        grammar: Whose.
        longest: Most tokens of a sentence.
        shortest: Fewest tokens.

    """

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        known = lengths(grammar)[grammar.root]
        self.shortest, self.longest = known.shortest, known.longest
        self._spans = spans(grammar)

    def encode(self, words: Sequence[str], hidden: str = "_") -> Tokens:
        """Words as a row of tokens, padded to the longest sentence.

        Raises:
            InputError: A word is no terminal, or there are too many.

        """
        known = {word: i for i, word in enumerate(self.grammar.terminals)}
        known[hidden] = MASK
        for word in words:
            if word not in known:
                msg = (
                    f"Need the terminals of {self.grammar.name}, "
                    f"{' '.join(self.grammar.terminals)}, or {hidden}; got {word!r}."
                )
                raise InputError(msg)
        if len(words) > self.longest:
            msg = (
                f"Need at most {self.longest} tokens, the longest sentence of "
                f"{self.grammar.name}; got {len(words)}."
            )
            raise InputError(msg)
        row = np.full(self.longest, PAD, dtype=np.int8)
        row[: len(words)] = [known[word] for word in words]
        return row

    def known_length(self, tokens: Tokens, size: IntArray) -> Posterior:
        """Posteriors given the observed tokens and the lengths.

        Args:
            tokens: (sentences, at most `longest`); negative where not observed.
            size: Lengths, (sentences,).

        Raises:
            InputError: No sentence of that length has those tokens.

        """
        return self._posterior(tokens, size, size)

    def any_length(self, tokens: Tokens, at_least: IntArray | int = 1) -> Posterior:
        """Posteriors given the observed tokens alone.

        Args:
            tokens: (sentences, at most `longest`); negative where not observed.
            at_least: The sentence is known to have so many tokens; the observed ones
                say that by themselves, hidden ones do not.

        """
        width = tokens.shape[1]
        seen = np.where(tokens >= 0, np.arange(1, width + 1), 0).max(axis=1, initial=0)
        low = np.maximum(seen, at_least).astype(np.int64)
        return self._posterior(tokens, low, np.full(len(tokens), self.longest))

    def evidence(self, tokens: Tokens, size: IntArray) -> FloatArray:
        r"""$P(x_O, |x| = n)$; 0 for what the grammar excludes."""
        return self._run(tokens, size, size).evidence

    def _posterior(self, tokens: Tokens, low: IntArray, high: IntArray) -> Posterior:
        found = self._run(tokens, low, high)
        if not np.all(found.evidence > 0):
            worst = int(np.argmin(found.evidence))
            raise InputError(self._impossible(tokens[worst], low[worst], high[worst]))
        return found

    def _run(self, tokens: Tokens, low: IntArray, high: IntArray) -> Posterior:
        from synthetic.pcfg.kernel_oracle import posteriors  # noqa: PLC0415 -- numba

        tokens, low, high = np.asarray(tokens), np.asarray(low), np.asarray(high)
        if tokens.ndim != 2 or low.shape != (len(tokens),):
            msg = (
                f"Need tokens (sentences, n) and one length each, got {tokens.shape} "
                f"and {low.shape}."
            )
            raise InputError(msg)
        names = self.grammar.terminals
        if tokens.size and int(tokens.max()) >= len(names):
            msg = f"Need tokens below {len(names)}, got {int(tokens.max())}."
            raise InputError(msg)
        if low.size and (int(low.min()) < 0 or int(high.max()) > self.longest):
            worst = int(low.min()) if int(low.min()) < 0 else int(high.max())
            msg = f"Need lengths from 0 to {self.longest}, got {worst}."
            raise InputError(msg)
        count, width = len(tokens), self.longest
        row = np.full((count, width), MASK, dtype=np.int8)
        row[:, : tokens.shape[1]] = tokens[:, :width]
        out = np.zeros((count, width, len(names)))
        total, by_length = np.zeros(count), np.zeros((count, width + 1))
        tables = np.zeros((2, self._spans.rows, width))
        ends = (low.astype(np.int64), high.astype(np.int64))
        posteriors(
            self._spans,
            (row, *ends),
            (tables[0], tables[1]),
            out,
            total,
            by_length,
        )
        return Posterior(out, total, by_length)

    def _impossible(self, tokens: Tokens, low: int, high: int) -> str:
        names = self.grammar.terminals
        shown = " ".join("_" if t < 0 else names[t] for t in tokens[:high][:40])
        size = f"{low}" if low == high else f"{low} to {high}"
        return (
            f"No sentence of {self.grammar.name} has {size} tokens and reads {shown}"
            f"{' ...' if high > 40 else ''}; its lengths are {self.shortest} to "
            f"{self.longest}. Check the grammar, the tokens and the length."
        )


def at_positions(
    oracle: Oracle, tokens: Tokens, size: IntArray, places: IntArray
) -> FloatArray:
    """The posterior of one token of each sentence, (sentences, terminals)."""
    found = np.empty((len(tokens), len(oracle.grammar.terminals)))
    for i in range(0, len(tokens), BLOCK):
        part = slice(i, i + BLOCK)
        whole = oracle.known_length(tokens[part], size[part]).tokens
        found[part] = whole[np.arange(len(whole)), places[part]]
    return found


def hidden(tokens: Tokens, visible: NDArray[np.bool_]) -> Tokens:
    """The sentences with `MASK` for what is not visible."""
    return np.where(visible, tokens, MASK).astype(np.int8)
