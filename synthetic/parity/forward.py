"""The logits of a network on samples."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.kernel_forward import CHUNK, margins
from synthetic.parity.kernel_vectors import lanes_of
from synthetic.parity.network import Network, aligned
from synthetic.parity.stream import Words, num_words, packed
from theory.errors import InputError


def logits(
    network: Network, inputs: NDArray[Any], threads: int = 1
) -> NDArray[np.float64]:
    """The logit of class 1: f, or $f_1 - f_0$ for two; its sign is the prediction.

    Args:
        network: Not changed.
        inputs: Signs of shape (samples, d), or their words (`Stream.words`).
        threads: The result does not depend on them.

    Raises:
        InputError: The shape is not the network's, or an input is not a sign.

    """
    words = inputs if inputs.dtype == np.uint64 else packed(inputs)
    dim = network.dim if inputs.dtype == np.uint64 else inputs.shape[1]
    if dim != network.dim or words.ndim != 2 or words.shape[1] != num_words(dim):
        msg = f"Need samples of d={network.dim} signs, got shape {inputs.shape}."
        raise InputError(msg)
    out = np.empty(len(words))
    size = max(CHUNK, -(-len(words) // (threads * CHUNK)) * CHUNK)
    slices = [slice(i, i + size) for i in range(0, len(words), size)]
    if len(slices) < 2:
        _fill(network, words, out)
        return out
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda part: _fill(network, words[part], out[part]), slices))
    return out


def _fill(network: Network, words: Words, out: NDArray[np.float64]) -> None:
    lane, rows = lanes_of(network.dtype), network.rows
    scratch = (
        aligned(CHUNK * lane, network.dtype),
        aligned(rows // 4 * 16 * lane, network.dtype),
        aligned(CHUNK // 8 * (rows // 4), np.uint64),
        np.zeros((num_words(network.dim + 1), CHUNK), np.uint64),
    )
    margins(
        (network.packed, network.readout, network.intercept),
        np.ascontiguousarray(words),
        (network.dim + 1, rows, network.strips),
        scratch,
        out,
    )
