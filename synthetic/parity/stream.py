r"""Endless samples with addresses: $x_i$ uniform on $\{\pm 1\}^d$, labels of a target.

Sample i depends on the seed and on i alone, so any range can be made again, in any
order and in pieces of any size. Bit 1 is the sign +1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.kernel_stream import fill_words, flip, parities
from theory.errors import InputError

Words = NDArray[np.uint64]
Signs = NDArray[np.int8]
Target = Callable[[Signs], NDArray[Any]]
"""From signs of shape (samples, d) to labels of class 1: Booleans, 0/1 or +-1."""


def num_words(dim: int) -> int:
    """64-bit words of one sample."""
    return -(-dim // 64)


def unpacked(words: Words, dim: int) -> Signs:
    """The signs of packed samples, of shape (samples, d)."""
    little = words.astype("<u8", copy=False).view(np.uint8)
    bits = np.unpackbits(little, axis=1, count=dim, bitorder="little")
    return (2 * bits.astype(np.int8) - 1).astype(np.int8)


def packed(signs: NDArray[Any]) -> Words:
    """Samples as words.

    Raises:
        InputError: An entry is not a sign.

    """
    signs = np.asarray(signs)
    if signs.ndim != 2 or signs.shape[1] < 1:
        msg = f"Need inputs of shape (samples, d), got shape={signs.shape}."
        raise InputError(msg)
    if not np.all(np.abs(signs) == 1):
        msg = "Need inputs of +1 and -1 alone: the kernels add where others multiply."
        raise InputError(msg)
    size = num_words(signs.shape[1])
    out = np.zeros((len(signs), 8 * size), dtype=np.uint8)
    bits = np.packbits(signs > 0, axis=1, bitorder="little")
    out[:, : bits.shape[1]] = bits
    return np.asarray(out.view("<u8"), dtype=np.uint64)


@dataclass(frozen=True)
class Parity:
    r"""Class 1 where $\prod_{i \in S} x_i = 1$.

    Args:
        support: $S$, distinct coordinates.

    """

    support: tuple[int, ...]

    def __post_init__(self) -> None:
        if (
            len(set(self.support)) != len(self.support)
            or min(self.support, default=0) < 0
        ):
            msg = f"Need distinct coordinates >= 0, got support={self.support}."
            raise InputError(msg)

    def __call__(self, signs: Signs) -> NDArray[np.bool_]:
        odd = np.count_nonzero(signs[:, list(self.support)] < 0, axis=1) & 1
        return np.asarray(odd == 0)

    def mask(self, dim: int) -> Words:
        """The support as words."""
        signs = np.full((1, dim), -1)
        signs[0, list(self.support)] = 1
        return np.asarray(packed(signs)[0])


@dataclass(frozen=True)
class Staircase:
    r"""Class 1 where $x_{i_1} + x_{i_1} x_{i_2} + \dots + x_{i_1} \cdots x_{i_k} > 0$.

    Args:
        order: $i_1, \dots, i_k$, distinct; k odd, so that no sum is 0.

    """

    order: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.order) % 2 == 0 or len(set(self.order)) != len(self.order):
            msg = f"Need an odd number of distinct coordinates, got order={self.order}."
            raise InputError(msg)

    def __call__(self, signs: Signs) -> NDArray[np.bool_]:
        products = np.cumprod(signs[:, list(self.order)].astype(np.int64), axis=1)
        return np.asarray(products.sum(axis=1) > 0)


@dataclass(frozen=True)
class Stream:
    """Samples and labels by address.

    Args:
        dim: $d$.
        target: What is to be learnt.
        seed: Counts modulo $2^{64}$.
        noise: Probability that a label is turned over, in [0, 1].

    """

    dim: int
    target: Target
    seed: int
    noise: float = 0.0

    def __post_init__(self) -> None:
        if self.dim < 1:
            msg = f"Need dim >= 1, got dim={self.dim}."
            raise InputError(msg)
        if not 0.0 <= self.noise <= 1.0:
            msg = f"Need 0 <= noise <= 1, got noise={self.noise}."
            raise InputError(msg)
        coordinates: Sequence[int] = getattr(self.target, "support", ()) or getattr(
            self.target, "order", ()
        )
        if max(coordinates, default=0) >= self.dim:
            msg = f"Need coordinates below dim={self.dim}, got {coordinates}."
            raise InputError(msg)

    def words(self, first: int, num: int) -> Words:
        """Samples first, ..., first + num - 1, packed."""
        if first < 0 or num < 0:
            msg = f"Need first >= 0 and num >= 0, got {first=}, {num=}."
            raise InputError(msg)
        out = np.empty((num, num_words(self.dim)), dtype=np.uint64)
        last = np.uint64(2**64 - 1 >> (-self.dim % 64))
        fill_words(np.uint64(self.seed % 2**64), np.uint64(first), last, out)
        return out

    def signs(self, first: int, num: int) -> Signs:
        """The same samples as arrays of +-1, of shape (num, d)."""
        return unpacked(self.words(first, num), self.dim)

    def labels(
        self, first: int, num: int, words: Words | None = None
    ) -> NDArray[np.float64]:
        """The classes of these samples, 0 or 1, noise included.

        Args:
            first: The first sample.
            num: How many.
            words: These samples, if they are at hand.

        """
        words = self.words(first, num) if words is None else words
        labels = np.empty(num)
        if isinstance(self.target, Parity):
            parities(words, self.target.mask(self.dim), labels)
        else:
            labels[:] = self._called(words)
        if self.noise > 0.0:
            flip(np.uint64(self.seed % 2**64), np.uint64(first), self.noise, labels)
        return labels

    def _called(self, words: Words) -> NDArray[np.bool_]:
        found = np.asarray(self.target(unpacked(words, self.dim)))
        if found.shape != (len(words),) or not np.all(np.isin(found, (-1, 0, 1))):
            msg = f"Need one label of 0/1 or +-1 a sample, got {found[:3]!r}..."
            raise InputError(msg)
        return found > 0
