r"""Sparse parity and two-layer networks: gradients, checkpoints, representation.

$f(x) = \sum_j a_j\,\mathrm{relu}(\langle w_j, x\rangle + b)$, correlation loss $-yf$,
S the first k coordinates. All in exact arithmetic, save the numbers of samples.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from theory.errors import InputError
from theory.fourier import Number, coefficient, gap

SAFE = 1.0 + 1e-14
"""Above what rounding does to a number of samples: it is rounded up, and so is this."""


def toggled(k: int, i: int) -> tuple[int, ...]:
    r"""The coordinates of $S \triangle \{i\}$, S the first k."""
    support = set(range(k)) ^ {i}
    return tuple(sorted(support))


def sign_of(weights: Sequence[int], coordinates: Sequence[int]) -> int:
    r"""$\prod_l w_l$ over some coordinates."""
    return math.prod(weights[i] for i in coordinates)


def gradient(weights: Sequence[int], k: int, a: Number, b: Number) -> list[Fraction]:
    r"""$-a \prod_{l \in S\triangle\{i\}} w_l\,\xi_{|S\triangle\{i\}|}$ for all i.

    $\partial E[-yf]/\partial w_i$ of one neuron with weights +-1, by the substitution
    $x \to wx$; last $\partial/\partial b$, which is $-a\prod_{l\in S} w_l\,\xi_k$.
    """
    d = len(weights)
    sets = [*(toggled(k, i) for i in range(d)), tuple(range(k))]
    return [-a * sign_of(weights, s) * coefficient(len(s), d, b) for s in sets]


def degree_one_change(
    rows: Sequence[Sequence[int]], a: Sequence[Number], k: int, eta: Number, i: int
) -> Fraction:
    r"""$\frac\eta2\xi_{|T|}\sum_j a_j^2\prod_{l\in T}w_{jl}$, $T = S\triangle\{i\}$.

    What one step on the hidden weights adds to $E[x_i f]$ without biases, exactly, for
    every step size: $E[x_i f] = \frac12\sum_j a_j w_{ji}$ is linear in the weights.
    """
    chosen = toggled(k, i)
    total = sum(aj**2 * sign_of(row, chosen) for aj, row in zip(a, rows, strict=True))
    return Fraction(eta) / 2 * coefficient(len(chosen), len(rows[0])) * total


class Samples(NamedTuple):
    """How many labels two checkpoints need."""

    read: int
    table: int


def checkpoint_samples(d: int, k: int, c: Number, delta: Number) -> Samples:
    r"""$\lceil 32c^{-2}\ln(2d/\delta)\rceil$ and $\lceil 2^k\ln(2^k/\delta)\rceil$.

    Args:
        d: Dimension.
        k: Size of S.
        c: $E[f x_i] \ge c$ on S and $\le c/2$ off it; 0 < c <= 1.
        delta: Probability, in (0, 1), that each of the two stages may fail.

    """
    if not (0 < c <= 1 and 0 < delta < 1 and 1 <= k <= d):
        msg = (
            "Need 0 < c <= 1, 0 < delta < 1 and 1 <= k <= d, got "
            f"c={float(c):g}, delta={float(delta):g}, {k=} and {d=}."
        )
        raise InputError(msg)
    read = 32.0 / float(c) ** 2 * math.log(2 * d / float(delta))
    table = 2**k * math.log(2**k / float(delta))
    return Samples(math.ceil(read * SAFE), math.ceil(table * SAFE))


def label_samples(d: int, k: int, delta: Number) -> int:
    r"""$\lceil 8g^{-2}\ln(2d/\delta)\rceil$, g the Fourier gap without bias.

    So many labels tell the k largest coordinates of one neuron's first gradient, with
    probability $1 - \delta$. A gap of 0 or below is an error: no number does.
    """
    g = gap(k, d)
    if g <= 0 or not 0 < delta < 1:
        msg = (
            f"Need a positive gap and 0 < delta < 1, got g={float(g):g} at {k=}, {d=} "
            f"and delta={float(delta):g}. For even k it is positive from d = 2k + 1."
        )
        raise InputError(msg)
    return math.ceil(8.0 / float(g) ** 2 * math.log(2 * d / float(delta)) * SAFE)


class Unit(NamedTuple):
    r"""One ReLU of the second layer: $a\,\mathrm{relu}(s - t)$."""

    a: int
    t: int


def parity_units(k: int) -> list[Unit]:
    r"""$\chi_S = \sum_{j=0}^k a_j\,\mathrm{relu}(s - t_j)$, $s = \sum_{i\in S} x_i$.

    $t_0 = -k-1$, $a_0 = (-1)^k$; $t_j = -k + 2(j-1)$, $a_j = 2(-1)^{k+j}$.
    """
    if k < 1:
        msg = f"Need k >= 1, got {k=}."
        raise InputError(msg)
    rest = [Unit(2 * (-1) ** (k + j), 2 * (j - 1) - k) for j in range(1, k + 1)]
    return [Unit((-1) ** k, -k - 1), *rest]
