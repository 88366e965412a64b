r"""What a run records: named channels over time and paths.

A claim's left-hand side is a function of a trace, so no engine holds code of a
claim's. Point channels have one row for each recorded point $x_t$, step channels one
for each step $t \to t + 1$; columns are paths.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.schedules import Schedule

FloatArray = NDArray[np.float64]

CHANNELS: Mapping[str, str] = {
    "gap": r"$f(x_t) - f(u)$",
    "average_gap": r"mean over $s \le t$ of $f(x_s) - f(u)$, or unbiased for it",
    "iterate_gap": r"$f(\bar x) - f(u)$ at the mean of $x_0, \dots, x_t$",
    "best_gap": r"$\min_{s \le t} f(x_s) - f(u)$",
    "point_dist_sq": r"$\|x_t - u\|^2$",
    "dist_sq": r"$\|z_t - u\|^2$",
    "dual_gap": r"$d_t = f(x_t) - f(u) + \langle \bar g_t, z_t - x_t \rangle$",
    "bregman": r"$B_t = f(x_{t-1}) - f(x_t) - \langle \bar g_t, x_{t-1} - x_t \rangle$",
    "active_moment": (
        r"$E\|g_\xi(x_t)\|^2 1\{f_\xi(x_t) > v_\xi\}$ over components, declared targets"
    ),
    "mean_residual": r"$\|x_t - \mathrm{mean}(z)\|$ for the declared convention",
    "numerator": r"step: $N_t$ written with the declared targets",
    "grad_norm_sq": r"step: $\|g_t\|^2$",
    "dist_sq_next": r"step: $\|z_{t+1} - u\|^2$",
    "target_error": r"step: $e_{\xi_t}$ of the declared targets",
    "slope_u_sq": r"step: $\|\nabla f_{\xi_t}(u)\|^2$",
    "preconditioned_before": r"step: $\|z_t - u\|^2_{D_t}$",
    "preconditioned_next": r"step: $\|z_{t+1} - u\|^2_{D_t}$",
    "metric_growth": r"step: $\max(1, \max_j D_{t,j}/D_{t-1,j})$, 1 at t = 0",
}
"""Every channel that a claim may name, with its meaning."""

STEPS = frozenset(
    {
        "numerator",
        "grad_norm_sq",
        "dist_sq_next",
        "target_error",
        "slope_u_sq",
        "preconditioned_before",
        "preconditioned_next",
        "metric_growth",
    }
)
"""The channels with one row for each step instead of each point."""

SAMPLED = frozenset({"gap", "average_gap", "iterate_gap", "point_dist_sq"})
"""The channels that are cheap to sample; the others need f at every t."""

LINEAR = frozenset({"gap", "average_gap", "point_dist_sq"})
"""The channels whose expectations a closed form may give in place of paths."""


@dataclass(frozen=True, eq=False)
class Trace:
    r"""Channels of one run.

    Attributes:
        times: The recorded points' t, ascending, shape (K,).
        channels: Arrays (K, P), or (K - 1, P) for step channels.
        schedule: The momentum schedule that the claim speaks of.
        dist0: $D$, to make squares dimensionless.
        gap0: $f(x_0) - f(u)$.
        L: Smoothness on the ball, `inf` if not smooth.
        A: Growth on the ball, $E\|g\|^2 \le A (f(x) - f(u))_+ + B$.
        B: See `A`.
        guard: Mean of the roundoff guard that was added to the targets.

    """

    times: NDArray[np.int64]
    channels: Mapping[str, FloatArray]
    schedule: Schedule
    dist0: float
    gap0: float
    L: float = float("inf")
    A: float = float("inf")
    B: float = float("inf")
    guard: float = 0.0

    def __getattr__(self, name: str) -> FloatArray:
        """Return the channel of that name."""
        if name in CHANNELS:
            try:
                return self.channels[name]
            except KeyError:
                msg = f"This run did not record the channel {name!r}."
                raise AttributeError(msg) from None
        msg = f"Unknown channel {name!r}; there are {', '.join(CHANNELS)}."
        raise AttributeError(msg)

    @property
    def num_points(self) -> FloatArray:
        r"""$T = t + 1$ as a column, shape (K, 1)."""
        return np.asarray(self.times[:, None] + 1.0, dtype=np.float64)

    @property
    def lam(self) -> FloatArray:
        r"""$\lambda_t$ of the declared schedule as a column, shape (K, 1)."""
        lam = self.schedule(self.times.astype(np.float64))
        return np.asarray(lam, dtype=np.float64)[:, None]
