"""Hard thresholding: the largest coordinates, which depend on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthetic.distillation.compressors import Compressor, integer
from synthetic.distillation.problems import FloatArray
from theory.method import Family

if TYPE_CHECKING:
    from synthetic.distillation.setting import Bench


@dataclass(frozen=True, eq=False)
class TopK(Compressor):
    r"""The k coordinates of largest modulus, the first ones of equals; the others 0.

    Attributes:
        keep: k in 1, ..., D; $\delta = 1 - k/D$.

    """

    keep: int

    def __post_init__(self) -> None:
        """Refuse k outside 1, ..., D."""
        super().__post_init__()
        integer("a number k of kept coordinates", self.keep, 1, self.dim)

    @property
    def name(self) -> str:
        return f"largest {self.keep} of {self.dim}"

    @property
    def family(self) -> Family:
        return Family.KD_SPARSE

    @property
    def outcomes(self) -> int:
        return 1

    @property
    def stretch(self) -> float:
        r"""$\sqrt\nu < 2$; a choice that roundoff turned is one that ties allow."""
        return 2.0

    def expand(
        self, points: FloatArray, chance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        order = np.argsort(-np.abs(points), axis=-1, kind="stable")
        out = points.copy()
        np.put_along_axis(out, order[..., self.keep :], 0.0, axis=-1)
        return out, chance

    def numbers(self, bench: Bench) -> dict[str, Any]:  # noqa: ARG002
        return {"keep": self.keep, "delta": 1.0 - self.keep / self.dim}
