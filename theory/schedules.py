r"""Momentum schedules $\lambda_t$ of IAM, with $\lambda_0 = 0$ always.

$x_{t+1} = (\lambda_{t+1} x_t + z_{t+1}) / (1 + \lambda_{t+1})$, hence
$z_t - x_t = \lambda_t (x_t - x_{t-1})$. Every schedule here is
$\lambda_t = (\mathrm{slope} \cdot t + \mathrm{intercept})_+$ for $t \ge 1$.
"""

import math
from dataclasses import dataclass
from typing import Any

from theory.errors import InputError
from theory.formulas import positive_part


@dataclass(frozen=True)
class Schedule:
    r"""$\lambda_t = (a t + b)_+ \, 1\{t \ge 1\}$.

    Attributes:
        slope: $a \ge 0$.
        intercept: $b$.

    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        """Refuse a schedule whose values would not be finite and nonnegative."""
        if not (math.isfinite(self.slope) and math.isfinite(self.intercept)):
            msg = f"Need a finite schedule, got {self.slope=}, {self.intercept=}."
            raise InputError(msg)
        if self.slope < 0:
            msg = f"Need slope >= 0 (lambda_t >= 0 for every t), got {self.slope=}."
            raise InputError(msg)

    def __call__(self, t: Any) -> Any:
        r"""$\lambda_t$ at the step count `t` (a number or an array)."""
        return positive_part(self.slope * t + self.intercept) * (t > 0)


NONE = Schedule(0.0, 0.0)
r"""$\lambda_t = 0$: one sequence, the plain method."""

P_CONVENTION = Schedule(1.0, 0.0)
r"""The paper's: $\lambda_t = t$, so $x_t$ is the mean of $z_0, \dots, z_t$."""

C_CONVENTION = Schedule(1.0, -1.0)
r"""Public code with no `lmbda`: $\lambda_t = t - 1$, so $x_t$ = mean$(z_1..z_t)$."""


def k_convention(lam: float) -> Schedule:
    r"""The public code's default: $\lambda_t = \lambda$ (9 there) for $t \ge 1$."""
    if not (math.isfinite(lam) and lam >= 0):
        msg = f"Need a finite constant lambda >= 0, got {lam=}."
        raise InputError(msg)
    return Schedule(0.0, lam)
