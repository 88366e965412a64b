r"""The Fourier coefficients of biased thresholds, and how they fall with d.

Left-hand sides are integers: $2^d\xi_j$ from its definition against its formula.
"""

from fractions import Fraction
from typing import Any

from theory import fourier
from theory.cases import Enclosed, of_cases
from theory.claims.case_claims import case_claim
from theory.method import Family

FOURIER = (Family.PARITY_FOURIER,)
PI = (  # 2 pi to 30 digits, cut off and rounded up
    Fraction(6283185307179586476925286766559, 10**30),
    Fraction(6283185307179586476925286766560, 10**30),
)

ODD_D = of_cases("d odd", "d odd", lambda c: c.d % 2 == 1)
NO_BIAS = of_cases("b = 0", "$b = 0$", lambda c: c.b == 0)
EVEN_K = of_cases("k even", r"k even, $2 \le k < d$", lambda c: c.k and c.k % 2 == 0)
ABOVE_2K = of_cases("d >= 2k + 1", r"$d \ge 2k + 1$", lambda c: c.d >= 2 * c.k + 1)
ANY_SET = of_cases("one set", r"$0 \le j \le d$", lambda c: c.k == 0)


def off(value: Any, expected: Any) -> Any:
    """How far an exact number is from what it should be."""
    return abs(value - expected)


def _krawtchouk(c: Any, xi: int) -> Any:
    r"""$2^d|\xi_j - \text{its formula}|$."""
    return off(xi, 2**c.d * fourier.coefficient(c.j, c.d, c.b))


def _majority(c: Any, xi: int) -> Any:
    return off(xi, 2**c.d * fourier.majority(c.j, c.d))


def sign(value: int) -> int:
    """-1, 0 or 1."""
    return (value > 0) - (value < 0)


def _recurrence(
    c: Any, below: int, above: int, next_below: int, next_above: int
) -> Any:
    r"""Both recurrences, in units of $2^{-d-2}$, and what contradicts the order."""
    g, then = abs(below) - abs(above), abs(next_below) - abs(next_above)
    p, q = fourier.gap_cross(c.k, c.d)
    falls = 0 if c.d < 2 * c.k + 1 else sign(then - 4 * g)
    expected = 0 if c.d <= 2 * c.k + 1 else -1
    step = off(abs(next_below), 4 * abs(below) * fourier.step_ratio(c.k, c.d))
    return step + off(q * then, p * 4 * g) + off(falls, expected)


def _not_falling(
    _c: Any, below: int, above: int, next_below: int, next_above: int
) -> Any:
    r"""$2^{d+2}(g(d+2) - g(d)) + 1$, at most 0 exactly where the gap falls."""
    g, then = abs(below) - abs(above), abs(next_below) - abs(next_above)
    return then - 4 * g + 1


def _asymptotics(c: Any, below: int) -> Enclosed:
    r"""The larger of $1/(2\pi s)$ and $2\pi s/$`most`, both at most 1."""
    found = fourier.asymptotics(c.k, c.d, Fraction(below, 2**c.d))
    down, up = PI
    low = max(1 / (up * found.scaled_sq), down * found.scaled_sq / found.most)
    high = max(1 / (down * found.scaled_sq), up * found.scaled_sq / found.most)
    return Enclosed(low, high, low)


KRAWTCHOUK = case_claim(
    "fourier.krawtchouk",
    "Every Fourier coefficient of a biased threshold is one Krawtchouk polynomial",
    r"$\xi_j = 2^{-d}K_W(j-1; d-1)$ for $j \ge 1$, $W = \max\{w : d - 2w + b > 0\}$, "
    r"and $\xi_0 = 2^{-d}\sum_{w \le W}\binom dw$; 0 if there is no such w",
    "E[x_1..x_j h_b] = 2^-d sum_{w <= W} K_w(j; d): of the points with w minus signs "
    "K_w counts those with an even number among the first j, less the others. "
    "sum_w K_w(j; d) z^w = (1-z)^j (1+z)^(d-j); divided by 1 - z that generates the "
    "partial sums, and is the generating function of K_W(j-1; d-1).",
    FOURIER,
    _krawtchouk,
    ("xi",),
    assumes=(ANY_SET,),
)

