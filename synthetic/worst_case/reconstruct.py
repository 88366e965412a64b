r"""Functions that attain a worst case, rebuilt from the solution of its program.

The Gram matrix is made small in trace among all that reach the value, which keeps its
rank low, and factored by its eigenvalues: points, slopes and values in $R^r$. Through
them goes a function of the class: the maximum of the affine pieces $f_t + \langle g_t,
x - x_t\rangle$ and 0, or, smooth, the Moreau envelope of such a maximum. The method
itself is then run on it, with steps computed from values and slopes.

**Ties.** At a worst point several pieces are largest; the run is hard for one answer
only. Piece t is multiplied by $1 + \delta (T - 1 - t)$, then all are divided by $1 +
\delta (T - 1)$: earlier pieces win strictly, no tie rule is needed, G stays at most 1,
and values change little: by less than 1e-7 of $GD$ for T up to 5 and $\delta$ = `TILT`,
which has to be larger than the error of the solver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synthetic.instances import at_origin
from synthetic.problems.base import FloatArray, Problem
from synthetic.problems.envelope import Envelope
from synthetic.problems.polyhedral import Polyhedral
from theory.worst_case.boxes import before, fixed_steps
from theory.worst_case.lift import Run, lift
from theory.worst_case.program import Program, rows
from theory.worst_case.solution import SIGNED
from theory.worst_case.solve import solve

TILT = 2e-8
CUT = 1e-6
"""Eigenvalues below this share of the largest are dropped."""
SHORTFALL = 1e-9
"""How far below the value the solution of least trace may be."""


@dataclass(frozen=True, eq=False)
class Worst:
    r"""A function of the class, where to start, and what is to be seen.

    Attributes:
        problem: One component, least at the origin, where it is 0.
        x0: The start, of length $\sqrt T$.
        value: The program's value, a factor of $GD/\sqrt T$ or $L D^2 / T$.
        points: $x_t$ as the program has them, shape (T, r).
        slopes: $g_t$ likewise.
        values: $f_t$, shape (T,).

    """

    problem: Problem
    x0: FloatArray
    value: float
    points: FloatArray
    slopes: FloatArray
    values: FloatArray

    @property
    def rank(self) -> int:
        """The dimension."""
        return int(self.x0.size)


def of_steps(run: Run, steps: Sequence[float]) -> Worst:
    r"""The worst Lipschitz function among those where the method takes these steps.

    Args:
        run: Method and measure.
        steps: In units of $D / (G \sqrt T)$; 1 is the worst for the mean of SPS* and
            for the last point of IAM, `theory.worst_case.boxes.worst_steps` for the
            last of SPS*.

    """
    vectors, values, value = _low_rank(fixed_steps(run, steps))
    slopes = vectors[1:]
    moves = np.asarray(steps)[:, None] * slopes[:-1]
    at = run.outer(vectors[0] - before(moves))
    problem = max_affine(f"worst {run.title()}", at, slopes, values)
    return Worst(problem, vectors[0], value, at, slopes, values)


def of_smooth(run: Run) -> Worst:
    """The worst smooth function of a method; meaningful where `lift` is exact."""
    vectors, values, value = _low_rank(lift(run))
    slopes, steps = vectors[1 : run.points + 1], vectors[run.points + 1 :]
    at = run.outer(vectors[0] - before(steps))
    problem = envelope(f"worst {run.title()}", at, slopes, values)
    return Worst(problem, vectors[0], value, at, slopes, values)


def max_affine(
    name: str, points: FloatArray, slopes: FloatArray, values: FloatArray
) -> Polyhedral:
    r"""$\max(0, \max_t f_t + \langle g_t, x - x_t\rangle)$, tilted against ties."""
    offsets = values - (slopes * points).sum(axis=1)
    later = np.arange(len(values))[::-1]
    tilt = (1 + TILT * later) / (1 + TILT * (len(values) - 1))
    pieces = np.concatenate([tilt[:, None] * slopes, 0 * slopes[:1]])
    # No piece is above 0 at the origin; the solver's error may say so.
    offsets = np.concatenate([tilt * np.minimum(offsets, 0.0), [0.0]])
    return Polyhedral(
        name=name,
        weights=np.ones(1),
        minimiser=at_origin(slopes.shape[1]),
        pieces=pieces[None],
        offsets=offsets[None],
    )


def envelope(
    name: str, points: FloatArray, slopes: FloatArray, values: FloatArray
) -> Envelope:
    r"""The 1-smooth interpolant: pieces of slope $g_t$ through $x_t - g_t$.

    Their value there is $f_t - \|g_t\|^2 / 2$ (Taylor, Hendrickx and Glineur 2017).
    """
    below = values - 0.5 * (slopes * slopes).sum(axis=1)
    offsets = below - (slopes * (points - slopes)).sum(axis=1)
    return Envelope(
        name=name,
        weights=np.ones(1),
        minimiser=at_origin(slopes.shape[1]),
        pieces=np.concatenate([slopes, 0 * slopes[:1]]),
        offsets=np.concatenate([np.minimum(offsets, 0.0), [0.0]]),
    )


def _low_rank(program: Program) -> tuple[FloatArray, FloatArray, float]:
    """Vectors (n, r), values (k,), and the program's value."""
    value = solve(program).dual
    n = len(program.form)
    reached = rows(
        ["value"],
        -program.form[None],
        -program.weights[None],
        SHORTFALL - value,
    )
    smallest = replace(
        program.with_rows(reached),
        name=f"least trace of {program.name}",
        form=-np.eye(n),
        weights=0 * program.weights,
    )
    found = solve(smallest, SIGNED)
    powers, axes = np.linalg.eigh(found.gram)
    kept = powers > CUT * powers[-1]
    return axes[:, kept] * np.sqrt(powers[kept]), found.values, value
