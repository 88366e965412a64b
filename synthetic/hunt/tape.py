"""Reading numbers off a vector of parameters, and maps onto the ranges they need."""

from __future__ import annotations

import numpy as np

from synthetic.problems.base import FloatArray

WIDEST = 8.0
"""Exponents are kept within this: factors of 3000 either way."""


class Tape:
    """A vector of parameters that is read from front to back."""

    def __init__(self, vector: FloatArray) -> None:
        self.rest = vector

    def take(self, *shape: int) -> FloatArray:
        """The next numbers, in that shape."""
        size = int(np.prod(shape))
        found, self.rest = self.rest[:size], self.rest[size:]
        return found.reshape(shape)

    def number(self) -> float:
        """The next number."""
        return float(self.take(1)[0])


def positive(p: FloatArray) -> FloatArray:
    """From the line onto positive numbers, 1 in the middle."""
    return np.asarray(np.exp(np.clip(p, -WIDEST, WIDEST)))


def share(p: FloatArray) -> FloatArray:
    """From the line onto (0, 1), 1/2 in the middle."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(p, -4 * WIDEST, 4 * WIDEST))))


def probabilities(p: FloatArray) -> FloatArray:
    """Positive numbers that add up to 1, equal where the parameters are."""
    found = positive(p)
    return np.asarray(found / found.sum())
