"""Target losses of batches: the teacher's, and what may stand in their place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpt2_demo.windows import IntArray
from theory.errors import InputError

AVERAGED = 0.99
"""Decay of the moving average."""


class Targets:
    """Target values of batches, by kind.

    `teacher`: mean teacher loss of the batch. `constant`: mean teacher loss of all
    windows. `shuffled`: teacher losses of other windows, under a fixed permutation.
    `zero`: 0, interpolation. `moving-average`: of the student's own past losses, so
    that nothing is known of a teacher.

    Attributes:
        average: State of the moving average; NaN before the first loss.

    """

    def __init__(self, kind: str, losses: np.ndarray, seed: int) -> None:
        """Prepare targets of a kind from the losses of all windows, (num_windows,)."""
        values = losses.astype(np.float64)
        shuffled = np.random.default_rng([seed, 77]).permutation(values)
        kinds: dict[str, Callable[[IntArray], float]] = {
            "teacher": lambda batch: float(values[batch].mean()),
            "constant": lambda _: float(values.mean()),
            "shuffled": lambda batch: float(shuffled[batch].mean()),
            "zero": lambda _: 0.0,
            "moving-average": lambda _: self.average,
        }
        if kind not in kinds:
            msg = f"Need a target out of {', '.join(kinds)}, got {kind!r}."
            raise InputError(msg)
        self.average = float("nan")
        self._of = kinds[kind]
        self.learns = kind == "moving-average"

    def of(self, batch: IntArray) -> float:
        """The target of a batch of windows, in nats."""
        return self._of(batch)

    def see(self, loss: float) -> None:
        """Take the batch's loss into the average, before the step that uses it."""
        old = loss if np.isnan(self.average) else self.average
        self.average = AVERAGED * old + (1 - AVERAGED) * loss
