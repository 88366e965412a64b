r"""The compiled loop of Monte Carlo: `simulate`'s sampled mode, lane by lane.

A lane is a replica. Every array has the lanes last, and every loop over lanes does the
same to each of them, so a lane's results do not depend on its neighbours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from synthetic.draws import uniform, uniform_bits
from synthetic.engines.compiler import inlined, inner, kernel
from synthetic.engines.gaps import distances, gaps, penalties
from synthetic.engines.inputs import (
    AVERAGE,
    CONSTANT,
    DISTANCE,
    GAP,
    ITERATE,
    TILE,
    Data,
    Stream,
    Walk,
)
from synthetic.engines.lanes import slopes, steps, values
from theory.formulas import average

Array = Any

LINE = 8
"""Numbers in a cache line."""


class State(NamedTuple):
    r"""What a group of lanes has in hand. Arrays are (rows, lanes) or (lanes,).

    Attributes:
        drawn: The drawn component's row of `Data.rows`; its features become $g_t$.
        x: $x_t$.
        z: $z_t$.
        total: $x_0 + \dots + x_t$.
        point: A point whose gap is recorded.
        excess: $\Delta_0 + \dots + \Delta_t$.
        bucket: Where to look the draw up.
        score: $\langle a, x \rangle$; before that, the uniform.
        loss: $f_\xi(x_t)$.
        slope: $h' + \delta$.
        dot: $\langle g_t, z_t - x_t \rangle$.
        norm_sq: $\|g_t\|^2$.
        step: $\eta_t$.
        gap: $f(x) - f(u)$ of a recorded point.
        scores: Products of a recorded point with `TILE` rows.

    """

    drawn: Array
    x: Array
    z: Array
    total: Array
    point: Array
    excess: Array
    bucket: Array
    score: Array
    loss: Array
    slope: Array
    dot: Array
    norm_sq: Array
    step: Array
    gap: Array
    scores: Array


@kernel
def run(
    data: Data, walk: Walk, stream: Stream, first: int, lanes: int, out: Array
) -> None:
    """Fill `out` (P, 4, K) with the channels of the replicas from `first` on."""
    dim, row = walk.start.size, _block(8, lanes)
    s = State(
        _block(data.rows.shape[1], lanes),
        *(_block(dim, lanes), _block(dim, lanes)),
        *(_block(dim, lanes), _block(dim, lanes)),
        *(row[0], np.empty(lanes, dtype=np.int64)),
        *(row[1], row[2], row[3], row[4], row[5], row[6], row[7]),
        _block(TILE, lanes),
    )
    for base in range(0, len(out), lanes):
        _group(s, data, walk, stream, first + base, out[base : base + lanes])


@inner
def _block(rows: int, lanes: int) -> Array:
    """Room whose rows begin where a cache line does: no load takes two of them."""
    space = np.empty(rows * lanes + LINE)
    start = -(space.ctypes.data // 8) % LINE
    return space[start : start + rows * lanes].reshape(rows, lanes)


@inlined
def _group(
    s: State, data: Data, walk: Walk, stream: Stream, first: int, out: Array
) -> None:
    """Run one group from the start to the last recorded time."""
    for j in range(walk.start.size):
        s.x[j] = walk.start[j]
        s.z[j] = walk.start[j]
        s.total[j] = 0.0
    s.excess[:] = 0.0
    row = 0
    needs_loss = walk.rule != CONSTANT or walk.wanted[AVERAGE]
    for t in range(walk.times[-1] + 1):
        due = walk.times[row] == t
        if walk.wanted[ITERATE]:
            _add(s.x, s.total)
        if due:
            _record_gaps(s, data, walk, t, row, out)
        _draw(s, data, stream, first, t)
        _slopes(s, data)
        if needs_loss:
            _losses(s, data)
        if due:
            for lane in range(len(out)):
                out[lane, AVERAGE, row] = s.excess[lane] / (t + 1)
            row += 1
        _gradients(s, data, walk.drift)
        told, size = s.drawn[walk.start.size + 1], walk.sizes[t]
        steps(walk.rule, (s.loss, told, s.dot, s.norm_sq, size, s.step))
        _move(s, walk.lam[t + 1])


@inner
def _add(x: Array, total: Array) -> None:
    for j in range(x.shape[0]):
        for lane in range(x.shape[1]):
            total[j, lane] += x[j, lane]


@inner
def _draw(s: State, data: Data, stream: Stream, first: int, t: int) -> None:
    """Fetch the rows of the components that the lanes draw at step t."""
    u, columns = s.score, data.rows.shape[1]
    for lane in range(u.size):
        bits = uniform_bits(stream.seed, first + lane, t)
        u[lane] = uniform(bits)
        s.bucket[lane] = np.int64(bits >> stream.shift)
    for lane in range(u.size):
        i = stream.guide[s.bucket[lane]]
        while stream.sums[i] <= u[lane]:
            i += 1
        for j in range(columns):
            s.drawn[j, lane] = data.rows[i, j]


@inner
def _slopes(s: State, data: Data) -> None:
    r"""$\langle a, x_t \rangle$ and $h' + \delta$."""
    dim, lanes = s.x.shape
    s.score[:] = 0.0
    for j in range(dim):
        for lane in range(lanes):
            s.score[lane] += s.drawn[j, lane] * s.x[j, lane]
    slopes(data.loss, (s.score, s.drawn[dim], s.slope))
    for lane in range(lanes):
        s.slope[lane] += s.drawn[dim + 3, lane]


