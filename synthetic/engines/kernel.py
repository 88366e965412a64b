r"""The compiled loop of Monte Carlo: `simulate`'s sampled mode, lane by lane.

A lane is a replica. Every array has the lanes last, and every loop over lanes does the
same to each of them, so a lane's results do not depend on its neighbours.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from synthetic.draws import uniform, uniform_bits
from synthetic.engines.compiler import inlined, inner, kernel
from synthetic.engines.inputs import (
    AVERAGE,
    CONSTANT,
    DISTANCE,
    GAP,
    ITERATE,
    Data,
    Stream,
    Walk,
)
from synthetic.engines.lanes import slopes, steps, values
from theory.formulas import average

Array = Any


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


@kernel
def run(
    data: Data, walk: Walk, stream: Stream, first: int, lanes: int, out: Array
) -> None:
    """Fill `out` (P, 4, K) with the channels of the replicas from `first` on."""
    dim, row = walk.start.size, (lanes,)
    block = (dim, lanes)
    s = State(
        np.empty((data.rows.shape[1], lanes)),
        *(np.empty(block), np.empty(block), np.empty(block), np.empty(block)),
        *(np.empty(row), np.empty(row, dtype=np.int64), np.empty(row)),
        *(np.empty(row), np.empty(row), np.empty(row), np.empty(row)),
        *(np.empty(row), np.empty(row)),
    )
    for base in range(0, len(out), lanes):
        _group(s, data, walk, stream, first + base, out[base : base + lanes])


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
    _penalty(data, s.x, s.norm_sq)
    for lane in range(lanes):
        s.loss[lane] += s.norm_sq[lane]
        s.excess[lane] += s.loss[lane] - s.drawn[dim + 2, lane]


@inner
def _penalty(data: Data, x: Array, out: Array) -> None:
    out[:] = 0.0
    for j in range(x.shape[0]):
        for lane in range(out.size):
            shifted = x[j, lane] - data.center[j]
            out[lane] += shifted * shifted
    for lane in range(out.size):
        out[lane] *= 0.5 * data.ridge


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
    for place in (GAP, ITERATE):
        if not walk.wanted[place]:
            continue
        for j in range(s.x.shape[0]):
            for lane in range(s.gap.size):
                mean = s.total[j, lane] / (t + 1)
                s.point[j, lane] = s.x[j, lane] if place == GAP else mean
        _gap(s, data, s.point)
        for lane in range(len(out)):
            out[lane, place, row] = s.gap[lane]
    if walk.wanted[DISTANCE]:
        _distances(s, walk)
        for lane in range(len(out)):
            out[lane, DISTANCE, row] = s.gap[lane]


@inner
def _distances(s: State, walk: Walk) -> None:
    r"""$\|x_t - u\|^2$."""
    s.gap[:] = 0.0
    for j in range(s.x.shape[0]):
        for lane in range(s.gap.size):
            away = s.x[j, lane] - walk.comparator[j]
            s.gap[lane] += away * away


@inner
def _gap(s: State, data: Data, x: Array) -> None:
    r"""$f(x) - f(u)$, summed as differences; uses rows that are free between steps."""
    dim = x.shape[0]
    penalty, b = s.norm_sq, s.dot
    _penalty(data, x, penalty)
    s.gap[:] = 0.0
    for i in range(data.weights.size):
        _scores(data.rows[i], x, s.score)
        b[:] = data.rows[i, dim]
        values(data.loss, (s.score, b, s.loss))
        for lane in range(s.gap.size):
            difference = s.loss[lane] + penalty[lane] - data.rows[i, dim + 2]
            s.gap[lane] += data.weights[i] * difference


@inner
def _scores(a: Array, x: Array, out: Array) -> None:
    r"""$\langle a, x \rangle$, term by term; four at a time, for fewer loads."""
    dim = x.shape[0]
    out[:] = 0.0
    for j in range(0, dim - 3, 4):
        a0, a1, a2, a3 = a[j], a[j + 1], a[j + 2], a[j + 3]
        for lane in range(out.size):
            two = out[lane] + a0 * x[j, lane] + a1 * x[j + 1, lane]
            out[lane] = two + a2 * x[j + 2, lane] + a3 * x[j + 3, lane]
    for j in range(dim - dim % 4, dim):
        for lane in range(out.size):
            out[lane] += a[j] * x[j, lane]
