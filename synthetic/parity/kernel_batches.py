"""Exact mini-batch SGD: the gradient is the mean over m samples.

A block is one batch, or several batches of 8 or 16, which are corrected for those
before them as single steps are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import synthetic.engines.lanes  # noqa: F401 (makes the formulas callable)
from synthetic.engines.compiler import inner, kernel
from synthetic.loss_formulas import sigmoid
from synthetic.parity.kernel_blocks import (
    blank_rows,
    close_run,
    correct,
    margin_of,
    meet,
    note,
    open_block,
)
from synthetic.parity.kernel_passes import SUB
from synthetic.parity.kernel_steps import rectify, settle_batch
from synthetic.parity.kernel_threads import flush_denormals, restore_mode
from synthetic.parity.kernel_vectors import width


@kernel
def train_batches(
    network: Any, data: Any, shape: Any, team: Any, scratch: Any, report: Any
) -> None:
    """`train_singly` for batches: `data` has m samples for each rate.

    `shape` ends with m and the batches of a block; the partial sums of `team` are
    [2][sample][part].
    """
    mode = flush_denormals()
    _run(network, data, shape, team, scratch, report)
    restore_mode(mode)


@inner
def _run(
    network: Any, data: Any, shape: Any, team: Any, scratch: Any, report: Any
) -> None:
    weights, d, intercept, clock = network
    words, targets, rates = data
    layout, kappa, batch, per_block = shape[:4], shape[4], shape[5], shape[6]
    flags, partials, ends, first_part, last_part, me, threads = team
    z, gram, strips = scratch[0], scratch[5], layout[2]
    mine, parts = (ends[first_part], ends[last_part]), ends.size - 1
    moves = np.zeros(2 * batch, z.dtype)
    c = intercept.copy()
    for start in range(0, rates.size, per_block):
        count = min(per_block, rates.size - start)
        samples = (words, start * batch, count * batch, start > 0)
        open_block(weights, samples, layout, mine, scratch)
        for number in range(count):
            step, first = start + number, number * batch
            if number > 0:
                for block in range(first // SUB, (first + batch) // SUB):
                    correct(z, gram, layout, mine, (block, first))
            half = (step & 1) * parts * batch
            for part in range(first_part, last_part):
                for s in range(batch):
                    at = _place(first + s, strips, width(z))
                    found = rectify(z, d, at, ends[part], ends[part + 1])
                    partials[half + s * parts + part] = found
            meet(flags, me, threads, step + 1)
            moved = 0.0
            for s in range(batch):
                target = targets[step * batch + s]
                margin = margin_of(c[0], partials, half + s * parts, parts)
                g = sigmoid(margin) - target
                moves[s] = rates[step] / batch * g
                moves[batch + s] = -kappa * rates[step] / batch * g
                moved += kappa * rates[step] / batch * g
                if me == 0:
                    note(report, margin, target, g)
            c[0] -= moved
            for strip in range(mine[0], mine[1]):
                settle_batch(z, d, (strips, strip), (first, first + batch), moves)
        blank_rows(z, layout, mine, count * batch)
    if rates.size > 0:
        close_run(weights, layout, mine, scratch)
    if me == 0:
        intercept[0] = c[0]
        clock[0] += rates.size


@inner
def _place(sample: Any, strips: Any, lane: Any) -> Any:
    """Where a sample begins in z."""
    return (sample // SUB * strips * SUB + sample % SUB) * lane
