r"""$f_i(x) = \min_b \max_k (\langle w_{ibk}, x\rangle + c_{ibk})$: valleys, not convex.

What a theorem on convex functions is tried on when convexity is not asked for. The
slopes bound every subgradient, so $G$ is known as for convex maxima.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from synthetic.problems.polyhedral import TIE


@dataclass(frozen=True, eq=False, kw_only=True)
class Valleys(Problem):
    r"""The least of some maxima per component; among tied banks and pieces the first.

    Attributes:
        pieces: $w_{ibk}$, shape (n, B, K, d).
        offsets: $c_{ibk}$, shape (n, B, K).

    """

    pieces: FloatArray
    offsets: FloatArray

    @property
    def guard(self) -> Array:
        """No guard, as for `Polyhedral`: slopes do not vanish near a minimiser."""
        return np.zeros_like(self.loss_star)

    def losses(self, x: Array) -> Array:
        """See `Problem.losses`."""
        scores = np.einsum("nbkd,pd->pnbk", self.pieces, x) + self.offsets
        return np.asarray(scores.max(axis=-1).min(axis=-1))

    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """See `Problem.component`."""
        scores = np.einsum("pbkd,pd->pbk", self.pieces[i], x) + self.offsets[i]
        loss, bank, piece = self._chosen(scores)
        return loss, self.pieces[i, bank, piece]

    def gradient(self, x: Array) -> Array:
        """See `Problem.gradient`."""
        scores = np.einsum("nbkd,pd->pnbk", self.pieces, x) + self.offsets
        _, bank, piece = self._chosen(scores)  # (P, n)
        everyone = np.arange(self.num_components)
        chosen = self.pieces[everyone, bank, piece]
        return np.asarray(np.einsum("n,pnd->pd", self.weights, chosen))

    @staticmethod
    def _chosen(scores: Array) -> tuple[Array, IntArray, IntArray]:
        """The value, the bank that gives it, and the piece that gives the bank's."""
        tops = scores.max(axis=-1)
        loss = tops.min(axis=-1)
        near = TIE * (1.0 + np.abs(loss))
        bank = np.argmax(tops <= (loss + near)[..., None], axis=-1)
        mine = np.take_along_axis(scores, bank[..., None, None], axis=-2)[..., 0, :]
        top = mine.max(axis=-1)
        slack = TIE * (1.0 + np.abs(top))
        piece = np.argmax(mine >= (top - slack)[..., None], axis=-1)
        return loss, np.asarray(bank), np.asarray(piece)

    def ball(self, radius: float) -> BallConstants:
        r"""$G_i = \max \|w_{ibk}\|$ everywhere; nothing else is known."""
        norms = np.linalg.norm(self.pieces, axis=-1)
        lipschitz = norms.max(axis=(1, 2))
        reach = float(np.linalg.norm(self.point)) + radius
        scale = float(lipschitz.max()) * reach + float(np.abs(self.offsets).max())
        gentlest = float(norms[norms > 0].min(initial=np.inf))
        unit = EPS + rounding_factor(self.dim)
        everyone = np.arange(self.num_components)
        at_u = self.component(everyone, np.tile(self.point, (everyone.size, 1)))[1]
        return BallConstants(
            lipschitz=lipschitz,
            smoothness=np.full_like(lipschitz, np.inf),
            slope_at_u=np.linalg.norm(at_u, axis=1),
            growth=(0.0, float(self.weights @ lipschitz**2)),
            value_roundoff=unit * scale,
            step_roundoff=unit * (reach + scale / gentlest),
            mean_lipschitz=float(self.weights @ lipschitz),
            gentlest=gentlest,
        )
