r"""The gap between two Fourier coefficients, which tells the support from the rest."""

from typing import Any

from theory import fourier
from theory.cases import of_cases
from theory.claims.case_claims import case_claim
from theory.claims.parity_fourier import EVEN_K, FOURIER, NO_BIAS, ODD_D, off, sign
from theory.references import HIDDEN_PROGRESS_PAPER

EVEN_D = of_cases("d even", "d even", lambda c: c.d % 2 == 0)
NO_TIE = of_cases("-1 < b <= 1", r"$-1 < b \le 1$", lambda c: -1 < c.b <= 1)
NO_TIE_CLOSED = of_cases("-1 <= b <= 1", r"$-1 \le b \le 1$", lambda c: -1 <= c.b <= 1)
ODD_K = of_cases("k odd", r"k odd, $3 \le k < d$", lambda c: c.k % 2 == 1 and c.k >= 3)
EITHER_K = of_cases("k >= 2", r"$2 \le k < d$", lambda c: c.k >= 2)


def _gap(c: Any, below: int, above: int) -> Any:
    """Residuals of the ratio and of the gap, and what contradicts the signs."""
    low, high = abs(below), abs(above)
    same_sign = int(below * above >= 0)
    wrong_sign = off(sign(low - high), sign(c.d - 2 * c.k + 1))
    cross = off((low - high) * (c.d - c.k), low * (c.d - 2 * c.k + 1))
    return cross + off(high, low * fourier.ratio(c.k, c.d)) + same_sign + wrong_sign


def _even_d(c: Any, below: int, above: int) -> Any:
    return off(abs(above), abs(below) * fourier.ratio(c.k, c.d)) + int(below == 0)


def _vanish(_c: Any, below: int, above: int) -> Any:
    return abs(below) + abs(above)


def _not_positive(_c: Any, below: int, above: int) -> Any:
    r"""$1 - 2^d g$, at most 0 exactly where the gap is positive."""
    return 1 - (abs(below) - abs(above))


GAP = case_claim(
    "fourier_gap",
    "The gap between coordinates in the support and off it is positive from d = 2k + 1",
    r"k even, d odd, $-1 < b \le 1$: $|\xi_{k+1}| = |\xi_{k-1}|\frac{k-1}{d-k}$ with "
    r"opposite signs; $|\xi_{k-1}| - |\xi_{k+1}| = |\xi_{k-1}|\frac{d-2k+1}{d-k}$, "
    "zero at d = 2k - 1, negative below, positive above",
    "parity.fourier.majority at a and a + 1, a = k/2 - 1: C(m, a+1)/C(m, a) = "
    "(m-a)/(a+1) and C(2m, 2a)/C(2m, 2a+2) = (2a+2)(2a+1)/((2m-2a)(2m-2a-1)), whose "
    "product is (2a+1)/(2m-2a-1) = (k-1)/(d-k). A sum of an odd number of signs is odd "
    "too, so h_b is the same for all b of (-1, 1].",
    FOURIER,
    _gap,
    ("below", "above"),
    assumes=(EVEN_K, ODD_D, NO_TIE),
    reference=HIDDEN_PROGRESS_PAPER,
)

GAP_EVEN_D = case_claim(
    "fourier_gap.even_d",
    "The ratio of the two coefficients at even d",
    r"d even, b = 0: $|\xi_{k+1}|/|\xi_{k-1}| = \frac{k-1}{d-k+1}$ for even k, "
    r"$\frac k{d-k}$ for odd $k \ge 3$",
    "parity.fourier.krawtchouk with W = d/2 - 1 = m and n = d - 1 = 2m + 1: "
    "xi_j = 2^-d K_m(j-1; 2m+1). By C(n, x) K_m(x; n) = C(n, m) K_x(m; n), K_x(m; n) "
    "the coefficient of z^x in (1-z)^m (1+z)^(m+1) = (1+z)(1-z^2)^m, that is (-1)^a "
    "C(m, a) for x = 2a and x = 2a + 1. Divide neighbours of the same parity.",
    FOURIER,
    _even_d,
    ("below", "above"),
    assumes=(EITHER_K, EVEN_D, NO_BIAS),
)

NO_SIGNAL = case_claim(
    "fourier_gap.no_signal",
    "An odd number of coordinates among an odd d shows no neuron without bias anything",
    r"k odd, $k \ge 3$, d odd, $-1 < b \le 1$: $\xi_{k-1} = \xi_{k+1} = 0$",
    "Both orders are even: parity.fourier.majority.",
    FOURIER,
    _vanish,
    ("below", "above"),
    assumes=(ODD_K, ODD_D, NO_TIE),
)

GAP_AT_ODD_K = case_claim(
    "fourier_gap.odd_k",
    "False: there is a gap for odd k too",
    r"k odd, $k \ge 3$, d odd, b = 0: $|\xi_{k-1}| > |\xi_{k+1}|$",
    "parity.fourier_gap.no_signal: both are 0, for example at k = 3, d = 21.",
    FOURIER,
    _not_positive,
    ("below", "above"),
    assumes=(ODD_K, ODD_D, NO_BIAS),
    is_false=True,
)

GAP_EVERYWHERE = case_claim(
    "fourier_gap.every_d",
    "False: the gap is positive for every d > k",
    r"k even, d odd, b = 0: $|\xi_{k-1}| > |\xi_{k+1}|$",
    "parity.fourier_gap: it is 0 at d = 2k - 1, and negative below.",
    FOURIER,
    _not_positive,
    ("below", "above"),
    assumes=(EVEN_K, ODD_D, NO_BIAS),
    is_false=True,
)

NO_SIGNAL_AT_TIES = case_claim(
    "fourier_gap.no_signal_closed",
    "False: nor at the bias -1",
    r"k odd, $k \ge 3$, d odd, $-1 \le b \le 1$: $\xi_{k-1} = \xi_{k+1} = 0$",
    "The threshold is strict: at b = -1 the points with sum 1 are off, as at b = -2. "
    "For k = 3, d = 21: xi_2 = 4199/524288.",
    FOURIER,
    _vanish,
    ("below", "above"),
    assumes=(ODD_K, ODD_D, NO_TIE_CLOSED),
    is_false=True,
)

CLAIMS = (
    GAP,
    GAP_EVEN_D,
    NO_SIGNAL,
    GAP_AT_ODD_K,
    GAP_EVERYWHERE,
    NO_SIGNAL_AT_TIES,
)
