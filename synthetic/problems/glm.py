r"""$f_i(x) = h(\langle a_i, x\rangle; b_i) + \frac{\mu}{2} \|x - c\|^2$, h convex."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from synthetic.losses import L1, SQUARED, Loss
from synthetic.problems.base import (
    Array,
    BallConstants,
    FloatArray,
    IntArray,
    Problem,
    leak,
    refuse_flat,
    rounding_factor,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class GLM(Problem):
    r"""A generalised linear model, with or without ridge.

    Attributes:
        features: $a_i$, shape (n, d).
        target: $b_i$, shape (n,).
        loss: $h$.
        ridge: $\mu \ge 0$.
        center: $c$, shape (d,).

    """

    features: FloatArray
    target: FloatArray
    loss: Loss
    ridge: float = 0.0
    center: FloatArray

    def _penalty(self, x: Array) -> Array:
        shifted = x - self.center
        return np.asarray(0.5 * self.ridge * (shifted * shifted).sum(axis=-1))

    def losses(self, x: Array) -> Array:
        """See `Problem.losses`."""
        scores = x @ self.features.T  # (P, n)
        values = self.loss.value(scores, self.target) + self._penalty(x)[:, None]
        return np.asarray(values)

    def component(self, i: IntArray, x: Array) -> tuple[Array, Array]:
        """See `Problem.component`."""
        a, b = self.features[i], self.target[i]  # (P, d), (P,)
        score = (a * x).sum(axis=-1)
        loss = self.loss.value(score, b) + self._penalty(x)
        grad = self.loss.slope(score, b)[:, None] * a + self.ridge * (x - self.center)
        return loss, grad

    def gradient(self, x: Array) -> Array:
        """See `Problem.gradient`."""
        slopes = self.loss.slope(x @ self.features.T, self.target) * self.weights
        return np.asarray(slopes @ self.features + self.ridge * (x - self.center))

    @cached_property
    def root(self) -> FloatArray:
        r"""R with $R^T R = \sum w_i a_i a_i^T$, triangular, shape (min(n, d), d)."""
        scaled = np.sqrt(self.weights)[:, None] * self.features
        return np.asarray(np.linalg.qr(scaled, mode="r"))

    def ball(self, radius: float) -> BallConstants:
        r"""The constants with $n_a = \|a_i\|$, $\rho = n_a D$, $u_\star = a_i \cdot u$.

        $G_i = n_a \sup|h'| + \mu(\|u - c\| + D)$, $L_i = n_a^2 \sup h'' + \mu$, both
        over $|s - u_\star| \le \rho$ (for one score the ball suffices). Growth is
        lemma S1: $A = 2 L$, $B = A (f(u) - E \inf h)$ with L over the hull of the
        interval and $\arg\min h$, or $A = 0$, $B = G^2$ where the loss is not smooth.
        """
        norms = np.sqrt((self.features**2).sum(axis=1))
        score, rho = self.features @ self.point, norms * radius
        offset = float(np.linalg.norm(self.point - self.center))
        steep = self.loss.steepest(score, rho, self.target)
        lipschitz = norms * steep + self.ridge * (offset + radius)
        refuse_flat(self.name, lipschitz)
        smoothness = np.full_like(norms, np.inf)
        if self.loss.curvature is not None:
            curvature = self.loss.curvature(score, rho, self.target)
            smoothness = norms**2 * curvature + self.ridge
        mean_smoothness, mu = self._of_the_sum(smoothness)
        slope = self.loss.slope(score, self.target)
        at_u = slope[:, None] * self.features + self.ridge * (self.point - self.center)
        if self.loss.self_bounding is None:
            growth = (0.0, float(self.weights @ lipschitz**2))
        else:
            bounding = self.loss.self_bounding(score, rho, self.target)
            a = 2.0 * float(np.max(norms**2 * bounding) + self.ridge)
            lowest = float(self.weights @ self.loss.infimum(self.target))
            growth = (a, a * max(self.value_star - lowest, 0.0))
        reach = float(np.linalg.norm(self.point)) + radius
        size = float(np.max(np.abs(self.loss_star))) + float(np.max(lipschitz)) * reach
        unit, kappa = rounding_factor(self.dim), leak(at_u, self.weights)
        return BallConstants(
            lipschitz=lipschitz,
            smoothness=smoothness,
            slope_at_u=np.linalg.norm(at_u, axis=1),
            growth=growth,
            value_roundoff=unit * size,
            step_roundoff=unit * reach,
            mean_lipschitz=self._steepness_of_the_sum(norms, steep, offset + radius),
            mean_smoothness=mean_smoothness,
            expected_smoothness=self._smoothness_in_expectation(),
            mu=mu,
            gentlest=float(norms[norms > 0].min()) if self._is_plain_l1 else 0.0,
            q=kappa**2 / float(self.weights @ lipschitz**2),
            kappa=kappa,
        )

    def _of_the_sum(self, smoothness: FloatArray) -> tuple[float, float]:
        r"""$L_f = \lambda_{\max}(\sum w_i M_i a_i a_i^T) + \mu$ and the growth of f."""
        rows = self.features
        if self.loss.curvature is None:
            return float("inf"), self.ridge
        norms_sq = np.maximum((rows**2).sum(axis=1), np.finfo(np.float64).tiny)
        curvature = (smoothness - self.ridge) / norms_sq
        gram = (rows.T * (self.weights * curvature)) @ rows
        spectrum = np.linalg.eigvalsh(gram)
        growth = self.ridge
        if self.loss is SQUARED:  # its curvature is 1 everywhere
            growth += max(float(spectrum[0]) * (1 - 1e-12), 0.0)
        return float(spectrum[-1]) * (1 + 1e-12) + self.ridge, growth

    def _smoothness_in_expectation(self) -> float:
        r"""Largest eigenvalue of $E M_\xi^2$ against $E M_\xi$, for least squares.

        $M_i = a_i a_i^T + \mu I$ and $\delta = x - x_\star$: $E\|g - h\|^2 = \delta^T
        E M_\xi^2 \delta$ and $f(x) - f_\star = \frac12 \delta^T E M_\xi \delta$. What
        is flat for f is flat for every $f_i$. `inf` for other losses, and where floats
        cannot tell flat from nearly flat.
        """
        if self.loss is not SQUARED:
            return float("inf")
        rows, eye = self.features, np.eye(self.dim)
        gram = (rows.T * self.weights) @ rows
        square = (rows.T * (self.weights * (rows**2).sum(axis=1))) @ rows
        square = square + 2.0 * self.ridge * gram + self.ridge**2 * eye
        values, vectors = np.linalg.eigh(gram + self.ridge * eye)
        flat = values <= 1e-13 * values[-1]
        if np.any(~flat & (values < 1e-6 * values[-1])):
            return float("inf")
        white = vectors[:, ~flat] / np.sqrt(values[~flat])
        largest = np.linalg.eigvalsh(white.T @ square @ white)[-1]
        return float(largest * (1 + 1e-9))  # 1e-16 amplified by at most 1e6

    def _steepness_of_the_sum(
        self, norms: FloatArray, steep: FloatArray, away: float
    ) -> float:
        r"""$\sup\|E h' a\| \le \min(E\|a\|s, \sqrt{\lambda_{\max}(E a a^T) E s^2})$.

        $s = \sup|h'|$; the second is Cauchy-Schwarz in $E h' \langle a, v\rangle$ for
        unit v, and far less where many rows point in many directions. Ridge adds
        $\mu$ times `away`, the largest distance from its centre.
        """
        gram = (self.features.T * self.weights) @ self.features
        spread = float(np.linalg.eigvalsh(gram)[-1]) * (1 + 1e-12)
        together = np.sqrt(spread * (self.weights @ steep**2))
        return float(min(self.weights @ (norms * steep), together)) + self.ridge * away

    @property
    def _is_plain_l1(self) -> bool:
        return self.loss is L1 and self.ridge == 0

    @property
    def is_parabola(self) -> bool:
        """See `Problem.is_parabola`."""
        one = self.num_components == self.dim == 1
        return one and self.loss is SQUARED and self.ridge == 0

    def in_metric(self, diagonal: FloatArray) -> GLM:
        """See `Problem.in_metric`; ridge would no longer be a multiple of a norm."""
        if self.ridge:
            return super().in_metric(diagonal)  # type: ignore[return-value]
        root = np.sqrt(diagonal)
        moved = replace(self.minimiser, point=self.point * root)
        return replace(
            self,
            features=self.features / root,
            center=self.center * root,
            minimiser=moved,
        )
