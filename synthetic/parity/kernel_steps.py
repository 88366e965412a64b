r"""Passes that take steps: margins, and what a step does to the pre-activations and d.

Inside a sub-block of 8 samples neither d nor a step $\delta$ is written: a pass over
the strips replays the earlier steps of the sub-block in registers, from the
$(h_i)_+$ that it reads and the scalars $\eta g_i$.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synthetic.engines.compiler import inlined, inner
from synthetic.parity.kernel_passes import SUB
from synthetic.parity.kernel_vectors import (
    fma,
    load,
    spread,
    store,
    total,
    where_positive,
    width,
    zero_like,
)


def _replay_of(j: int) -> Any:
    @inner
    def step(z: Any, d: Any, span: Any, moves: Any) -> Any:
        at, first, last = span
        lane = width(z)
        zero = zero_like(z)
        margin = zero
        for strip in range(first, last):
            base = at + strip * SUB * lane
            v = load(d, strip * lane)
            a = load(z, base + j * lane)
            for i in range(j):  # a constant: unrolled
                h = load(z, base + i * lane)
                a = where_positive(h, fma(v, spread(moves, i), a), a)
                v = fma(h, spread(moves, SUB + i), v)
            h = where_positive(a, a, zero)
            store(z, base + j * lane, h)
            margin = fma(v, h, margin)
        return total(margin)

    return step


def _choice(steps: Sequence[Any]) -> Any:
    """One function of all: its first argument says which."""
    first, *others = steps
    if not others:

        @inlined
        def last(_j: Any, z: Any, d: Any, span: Any, moves: Any) -> Any:
            return first(z, d, span, moves)

        return last
    other = _choice(others)

    @inlined
    def choose(j: Any, z: Any, d: Any, span: Any, moves: Any) -> Any:
        if j == 0:
            return first(z, d, span, moves)
        return other(j - 1, z, d, span, moves)

    return choose


replay = _choice([_replay_of(j) for j in range(SUB)])
"""`replay(j, z, d, (at, first, last), moves)`: step j of a sub-block.

It returns the sum of $d_j (h_j)_+$ over the strips from `first` up to `last`, and
writes $(h_j)_+$ over $h_j$. `at` is where the sub-block begins in z; entry i of `moves`
is $-(x_i^\\top x_j + 1) \\eta g_i$ for $i < j$, entry 8 + i $-\\kappa \\eta g_i$, and
entry 16 + i $\\eta g_i$. One array, since a tuple of arrays costs atomic reference
counts, each as long as a pass over a narrow network.
"""


@inner
def settle_strip(z: Any, d: Any, where: Any, moves: Any) -> None:
    """Write the steps of a sub-block over its relu(h), and move d past them all.

    Args:
        z: Where relu(h) is, and the steps will be.
        d: Read and written.
        where: Strips, this strip, this sub-block.
        moves: As in `replay`; zeros for samples that are missing.

    """
    strips, strip, block = where
    lane = width(z)
    zero = zero_like(z)
    at = (block * strips + strip) * SUB * lane
    v = load(d, strip * lane)
    for i in range(SUB):
        h = load(z, at + i * lane)
        store(
            z,
            at + i * lane,
            where_positive(h, fma(v, spread(moves, 2 * SUB + i), zero), zero),
        )
        v = fma(h, spread(moves, SUB + i), v)
    store(d, strip * lane, v)


@inner
def rectify(z: Any, d: Any, at: Any, first: Any, last: Any) -> Any:
    """Replace a sample's h by relu(h), and return the sum of d relu(h) over strips."""
    lane = width(z)
    zero = zero_like(z)
    margin = zero
    for strip in range(first, last):
        place = at + strip * SUB * lane
        a = load(z, place)
        h = where_positive(a, a, zero)
        store(z, place, h)
        margin = fma(load(d, strip * lane), h, margin)
    return total(margin)


@inner
def settle_batch(z: Any, d: Any, where: Any, batch: Any, moves: Any) -> None:
    """As `settle_strip`, but every sample of the batch sees the d of its beginning.

    `moves` holds the m sizes and then the m pulls.
    """
    strips, strip = where
    first, last = batch
    size = moves.size // 2
    lane = width(z)
    zero = zero_like(z)
    v = load(d, strip * lane)
    moved = v
    for s in range(first, last):
        place = ((s // SUB * strips + strip) * SUB + s % SUB) * lane
        h, i = load(z, place), s - first
        store(z, place, where_positive(h, fma(v, spread(moves, i), zero), zero))
        moved = fma(h, spread(moves, size + i), moved)
    store(d, strip * lane, moved)
