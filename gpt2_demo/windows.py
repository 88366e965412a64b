"""All tokens, packed into windows of one length, and the order of batches."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from theory.errors import InputError

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of `context` predictions; every token but the first is predicted.

    Window i predicts tokens `starts[i] + 1 .. starts[i] + context`. The last one
    overlaps the one before it where the length does not divide.

    Attributes:
        tokens: All of them, shape (num_tokens,); a memory map will do.
        context: Predictions in a window.

    """

    tokens: NDArray[np.int32]
    context: int

    def __post_init__(self) -> None:
        """Refuse a text that does not fill one window."""
        if self.context < 1:
            msg = f"Need context >= 1, got {self.context}."
            raise InputError(msg)
        if len(self.tokens) <= self.context:
            msg = (
                f"Need more than {self.context} tokens for one window of that context, "
                f"got {len(self.tokens)}. Give a longer text or a shorter context."
            )
            raise InputError(msg)

    @cached_property
    def starts(self) -> IntArray:
        """First token of each window, shape (num_windows,)."""
        last = len(self.tokens) - 1 - self.context
        starts = np.arange(0, last + 1, self.context)
        return starts if starts[-1] == last else np.append(starts, last)

    def __len__(self) -> int:
        return len(self.starts)

    @cached_property
    def sha256(self) -> str:
        """Hash of tokens and windows."""
        digest = hashlib.sha256(np.ascontiguousarray(self.tokens, "<i4").data)
        digest.update(f"|{self.context}".encode())
        return digest.hexdigest()

    def batch(self, indices: IntArray) -> torch.Tensor:
        """Tokens of windows, shape (len(indices), context + 1), int64."""
        places = self.starts[indices, None] + np.arange(self.context + 1)
        return torch.from_numpy(self.tokens[places].astype(np.int64))


@dataclass(frozen=True)
class Order:
    """Batches without replacement, shuffled anew in every epoch, by step number.

    Attributes:
        num_windows: How many there are.
        batch: Windows in a batch.
        seed: Root of the shuffles.

    """

    num_windows: int
    batch: int
    seed: int

    def __post_init__(self) -> None:
        """Refuse a batch that holds a window twice."""
        if not 1 <= self.batch <= self.num_windows:
            msg = (
                f"Need a batch of 1 to {self.num_windows} windows (the corpus has no "
                f"more), got {self.batch}. Give a longer text or a smaller batch."
            )
            raise InputError(msg)

    def at(self, step: int) -> IntArray:
        """Windows of step 0, 1, ..., shape (batch,); nothing need be remembered."""
        epochs, first = divmod(step * self.batch, self.num_windows)
        found = _shuffle(self.seed, epochs, self.num_windows)[first:]
        if len(found) < self.batch:
            more = _shuffle(self.seed, epochs + 1, self.num_windows)
            found = np.concatenate([found, more])
        return found[: self.batch].copy()  # a caller may write into it


@lru_cache(maxsize=4)
def _shuffle(seed: int, epoch: int, number: int) -> IntArray:
    return np.random.default_rng([seed, epoch]).permutation(number)
