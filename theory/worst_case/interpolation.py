r"""When values and slopes at finitely many points come from one function of a class.

**Convex** ($L = \infty$, $\mu = 0$): $f_i \ge f_j + \langle g_j, x_i - x_j\rangle$ for
all ordered pairs is necessary and sufficient; an interpolant is $\max_j f_j + \langle
g_j, x - x_j\rangle$. It is $G$-Lipschitz everywhere where all $\|g_j\| \le G$.

**$\mu$-strongly convex and $L$-smooth** (Taylor, Hendrickx and Glineur, Math. Program.
161, 2017, Theorem 4): with $\delta = g_i - g_j$ and $\xi = x_i - x_j$,
$$f_i \ge f_j + \langle g_j, \xi\rangle + \tfrac{1}{2(1 - \mu/L)} \bigl(
\tfrac1L \|\delta\|^2 + \mu \|\xi\|^2 - \tfrac{2\mu}{L} \langle\delta,
\xi\rangle\bigr).$$

A row may be dropped from a program (its bound stays valid), never added without proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError
from theory.worst_case.program import FloatArray, Rows, rows

Pairs = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Points:
    r"""What is known of one function at p points, as coefficients of the unknowns.

    Attributes:
        labels: What row names call the points; `"*"` for the minimiser.
        at: $x_i$ in the basis of abstract vectors, shape (p, n).
        slopes: $g_i$ likewise, shape (p, n).
        values: $f_i$ in the unknown values, shape (p, k).

    """

    labels: Sequence[str]
    at: FloatArray
    slopes: FloatArray
    values: FloatArray


@dataclass(frozen=True)
class Curvature:
    r"""$\mu$-strongly convex and $L$-smooth, $0 \le \mu < L \le \infty$."""

    L: float = inf
    mu: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no class."""
        if not (0 <= self.mu < self.L and self.mu < inf):
            msg = f"Need 0 <= mu < L and a finite mu, got {self.mu=}, {self.L=}."
            raise InputError(msg)


CONVEX = Curvature()


def all_pairs(num_points: int) -> Pairs:
    """All ordered pairs (i, j) with i != j, shape (p (p - 1), 2)."""
    i, j = np.nonzero(~np.eye(num_points, dtype=bool))
    return np.stack([i, j], axis=1)


def interpolation(points: Points, pairs: Pairs, curvature: Curvature = CONVEX) -> Rows:
    r"""$f_j - f_i + \langle g_j, x_i - x_j\rangle + \dots \le 0$ for the pairs.

    Args:
        points: All points, the minimiser among them.
        pairs: Ordered pairs (i, j): the function at i lies above the model at j.
        curvature: The class.

    """
    i, j = pairs[:, 0], pairs[:, 1]
    shift, change = points.at[i] - points.at[j], points.slopes[i] - points.slopes[j]
    mu, over_L = curvature.mu, 1.0 / curvature.L
    half = 0.5 / (1.0 - mu * over_L)
    # One product of stacked left and right factors: A = left^T right, made symmetric.
    left = [points.slopes[j]]
    right = [shift]
    if over_L > 0:
        left.append(half * over_L * change)
        right.append(change - 2.0 * mu * shift)
    if mu > 0:
        left.append(half * mu * shift)
        right.append(shift)
    forms = np.einsum("rmi,rmj->mij", np.stack(left), np.stack(right))
    labels = points.labels
    names = [f"pair {labels[a]} {labels[b]}" for a, b in pairs.tolist()]
    return rows(names, forms, points.values[j] - points.values[i])
