"""One neuron's first gradient from labels, 64 samples in one word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Generator = np.random.Generator
Words = NDArray[np.uint64]

ALL = np.uint64(2**64 - 1)
WORD = 64
MOST_WORDS = 1 << 18
"""Of the samples in memory at once."""

COUNTS: NDArray[np.uint8] = np.array([n.bit_count() for n in range(2**16)], np.uint8)


@dataclass(frozen=True)
class LabelCase:
    """n labels of a parity of the first k out of d coordinates."""

    d: int
    k: int
    n: int

    def __str__(self) -> str:
        return f"d = {self.d}, k = {self.k}, n = {self.n}"


def failures(case: LabelCase, runs: int, rng: Generator) -> NDArray[np.bool_]:
    """Which of so many runs misread S, in parts that fit in memory."""
    words = -(-case.n // WORD)
    most = max(1, MOST_WORDS // (words * case.d))
    sizes = [min(most, runs - done) for done in range(0, runs, most)]
    return np.concatenate([misread(case, size, rng) for size in sizes])


def misread(case: LabelCase, runs: int, rng: Generator) -> NDArray[np.bool_]:
    r"""Are the k largest $|\hat g_i|$ not those of S? Ties count as failures.

    $\hat g_i = \frac1n\sum y\,x_i\,1\{\langle w, x\rangle > 0\}$ up to its sign.
    """
    words = -(-case.n // WORD)
    shape = (case.d, runs, words)
    x = rng.integers(2**64, size=shape, dtype=np.uint64)  # a bit is 1 for a sign of -1
    w = ALL * rng.integers(2, size=(case.d, runs, 1), dtype=np.uint64)
    on = is_on(x ^ w)
    on[:, -1] &= ALL >> np.uint64(WORD * words - case.n)
    y = np.bitwise_xor.reduce(x[: case.k], axis=0)
    active = ones(on)
    sums = [abs(active - 2 * ones(on & (y ^ plane))) for plane in x]
    return np.asarray(np.min(sums[: case.k], axis=0) <= np.max(sums[case.k :], axis=0))


def is_on(z: Words) -> Words:
    """Where fewer than half of an odd number of bits are 1: added up bit by bit."""
    d = len(z)
    width = d.bit_length()
    # Counting starts so high that the top bit is set from (d + 1)/2 ones on.
    start = 2**width - (d + 1) // 2
    total = [
        np.full(z.shape[1:], ALL if start >> b & 1 else 0, dtype=np.uint64)
        for b in range(width + 1)
    ]
    for plane in z:
        carry = plane
        for b in range(width + 1):
            total[b], carry = total[b] ^ carry, total[b] & carry
    return np.asarray(~total[width])


def ones(words: Words) -> NDArray[np.int64]:
    """How many bits are 1, over the last axis."""
    halves = COUNTS[np.ascontiguousarray(words).view(np.uint16)]
    return np.asarray(halves.sum(axis=-1, dtype=np.int64))
