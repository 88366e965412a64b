r"""Compressors $C(z) = w \circ z$: keep or drop, random sets, shrinking, masks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from synthetic.distillation.compressors import Diagonal, integer
from synthetic.distillation.numbers import columns, square
from synthetic.distillation.problems import FloatArray, IntArray
from theory.errors import InputError
from theory.method import Family

if TYPE_CHECKING:
    from synthetic.distillation.setting import Bench


@dataclass(frozen=True, eq=False)
class Bernoulli(Diagonal):
    r"""Each coordinate kept and divided by p with probability p, else 0.

    Attributes:
        keep: p in (0, 1]; $\omega = 1/p - 1$.

    """

    keep: float

    def __post_init__(self) -> None:
        """Refuse probabilities outside (0, 1]."""
        super().__post_init__()
        if not 0.0 < self.keep <= 1.0:
            msg = (
                f"Need a probability to keep in (0, 1], got {self.keep}: 1 compresses "
                "nothing, and less keeps less."
            )
            raise InputError(msg)

    @property
    def name(self) -> str:
        return f"kept with probability {self.keep:.4g}"

    @property
    def family(self) -> Family:
        return Family.KD_COMPRESSED

    @property
    def outcomes(self) -> int:
        return int(2**self.dim)

    @property
    def stretch(self) -> float:
        return 1.0 / self.keep

    @property
    def omega(self) -> float:
        r"""$\omega = 1/p - 1$ with $E\|C(z) - z\|^2 = \omega\|z\|^2$."""
        return 1.0 / self.keep - 1.0

    @property
    def shift(self) -> FloatArray:
        return np.zeros(self.dim)

    @property
    def spread(self) -> FloatArray:
        r"""$\omega I$."""
        return np.asarray(self.omega * np.eye(self.dim))

    @cached_property
    def multipliers(self) -> tuple[FloatArray, FloatArray]:
        kept = np.array(list(product((0.0, 1.0), repeat=self.dim)))
        count = kept.sum(axis=1)
        chance = self.keep**count * (1.0 - self.keep) ** (self.dim - count)
        return kept / self.keep, chance

    def numbers(self, bench: Bench) -> dict[str, Any]:  # noqa: ARG002
        return {"omega": self.omega, "delta": self.omega}


@dataclass(frozen=True, eq=False)
class RandK(Diagonal):
    r"""A random set of k of D coordinates kept and multiplied by $D/k$.

    Attributes:
        keep: k in 1, ..., D; $\omega = D/k - 1$.

    """

    keep: int

    def __post_init__(self) -> None:
        """Refuse k outside 1, ..., D."""
        super().__post_init__()
        integer("a number k of kept coordinates", self.keep, 1, self.dim)

    @property
    def name(self) -> str:
        return f"random {self.keep} of {self.dim}"

    @property
    def family(self) -> Family:
        return Family.KD_COMPRESSED

    @property
    def outcomes(self) -> int:
        return comb(self.dim, self.keep)

    @property
    def stretch(self) -> float:
        return self.dim / self.keep

    @property
    def omega(self) -> float:
        r"""$\omega = D/k - 1$ with $E\|C(z) - z\|^2 = \omega\|z\|^2$."""
        return self.dim / self.keep - 1.0

    @property
    def shift(self) -> FloatArray:
        return np.zeros(self.dim)

    @property
    def spread(self) -> FloatArray:
        r"""$\omega$ on the diagonal, $-\omega/(D-1)$ off it: k of D are always kept."""
        off = self.omega / max(self.dim - 1, 1)
        return np.asarray((self.omega + off) * np.eye(self.dim) - off)

    @cached_property
    def multipliers(self) -> tuple[FloatArray, FloatArray]:
        w = np.zeros((self.outcomes, self.dim))
        for row, kept in zip(w, combinations(range(self.dim), self.keep), strict=True):
            row[list(kept)] = self.dim / self.keep
        return w, np.full(len(w), 1.0 / len(w))

    def numbers(self, bench: Bench) -> dict[str, Any]:  # noqa: ARG002
        return {"omega": self.omega, "delta": self.omega}


@dataclass(frozen=True, eq=False)
class Shrink(Diagonal):
    r"""$C(z) = (1 - \epsilon)z$: deterministic and biased.

    Attributes:
        loss: $\epsilon$ in [0, 1); $\delta = \epsilon^2$.

    """

    loss: float

    def __post_init__(self) -> None:
        """Refuse what shrinks to 0 or grows."""
        super().__post_init__()
        if not 0.0 <= self.loss < 1.0:
            msg = (
                f"Need a share epsilon in [0, 1) to shrink by, got {self.loss}: 0 "
                "leaves everything, and 1 would leave nothing."
            )
            raise InputError(msg)

    @property
    def name(self) -> str:
        return f"shrunk by {self.loss:.4g}"

    @property
    def family(self) -> Family:
        return Family.KD_CONTRACTIVE

    @property
    def outcomes(self) -> int:
        return 1

    @property
    def stretch(self) -> float:
        return 1.0

    @property
    def shift(self) -> FloatArray:
        return np.full(self.dim, -self.loss)

    @property
    def spread(self) -> FloatArray:
        return np.zeros((self.dim, self.dim))

    @property
    def multipliers(self) -> tuple[FloatArray, FloatArray]:
        return np.full((1, self.dim), 1.0 - self.loss), np.ones(1)

    def numbers(self, bench: Bench) -> dict[str, Any]:  # noqa: ARG002
        return {"delta": self.loss**2}


@dataclass(frozen=True, eq=False)
class Mask(Diagonal):
    """The same coordinates kept at every step, the others 0.

    Attributes:
        kept: Their indices, ascending, at least one.

    """

    kept: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse a mask that keeps nothing, or coordinates that are not there."""
        super().__post_init__()
        if not self.kept:
            msg = (
                f"Need at least one kept coordinate of {self.dim}, got {self.kept}: "
                "this mask leaves no student to train; keep an index."
            )
            raise InputError(msg)
        for index in self.kept:
            integer("the index of a kept coordinate", index, 0, self.dim - 1)
        if sorted(set(self.kept)) != list(self.kept):
            msg = (
                f"Need ascending indices of kept coordinates, got {self.kept}: sort "
                "them, each once."
            )
            raise InputError(msg)

    @property
    def name(self) -> str:
        return f"mask of {len(self.kept)} of {self.dim}"

    @property
    def family(self) -> Family:
        return Family.KD_MASKED

    @property
    def outcomes(self) -> int:
        return 1

    @property
    def stretch(self) -> float:
        return 1.0

    @property
    def index(self) -> IntArray:
        """The kept coordinates, (k,)."""
        return np.array(self.kept, dtype=np.int64)

    @cached_property
    def ones(self) -> FloatArray:
        """1 where kept and 0 elsewhere, (d,)."""
        out = np.zeros(self.dim)
        out[self.index] = 1.0
        return out

    @property
    def shift(self) -> FloatArray:
        return self.ones - 1.0

    @property
    def spread(self) -> FloatArray:
        return np.zeros((self.dim, self.dim))

    @property
    def multipliers(self) -> tuple[FloatArray, FloatArray]:
        return self.ones[None, :], np.ones(1)

    def numbers(self, bench: Bench) -> dict[str, Any]:
        """See `Compressor.numbers`; of the start, what the mask keeps counts."""
        inside = np.all(bench.start * (1.0 - self.ones) == 0, axis=1)
        return {
            "in_subspace": inside[:, None],
            "start_dist_sq": columns(
                square(bench.start * self.ones - bench.problem.star)
            ),
        }
