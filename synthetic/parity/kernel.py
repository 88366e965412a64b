r"""Exact SGD in blocks: $B$ steps for one pass over the weights.

With $d = a_1 - a_0$ (or $a$, for one logit), the margin of sample $j$ is
$m_j = d^\top h_j + c$ with $h_j = (W x_j + b)_+$, and a step of size $\eta$ on the
logistic loss with target $t_j$ is, with $g_j = \sigma(m_j) - t_j$,

$$\delta_j = \eta g_j\, d \odot 1[h_j > 0], \quad W \mathrel{-}= \delta_j x_j^\top,
  \quad b \mathrel{-}= \delta_j, \quad d \mathrel{-}= \kappa \eta g_j h_j,
  \quad c \mathrel{-}= \kappa \eta g_j$$

with $\kappa = 2$ for two logits (both move, by opposite amounts) and 1 for one. So
$W x_j + b$ is its value at the block's start less
$\sum_{i < j} (x_i^\top x_j + 1)\, \delta_i$, and W is read and written once a block.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import synthetic.engines.lanes  # noqa: F401 (makes the formulas callable)
from synthetic.engines.compiler import inner, kernel
from synthetic.loss_formulas import sigmoid
from synthetic.parity.kernel_blocks import (
    close_run,
    correct,
    margin_of,
    meet,
    note,
    open_block,
)
from synthetic.parity.kernel_passes import SUB
from synthetic.parity.kernel_steps import replay, settle_strip
from synthetic.parity.kernel_threads import flush_denormals, restore_mode
from synthetic.parity.kernel_vectors import width


@kernel
def train_singly(
    network: Any, data: Any, shape: Any, team: Any, scratch: Any, report: Any
) -> None:
    """Batch-1 steps on all samples of `data`, in place.

    Args:
        network: Flat W, d, c of one element, and the clock.
        data: Words of bits (one row a sample), targets, rates.
        shape: Inputs with the bias, padded rows, strips, samples of a block; kappa, 1,
            steps of a block.
        team: Flags, partial sums [2][part], ends of parts [part + 1]; this thread's
            first part and the one after its last, its number, how many there are.
        scratch: Z (shared), and this thread's tables, choices, words, inner products.
        report: Mistakes, sum of |g|, last margin.

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
    layout, kappa = shape[:4], shape[4]
    flags, partials, ends, first_part, last_part, me, threads = team
    z, gram = scratch[0], scratch[5]
    _, _, strips, samples = layout
    mine, parts = (ends[first_part], ends[last_part]), ends.size - 1
    moves = np.zeros(3 * SUB, z.dtype)
    c = intercept.copy()
    for start in range(0, rates.size, samples):
        count = min(samples, rates.size - start)
        open_block(weights, (words, start, count, start > 0), layout, mine, scratch)
        for block in range(samples // SUB):
            correct(z, gram, layout, mine, (block, block * SUB))
            at = block * strips * SUB * width(z)
            moves[:] = 0
            for j in range(min(SUB, count - block * SUB)):
                step = start + block * SUB + j
                turn(moves, gram, block * SUB, samples, j)
                first = (step & 1) * parts
                for part in range(first_part, last_part):
                    span = (at, ends[part], ends[part + 1])
                    partials[first + part] = replay(j, z, d, span, moves)
                meet(flags, me, threads, step + 1)
                margin = margin_of(c[0], partials, first, parts)
                g = sigmoid(margin) - targets[step]
                moves[SUB + j] = -kappa * rates[step] * g
                moves[2 * SUB + j] = rates[step] * g
                c[0] += moves[SUB + j]
                if me == 0:
                    note(report, margin, targets[step], g)
            for strip in range(mine[0], mine[1]):
                settle_strip(z, d, (strips, strip, block), moves)
    if rates.size > 0:
        close_run(weights, layout, mine, scratch)
    if me == 0:
        intercept[0] = c[0]
        clock[0] += rates.size


@inner
def turn(moves: Any, gram: Any, first: Any, samples: Any, j: Any) -> None:
    r"""$-(x_i^\top x_j + 1) \eta g_i$ for the earlier i of the sub-block."""
    for i in range(j):
        moves[i] = -(gram[(first + i) * samples + first + j] * moves[2 * SUB + i])
