r"""$f(x) - f(u)$ and $\|x - u\|^2$ of the points of a group of lanes, for the kernel.

f has n components, so this is most of a run's work where it is recorded often. The rows
of the data are taken `TILE` at a time, so that each number of a point is loaded once
for all of them. Products are added by fused operations, rounded once on every
processor.
"""

from __future__ import annotations

from typing import Any

from synthetic.engines.compiler import inner
from synthetic.engines.exponentials import fused
from synthetic.engines.inputs import TILE, Data
from synthetic.engines.lanes import excesses

Array = Any
Room = tuple[Array, Array, Array]
"""For work: (TILE, lanes) and (lanes,); for the gaps: (lanes,)."""
Four = tuple[float, float, float, float]


@inner
def gaps(data: Data, x: Array, room: Room) -> None:
    r"""The gaps of the points x (d, lanes), which are overwritten.

    The sum of the components' differences, which stays accurate near 0. Of a squared
    loss it is $\langle \nabla f(u), e\rangle + \mu\|e\|^2/2 + \|R e\|^2/2$: the rows of
    R are min(n, d) components with target 0, so the loop is the same.
    """
    scores, penalty, gap = room
    gap[:] = 0.0
    is_quadratic = data.root.shape[0] > 0
    if is_quadratic:
        _around(data, x, penalty, gap)
        rows, count = data.root, data.root.shape[0]
    else:
        penalties(data, x, penalty)
        rows, count = data.rows, data.weights.size
    dim = x.shape[0]
    for i in range(count):
        if i % TILE == 0:
            _scores(rows, i, x, scores)
        b, at_u = rows[i, dim], rows[i, dim + 2]
        weight = 1.0 if is_quadratic else data.weights[i]
        excesses(data.loss, (scores[i % TILE], b, at_u, weight, penalty, gap))


@inner
def penalties(data: Data, x: Array, out: Array) -> None:
    r"""$\mu \|x - c\|^2 / 2$."""
    distances(x, data.center, out)
    for lane in range(out.size):
        out[lane] *= 0.5 * data.ridge


@inner
def distances(x: Array, point: Array, out: Array) -> None:
    """The squares of the distances from a point (d,)."""
    out[:] = 0.0
    for j in range(x.shape[0]):
        for lane in range(out.size):
            away = x[j, lane] - point[j]
            out[lane] += away * away


@inner
def _around(data: Data, x: Array, work: Array, gap: Array) -> None:
    r"""Put $e = x - u$ in place of x; add what is no sum of squared products of it."""
    for j in range(x.shape[0]):
        for lane in range(gap.size):
            e = x[j, lane] - data.origin[j]
            x[j, lane] = e
            gap[lane] += data.slope[j] * e
    work[:] = 0.0
    for j in range(x.shape[0]):
        for lane in range(gap.size):
            work[lane] += x[j, lane] * x[j, lane]
    for lane in range(gap.size):
        gap[lane] += 0.5 * data.ridge * work[lane]
        work[lane] = 0.0


@inner
def _scores(rows: Array, first: int, x: Array, out: Array) -> None:
    r"""$\langle a_i, x \rangle$ of the `TILE` = 4 rows from `first` on."""
    dim = x.shape[0]
    row0, row1 = rows[first], rows[first + 1]
    row2, row3 = rows[first + 2], rows[first + 3]
    out[:] = 0.0
    for j in range(0, dim - 3, 4):
        a0, a1, a2, a3 = _four(row0, j), _four(row1, j), _four(row2, j), _four(row3, j)
        for lane in range(out.shape[1]):
            at = (x[j, lane], x[j + 1, lane], x[j + 2, lane], x[j + 3, lane])
            out[0, lane] = _add_products(a0, at, out[0, lane])
            out[1, lane] = _add_products(a1, at, out[1, lane])
            out[2, lane] = _add_products(a2, at, out[2, lane])
            out[3, lane] = _add_products(a3, at, out[3, lane])
    for j in range(dim - dim % 4, dim):
        for lane in range(out.shape[1]):
            out[0, lane] = fused(row0[j], x[j, lane], out[0, lane])
            out[1, lane] = fused(row1[j], x[j, lane], out[1, lane])
            out[2, lane] = fused(row2[j], x[j, lane], out[2, lane])
            out[3, lane] = fused(row3[j], x[j, lane], out[3, lane])


@inner
def _four(row: Array, j: int) -> Four:
    return row[j], row[j + 1], row[j + 2], row[j + 3]


@inner
def _add_products(a: Four, x: Four, total: float) -> Any:
    total = fused(a[1], x[1], fused(a[0], x[0], total))
    return fused(a[3], x[3], fused(a[2], x[2], total))
