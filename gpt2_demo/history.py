"""What a run records of every step, read from the device once in a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CHANNELS = ("loss", "target", "step_size", "capped")
r"""Training loss of the batch, its target, $\eta_t$ or the learning rate, 0 or 1."""


@dataclass
class History:
    """Channels over steps, and the validation loss over evaluations.

    Attributes:
        steps: Channels of `CHANNELS`, lists of one length.
        at: Numbers of steps done at the evaluations.
        valid: Mean validation losses there, nats.

    """

    steps: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in CHANNELS}
    )
    at: list[int] = field(default_factory=list)
    valid: list[float] = field(default_factory=list)
    _waiting: list[torch.Tensor] = field(default_factory=list)

    def add(self, values: Mapping[str, torch.Tensor]) -> None:
        """Take one step's tensors; nothing is read from the device yet."""
        row = [values[name].detach().reshape(()).double() for name in CHANNELS]
        self._waiting.append(torch.stack([one.to(row[0].device) for one in row]))

    def flush(self) -> FloatArray:
        """Read what waits, shape (num_steps, num_channels)."""
        if not self._waiting:
            return np.empty((0, len(CHANNELS)))
        rows: FloatArray = torch.stack(self._waiting).cpu().numpy()
        self._waiting.clear()
        for name, column in zip(CHANNELS, rows.T, strict=True):
            self.steps[name] += column.tolist()
        return rows

    def arrays(self) -> dict[str, torch.Tensor]:
        """All of it as tensors, for a checkpoint."""
        found = {name: self.steps[name] for name in CHANNELS}
        found |= {"valid": self.valid, "at": [float(step) for step in self.at]}
        return {name: torch.tensor(v, dtype=torch.float64) for name, v in found.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, torch.Tensor]) -> History:
        """The history that `arrays` wrote."""
        return cls(
            {name: arrays[name].tolist() for name in CHANNELS},
            [int(step) for step in arrays["at"]],
            arrays["valid"].tolist(),
        )
