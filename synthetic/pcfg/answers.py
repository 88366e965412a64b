"""What the oracle says of sentences given as words: checks, then plain records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synthetic.pcfg.files import HIDDEN
from synthetic.pcfg.oracle import Oracle, Posterior
from synthetic.pcfg.sampler import MASK, Tokens
from synthetic.pcfg.tables import IntArray
from theory.errors import InputError
from theory.ngrams import C, is_seen, ngram

MOST_SHOWN = 20


@dataclass(frozen=True)
class Question:
    """What is asked of each sentence.

    Attributes:
        window: Only so many tokens around a masked one are seen; 0: all.
        any_length: Is the length unknown? The words that are given are then the first.

    """

    window: int = 0
    any_length: bool = False


@dataclass(frozen=True, eq=False)
class Answers:
    """Posteriors of the masked tokens.

    Attributes:
        sentence: Which sentence, (answers,).
        place: Position there.
        chances: Of each terminal, (answers, terminals).
        evidence: P(what is visible), by sentence.

    """

    sentence: IntArray
    place: IntArray
    chances: Any
    evidence: Any


def answer(oracle: Oracle, given: Sequence[Sequence[str]], asked: Question) -> Answers:
    """Posteriors of every masked token.

    Raises:
        InputError: A sentence is not of the language, or has no mask; the window is
            larger than the sentence.

    """
    if not given or not any(HIDDEN in words for words in given):
        msg = f"Nothing is masked: write {HIDDEN} for the tokens to be predicted."
        raise InputError(msg)
    tokens = np.stack([oracle.encode(words) for words in given])
    size = np.array([len(words) for words in given])
    whole = _posterior(oracle, tokens, size, asked)
    rows, places = np.nonzero(tokens == MASK)
    if not asked.window:
        return Answers(rows, places, whole.tokens[rows, places], whole.evidence)
    window = ngram(asked.window, int(size[rows].min()))
    told = tokens[rows]
    for i, place in enumerate(places):
        seen = [is_seen(C, j, int(place), window) for j in range(told.shape[1])]
        told[i] = np.where(seen, told[i], MASK)
    found = _posterior(oracle, told, size[rows], asked)
    chances = found.tokens[np.arange(len(rows)), places]
    return Answers(rows, places, chances, whole.evidence)


def _posterior(
    oracle: Oracle, tokens: Tokens, size: IntArray, asked: Question
) -> Posterior:
    if asked.any_length:
        return oracle.any_length(tokens, at_least=size)
    return oracle.known_length(tokens, size)


def records(oracle: Oracle, found: Answers) -> list[dict[str, Any]]:
    """One plain record for each masked token."""
    names = oracle.grammar.terminals
    return [
        {
            "sentence": int(s),
            "place": int(p),
            "chances": dict(zip(names, map(float, q), strict=True)),
            "evidence": float(found.evidence[s]),
        }
        for s, p, q in zip(found.sentence, found.place, found.chances, strict=True)
    ]
