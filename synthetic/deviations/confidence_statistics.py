r"""How a student's confidence deviates from its teacher's, from logits alone.

For every input, c is the teacher's class, X the teacher's log-odds of c and Y the
student's: $z_c - \log \sum_{k \ne c} e^{z_k}$, never the logarithm of a rounded
probability. Nagarajan et al., arXiv 2301.12923, plot Y over X.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from theory.errors import InputError

Array = NDArray[np.float64]
FEWEST_POINTS = 8
"""Two points a quartile."""

FARTHEST = 1e100  # whose square is still a number


def log_odds(logits: Array, chosen: NDArray[np.int64]) -> Array:
    r"""$\log \frac{p_c}{1 - p_c} = z_c - \log \sum_{k \ne c} e^{z_k}$.

    Args:
        logits: z, shape (..., K), K >= 2.
        chosen: c, shape (...).

    """
    is_other = np.arange(logits.shape[-1]) != chosen[..., None]
    others = logsumexp(np.where(is_other, logits, -np.inf), axis=-1)
    own = np.take_along_axis(logits, chosen[..., None], axis=-1)[..., 0]
    return np.asarray(own - others)


def pairs(teacher: Array, student: Array) -> tuple[Array, Array]:
    """X and Y, shape (...), of logits (..., K) on the same inputs."""
    chosen = teacher.argmax(axis=-1)
    return log_odds(teacher, chosen), log_odds(student, chosen)


@dataclass(frozen=True)
class Statistics:
    r"""What is asked of n points (X, Y).

    Attributes:
        slope: Of the least-squares line of Y on X, with an intercept.
        intercept: Of that line.
        rma: $\text{sd}(Y) / \text{sd}(X)$, the slope of the reduced major axis. Noise
            in X lowers the slope, but not this.
        low_under: Share with Y < X in the lowest quarter of X.
        hi_over: Share with Y > X in the highest quarter of X.

    """

    slope: float
    intercept: float
    rma: float
    low_under: float
    hi_over: float


NAMES = tuple(field.name for field in fields(Statistics))
NOT_FINITE = Statistics(*(np.nan for _ in NAMES))


def statistics(x: Array, y: Array) -> Statistics:
    r"""Slope, rma and the two shares.

    The lowest quarter are the floor(n/4) smallest X, the highest the floor(n/4)
    largest; ties go by position. Points with Y = X count for neither share.

    Args:
        x: The teacher's log-odds, shape (n,).
        y: The student's. All are NaN where one of either is not finite, or over 1e100:
            a run that diverged.

    Raises:
        InputError: Fewer than 8 points, or a teacher that is equally sure of all.

    """
    if x.shape != y.shape or x.ndim != 1 or len(x) < FEWEST_POINTS:
        msg = f"Need {FEWEST_POINTS} pairs or more, got {x.shape} and {y.shape}."
        raise InputError(msg)
    if np.abs([x, y]).max() < FARTHEST:  # false for NaN
        return _of_finite(x, y)
    return NOT_FINITE


def _of_finite(x: Array, y: Array) -> Statistics:
    dx, dy = x - x.mean(), y - y.mean()
    spread = np.sqrt(dx @ dx)
    if spread <= 1e-12 * max(1.0, float(np.abs(x).max())) * np.sqrt(len(x)):
        msg = f"Need log-odds of the teacher that vary, got {x[0]:g} everywhere."
        raise InputError(msg)
    slope = float((dx / spread) @ dy / spread)
    ranked = np.argsort(x, kind="stable")
    quarter = len(x) // 4
    low, high = ranked[:quarter], ranked[-quarter:]
    return Statistics(
        slope=slope,
        intercept=float(y.mean() - slope * x.mean()),
        rma=float(np.sqrt(dy @ dy) / spread),
        low_under=float(np.mean(y[low] < x[low])),
        hi_over=float(np.mean(y[high] > x[high])),
    )
