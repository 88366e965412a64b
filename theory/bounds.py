r"""The right-hand sides that several claims share.

All take the number of points $T = t + 1$ as a number or an array and return the same.
"""

from typing import Any

import numpy as np


def lipschitz_rate(lipschitz: Any, distance: Any, num_points: Any) -> Any:
    r"""$G D / \sqrt{T}$.

    Args:
        lipschitz: $G$, with $G^2 \ge E\|g_\xi(x)\|^2$ on the ball.
        distance: $D \ge \|x_0 - u\|$.
        num_points: $T \ge 1$.

    """
    return lipschitz * distance / np.sqrt(num_points)


def master_rate(slope: Any, offset: Any, distance: Any, num_points: Any) -> Any:
    r"""$M(A, B; T) = \frac12 (A c + \sqrt{A^2 c^2 + 4 B c})$ with $c = D^2 / T$.

    It is the exact solution of $\rho^2 / (A \rho + B) = c$, and at most
    $A D^2 / T + \sqrt{B} D / \sqrt{T}$.

    Args:
        slope: $A \ge 0$.
        offset: $B \ge 0$.
        distance: $D$.
        num_points: $T \ge 1$.

    """
    c = distance * distance / num_points
    return 0.5 * (slope * c + np.sqrt(slope * slope * c * c + 4.0 * offset * c))
