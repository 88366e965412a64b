r"""$f(x) = \min_y p(y) + \frac12 \|x - y\|^2$, p a maximum of affine pieces."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from synthetic.problems.base import (
    EPS,
    Array,
    BallConstants,
    FloatArray,
    IntArray,
    Problem,
    rounding_factor,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Envelope(Problem):
    r"""The Moreau envelope of $p(y) = \max_k (\langle w_k, y\rangle + c_k)$: 1-smooth.

    By duality $f(x) = \max_\alpha \sum_k \alpha_k (\langle w_k, x\rangle + c_k) -
    \frac12 \|\sum_k \alpha_k w_k\|^2$ over the simplex, with gradient $\sum_k \alpha_k
    w_k$. The active pieces are found by trying all sets of them, so few are allowed.

    Attributes:
        pieces: $w_k$, shape (K, d).
        offsets: $c_k$, shape (K,).

    """

    pieces: FloatArray
    offsets: FloatArray

    @property
    def is_liftable(self) -> bool:
        """No: the active set is solved for in doubles."""
        return False

    def losses(self, x: Array) -> Array:
        """See `Problem.losses`."""
        return self._solved(x)[0][:, None]

    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """See `Problem.component`; there is one component, whatever `i`."""
        del i
        return self._solved(x)

    def gradient(self, x: Array) -> Array:
        """See `Problem.gradient`."""
        return self._solved(x)[1]

    def _solved(self, x: Array) -> tuple[Array, Array]:
        """Values (P,) and gradients (P, d): the best of the sets' feasible optima.

        Each feasible weight gives a lower bound of the maximum, and one of the sets of
        affinely independent pieces attains it.
        """
        linear = x @ self.pieces.T + self.offsets
        best = np.full(len(x), -np.inf)
        slope = np.zeros_like(x)
        count = len(self.pieces)
        for size in range(1, min(count, self.dim + 2) + 1):
            for chosen in combinations(range(count), size):
                w, b = self.pieces[list(chosen)], linear[:, list(chosen)]
                kkt = np.ones((size + 1, size + 1))
                kkt[:size, :size], kkt[size, size] = w @ w.T, 0.0
                right = np.concatenate([b, np.ones((len(x), 1))], axis=1)
                alpha = (right @ np.linalg.pinv(kkt, rcond=1e-12))[:, :size]
                feasible = np.all(alpha >= -64 * EPS, axis=1)
                alpha = np.maximum(alpha, 0.0)
                total = alpha.sum(axis=1, keepdims=True)
                alpha = alpha / np.where(total > 0, total, 1.0)
                grad = alpha @ w
                value = (alpha * b).sum(axis=1) - 0.5 * (grad * grad).sum(axis=1)
                better = feasible & (total[:, 0] > 0) & (value > best)
                best = np.where(better, value, best)
                slope = np.where(better[:, None], grad, slope)
        return best, slope

    def ball(self, radius: float) -> BallConstants:
        r"""$L = 1$ everywhere, $G = \max_k \|w_k\|$; $A = 2$, $B = 0$ as $h = 0$."""
        norms = np.linalg.norm(self.pieces, axis=1)
        reach = float(np.linalg.norm(self.point)) + radius
        unit = rounding_factor(self.dim)
        scale = float(norms.max()) * reach + float(np.abs(self.offsets).max())
        at_u = self.gradient(self.point[None])
        return BallConstants(
            lipschitz=np.array([min(float(norms.max()), reach)]),
            smoothness=np.array([1.0]),
            slope_at_u=np.linalg.norm(at_u, axis=1),
            growth=(2.0, 0.0),
            value_roundoff=unit * scale,
            step_roundoff=unit * (reach + scale),
            mean_lipschitz=float(norms.max()),
            mean_smoothness=1.0,
            expected_smoothness=1.0,
        )
