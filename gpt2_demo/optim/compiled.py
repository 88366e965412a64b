r"""A step on a CPU in two passes over memory: 8 numbers moved a parameter.

Fused AdamW moves 7. Each pass is one compiled loop; the average is the formula of
`theory`. Sums are taken in the tensors' precision over `RUN` numbers, and of those in
double precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import torch
from numba.extending import register_jitable

from gpt2_demo.optim.parts import Adam, Part, Tensors
from theory import formulas

RUN = 4096
"""So many are summed in their own precision: in float32, errors of some 3e-7."""

_average = register_jitable(formulas.average)
# A sum in any order, a division as a product by what is known before; NaN stays NaN.
_fast = {"reassoc", "contract", "nsz", "arcp"}
# "numpy": without it each division may raise, and the loop is not vectorised.
_compile = numba.njit(fastmath=_fast, nogil=True, error_model="numpy")


@_compile
def _sums(x: Any, g: Any, z: Any) -> Any:
    inner, norm = 0.0, 0.0
    for first in range(0, len(x), RUN):
        xs, gs = x[first : first + RUN], g[first : first + RUN]
        zs = z[first : first + RUN]
        a, b = x.dtype.type(0), x.dtype.type(0)
        for j in range(len(xs)):
            a += gs[j] * (zs[j] - xs[j])
            b += gs[j] * gs[j]
        inner += a
        norm += b
    return inner, norm


@_compile
def _sums_adam(x: Any, g: Any, z: Any, m: Any, scalars: Any) -> Any:
    old, new, eps = scalars
    inner, norm = 0.0, 0.0
    for first in range(0, len(x), RUN):
        xs, gs = x[first : first + RUN], g[first : first + RUN]
        zs, ms = z[first : first + RUN], m[first : first + RUN]
        a, b = x.dtype.type(0), x.dtype.type(0)
        for j in range(len(xs)):
            ms[j] = old * ms[j] + new * (gs[j] * gs[j])
            a += gs[j] * (zs[j] - xs[j])
            b += gs[j] * (gs[j] / (np.sqrt(ms[j]) + eps))
        inner += a
        norm += b
    return inner, norm


@_compile
def _advance(x: Any, g: Any, z: Any, scalars: Any) -> None:
    step, shrink, lam = scalars
    for j in range(len(x)):
        z[j] = (z[j] - step * g[j]) / shrink
        x[j] = _average(x[j], z[j], lam)


@_compile
def _advance_adam(x: Any, g: Any, z: Any, m: Any, scalars: Any) -> None:
    step, shrink, lam, eps = scalars
    for j in range(len(x)):
        z[j] = (z[j] - step * (g[j] / (np.sqrt(m[j]) + eps))) / shrink
        x[j] = _average(x[j], z[j], lam)


def applies(tensors: Sequence[torch.Tensor]) -> bool:
    """May these be seen as flat arrays of one type?"""
    return all(
        one.is_cpu and one.is_contiguous() and one.dtype == tensors[0].dtype
        for one in tensors
    )


class Compiled:
    """A `Part` on a CPU; the same passes, one compiled loop each."""

    __slots__ = ("_rows", "_type", "seen", "x")

    def __init__(self, part: Part) -> None:
        """Take flat views of the part's tensors, which must have gradients."""
        columns = [part.x, part.g, part.z, *([part.moment] if part.moment else [])]
        self._rows = [
            [one.detach().view(-1).numpy() for one in row]
            for row in zip(*columns, strict=True)
        ]
        self._type = self._rows[0][0].dtype.type
        self.seen, self.x = part.seen, part.x

    def sums(self, metric: Adam | None) -> tuple[Tensors, Tensors]:
        """As `Part.sums`, in double precision."""
        if metric is None:
            found = [_sums(*row) for row in self._rows]
        else:
            scalars = self._typed(
                metric.beta2, 1 - metric.beta2, metric.eps * metric.root
            )
            found = [_sums_adam(*row, scalars) for row in self._rows]
        # root g / (sqrt m + root eps) is D^{-1} g
        root = 1.0 if metric is None else metric.root
        sums = sum(a for a, _ in found), root * sum(b for _, b in found)
        inner, norm = (torch.tensor(one, dtype=torch.float64) for one in sums)
        return [inner], [norm]

    def advance(
        self, metric: Adam | None, step: torch.Tensor, decay: float, lam: float
    ) -> None:
        """As `Part.advance`."""
        size = float(step)
        shrink = 1 + size * decay
        if metric is None:
            scalars = self._typed(size, shrink, lam)
            for row in self._rows:
                _advance(*row, scalars)
        else:
            root = metric.root
            scalars = self._typed(size * root, shrink, lam, metric.eps * root)
            for row in self._rows:
                _advance_adam(*row, scalars)

    def _typed(self, *numbers: float) -> tuple[Any, ...]:
        return tuple(self._type(one) for one in numbers)
