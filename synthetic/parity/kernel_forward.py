"""Margins of many samples: strip after strip, some hundred samples at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.engines.compiler import inner, kernel
from synthetic.parity.kernel_bits import choose_rows, unpack
from synthetic.parity.kernel_passes import gather, tabulate_weights
from synthetic.parity.kernel_threads import flush_denormals, restore_mode
from synthetic.parity.kernel_vectors import (
    fma,
    load,
    store,
    total,
    where_positive,
    width,
    zero_like,
)

CHUNK = 128
"""Samples of a chunk: 38 KB of tables, sums and choices at d = 100."""


@inner
def _add(v: Any, h: Any, sums: Any, sample: Any) -> None:
    """Add d relu(h), lane by lane, to a sample's sums."""
    at = sample * width(sums)
    active = where_positive(h, h, zero_like(sums))
    store(sums, at, fma(v, active, load(sums, at)))


@inner
def _add_strip(d: Any, strip: Any, blocks: Any, choices: Any, work: Any) -> None:
    """Add d relu(W x + b) of one strip to the sums of all samples of the chunk."""
    table, sums, quads = work
    v = load(d, strip * width(sums))
    for block in range(blocks):
        h0, h1, h2, h3, h4, h5, h6, h7 = gather(table, choices, block, blocks, quads)
        _add(v, h0, sums, 8 * block)
        _add(v, h1, sums, 8 * block + 1)
        _add(v, h2, sums, 8 * block + 2)
        _add(v, h3, sums, 8 * block + 3)
        _add(v, h4, sums, 8 * block + 4)
        _add(v, h5, sums, 8 * block + 5)
        _add(v, h6, sums, 8 * block + 6)
        _add(v, h7, sums, 8 * block + 7)


@kernel
def margins(network: Any, words: Any, shape: Any, scratch: Any, out: Any) -> None:
    """The margin of every sample of `words`.

    Args:
        network: Flat W, d, and c of one element.
        words: One row of bits a sample.
        shape: Inputs with the bias, padded rows, strips.
        scratch: Sums of a chunk, table, choices, words.
        out: One number a sample.

    """
    mode = flush_denormals()
    weights, d, intercept = network
    inputs, rows, strips = shape
    sums, table, choices, signs = scratch
    lane = width(sums)
    for first in range(0, out.size, CHUNK):
        count = min(CHUNK, out.size - first)
        layout = (inputs, rows, 1, (count + 7) // 8 * 8)
        unpack(words, first, count, layout, signs)
        choose_rows(signs, layout, lane, choices)
        sums[:] = 0
        for strip in range(strips):
            tabulate_weights(table, weights, strip * rows * lane, rows // 4)
            _add_strip(d, strip, layout[3] // 8, choices, (table, sums, rows // 4))
        for s in range(count):
            out[first + s] = np.float64(intercept[0]) + total(load(sums, s * lane))
    restore_mode(mode)
