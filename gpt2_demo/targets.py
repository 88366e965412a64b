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

    `teacher`: mean teacher loss of the batch; a teacher that never learned is a control
    of this kind. `constant`: mean teacher loss of all windows. `shuffled`: teacher
    losses of other windows, under a fixed permutation, so that an epoch's mean is the
    teacher's. `zero`: 0, interpolation. `moving-average`: of the student's own past
    losses, so that nothing is known of a teacher.

    The moving average at a batch is that of the batches before it. Were the batch's own
    loss in it, with weight 1 - `AVERAGED`, the gap would be `AVERAGED` times what it
    is now and the target would depend on the sample, which no claim about v_t allows.
    The first batch has no past: its target is its own loss, and nothing moves.

    Attributes:
        average: Of all losses seen, NaN before the first: what a checkpoint keeps. It
            is set between steps.

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
            "moving-average": lambda _: self._past,
        }
        if kind not in kinds:
            msg = f"Need a target out of {', '.join(kinds)}, got {kind!r}."
            raise InputError(msg)
        self.average = self._past = float("nan")
        self._of = kinds[kind]
        self.learns = kind == "moving-average"

    def of(self, batch: IntArray) -> float:
        """The target of a batch of windows, in nats; after `see`, if that `learns`."""
        return self._of(batch)

    def see(self, loss: float) -> None:
        """Take note of the batch's loss, before `of` gives the batch's target."""
        self._past = loss if np.isnan(self.average) else self.average
        self.average = AVERAGED * self._past + (1 - AVERAGED) * loss
