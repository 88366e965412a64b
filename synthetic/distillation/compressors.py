r"""Compressors $C$ of a student's parameters, applied after each step.

Most are $C(z) = w \circ z$ with multipliers w drawn independently of z, so their
moments are linear in those of z; hard thresholding is not.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthetic.distillation.problems import FloatArray
from theory.errors import InputError
from theory.method import Family

if TYPE_CHECKING:
    from synthetic.distillation.setting import Bench


@dataclass(frozen=True, eq=False)
class Compressor(abc.ABC):
    """A random or deterministic map of parameters.

    Attributes:
        dim: Of the parameters, at least 1.

    """

    dim: int

    def __post_init__(self) -> None:
        """Refuse what compresses nothing."""
        integer("a dimension", self.dim, 1, None)

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """What tables call it."""

    @property
    @abc.abstractmethod
    def family(self) -> Family:
        """The family whose theorems speak of it."""

    @property
    @abc.abstractmethod
    def outcomes(self) -> int:
        """How many values C(x) may have."""

    @property
    @abc.abstractmethod
    def stretch(self) -> float:
        r"""The largest factor by which C may enlarge what roundoff did to z."""

    @abc.abstractmethod
    def expand(
        self, points: FloatArray, chance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Every value of C at points (B, P, d), P = (paths, m) with chances (m,).

        Returns points (B, P * outcomes, d) and chances (m * outcomes,).
        """

    @abc.abstractmethod
    def numbers(self, bench: Bench) -> dict[str, Any]:
        """Its entries of `DistillationConstants`."""


class Diagonal(Compressor, abc.ABC):
    r"""$C(z) = w \circ z$, w independent of z."""

    @property
    @abc.abstractmethod
    def shift(self) -> FloatArray:
        r"""$E w - 1$, shape (d,): 0 if C is unbiased."""

    @property
    @abc.abstractmethod
    def spread(self) -> FloatArray:
        r"""$\mathrm{Cov}(w)$, shape (d, d)."""

    @property
    @abc.abstractmethod
    def multipliers(self) -> tuple[FloatArray, FloatArray]:
        """Every w, (outcomes, d), and its probability, (outcomes,)."""

    def expand(
        self, points: FloatArray, chance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        w, each = self.multipliers
        out = points[:, :, None, :] * w
        return out.reshape(len(points), -1, self.dim), np.outer(chance, each).ravel()

    def moments(
        self, mean: FloatArray, second: FloatArray, centre: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        r"""Mean and second moment of $C(z) - c$ from those of $e = z - c$.

        $C(z) - c = w\circ e + (w - 1)\circ c$, so with $\bar w = 1 + v$ and K =
        Cov(w) the second moment is $(K + \bar w\bar w^T)\circ M$ + $(K + \bar wv^T)
        \circ mc^T$ + its transpose + $(K + vv^T)\circ cc^T$. The centre appears since
        C acts on z and not on $z - c$.

        Args:
            mean: $m = Ee$, (B, d).
            second: $M = Eee^T$, (B, d, d).
            centre: c, (B, d).

        """
        v, spread = self.shift, self.spread
        w = 1.0 + v
        mixed = (spread + np.outer(w, v)) * (mean[:, :, None] * centre[:, None, :])
        still = (spread + np.outer(v, v)) * (centre[:, :, None] * centre[:, None, :])
        out = (spread + np.outer(w, w)) * second + still
        return w * mean + v * centre, out + mixed + mixed.transpose(0, 2, 1)


def integer(what: str, value: Any, low: int, high: int | None) -> None:
    """Refuse what is not an integer from low to high."""
    top = float("inf") if high is None else high
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and low <= value <= top:
        return
    limits = f"from {low} to {high}" if high is not None else f">= {low}"
    msg = (
        f"Need {what} that is an integer {limits}, got {value!r}: choose one of these."
    )
    raise InputError(msg)
