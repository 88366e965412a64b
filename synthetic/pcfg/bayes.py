r"""Bayes lines $H_w$ of windows, and the floors of M_robust and M_close.

A model that sees the visible tokens of a window alone cannot have a smaller loss than
$H_w$; one that sees all of them not less than H. And a perfect predictor is not
independent of long n-grams: what it scores on both measures is the floor beside which
a model's scores are to be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.pcfg.oracle import Oracle, at_positions, hidden
from synthetic.pcfg.sampler import Sentences, Tokens, masks, sample
from synthetic.pcfg.tables import FloatArray, IntArray
from theory.errors import InputError
from theory.ngrams import A, C, R, Window, is_seen, ngram

WINDOWS = (2, 3, 4, 5, 7, 9)
PLACES = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Of the sentence's length, for one masked token each."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Masked tokens, and what else is visible of their sentences.

    Attributes:
        tokens: The sentence of each cell, (cells, n), `MASK` where hidden.
        lengths: (cells,).
        places: Position of the masked token, (cells,).
        truth: The token there, (cells,).
        sentence: Whose cell it is, (cells,).

    """

    tokens: Tokens
    lengths: IntArray
    places: IntArray
    truth: IntArray
    sentence: IntArray

    @classmethod
    def of(cls, sentences: Sentences, masked: NDArray[np.bool_]) -> Cells:
        """All masked tokens; each sees what no mask hides."""
        rows, places = np.nonzero(masked)
        told = hidden(sentences.tokens, ~masked)
        truth = sentences.tokens[rows, places].astype(np.int64)
        return cls(told[rows], sentences.lengths[rows], places, truth, rows)

    @classmethod
    def alone(cls, sentences: Sentences, shares: Sequence[float] = PLACES) -> Cells:
        """One masked token at each share of a sentence's length."""
        count = len(sentences.lengths)
        rows = np.repeat(np.arange(count), len(shares))
        places = (np.tile(shares, count) * sentences.lengths[rows]).astype(np.int64)
        tokens = sentences.tokens[rows]
        truth = tokens[np.arange(len(rows)), places].astype(np.int64)
        tokens[np.arange(len(rows)), places] = -1
        return cls(tokens, sentences.lengths[rows], places, truth, rows)

    def under(self, condition: str, window: Window) -> Tokens:
        """What is left of the visible tokens under A, R or C."""
        away = np.arange(self.tokens.shape[1]) - self.places[:, None]
        offsets = range(-self.tokens.shape[1], self.tokens.shape[1] + 1)
        allowed = np.array([is_seen(condition, i, 0, window) for i in offsets])
        return hidden(self.tokens, allowed[away + self.tokens.shape[1]])

    def posterior(self, oracle: Oracle, condition: str, window: Window) -> FloatArray:
        """The Bayes predictor's answer in each cell, (cells, terminals)."""
        told = self.under(condition, window)
        return at_positions(oracle, told, self.lengths, self.places)


@dataclass(frozen=True)
class Estimate:
    """A mean over cells with its standard error over sentences."""

    mean: float
    error: float


def over_sentences(values: FloatArray, sentence: IntArray) -> Estimate:
    """Mean of the cells; those of one sentence depend on each other."""
    mean = float(values.mean())
    sums = np.bincount(sentence, weights=values - mean)
    return Estimate(mean, float(np.sqrt(np.sum(sums**2)) / len(values)))


@dataclass(frozen=True)
class Line:
    r"""One window's Bayes predictor under random masks.

    Attributes:
        window: Tokens; 0 for all of the sentence, 1 for position and length alone.
        loss: $H_w$, nats.
        accuracy: Share of cells in which the likeliest token is right.
        divergence: $E\,\mathrm{KL}(q_O \| q_{O \cap w})$.
        difference: $H_w - H$ less the divergence, 0 in expectation.

    """

    window: int
    loss: Estimate
    accuracy: Estimate
    divergence: Estimate
    difference: Estimate


def lines(oracle: Oracle, cells: Cells, windows: Sequence[int] = WINDOWS) -> list[Line]:
    """The Bayes lines of some windows, then that of all visible tokens."""
    full = cells.posterior(oracle, A, ngram(1))
    base = surprise(full, cells.truth)
    found = []
    for n in (*(checked(oracle, n) for n in windows), 0):
        q = cells.posterior(oracle, C, ngram(n)) if n else full
        loss, gap = surprise(q, cells.truth), divergence(full, q)
        right = (q.argmax(axis=1) == cells.truth).astype(np.float64)
        rows = (loss, right, gap, loss - base - gap)
        found.append(Line(n, *(over_sentences(row, cells.sentence) for row in rows)))
    return found


@dataclass(frozen=True)
class Floor:
    """What the Bayes predictor scores: L1, from 0 to 2."""

    window: int
    robust: Estimate
    close: Estimate


def floors(
    oracle: Oracle, cells: Cells, windows: Sequence[int] = WINDOWS
) -> list[Floor]:
    """M_robust and M_close of the Bayes predictor, from cells with one mask each."""
    full = cells.posterior(oracle, A, ngram(1))
    found = []
    for n in windows:
        window = ngram(checked(oracle, n))
        both = (
            np.abs(full - cells.posterior(oracle, condition, window)).sum(axis=1)
            for condition in (R, C)
        )
        found.append(Floor(n, *(over_sentences(m, cells.sentence) for m in both)))
    return found


def checked(oracle: Oracle, n: int) -> int:
    """The window's size, if some sentence is as long."""
    ngram(n, oracle.longest)
    return n


def surprise(q: FloatArray, truth: IntArray) -> FloatArray:
    r"""$-\ln q(x_p)$ of each cell."""
    found: FloatArray = -np.log(q[np.arange(len(q)), truth])
    return found


def divergence(q: FloatArray, r: FloatArray) -> FloatArray:
    r"""$\mathrm{KL}(q \| r)$ of each row; r is positive where q is."""
    safe = np.where(q > 0, q, 1.0)
    terms = np.where(q > 0, q * np.log(safe / np.where(q > 0, r, 1.0)), 0.0)
    found: FloatArray = terms.sum(axis=1)
    return found


def study(
    oracle: Oracle, count: int, windows: Sequence[int], rate: float, seed: int
) -> dict[str, list[Any]]:
    """Lines from masks of that rate, and floors, on `count` sentences of a seed."""
    drawn = sample(oracle.grammar, count, seed)
    masked = Cells.of(drawn, masks(drawn, rate, seed))
    if not len(masked.truth):
        msg = f"No token is masked at rate={rate:g}; raise the rate or the count."
        raise InputError(msg)
    return {
        "lines": lines(oracle, masked, windows),
        "floors": floors(oracle, Cells.alone(drawn), windows),
    }
