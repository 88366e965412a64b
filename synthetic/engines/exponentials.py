r"""$e^u$, $\log(1 + u)$, $\log(1 + e^u)$ in plain arithmetic: loops are vectorised.

A call of the C library's takes one number at a time, and a loop around it runs several
times slower. `exp` and `log1p` are correct to one unit in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload

from synthetic import elementary
from synthetic.engines.compiler import INLINE, inner

LOG2_E = 1.0 / math.log(2.0)
LN2 = math.log(2.0)
LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # 32 bits: its product with k is exact
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
ROUND = 1.5 * 2.0**52  # added and taken away, it rounds to the nearest integer
LARGEST = 709.782712893384  # log of the largest double
SMALLEST = -746.0  # from here on down the exponential is 0
ROOT_HALF = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
BIAS, FRACTION = 1023, 52

# 1/k! for k = 13 down to 2: |r| <= log(2)/2 and r^14/14! < 2^-57
INVERSE_FACTORIALS = tuple(1.0 / math.factorial(k) for k in range(13, 1, -1))
# 2/(2k+1) for k = 11 down to 1: |s| <= 3 - 2 sqrt 2 and 2 s^24/25 < 2^-64
ODD_SERIES = tuple(2.0 / (2 * k + 1) for k in range(11, 0, -1))

# (e^r - 1 - r)/r^2 on |r| <= log(2)/2, highest power first: e^r to 2^-57 of itself
EXP_MINIMAX = tuple(
    float.fromhex(digits)
    for digits in (
        *("0x1.ad7f776d9e801p-26", "0x1.28ad68915594ap-22", "0x1.71df253bfa2f8p-19"),
        *("0x1.a0199a16f8486p-16", "0x1.a01a012a6923bp-13", "0x1.6c16c18426633p-10"),
        *("0x1.1111111127b9cp-7", "0x1.555555555088cp-5", "0x1.55555555554fap-3"),
        "0x1.000000000000ap-1",
    )
)
# (2 artanh(s)/s - 2)/z with z = s^2, |s| <= 3 - 2 sqrt 2: 2 artanh to 2^-59 of itself
ARTANH_MINIMAX = tuple(
    float.fromhex(digits)
    for digits in (
        *("0x1.2f0560978a2bdp-3", "0x1.39a1bb010ffd8p-3", "0x1.74663ee59b51cp-3"),
        *("0x1.c71c52096aa45p-3", "0x1.24924941f1149p-2", "0x1.999999997fdb9p-2"),
        "0x1.5555555555592p-1",
    )
)
SPLIT = 2.0**0.5 - 1.0  # from here on log(1 + t) is log 2 + log((1 + t)/2)
LOWEST = -708.0  # e^u is still a normal number


def _fused(_context: Any, _a: Any, _b: Any, _c: Any) -> tuple[Any, Any]:
    double = types.float64
    return double(
        double, double, double
    ), lambda _context, builder, _signature, args: builder.fma(*args)


fused = intrinsic(_fused)
"""`fused(a, b, c)`: a b + c, rounded once on every processor."""


@inner
def _power_of_two(k: Any) -> Any:
    """2**k, as bits, for -1022 <= k <= 1023."""
    return np.int64((k + BIAS) << FRACTION).view(np.float64)


def exp(u: Any) -> Any:
    r"""$e^u = 2^k e^r$ with the integer k nearest to $u / \log 2$."""
    inside = u if u < LARGEST else LARGEST
    inside = inside if inside > SMALLEST else SMALLEST
    k = (inside * LOG2_E + ROUND) - ROUND
    high, low = inside - k * LN2_HIGH, k * LN2_LOW
    r = high - low
    tail = (high - r) - low
    series = 0.0
    for coefficient in INVERSE_FACTORIALS:
        series = fused(series, r, coefficient)
    value = 1.0 + (r + (r * r * series + tail))
    whole = np.int64(k)
    half = whole >> 1  # two factors, neither of which over- or underflows
    scaled = value * _power_of_two(half) * _power_of_two(whole - half)
    return scaled if u <= LARGEST else u * np.inf  # nan stays nan


def log1p(u: Any) -> Any:
    r"""$\log(1 + u)$: with $1 + u = 2^k m$, $\log m = 2 \,\mathrm{artanh}(s)$.

    Here $s = f / (2 + f)$, $f = m - 1$; the arrangement of the sum is fdlibm's.
    """
    total = 1.0 + u
    lost = u - (total - 1.0)
    bits = np.float64(total).view(np.int64)
    k = (bits - ROOT_HALF) >> FRACTION
    f = np.int64(bits - (k << FRACTION)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = 0.0
    for coefficient in ODD_SERIES:
        series = fused(series, z, coefficient)
    half = 0.5 * f * f
    rest = s * (half + z * series) + (k * LN2_LOW + lost / total)
    value = k * LN2_HIGH - ((half - rest) - f)
    value = value if u < np.inf else u  # inf and nan stay
    value = value if u != -1.0 else -np.inf
    value = value if u >= -1.0 else np.nan
    return value if u != 0.0 else u  # the sign of a zero


def log1p_exp(u: Any) -> Any:
    r"""$\log(1 + e^u)$ for $u \le 0$, to three units in the last place.

    Below `LOWEST` it stays at the value there, some $10^{-308}$. One division: with
    $t = e^u \le 1$ it is $2 \,\mathrm{artanh}(t / (2 + t))$, or for large t
    $\log 2 + 2 \,\mathrm{artanh}((t - 1) / (t + 3))$, so that the series is short.
    """
    inside = LOWEST if u < LOWEST else u  # nan stays nan
    shifted = fused(inside, LOG2_E, ROUND)
    k = shifted - ROUND
    r = fused(k, -LN2_LOW, fused(k, -LN2_HIGH, inside))
    series = 0.0
    for coefficient in EXP_MINIMAX:
        series = fused(series, r, coefficient)
    value = 1.0 + fused(r * r, series, r)
    # the last bits of `shifted` are those of k
    scale = np.float64(shifted).view(np.int64) << FRACTION
    t = np.int64(np.float64(value).view(np.int64) + scale).view(np.float64)
    one = 1.0 if t > SPLIT else 0.0
    s = (t - one) / (t + (2.0 + one))
    z = s * s
    series = 0.0
    for coefficient in ARTANH_MINIMAX:
        series = fused(series, z, coefficient)
    return fused(one, LN2, fused(s * z, series, 2.0 * s))


def register() -> None:
    """Let compiled code call the functions of `elementary`."""
    overload(elementary.exp, jit_options=INLINE)(_of_floats(exp))
    overload(elementary.log1p, jit_options=INLINE)(_of_floats(log1p))
    overload(elementary.log1p_exp, jit_options=INLINE)(_of_floats(log1p_exp))


def _of_floats(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def choose(u: Any) -> Any:  # its signature has to be the function's own
        return function if isinstance(u, types.Float) else None

    return choose
