"""Exponentials for float64 arrays and, unchanged, for arrays of mpmath numbers.

A violated inequality is replayed in 50 digits before it is reported
(`synthetic.replay`). The replay runs the very same code on object arrays, so the two
transcendental functions that the losses need are chosen by dtype here and nowhere else.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_mp_exp = np.frompyfunc(mpmath.exp, 1, 1)
_mp_log1p = np.frompyfunc(mpmath.log1p, 1, 1)


def exp(u: Array) -> Array:
    r"""$e^u$, elementwise."""
    return np.asarray(_mp_exp(u) if u.dtype == object else np.exp(u))


def log1p(u: Array) -> Array:
    r"""$\log(1 + u)$, elementwise."""
    return np.asarray(_mp_log1p(u) if u.dtype == object else np.log1p(u))
