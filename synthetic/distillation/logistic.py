r"""Logistic regression with ridge: strongly convex, not quadratic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.distillation.problems import ROUND_OUT, FiniteSum, FloatArray, IntArray
from synthetic.families import from_arrays
from synthetic.loss_formulas import sigmoid
from synthetic.losses import LOGISTIC
from synthetic.problems.glm import GLM

NEWTON_STEPS = 60
CONVERGED = 1e-15
"""A last step of that relative length: Newton's error after it is its square."""
CONVERGED = 1e-15
"""A last step of that relative length: Newton's error after it is its square."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Logistic(FiniteSum):
    r"""$f_i(x) = \log(1+e^{a_i\cdot x}) - b_i\,a_i\cdot x + \frac\nu2\|x\|^2$.

    Components are means over the rows of each batch.

    Attributes:
        glm: The rows, labels in [0, 1] and ridge, with a certified minimiser.
        batches: Rows of each component, shape (m, b).

    """

    glm: GLM
    batches: IntArray

    def _slopes(self, x: FloatArray) -> FloatArray:
        score = x @ self.glm.features.T
        return np.asarray(sigmoid(score) - self.glm.target)

    def gradients(self, x: FloatArray) -> FloatArray:
        """See `FiniteSum.gradients`."""
        rows = self._slopes(x)[:, :, None] * self.glm.features
        mean = rows if self.has_single_rows else rows[:, self.batches].mean(axis=2)
        return np.asarray(mean + self.glm.ridge * x[:, None, :])

    def drawn(self, i: IntArray, x: FloatArray) -> FloatArray:
        """See `FiniteSum.drawn`."""
        rows = self.batches[i]  # (B, b)
        a, b = self.glm.features[rows], self.glm.target[rows]
        slope = sigmoid(np.einsum("bkd,bd->bk", a, x)) - b
        mean = np.einsum("bk,bkd->bd", slope, a) / rows.shape[1]
        return np.asarray(mean + self.glm.ridge * x)

    def gap(self, x: FloatArray) -> FloatArray:
        """See `FiniteSum.gap`."""
        return np.maximum(self.glm.gap(x), 0.0)

    def drift(self, step: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `FiniteSum.drift`: Hessians between the ridge and the largest one."""
        ends = np.abs(1.0 - step * self.glm.ridge), np.abs(1.0 - step * self._steepest)
        return np.maximum(*ends), np.zeros_like(step)

    @property
    def _steepest(self) -> float:
        """The largest smoothness of a row: the mean over a batch has no larger one."""
        rows = (self.glm.features**2).sum(axis=1)
        return 0.25 * float(rows.max()) + self.glm.ridge

    def spread_gap(self, size: FloatArray) -> float:
        """See `FiniteSum.spread_gap`: losses are differences of numbers near 1."""
        return float(np.max(size)) * 1e-15

    @property
    def has_single_rows(self) -> bool:
        """Is each component one row?"""
        return bool(self.batches.shape[1] == 1)

    def solve_gradient(self, slope: FloatArray) -> FloatArray:
        """See `FiniteSum.solve_gradient`: Newton's method, damped at first."""
        a, nu = self.glm.features, self.glm.ridge
        x = np.tile(self.star, (len(slope), 1))
        for _ in range(NEWTON_STEPS):
            s = sigmoid(x @ a.T)
            residual = (s - self.glm.target) @ a / len(a) + nu * x - slope
            curved = ((s * (1 - s))[:, None, :] * a.T) @ a / len(a)
            curved += nu * np.eye(a.shape[1])
            step = np.linalg.solve(curved, residual[..., None])[..., 0]
            length = np.linalg.norm(step, axis=1, keepdims=True)
            x = x - step / np.maximum(1.0, 0.5 * length)
            if np.all(length <= CONVERGED * (1.0 + np.abs(x).max())):
                break
        return np.asarray(x)


def logistic(
    name: str,
    features: FloatArray,
    labels: FloatArray,
    ridge: float,
    batches: IntArray | None = None,
) -> Logistic:
    r"""The problem with $\mu = \nu$ and B-nice expected smoothness.

    $cL = \frac{n(b-1)}{b(n-1)} L + \frac{n-b}{b(n-1)} L_{\max}$ for all batches of b
    rows, $L = \lambda_{\max}(A^TA/n)/4 + \nu$, $L_{\max} = \max\|a_i\|^2/4 + \nu$.

    Args:
        name: What tables call it.
        features: $a_i$, shape (n, d).
        labels: $b_i$ in [0, 1].
        ridge: $\nu > 0$.
        batches: All subsets of one size, shape (m, b); single rows by default.

    """
    n = len(labels)
    batches = np.arange(n)[:, None] if batches is None else batches
    size = batches.shape[1]
    largest = 0.25 * float(np.max((features**2).sum(axis=1))) + ridge
    spectrum = np.linalg.eigvalsh(features.T @ features / n)
    smooth = 0.25 * float(spectrum[-1]) + ridge
    share = (n - size) / (size * (n - 1))
    mixed = n * (size - 1) / (size * (n - 1)) * smooth + share * largest
    glm = from_arrays(name, features, labels, LOGISTIC, ridge)
    return Logistic(
        name=name,
        weights=np.full(len(batches), 1.0 / len(batches)),
        star=glm.point,
        mu=ridge,
        mu_pl=ridge,
        L=smooth * ROUND_OUT,
        cL=mixed * ROUND_OUT,
        L_max=largest * ROUND_OUT,
        glm=glm,
        batches=batches,
    )
