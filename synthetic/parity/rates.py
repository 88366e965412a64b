r"""Step sizes as functions of the global step t: $\eta_0, \eta_1, \dots$.

After `warmup` steps, in which it rises linearly from 0, the rate is constant, or falls
along half a cosine to 0 at `num_steps`: transformers' `get_cosine_schedule_with_warmup`
and, without warm-up, torch's `CosineAnnealingLR`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

Rates = Callable[[NDArray[np.int64]], NDArray[np.float64]]
"""From global steps to step sizes; an array becomes one by `from_array`."""


@dataclass(frozen=True)
class Constant:
    r"""$\eta_t = \eta \min(1, t / \text{warmup})$.

    Args:
        peak: $\eta > 0$.
        warmup: Steps to the peak; 0 for none.

    """

    peak: float
    warmup: int = 0

    def __post_init__(self) -> None:
        if not (np.isfinite(self.peak) and self.peak > 0.0):
            msg = f"Need a finite peak > 0, got peak={self.peak}."
            raise InputError(msg)
        if self.warmup < 0:
            msg = f"Need warmup >= 0, got warmup={self.warmup}."
            raise InputError(msg)

    def __call__(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        if self.warmup == 0:
            return np.full(steps.shape, self.peak)
        return np.asarray(self.peak * np.minimum(1.0, steps / self.warmup))


@dataclass(frozen=True)
class Cosine(Constant):
    r"""$\eta_t = \eta (1 + \cos(\pi \frac{t - w}{T - w})) / 2$ from step $w$ on.

    Args:
        peak: $\eta > 0$.
        warmup: $w$.
        num_steps: $T > w$; from there on the rate is 0.

    """

    num_steps: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_steps <= self.warmup:
            msg = (
                f"Need num_steps > warmup, got num_steps={self.num_steps}, "
                f"warmup={self.warmup}."
            )
            raise InputError(msg)

    def __call__(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        done = (steps - self.warmup) / (self.num_steps - self.warmup)
        falls = 0.5 * (1.0 + np.cos(np.pi * np.clip(done, 0.0, 1.0)))
        return super().__call__(steps) * falls


def from_array(values: NDArray[np.float64]) -> Rates:
    """The rate of step t is entry t.

    Raises:
        InputError: Where it is called: a step beyond the array.

    """
    fixed = np.array(values, dtype=np.float64)

    def rates(steps: NDArray[np.int64]) -> NDArray[np.float64]:
        if steps.size and (steps[0] < 0 or steps[-1] >= fixed.size):
            msg = f"Rates are given for {fixed.size} steps, got step {steps[-1]}."
            raise InputError(msg)
        return fixed[steps]

    return rates
