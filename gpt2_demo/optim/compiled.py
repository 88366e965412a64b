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
"""Numbers that are summed up in their own precision: error below 1e-5 of the sum."""

_average = register_jitable(formulas.average)
_fast = {"reassoc", "contract", "nsz"}  # a sum in any order; NaN stays NaN


@numba.njit(fastmath=_fast, nogil=True)
def _sums(x: Any, g: Any, z: Any) -> Any:
    inner, norm = 0.0, 0.0
    for first in range(0, len(x), RUN):
        xs, gs, zs = (
            x[first : first + RUN],
            g[first : first + RUN],
            z[first : first + RUN],
        )
        a, b = x.dtype.type(0), x.dtype.type(0)
        for j in range(len(xs)):
            a += gs[j] * (zs[j] - xs[j])
            b += gs[j] * gs[j]
        inner += a
        norm += b
    return inner, norm


@numba.njit(fastmath=_fast, nogil=True)
def _sums_adam(x: Any, g: Any, z: Any, m: Any, beta2: Any, eps: Any, root: Any) -> Any:
    inner, norm = 0.0, 0.0
    rest = x.dtype.type(1) - beta2
    for first in range(0, len(x), RUN):
        xs, gs, zs = (
            x[first : first + RUN],
            g[first : first + RUN],
            z[first : first + RUN],
        )
        ms = m[first : first + RUN]
        a, b = x.dtype.type(0), x.dtype.type(0)
        for j in range(len(xs)):
            ms[j] = beta2 * ms[j] + rest * (gs[j] * gs[j])
            a += gs[j] * (zs[j] - xs[j])
            b += gs[j] * (gs[j] / (np.sqrt(ms[j]) / root + eps))
        inner += a
        norm += b
    return inner, norm


@numba.njit(nogil=True, error_model="numpy")
def _advance(x: Any, g: Any, z: Any, step: Any, shrink: Any, lam: Any) -> None:
    for j in range(len(x)):
        z[j] = (z[j] - step * g[j]) / shrink
        x[j] = _average(x[j], z[j], lam)


@numba.njit(nogil=True, error_model="numpy")
def _advance_adam(x: Any, g: Any, z: Any, m: Any, scalars: Any) -> None:
    step, shrink, lam, eps, root = scalars
    for j in range(len(x)):
        z[j] = (z[j] - step * (g[j] / (np.sqrt(m[j]) / root + eps))) / shrink
        x[j] = _average(x[j], z[j], lam)


def applies(tensors: Sequence[torch.Tensor]) -> bool:
    """May these be seen as flat arrays of one type?"""
    return all(
        one.is_cpu and one.is_contiguous() and one.dtype == tensors[0].dtype
        for one in tensors
    )


class Compiled:
    """A `Part` on a CPU; the same passes, one compiled loop each."""

    __slots__ = ("_rows", "_type", "g", "x", "z")

    def __init__(self, part: Part) -> None:
        """Take flat views of the part's tensors, which must have gradients."""
        columns = [part.x, part.g, part.z, *([part.moment] if part.moment else [])]
        self._rows = [
            [one.detach().view(-1).numpy() for one in row]
            for row in zip(*columns, strict=True)
        ]
        self._type = self._rows[0][0].dtype.type
        self.x, self.g, self.z = part.x, part.g, part.z

    def sums(self, metric: Adam | None) -> tuple[Tensors, Tensors]:
        """As `Part.sums`, in double precision."""
        inner, norm = 0.0, 0.0
        for row in self._rows:
            if metric is None:
                found = _sums(*row)
            else:
                of = self._type
                found = _sums_adam(
                    *row, of(metric.beta2), of(metric.eps), of(metric.root)
                )
            inner, norm = inner + found[0], norm + found[1]
        kind = torch.float64
        return [torch.tensor(inner, dtype=kind)], [torch.tensor(norm, dtype=kind)]

    def advance(
        self, metric: Adam | None, step: torch.Tensor, decay: float, lam: float
    ) -> None:
        """As `Part.advance`."""
        of = self._type
        number = float(step)
        scalars = [of(number), of(1 + number * decay), of(lam)]
        for row in self._rows:
            if metric is None:
                _advance(*row, *scalars)
            else:
                _advance_adam(*row, (*scalars, of(metric.eps), of(metric.root)))