MAJORITY = case_claim(
    "fourier.majority",
    "Without bias, and for odd d: half the coefficients of the majority",
    r"d odd, b = 0: $\xi_j = (-1)^a\binom ma\binom{2m}m/(\binom{2m}{2a}2^d)$ for j = "
    r"2a + 1, d = 2m + 1; 0 for even $j \ge 2$",
    "W = m and xi_j = 2^-d K_m(x; 2m), x = j - 1. C(2m, x) K_m(x; 2m) = C(2m, m) "
    "K_x(m; 2m), and K_x(m; 2m) is the coefficient of z^x in (1-z)^m (1+z)^m = "
    "(1-z^2)^m: (-1)^a C(m, a) for x = 2a, 0 for odd x.",
    FOURIER,
    _majority,
    ("xi",),
    assumes=(ANY_SET, ODD_D, NO_BIAS),
)

RECURRENCE = case_claim(
    "fourier.recurrence",
    "How coefficients and gap fall with d: the gap only from d = 2k + 3 on",
    r"k even, d odd, b = 0: $|\xi_{k-1}(d+2)| = |\xi_{k-1}(d)|\frac{d-k+2}{d+1}$; "
    r"$(d+1)(d+1-2k)\,g(d+2) = (d+3-2k)(d-k)\,g(d)$, so $g(2k+3) = g(2k+1)$ and g "
    r"falls strictly for odd $d \ge 2k+3$",
    "m becomes m + 1 in parity.fourier.majority: factors (m+1)/(m+1-a) of C(m, a), "
    "(2m+2)(2m+1)/(m+1)^2 of C(2m, m), (2m+2-2a)(2m+1-2a)/((2m+2)(2m+1)) of the "
    "inverse of C(2m, 2a), and 1/4: (2m+1-2a)/(2m+2) with 2a = k - 2. Multiply by the "
    "ratio of (d-2k+1)/(d-k) at d + 2 and d. The factors' difference is (k-1)(2k+1-d).",
    FOURIER,
    _recurrence,
    ("below", "above", "next_below", "next_above"),
    assumes=(EVEN_K, ODD_D, NO_BIAS),
)

ASYMPTOTICS = case_claim(
    "fourier.asymptotics",
    r"The coefficient falls like d to the power -(k-1)/2, with its constant at every d",
    r"k even, d odd, b = 0: $1 \le 2\pi\,\xi_{k-1}^2 d^{k-1}/(k-3)!!^2 \le \frac{2d}"
    r"{2d-1}\prod_{i=1}^{k/2-1}(\frac d{d-2i})^2$; so $|\xi_{k-1}|d^{(k-1)/2} \to "
    r"(k-3)!!/\sqrt{2\pi}$",
    "With a = k/2 - 1, parity.fourier.majority is (2a-1)!! C(2m, m) 2^-d / ((d-2)"
    "(d-4)...(d-2a)); Wallis: 1/sqrt(pi(m+1/2)) < C(2m, m) 4^-m < 1/sqrt(pi(m+1/4)), "
    "where 4m + 2 = 2d.",
    FOURIER,
    _asymptotics,
    ("below",),
    assumes=(EVEN_K, ODD_D, NO_BIAS),
    at_most_one=True,
    tight="equality as d grows",
)

FALLS_AT_ONCE = case_claim(
    "fourier.falls_at_once",
    "False: the gap falls strictly from where it is positive",
    r"k even, d odd, b = 0: $g(d+2) < g(d)$ for $d \ge 2k+1$",
    "parity.fourier.recurrence: g(2k+3) = g(2k+1), for example 1/8 twice for k = 2.",
    FOURIER,
    _not_falling,
    ("below", "above", "next_below", "next_above"),
    assumes=(EVEN_K, ODD_D, NO_BIAS, ABOVE_2K),
    is_false=True,
)

CLAIMS = (
    KRAWTCHOUK,
    MAJORITY,
    RECURRENCE,
    ASYMPTOTICS,
    FALLS_AT_ONCE,
)
