r"""Losses $h(u; b)$ and slopes $h'(u; b)$ of one score, as branch-free arithmetic.

The same source runs on arrays, on numba scalars (`synthetic.engines.compiled`) and on
mpmath numbers: the exponentials come from `synthetic.elementary`, which every one of
these worlds knows how to read. A slope at a kink is 0, or the active side's.
"""

from typing import Any

from synthetic.elementary import exp, log1p_exp

Number = Any

LOG_2 = 0.6931471805599453


def softplus(u: Number) -> Number:
    r"""$\log(1 + e^u)$ without overflow."""
    return 0.5 * (u + abs(u)) + log1p_exp(-abs(u))


def sigmoid(u: Number) -> Number:
    r"""$1 / (1 + e^{-u})$ with full relative accuracy in both tails."""
    tail = exp(-abs(u))
    return (1.0 * (u >= 0) + tail * (u < 0)) / (1.0 + tail)


def squared(u: Number, b: Number) -> Number:
    r"""$(u - b)^2 / 2$."""
    return 0.5 * (u - b) * (u - b)


def squared_slope(u: Number, b: Number) -> Number:
    r"""$u - b$."""
    return u - b


def l1(u: Number, b: Number) -> Number:
    r"""$|u - b|$."""
    return abs(u - b)


def l1_slope(u: Number, b: Number) -> Number:
    r"""$\mathrm{sign}(u - b)$."""
    return 1.0 * (u > b) - 1.0 * (u < b)


def logistic(u: Number, b: Number) -> Number:
    r"""$\log(1 + e^u) - b u$, $b \in [0, 1]$."""
    return softplus(u) - b * u


def logistic_slope(u: Number, b: Number) -> Number:
    r"""$\sigma(u) - b$."""
    return sigmoid(u) - b


def poisson(u: Number, b: Number) -> Number:
    r"""$e^u - b u$, $b \ge 0$."""
    return exp(u) - b * u


def poisson_slope(u: Number, b: Number) -> Number:
    r"""$e^u - b$."""
    return exp(u) - b


def hinge(u: Number, b: Number) -> Number:
    r"""$(1 - b u)_+$, $b \in \{-1, 1\}$."""
    return 0.5 * (1.0 - b * u + abs(1.0 - b * u))


def hinge_slope(u: Number, b: Number) -> Number:
    r"""$-b \, 1\{b u < 1\}$."""
    return -b * (b * u < 1.0)


def quartic(u: Number, b: Number) -> Number:
    r"""$(u - b)^4 / 4$."""
    square = (u - b) * (u - b)
    return 0.25 * square * square


def quartic_slope(u: Number, b: Number) -> Number:
    r"""$(u - b)^3$."""
    return (u - b) * (u - b) * (u - b)


def huber(u: Number, b: Number) -> Number:
    r"""$r^2/2$ for $|r| \le 1$, else $|r| - 1/2$, with $r = u - b$."""
    size = abs(u - b)
    inside = 0.5 * (size + 1.0 - abs(size - 1.0))  # min(|r|, 1)
    return inside * (size - 0.5 * inside)


def huber_slope(u: Number, b: Number) -> Number:
    r"""$\min(\max(u - b, -1), 1)$."""
    return 0.5 * (abs(u - b + 1.0) - abs(u - b - 1.0))


def logcosh(u: Number, b: Number) -> Number:
    r"""$\log\cosh(u - b)$."""
    size = abs(u - b)
    return size + log1p_exp(-2.0 * size) - LOG_2


def logcosh_slope(u: Number, b: Number) -> Number:
    r"""$\tanh(u - b) = 2 \sigma(2 (u - b)) - 1$, odd to the last bit."""
    tail = exp(-2.0 * abs(u - b))
    return (1.0 * (u > b) - 1.0 * (u < b)) * (1.0 - tail) / (1.0 + tail)
