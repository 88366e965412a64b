"""Random words and parities of them, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

import synthetic.engines.lanes  # noqa: F401 (makes the draws callable)
from synthetic.draws import uniform, uniform_bits
from synthetic.engines.compiler import kernel
from synthetic.parity.kernel_vectors import count_ones


@kernel
def fill_words(seed: Any, first: Any, last: Any, out: Any) -> None:
    """Word w of sample i has the address (seed, 0, i words + w); unused bits are 0."""
    samples, words = out.shape
    for i in range(samples):
        start = (first + np.uint64(i)) * np.uint64(words)
        for w in range(words):
            out[i, w] = uniform_bits(seed, np.uint64(0), start + np.uint64(w))
        out[i, words - 1] &= last


@kernel
def flip(seed: Any, first: Any, noise: Any, labels: Any) -> None:
    """Turn a label over where the draw (seed, 1, i) is below the noise."""
    for i in range(labels.size):
        bits = uniform_bits(seed, np.uint64(1), first + np.uint64(i))
        if uniform(bits) < noise:
            labels[i] = 1.0 - labels[i]


@kernel
def parities(words: Any, mask: Any, labels: Any) -> None:
    """1 where the number of zero bits under the mask is even."""
    for i in range(labels.size):
        odd = np.uint64(0)
        for w in range(mask.size):
            odd ^= count_ones(~words[i, w] & mask[w])
        labels[i] = 1.0 - np.float64(odd & np.uint64(1))
