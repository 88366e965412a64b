"""Numbers between two others, in as many digits as are asked for.

mpmath's interval arithmetic rounds outwards; its exponentials and logarithms are
widened by some more bits. The formulas of `theory.spectrum` run on these unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from typing import Any

from mpmath import iv, libmp

from theory.cases import Enclosed

DIGITS = (60, 120, 240, 480)
"""Tried in turn until every sign is known."""

GUARD = 10
"""Bits by which elementary functions are widened."""

iv.dps = DIGITS[0]  # unless `digits` says otherwise; nothing else here uses mpmath's iv


class Interval:
    """Every number between two; operators and functions enclose their results."""

    __slots__ = ("value",)
    value: Any

    def __init__(self, value: Any) -> None:
        """Take an int, a fraction, a float (exactly), an interval, or its two ends."""
        if isinstance(value, Interval):
            self.value = value.value
        elif isinstance(value, Fraction):
            self.value = iv.mpf(value.numerator) / iv.mpf(value.denominator)
        else:
            self.value = iv.mpf(value)

    def __add__(self, other: Any) -> Interval:
        return _raw(self.value + _value(other))

    def __sub__(self, other: Any) -> Interval:
        return _raw(self.value - _value(other))

    def __mul__(self, other: Any) -> Interval:
        return _raw(self.value * _value(other))

    def __truediv__(self, other: Any) -> Interval:
        return _raw(self.value / _value(other))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Interval:
        return _raw(_value(other) - self.value)

    def __rtruediv__(self, other: Any) -> Interval:
        return _raw(_value(other) / self.value)

    def __neg__(self) -> Interval:
        return _raw(-self.value)

    def __pow__(self, power: Any) -> Interval:
        """A whole power, or the power of a number that is not negative."""
        if isinstance(power, int):
            return _raw(self.value**power)
        if self.value == 0:
            return self
        return (Interval(power) * self.log()).exp()

    def exp(self) -> Interval:
        """Its exponential."""
        return _widened(iv.exp(self.value)) if self.value != 0 else Interval(1)

    def log(self) -> Interval:
        """Its logarithm; of 1 exactly 0."""
        return _widened(iv.log(self.value)) if self.value != 1 else Interval(0)

    def expm1(self) -> Interval:
        """As it says; the digits make up for the cancellation."""
        return self.exp() - 1

    def log1p(self) -> Interval:
        """As it says."""
        return (self + 1).log()

    def sqrt(self) -> Interval:
        """Its root."""
        return _raw(iv.sqrt(self.value))

    def sinh(self) -> Interval:
        """Its hyperbolic sine."""
        return (self.exp() - (-self).exp()) / 2

    @property
    def low(self) -> Fraction:
        """Its lower end, exactly."""
        return _fraction(self.value._mpi_[0])

    @property
    def high(self) -> Fraction:
        """Its upper end, exactly."""
        return _fraction(self.value._mpi_[1])

    def enclosed(self) -> Enclosed:
        """Both ends, and a guess between them."""
        low, high = self.low, self.high
        return Enclosed(low, high, (low + high) / 2)

    @property
    def sign(self) -> int | None:
        """-1, 0 or 1; `None` where it is not known."""
        low, high = (libmp.mpf_sign(end) for end in self.value._mpi_)
        return int(low) if low == high else None


def _raw(value: Any) -> Interval:
    """An interval of a number that mpmath made."""
    found = Interval.__new__(Interval)
    found.value = value
    return found


def _value(number: Any) -> Any:
    return number.value if isinstance(number, Interval) else Interval(number).value


def _widened(value: Any) -> Interval:
    return _raw(value * _slack(iv.prec))


@cache
def _slack(bits: int) -> Any:
    unit = iv.mpf(2) ** (GUARD - bits)
    return iv.mpf([1 - unit, 1 + unit])


def _fraction(end: Any) -> Fraction:
    if end in {libmp.finf, libmp.fninf, libmp.fnan}:
        msg = f"a number is not enclosed: {libmp.to_str(end, 5)}"
        raise ArithmeticError(msg)
    return Fraction(*map(int, libmp.to_rational(end)))


@contextmanager
def digits(count: int) -> Iterator[None]:
    """So many decimal digits inside."""
    before = iv.prec
    iv.dps = count
    try:
        yield
    finally:
        iv.prec = before


def settled(differences: Callable[[], Sequence[Any]]) -> tuple[int | None, ...]:
    """The signs of numbers, with more digits where too few do not tell them.

    Args:
        differences: Computes the numbers, fractions or intervals, anew.

    """
    signs: tuple[int | None, ...] = ()
    for count in DIGITS:
        with digits(count):
            signs = tuple(sign(d) for d in differences())
        if None not in signs:
            break
    return signs


def sign(number: Any) -> int | None:
    """-1, 0 or 1 of an exact number, or of an interval if that is known."""
    if isinstance(number, Interval):
        return number.sign
    return int(number > 0) - int(number < 0)
