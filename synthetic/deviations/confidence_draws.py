"""Random numbers by address, for a stack of networks: no seed sees its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.deviations.confidence_network import Array
from synthetic.draws import uniforms

ROLES = 64
"""Of them and of purposes there are fewer."""


@dataclass(frozen=True)
class Draws:
    """Addresses of random numbers: (root, seed of a network, role).

    Attributes:
        root: One for a whole study.
        seeds: One a network.
        role: Tells teacher, student and split apart.

    """

    root: int
    seeds: tuple[int, ...]
    role: int

    def uniforms(self, purpose: int, first: int, count: int) -> Array:
        """Numbers first, first + 1, ... of a purpose, (S, count), in [0, 1)."""
        keys = [(seed * ROLES + self.role) * ROLES + purpose for seed in self.seeds]
        at = np.arange(first, first + count, dtype=np.int64)
        return uniforms(self.root, np.array(keys, dtype=np.int64)[:, None], at)


INIT, ORDER = 0, 1


def order(draws: Draws, num_rows: int, count: int) -> NDArray[np.int64]:
    """Which rows come one after the other: a fresh permutation for every epoch.

    Returns:
        Indices below `num_rows`, (S, count).

    """
    epochs = [
        np.argsort(
            draws.uniforms(ORDER, epoch * num_rows, num_rows), axis=1, kind="stable"
        )
        for epoch in range(-(-count // num_rows))
    ]
    return np.concatenate(epochs, axis=1)[:, :count]
