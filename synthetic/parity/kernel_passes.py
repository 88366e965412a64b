"""Passes over strips of neurons: every loop that touches the network.

A strip is one vector of neurons. Its input weights are a row for each input, then one
for the bias and rows of zeros up to a multiple of 8. Inputs are signs, so no product is
taken: for four rows all 16 signed sums are tabulated, and a sample adds one entry where
it would have multiplied four times (the "method of four Russians"). The update of the
weights is the same thing transposed: 16 signed sums of four samples' steps, of which
each input adds one.

Pre-activations are kept as [sub-block of 8 samples][strip][sample][lane].
"""

from __future__ import annotations

from typing import Any

from synthetic.engines.compiler import inner
from synthetic.parity.kernel_vectors import (
    add,
    fma,
    load,
    negated,
    pick,
    spread,
    store,
    sub,
    width,
    zero_like,
)

SUB = 8
"""Samples of a sub-block: as many steps are replayed in registers."""


@inner
def tabulate(table: Any, start: Any, a: Any, b: Any, c: Any, d: Any) -> None:
    """Entry e of 16 is the sum of the four, each minus where its bit of e is 0."""
    lane = width(table)
    p, m, q, n = add(a, b), sub(a, b), add(c, d), sub(c, d)
    store(table, start, negated(add(p, q)))
    store(table, start + lane, sub(m, q))
    store(table, start + 2 * lane, negated(add(m, q)))
    store(table, start + 3 * lane, sub(p, q))
    store(table, start + 4 * lane, sub(n, p))
    store(table, start + 5 * lane, add(n, m))
    store(table, start + 6 * lane, sub(n, m))
    store(table, start + 7 * lane, add(n, p))
    store(table, start + 8 * lane, negated(add(n, p)))
    store(table, start + 9 * lane, sub(m, n))
    store(table, start + 10 * lane, negated(add(n, m)))
    store(table, start + 11 * lane, sub(p, n))
    store(table, start + 12 * lane, sub(q, p))
    store(table, start + 13 * lane, add(q, m))
    store(table, start + 14 * lane, sub(q, m))
    store(table, start + 15 * lane, add(q, p))


def _update_with(groups: int) -> Any:
    """The update by 4 `groups` samples; a constant is unrolled by the compiler."""

    @inner
    def update(
        weights: Any, start: Any, shape: Any, table: Any, choices: Any, first: Any
    ) -> None:
        """W -= x^T delta for one strip; word `first` + i has row i's choices."""
        lane = width(table)
        for i in range(shape[0]):
            word = pick(choices, first + i)
            change = load(table, word & 255)
            for g in range(1, groups):
                chosen = (word >> (8 * g)) & 255
                change = add(change, load(table, g * 16 * lane + chosen))
            place = start + i * lane
            store(weights, place, sub(load(weights, place), change))

    return update


update_by_16, update_by_32 = _update_with(4), _update_with(8)