@inner
def _losses(s: State, data: Data) -> None:
    r"""$f_\xi(x_t)$, and the sum of the excesses $f_\xi(x_t) - f_\xi(u)$."""
    dim, lanes = s.x.shape
    values(data.loss, (s.score, s.drawn[dim], s.loss))
    penalties(data, s.x, s.norm_sq)
    for lane in range(lanes):
        s.loss[lane] += s.norm_sq[lane]
        s.excess[lane] += s.loss[lane] - s.drawn[dim + 2, lane]


@inner
def _gradients(s: State, data: Data, drift: Array) -> None:
    r"""$g_t$ in place of the features; its square, and its product with $z_t - x_t$."""
    s.dot[:] = 0.0
    s.norm_sq[:] = 0.0
    for j in range(s.x.shape[0]):
        for lane in range(s.dot.size):
            pull = data.ridge * (s.x[j, lane] - data.center[j]) + drift[j]
            g = s.slope[lane] * s.drawn[j, lane] + pull
            s.drawn[j, lane] = g
            s.dot[lane] += g * (s.z[j, lane] - s.x[j, lane])
            s.norm_sq[lane] += g * g


@inner
def _move(s: State, lam: float) -> None:
    r"""$z \gets z - \eta g$ and the average; dividing by a literal 1 costs nothing."""
    for j in range(s.x.shape[0]):
        if lam == 0.0:
            for lane in range(s.step.size):
                s.z[j, lane] -= s.step[lane] * s.drawn[j, lane]
                s.x[j, lane] = average(s.x[j, lane], s.z[j, lane], 0.0)
        else:
            for lane in range(s.step.size):
                s.z[j, lane] -= s.step[lane] * s.drawn[j, lane]
                s.x[j, lane] = average(s.x[j, lane], s.z[j, lane], lam)


@inlined
def _record_gaps(
    s: State, data: Data, walk: Walk, t: int, row: int, out: Array
) -> None:
    for place in (GAP, ITERATE):  # a loop: two calls would be compiled twice
        if not walk.wanted[place]:
            continue
        for j in range(s.x.shape[0]):
            for lane in range(s.gap.size):
                mean = s.total[j, lane] / (t + 1)
                s.point[j, lane] = s.x[j, lane] if place == GAP else mean
        gaps(data, s.point, (s.scores, s.norm_sq, s.gap))
        for lane in range(len(out)):
            out[lane, place, row] = s.gap[lane]
    if walk.wanted[DISTANCE]:
        distances(s.x, walk.comparator, s.gap)
        for lane in range(len(out)):
            out[lane, DISTANCE, row] = s.gap[lane]
