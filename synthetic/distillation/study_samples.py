r"""Mini-batches with an address: the same for every method that runs with one seed.

Batch t of replica r depends on (seed, r, t) alone, so no method, step size or process
sees other samples than the one beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import FloatArray, uniforms
from theory.errors import InputError

IntArray = NDArray[np.int64]

REPORTING, TUNING, TEACHING = 0, 1 << 20, 1 << 21
"""First replicas of runs that are reported, that choose step sizes, that teach."""

_START, _SPLIT = 1 << 40, 1 << 41  # replicas of first points, and of the data's split


@dataclass(frozen=True)
class BatchLaw:
    r"""Batches of `size` out of `num_rows` rows, every set (or tuple) alike likely.

    Attributes:
        num_rows: $N \ge 2$.
        size: $B$, from 1 to $N$.
        replacement: May a row stand in a batch twice?

    """

    num_rows: int
    size: int
    replacement: bool = False

    def __post_init__(self) -> None:
        """Refuse a batch that cannot be filled."""
        if not 1 <= self.size <= self.num_rows:
            msg = f"Need 1 <= batch <= {self.num_rows} training rows, got {self.size}."
            raise InputError(msg)

    @property
    def variance_share(self) -> float:
        r"""$v = 1/B$, or $(N - B)/(B(N - 1))$: a batch's variance over a row's."""
        if self.replacement:
            return 1.0 / self.size
        return (self.num_rows - self.size) / (self.size * (self.num_rows - 1))

    @property
    def epoch(self) -> int:
        """Steps in which as many rows are drawn as there are."""
        return -(-self.num_rows // self.size)

    def draw(self, seed: int, replicas: IntArray, num_steps: int) -> IntArray:
        """Rows of each batch, shape (T, S, B), for the replicas (S,)."""
        address = replicas[:, None] * self.size + np.arange(self.size)
        steps = np.arange(num_steps, dtype=np.int64)[:, None, None]
        u = uniforms(seed, address[None], steps)
        if self.replacement:
            return (u * self.num_rows).astype(np.int64)
        # Floyd: a number below j + 1, or j itself if that number is in the set already.
        drawn = np.empty(u.shape, dtype=np.int64)
        for k in range(self.size):
            j = self.num_rows - self.size + k
            new = (u[..., k] * (j + 1)).astype(np.int64)
            taken = (drawn[..., :k] == new[..., None]).any(axis=-1)
            drawn[..., k] = np.where(taken, j, new)
        return drawn


def start_uniforms(seed: int, replicas: IntArray, num_parameters: int) -> FloatArray:
    """Uniforms (S, p) for the first points of the replicas (S,)."""
    steps = np.arange(num_parameters, dtype=np.int64)
    return uniforms(seed, replicas[:, None] + _START, steps)


def split_uniforms(seed: int, num_rows: int) -> FloatArray:
    """One uniform a row, by which the data are split."""
    return uniforms(seed, np.array([_SPLIT]), np.arange(num_rows, dtype=np.int64))
