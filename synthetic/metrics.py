r"""Diagonal preconditioners $D_t$: fixed, shrinking, growing, or Adam's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

Array = NDArray[Any]


@dataclass(frozen=True)
class Metric:
    r"""$D_t$ from the gradients up to $g_t$, one diagonal per path.

    Attributes:
        kind: "fixed" ($D_t = M$), "nonincreasing" or "growing" ($D_t = M \rho^t$) or
            "any" (Adam: $D_t = \sqrt{\hat v_t} + \epsilon$ with the bias-corrected mean
            of $g^2$).
        diagonal: $M$, positive; ignored by Adam.
        later: If given, $D_t$ of a nonincreasing metric from t = 1 on, in place of
            the powers of $\rho$.
        factor: $\rho \in (0, 1]$, at least 1 if growing, or Adam's $\beta_2$.
        epsilon: Adam's $\epsilon > 0$.
        peak: Take the running maximum of Adam's $D_t$, entry by entry.

    """

    kind: str
    diagonal: tuple[float, ...] = ()
    factor: float = 1.0
    epsilon: float = 1e-8
    later: tuple[float, ...] = ()
    peak: bool = False

    def __post_init__(self) -> None:
        """Refuse a metric that would not be positive."""
        if self.kind not in {"fixed", "nonincreasing", "growing", "any"}:
            msg = f"Need a kind of metric that exists, got {self.kind!r}."
            raise InputError(msg)
        if not all(np.isfinite(m) and m > 0 for m in self.diagonal):
            msg = f"Need a positive diagonal, got {self.diagonal}."
            raise InputError(msg)
        if self.later and not all(
            0 < b <= a for a, b in zip(self.diagonal, self.later, strict=True)
        ):
            msg = f"Need a later diagonal between 0 and the first, got {self.later}."
            raise InputError(msg)
        if self.kind == "growing" and not 1 <= self.factor < np.inf:
            msg = f"Need a finite factor >= 1 for a growing metric, got {self.factor}."
            raise InputError(msg)
        if self.kind != "growing" and not 0 < self.factor <= 1:
            msg = f"Need 0 < factor <= 1, got {self}."
            raise InputError(msg)
        if not self.epsilon > 0:
            msg = f"Need epsilon > 0, got {self}."
            raise InputError(msg)

    def known(self, t: int) -> NDArray[np.float64]:
        r"""$D_t$ of a metric that does not look at gradients."""
        if self.later and t > 0:
            return np.array(self.later)
        scale = 1.0 if self.kind == "fixed" else self.factor**t
        return scale * np.array(self.diagonal)

    def step(
        self, t: int, grad: Array, moment: Array, last: Array | None = None
    ) -> tuple[Array, Array]:
        r"""$D_t$ and the new second moment, from $g_t$ and $D_{t-1}$, shapes (P, d)."""
        if self.kind != "any":
            return self.known(t) + 0.0 * grad, moment
        moment = self.factor * moment + (1.0 - self.factor) * grad * grad
        corrected = moment / (1.0 - self.factor ** (t + 1))
        metric = np.asarray(corrected**0.5 + self.epsilon)
        if self.peak and last is not None:
            metric = np.maximum(metric, last)
        return metric, moment


def fixed(diagonal: tuple[float, ...]) -> Metric:
    """The metric M, chosen before the run."""
    return Metric("fixed", diagonal)


def shrinking(diagonal: tuple[float, ...], factor: float) -> Metric:
    r"""$D_t = M \rho^t$."""
    return Metric("nonincreasing", diagonal, factor)


def growing(diagonal: tuple[float, ...], factor: float) -> Metric:
    r"""$D_t = M \rho^t$ with $\rho \ge 1$."""
    return Metric("growing", diagonal, factor)


def adam(beta2: float = 0.9, epsilon: float = 1e-8, *, peak: bool = False) -> Metric:
    r"""Adam's $D_t$ with $\beta_2$, or its running maximum."""
    return Metric("any", (), beta2, epsilon, peak=peak)
