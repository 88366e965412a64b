r"""$f_i(x) = \max_k (\langle w_{ik}, x\rangle + c_{ik})$ with a declared tie order."""

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
    leak,
    refuse_flat,
    rounding_factor,
)

TIE = 8.0 * EPS
"""Pieces this close to the maximum (relative to 1 + |max|) count as tied."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Polyhedral(Problem):
    r"""A maximum of affine pieces per component; among tied pieces the first wins.

    The order of the pieces is the tie order: it is part of the instance, since hard
    instances are hard for one answer of the oracle only. Data are exact, and gradients
    do not vanish near the minimiser, so targets need no roundoff guard.

    Attributes:
        pieces: $w_{ik}$, shape (n, K, d).
        offsets: $c_{ik}$, shape (n, K).

    """

    pieces: FloatArray
    offsets: FloatArray

    @property
    def guard(self) -> Array:
        """No guard; see the class."""
        return np.zeros_like(self.loss_star)

    def losses(self, x: Array) -> Array:
        """See `Problem.losses`."""
        scores = np.einsum("nkd,pd->pnk", self.pieces, x) + self.offsets
        return np.asarray(scores.max(axis=-1))

    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """See `Problem.component`."""
        pieces = self.pieces[i]  # (P, K, d)
        scores = np.einsum("pkd,pd->pk", pieces, x) + self.offsets[i]
        loss = scores.max(axis=-1)
        first = self._first(scores, loss)
        return loss, pieces[np.arange(first.size), first]

    def gradient(self, x: Array) -> Array:
        """See `Problem.gradient`."""
        scores = np.einsum("nkd,pd->pnk", self.pieces, x) + self.offsets
        first = self._first(scores, scores.max(axis=-1))  # (P, n)
        chosen = self.pieces[np.arange(self.num_components), first]  # (P, n, d)
        return np.asarray(np.einsum("n,pnd->pd", self.weights, chosen))

    @staticmethod
    def _first(scores: Array, top: Array) -> IntArray:
        tied = scores >= (top - TIE * (1.0 + np.abs(top)))[..., None]
        return np.asarray(np.argmax(tied, axis=-1))

    def ball(self, radius: float) -> BallConstants:
        r"""$G_i = \max_k \|w_{ik}\|$ everywhere; not smooth; $A = 0$, $B = G^2$."""
        norms = np.linalg.norm(self.pieces, axis=-1)  # (n, K)
        lipschitz = norms.max(axis=1)
        refuse_flat(self.name, lipschitz)
        reach = float(np.linalg.norm(self.point)) + radius
        scale = float(lipschitz.max()) * reach + float(np.abs(self.offsets).max())
        gentlest = float(norms[norms > 0].min(initial=np.inf))
        unit = rounding_factor(self.dim)
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
            q=self._leak(at_u, lipschitz),
            kappa=leak(at_u, self.weights),
        )

    def _leak(self, at_u: FloatArray, lipschitz: FloatArray) -> float:
        """See `BallConstants.q`: exact on the line, else the general lower bound."""
        if self.dim > 1:
            second = float(self.weights @ lipschitz**2)
            return leak(at_u, self.weights) ** 2 / second
        share = at_u[:, 0] / np.where(lipschitz > 0, lipschitz, 1.0)
        return min(
            float(self.weights @ np.maximum(side * share, 0.0) ** 2)
            for side in (-1.0, 1.0)
        )
