r"""What the compiled kernel is told: a problem, a walk, and how bits become draws.

Kept apart from who asks (`synthetic.engines.compiled` for the settings of claims,
`synthetic.engines.distilled` for knowledge distillation), so that one kernel serves
them all. Each function here returns arrays of one type and layout: another would be
compiled for again.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synthetic import losses
from synthetic.draws import partial_sums
from synthetic.problems.base import FloatArray, IntArray
from synthetic.problems.glm import GLM
from theory import formulas

LOSSES = tuple(losses.LOSSES.values())
RULES = (formulas.polyak, formulas.capped_polyak, formulas.constant)
CONSTANT = RULES.index(formulas.constant)
"""The rule that asks for no loss."""

GAP, AVERAGE, ITERATE, DISTANCE = range(4)
PLACES = {
    "gap": GAP,
    "average_gap": AVERAGE,
    "iterate_gap": ITERATE,
    "point_dist_sq": DISTANCE,
}

TILE = 4
"""Rows whose products with the points are taken together: fewer loads of the points."""

MOST_LANES = 128
LANE_BUDGET = 2**15
"""Coordinates times lanes: a group's state stays in the second-level cache."""

MOST_BUCKETS = 16
"""Base-2 logarithm; more buckets than components save looking at the next one."""


class Data(NamedTuple):
    r"""The problem, as the run is told.

    Attributes:
        rows: $(a_i, b_i, v_i, f_i(u), \delta_i)$, shape (n, d + 4); $\delta_i$ is
            added to the slope. Zeros fill them up to a multiple of `TILE`.
        weights: $w_i$.
        root: Of a squared loss its `GLM.root` R, as rows of components with target 0:
            $f(x) - f(u) = \|R e\|^2/2 + \langle \nabla f(u), e\rangle + \mu \|e\|^2/2$
            with $e = x - u$. Of other losses it has no rows.
        origin: $u$.
        slope: $\nabla f(u)$.
        center: $c$.
        ridge: $\mu$.
        loss: Place in `LOSSES`.

    """

    rows: FloatArray
    weights: FloatArray
    root: FloatArray
    origin: FloatArray
    slope: FloatArray
    center: FloatArray
    ridge: float
    loss: int


class Walk(NamedTuple):
    r"""The method, and what is recorded of it.

    Attributes:
        start: $x_0$.
        comparator: $u$, of which the distance is recorded.
        drift: A vector that is added to every gradient.
        lam: $\lambda_0, \lambda_1, \dots$ up to one past the last time.
        rule: Place in `RULES`.
        sizes: The rule's parameter at each step, up to the last time.
        times: The recorded t, ascending.
        wanted: Which channels are, by their `PLACES`.

    """

    start: FloatArray
    comparator: FloatArray
    drift: FloatArray
    lam: FloatArray
    rule: int
    sizes: FloatArray
    times: IntArray
    wanted: NDArray[np.bool_]


class Stream(NamedTuple):
    r"""How bits become components: as `draws.component_draws` does it.

    Attributes:
        seed: Modulo $2^{64}$.
        sums: Partial sums of the weights.
        guide: For each of $2^p$ buckets of u, the component at its lower end.
        shift: $64 - p$: the bucket is the first p bits.

    """

    seed: np.uint64
    sums: FloatArray
    guide: IntArray
    shift: np.uint64


def data_of(problem: GLM, told: FloatArray, shift: FloatArray) -> Data:
    """The problem with the targets (n,) and slope shifts (n,) of a run."""
    columns = (problem.features, problem.target, told, problem.loss_star, shift)
    rows = np.column_stack(columns)
    root = np.zeros((0, rows.shape[1]))
    if problem.loss is losses.SQUARED:
        root = np.pad(problem.root, ((0, 0), (0, rows.shape[1] - problem.dim)))
    return Data(
        rows=_in_tiles(rows),
        weights=floats(problem.weights),
        root=_in_tiles(root),
        origin=floats(problem.point),
        slope=floats(problem.gradient(problem.point[None, :])[0]),
        center=floats(problem.center),
        ridge=float(problem.ridge),
        loss=LOSSES.index(problem.loss),
    )


def record(
    data: Data, walk: Walk, *, seed: int, replicas: range, threads: int
) -> FloatArray:
    """Run the replicas: channels by `PLACES`, shape (P, 4, K); 0 where not wanted."""
    from synthetic.engines.kernel import run  # noqa: PLC0415 -- numba loads slowly

    out = np.zeros((len(replicas), len(PLACES), len(walk.times)))
    if not out.size:
        return out
    stream = _stream(seed, data.weights)

    def part(start: int, stop: int) -> None:
        lanes = _lanes(walk.start.size, stop - start)
        run(data, walk, stream, replicas[start], lanes, out[start:stop])

    ends = np.linspace(0, len(replicas), min(threads, len(replicas)) + 1)
    parts = list(pairwise(ends.astype(int).tolist()))
    if len(parts) == 1:
        part(*parts[0])
    else:
        with ThreadPoolExecutor(len(parts)) as pool:
            list(pool.map(lambda ends: part(*ends), parts))
    return out


def wanted(channels: frozenset[str]) -> NDArray[np.bool_]:
    """Which of `PLACES` are among the channels."""
    return np.array([name in channels for name in PLACES])


def floats(values: FloatArray) -> FloatArray:
    """A writable copy in order."""
    return np.array(values, dtype=np.float64, order="C")


def _in_tiles(rows: FloatArray) -> FloatArray:
    return floats(np.pad(rows, ((0, -len(rows) % TILE), (0, 0))))


def _stream(seed: int, weights: FloatArray) -> Stream:
    sums = partial_sums(weights, len(weights))
    assert sums is not None
    depth = min(len(weights).bit_length() + 3, MOST_BUCKETS)
    lower_ends = np.arange(2**depth) / 2**depth  # exact, as is the comparison below
    return Stream(
        seed=np.uint64(seed % 2**64),
        sums=sums,
        guide=np.searchsorted(sums, lower_ends, side="right").astype(np.int64),
        shift=np.uint64(64 - depth),
    )


def _lanes(dim: int, count: int) -> int:
    """How many replicas go side by side: a multiple of the vector width."""
    fitting = min(max(LANE_BUDGET // dim, 8), MOST_LANES, count + 7)
    return fitting - fitting % 8