@inner
def tabulate_steps(
    table: Any, z: Any, strips: Any, strip: Any, first: Any, groups: Any
) -> None:
    """Tables of the steps of 4 `groups` samples from the first on."""
    lane = width(z)
    for g in range(groups):
        sample = first + 4 * g
        at = ((sample // SUB * strips + strip) * SUB + sample % SUB) * lane
        tabulate(
            table,
            g * 16 * lane,
            load(z, at),
            load(z, at + lane),
            load(z, at + 2 * lane),
            load(z, at + 3 * lane),
        )


@inner
def update_strip(
    weights: Any, strip: Any, shape: Any, z: Any, table: Any, choices: Any
) -> None:
    """W -= x^T delta, 32 samples at a time."""
    _, rows, strips, samples = shape
    lane = width(z)
    start = strip * rows * lane
    first = 0
    while first + 32 <= samples:
        tabulate_steps(table, z, strips, strip, first, 8)
        update_by_32(weights, start, shape, table, choices, first // 32 * rows)
        first += 32
    if first < samples:
        tabulate_steps(table, z, strips, strip, first, 4)
        update_by_16(weights, start, shape, table, choices, first // 32 * rows)


@inner
def tabulate_weights(table: Any, weights: Any, start: Any, quads: Any) -> None:
    """Tables of all rows of one strip, four at a time."""
    lane = width(table)
    for k in range(quads):
        at = start + 4 * k * lane
        tabulate(
            table,
            16 * k * lane,
            load(weights, at),
            load(weights, at + lane),
            load(weights, at + 2 * lane),
            load(weights, at + 3 * lane),
        )


@inner
def gather(table: Any, choices: Any, first: Any, stride: Any, quads: Any) -> Any:
    """The sums of the entries that eight samples choose, a byte each of one word.

    A processor loads a vector and a number a cycle, or two vectors: eight choices are
    loaded as one.
    """
    lane = width(table)
    a, b, c, d = zero_like(table), zero_like(table), zero_like(table), zero_like(table)
    e, f, g, h = zero_like(table), zero_like(table), zero_like(table), zero_like(table)
    for k in range(quads):
        at = 16 * k * lane
        word = pick(choices, first + k * stride)
        a = add(a, load(table, at + (word & 255)))
        b = add(b, load(table, at + ((word >> 8) & 255)))
        c = add(c, load(table, at + ((word >> 16) & 255)))
        d = add(d, load(table, at + ((word >> 24) & 255)))
        e = add(e, load(table, at + ((word >> 32) & 255)))
        f = add(f, load(table, at + ((word >> 40) & 255)))
        g = add(g, load(table, at + ((word >> 48) & 255)))
        h = add(h, load(table, at + ((word >> 56) & 255)))
    return a, b, c, d, e, f, g, h


@inner
def forward_strip(
    weights: Any, strip: Any, shape: Any, z: Any, table: Any, choices: Any
) -> None:
    """Z = W x + b for one strip, a sub-block at a time."""
    _, rows, strips, samples = shape
    lane = width(z)
    tabulate_weights(table, weights, strip * rows * lane, rows // 4)
    blocks = samples // SUB
    for block in range(blocks):
        a, b, c, d, e, f, g, h = gather(table, choices, block, blocks, rows // 4)
        at = (block * strips + strip) * SUB * lane
        store(z, at, a)
        store(z, at + lane, b)
        store(z, at + 2 * lane, c)
        store(z, at + 3 * lane, d)
        store(z, at + 4 * lane, e)
        store(z, at + 5 * lane, f)
        store(z, at + 6 * lane, g)
        store(z, at + 7 * lane, h)


@inner
def correct_strip(z: Any, gram: Any, where: Any, samples: Any, earlier: Any) -> None:
    r"""$z_r \mathrel{-}= \sum_e (x_e^\top x_r + 1) \delta_e$ for a sub-block's 8 r.

    Args:
        z: Steps of the samples before `earlier`, pre-activations of those after.
        gram: The inner products, [e][r].
        where: Strips, this strip, this sub-block.
        samples: Of the block.
        earlier: How many samples have been stepped on.

    """
    strips, strip, block = where
    lane = width(z)
    at = (block * strips + strip) * SUB * lane
    z0, z1 = load(z, at), load(z, at + lane)
    z2, z3 = load(z, at + 2 * lane), load(z, at + 3 * lane)
    z4, z5 = load(z, at + 4 * lane), load(z, at + 5 * lane)
    z6, z7 = load(z, at + 6 * lane), load(z, at + 7 * lane)
    for e in range(earlier):
        step = negated(load(z, ((e // SUB * strips + strip) * SUB + e % SUB) * lane))
        c = e * samples + block * SUB
        z0, z1 = fma(step, spread(gram, c), z0), fma(step, spread(gram, c + 1), z1)
        z2, z3 = fma(step, spread(gram, c + 2), z2), fma(step, spread(gram, c + 3), z3)
        z4, z5 = fma(step, spread(gram, c + 4), z4), fma(step, spread(gram, c + 5), z5)
        z6, z7 = fma(step, spread(gram, c + 6), z6), fma(step, spread(gram, c + 7), z7)
    store(z, at, z0)
    store(z, at + lane, z1)
    store(z, at + 2 * lane, z2)
    store(z, at + 3 * lane, z3)
    store(z, at + 4 * lane, z4)
    store(z, at + 5 * lane, z5)
    store(z, at + 6 * lane, z6)
    store(z, at + 7 * lane, z7)
