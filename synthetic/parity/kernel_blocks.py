"""What a block of single steps and a block of batches have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from synthetic.engines.compiler import inner
from synthetic.parity.kernel_bits import choose_rows, choose_samples, correlate, unpack
from synthetic.parity.kernel_passes import (
    SUB,
    correct_strip,
    forward_strip,
    update_strip,
)
from synthetic.parity.kernel_threads import raise_flag, wait_for
from synthetic.parity.kernel_vectors import width


@inner
def open_block(
    weights: Any, samples: Any, layout: Any, mine: Any, scratch: Any
) -> None:
    """Update W by the block before, and compute Z = W x + b of this one.

    Args:
        weights: This thread's strips are read and written once.
        samples: Words of all samples, the block's first and how many there are;
            whether there was a block before.
        layout: Inputs with the bias, padded rows, strips, samples of a block.
        mine: This thread's first strip, and the one after its last.
        scratch: Z and this thread's own.

    """
    words, first, count, follows = samples
    z, table, by_row, by_sample, signs, gram = scratch
    lane = width(z)
    unpack(words, first, count, layout, signs)
    choose_rows(signs, layout, lane, by_row)
    for strip in range(mine[0], mine[1]):
        if follows:
            update_strip(weights, strip, layout, z, table, by_sample)
        forward_strip(weights, strip, layout, z, table, by_row)
    choose_samples(signs, layout, lane, by_sample)
    if gram.size > 0:
        correlate(signs, layout[0], layout[3], gram)


@inner
def close_run(weights: Any, layout: Any, mine: Any, scratch: Any) -> None:
    """Update W by the last block."""
    z, table, _, by_sample, _, _ = scratch
    for strip in range(mine[0], mine[1]):
        update_strip(weights, strip, layout, z, table, by_sample)


@inner
def correct(z: Any, gram: Any, layout: Any, mine: Any, span: Any) -> None:
    """Correct a sub-block for the samples before it; `span` is which, and how many."""
    _, _, strips, samples = layout
    block, earlier = span
    for strip in range(mine[0], mine[1]):
        correct_strip(z, gram, (strips, strip, block), samples, earlier)


@inner
def meet(flags: Any, me: Any, threads: Any, number: Any) -> None:
    """Wait until all threads have written the partial sums of this meeting."""
    if threads > 1:
        raise_flag(flags, me * 8, number)
        for other in range(threads):
            if other != me:
                wait_for(flags, other * 8, number)


@inner
def margin_of(c: Any, partials: Any, first: Any, parts: Any) -> Any:
    """C plus the parts' sums, in their order."""
    margin = np.float64(c)
    for part in range(first, first + parts):
        margin += partials[part]
    return margin


@inner
def note(report: Any, margin: Any, target: Any, g: Any) -> None:
    """Count a mistake, add |g|, keep the margin."""
    report[0] += (margin > 0) != (target > 0.5)
    report[1] += abs(g)
    report[2] = margin


@inner
def blank_rows(z: Any, layout: Any, mine: Any, first: Any) -> None:
    """Zero the steps of the samples that only fill the block up."""
    _, _, strips, samples = layout
    lane = width(z)
    for r in range(first, samples):
        for strip in range(mine[0], mine[1]):
            at = ((r // SUB * strips + strip) * SUB + r % SUB) * lane
            z[at : at + lane] = 0
