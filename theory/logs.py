r"""Exact sums $\sum_j c_j \ln r_j$ of logarithms of rationals.

Logarithms of primes are linearly independent over the rationals, so that two sums are
equal exactly if their coefficients of every $\ln p$ are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache

from theory.cases import Enclosed

DIGITS = 60
"""Of each logarithm; the last one is certain to one unit."""


class Logs:
    """A sum of logarithms, by prime; zero without any."""

    def __init__(self, terms: Mapping[int, Fraction] | None = None) -> None:
        self.terms = {p: c for p, c in (terms or {}).items() if c}

    def plus(self, other: Logs, times: Fraction | int = 1) -> Logs:
        """The sum with a multiple of another one."""
        terms = dict(self.terms)
        for p, c in other.terms.items():
            terms[p] = terms.get(p, Fraction(0)) + times * c
        return Logs(terms)

    def minus(self, other: Logs) -> Logs:
        """The difference."""
        return self.plus(other, -1)

    @property
    def size(self) -> Fraction:
        """The sum of the coefficients' sizes: 0 only for the sum that is 0."""
        return sum((abs(c) for c in self.terms.values()), Fraction(0))

    def enclosed(self) -> Enclosed:
        """The number, between rationals; exact if it is 0."""
        low = high = Fraction(0)
        for p, c in self.terms.items():
            ends = [c * end for end in _log_of_prime(p)]
            low, high = low + min(ends), high + max(ends)
        return Enclosed(low, high, (low + high) / 2)

    def __float__(self) -> float:
        return float(self.enclosed().near)


def log(value: Fraction | int) -> Logs:
    r"""$\ln r$ of a positive rational whose prime factors are small."""
    exact = Fraction(value)
    found: Counter[int] = Counter(_primes(exact.numerator))
    found.subtract(_primes(exact.denominator))
    return Logs({p: Fraction(c) for p, c in found.items()})


def combined(terms: Mapping[Fraction, Fraction]) -> Logs:
    r"""$\sum_j c_j \ln r_j$, from $r_j$ to $c_j$."""
    total = Logs()
    for value, times in terms.items():
        total = total.plus(log(value), times)
    return total


@cache
def _primes(n: int) -> tuple[int, ...]:
    """Prime factors, by trial division."""
    found, p = [], 2
    while p * p <= n:
        while n % p == 0:
            found.append(p)
            n //= p
        p += 1
    return (*found, n) if n > 1 else tuple(found)


@cache
def _log_of_prime(p: int) -> tuple[Fraction, Fraction]:
    """Decimal's logarithm is correctly rounded, to half a unit of the last place."""
    value = Fraction(Decimal(p).ln(Context(prec=DIGITS)))
    unit = Fraction(1, 10 ** (DIGITS - 3))
    return value - unit, value + unit
