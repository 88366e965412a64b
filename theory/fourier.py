r"""Fourier coefficients of biased thresholds, in exact rational arithmetic.

$h_b(x) = 1\{\sum_i x_i + b > 0\}$ on $\{\pm 1\}^d$; $\xi_j = E[x_1\cdots x_j h_b(x)]$,
which by symmetry is the coefficient of every set of j coordinates.
"""

from fractions import Fraction
from math import ceil, comb, prod
from typing import NamedTuple

from theory.errors import InputError

Number = int | Fraction


def check(d: int, j: int) -> None:
    """Refuse what is no set of j out of d coordinates."""
    if d < 1 or not 0 <= j <= d:
        msg = f"Need d >= 1 and 0 <= j <= d, got {d=} and {j=}."
        raise InputError(msg)


def last_weight(d: int, b: Number) -> int:
    r"""$\max\{w \in 0..d : d - 2w + b > 0\}$, or -1 if there is none.

    w counts the coordinates that are -1. The threshold is strict: at a tie the neuron
    is off, so that at even d the bias 0 is not the same as a small positive one.
    """
    return max(-1, min(d, ceil(Fraction(d + b) / 2) - 1))


def krawtchouk(w: int, x: int, n: int) -> int:
    r"""$K_w(x; n) = \sum_i (-1)^i \binom xi \binom{n-x}{w-i}$."""
    terms = range(max(0, w - n + x), min(x, w) + 1)
    return sum((-1) ** i * comb(x, i) * comb(n - x, w - i) for i in terms)


def coefficient(j: int, d: int, b: Number = 0) -> Fraction:
    r"""$\xi_j = 2^{-d} K_W(j-1; d-1)$, and $\xi_0 = 2^{-d} \sum_{w \le W} \binom dw$.

    W is `last_weight`; all are 0 if that is -1.

    Args:
        j: Size of the set of coordinates, 0 to d.
        d: Dimension, at least 1.
        b: Bias, exact: a float would decide ties by its rounding.

    """
    check(d, j)
    last = last_weight(d, b)
    if last < 0:
        return Fraction(0)
    if j == 0:
        return Fraction(sum(comb(d, w) for w in range(last + 1)), 2**d)
    return Fraction(krawtchouk(last, j - 1, d - 1), 2**d)


def majority(j: int, d: int) -> Fraction:
    r"""$\xi_j = (-1)^a \binom ma \binom{2m}m / (\binom{2m}{2a} 2^d)$ for odd d and j.

    b = 0, $a = (j-1)/2$, $m = (d-1)/2$; 0 for even $j \ge 2$, and 1/2 for j = 0. This
    is half the coefficient of the majority of d signs (1/2 of 1 more for j = 0).
    """
    check(d, j)
    if d % 2 == 0:
        msg = f"Need an odd d for the majority of d signs, got {d=}."
        raise InputError(msg)
    if j % 2 == 0:
        return Fraction(int(j == 0), 2)
    a, m = (j - 1) // 2, (d - 1) // 2
    return Fraction((-1) ** a * comb(m, a) * comb(2 * m, m), comb(2 * m, 2 * a) * 2**d)


def gap(k: int, d: int, b: Number = 0) -> Fraction:
    r"""$g = |\xi_{k-1}| - |\xi_{k+1}|$: what tells the support from the rest."""
    check_order(k, d)
    return abs(coefficient(k - 1, d, b)) - abs(coefficient(k + 1, d, b))


def ratio(k: int, d: int) -> Fraction:
    r"""$|\xi_{k+1}|/|\xi_{k-1}|$ at b = 0; a ValueError where both vanish.

    d odd: $(k-1)/(d-k)$ for even k. d even: $(k-1)/(d-k+1)$ for even k, and
    $k/(d-k)$ for odd $k \ge 3$.
    """
    check_order(k, d)
    if k % 2 == 0:
        return Fraction(k - 1, d - k if d % 2 else d - k + 1)
    if d % 2 or k == 1:
        msg = f"Need an even k, or an even d and k >= 3, got {k=} and {d=}."
        raise InputError(msg)
    return Fraction(k, d - k)


def step_ratio(k: int, d: int) -> Fraction:
    r"""$|\xi_{k-1}(d+2)| / |\xi_{k-1}(d)| = (d-k+2)/(d+1)$ for even k, odd d, b = 0."""
    check_order(k, d)
    return Fraction(d - k + 2, d + 1)


def gap_cross(k: int, d: int) -> tuple[int, int]:
    r"""The numbers p, q of $q\,g(d+2) = p\,g(d)$ for even k, odd d, b = 0.

    $p = (d+3-2k)(d-k)$, $q = (d+1)(d+1-2k)$ and $p - q = (k-1)(2k+1-d)$: the gap stays
    the same from d = 2k+1 to 2k+3, and falls from there on.
    """
    check_order(k, d)
    return (d + 3 - 2 * k) * (d - k), (d + 1) * (d + 1 - 2 * k)


def double_factorial(n: int) -> int:
    r"""$n!! = n (n-2) (n-4) \cdots$, and 1 for $n \le 0$."""
    return prod(range(n, 0, -2))


class Asymptotics(NamedTuple):
    r"""$1 \le \pi_2 s \le$ `most` with $\pi_2 = 2\pi$."""

    scaled_sq: Fraction
    most: Fraction


def asymptotics(k: int, d: int, xi: Fraction) -> Asymptotics:
    r"""$s = \xi_{k-1}^2 d^{k-1} / (k-3)!!^2$, and what bounds $2\pi s$ from above.

    Even k, odd d > k - 2. $1 \le 2\pi s \le \frac{2d}{2d-1}\prod_{i=1}^{k/2-1}
    (\frac d{d-2i})^2$, so that $|\xi_{k-1}| d^{(k-1)/2} \to (k-3)!!/\sqrt{2\pi}$.
    """
    check_order(k, d)
    scaled = xi**2 * d ** (k - 1) / double_factorial(k - 3) ** 2
    most = Fraction(2 * d, 2 * d - 1)
    for i in range(1, k // 2):
        most *= Fraction(d, d - 2 * i) ** 2
    return Asymptotics(scaled, most)


def check_order(k: int, d: int) -> None:
    """Refuse a k without neighbours k - 1 and k + 1 among 0 to d."""
    if not 1 <= k < d:
        msg = f"Need 1 <= k < d, got {k=} and {d=}."
        raise InputError(msg)
