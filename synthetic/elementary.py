"""Exponentials for float64 arrays and, unchanged, for arrays of mpmath numbers.

A violated inequality is replayed in 50 digits before it is reported
(`synthetic.replay`). The replay runs the very same code on object arrays, so the
transcendental functions that the losses need are chosen by dtype here and nowhere else.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np

_mp_exp = np.frompyfunc(mpmath.exp, 1, 1)
_mp_log1p = np.frompyfunc(mpmath.log1p, 1, 1)


def _is_mp(u: Any) -> bool:
    return bool(np.asarray(u).dtype == object)


def exp(u: Any) -> Any:
    r"""$e^u$, elementwise."""
    return _mp_exp(u) if _is_mp(u) else np.exp(u)


def log1p(u: Any) -> Any:
    r"""$\log(1 + u)$, elementwise."""
    return _mp_log1p(u) if _is_mp(u) else np.log1p(u)


def log1p_exp(u: Any) -> Any:
    r"""$\log(1 + e^u)$ for $u \le 0$, elementwise."""
    return log1p(exp(u))
