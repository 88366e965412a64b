r"""Up the excess of one pair of points of the mean, by a quasi-Newton method.

Where constants are eigenvalues, the worst direction is an eigenvector of two matrices
at once; random steps find it in few dimensions, gradients of the excess in more.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from synthetic.hypotheses.probe import Place, Probe
from synthetic.problems.base import FloatArray

BLOCK = 600_000
"""Larger gradients, (2d + 1) n d numbers at each look, are not afforded."""

ITERATIONS = 40
DIFFERENCE = 1e-6
"""Of the difference quotients, relative to the radius or the distance."""


def ascended(probe: Probe, place: Place) -> Place:
    """The pair that the method ends at, if it is better than the one it starts at."""
    oracle = probe.oracle
    both = probe.pairs == "free"
    dim = oracle.dim
    count = dim * (2 if both else 1)
    if (2 * count + 1) * oracle.num_components * dim > BLOCK:
        return place
    away, step = place.x[0] - oracle.centre, place.y[0] - place.x[0]
    reach, apart = float(np.linalg.norm(away)), float(np.linalg.norm(step))
    if not reach > 0 or (both and not apart > 0):
        return place
    scale = np.repeat([reach, apart] if both else [reach], dim)
    start = np.concatenate([away, step] if both else [away]) / scale

    def look(rows: FloatArray) -> Place:
        moved = rows * scale
        x = oracle.centre + moved[:, :dim]
        y = x + moved[:, dim:] if both else np.broadcast_to(place.y, x.shape)
        return probe.look(np.zeros(len(x), dtype=np.int64), x, y)

    shift = DIFFERENCE * np.eye(count)

    def downhill(w: FloatArray) -> tuple[float, FloatArray]:
        found = look(np.concatenate([w[None], w + shift, w - shift])).excess
        found = np.nan_to_num(found, posinf=1e9, neginf=-1e9)
        ahead, behind = found[1 : count + 1], found[count + 1 :]
        return -float(found[0]), (behind - ahead) / (2.0 * DIFFERENCE)

    ended = minimize(
        downhill,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS, "ftol": 1e-15, "gtol": 1e-12},
    )
    last = look(np.asarray(ended.x)[None])
    return last if last.excess[0] > place.excess[0] else place
