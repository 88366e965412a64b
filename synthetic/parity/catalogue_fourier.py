"""Which coefficients the claims are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from synthetic.parity.exact_fourier import FourierCase, FourierSetting

HALF = Fraction(1, 2)
BIASES = (-13, -3, -2, -1, -HALF, 0, HALF, 1, 2, 3, 13)
"""From where no point is above the threshold to where all are; whole ones may tie."""

UNTIED = (-HALF, HALF, 1)


def settings(tier: str) -> Iterator[FourierSetting]:
    """All of the tier; the full one goes to larger d."""
    is_full = tier == "full"
    yield every_set(14 if is_full else 11)
    yield weighed(60 if is_full else 30)
    yield majorities(99 if is_full else 59)
    yield even_orders(119 if is_full else 79)
    yield biased(29 if is_full else 15)
    yield odd_orders(61 if is_full else 31)
    yield even_dimensions(100 if is_full else 60)
    yield far()
    yield ties()


def every_set(most: int) -> FourierSetting:
    """Every set and bias at d = 2 to `most`, point by point."""
    cases = tuple(
        FourierCase(d, j=j, b=b)
        for d in range(2, most + 1)
        for j in range(d + 1)
        for b in BIASES
    )
    return FourierSetting(name=f"all sets, d = 2..{most}", cases=cases)


def weighed(most: int) -> FourierSetting:
    """Dimensions in which points are summed weight by weight."""
    cases = tuple(
        FourierCase(d, j=j, b=b)
        for d in (most - 1, most)
        for j in range(d + 1)
        for b in BIASES
    )
    return FourierSetting(name=f"all sets, d = {most - 1}, {most}", cases=cases)


def majorities(most: int) -> FourierSetting:
    """Every set that is not empty, odd d, no bias."""
    cases = tuple(
        FourierCase(d, j=j) for d in range(3, most + 1, 2) for j in range(1, d + 1)
    )
    return FourierSetting(name=f"majorities, d = 3..{most}", cases=cases)


def even_orders(most: int) -> FourierSetting:
    """Every even k below every odd d, no bias."""
    cases = tuple(
        FourierCase(d, k=k) for d in range(3, most + 1, 2) for k in range(2, d, 2)
    )
    return FourierSetting(name=f"even k, odd d = 3..{most}", cases=cases)


def biased(most: int) -> FourierSetting:
    """The same with biases that change nothing."""
    cases = tuple(
        FourierCase(d, k=k, b=b)
        for d in range(3, most + 1, 2)
        for k in range(2, d)
        for b in UNTIED
    )
    return FourierSetting(name=f"small biases, odd d = 3..{most}", cases=cases)


def odd_orders(most: int) -> FourierSetting:
    """Every odd k from 3 below every odd d, no bias."""
    cases = tuple(
        FourierCase(d, k=k) for d in range(5, most + 1, 2) for k in range(3, d, 2)
    )
    return FourierSetting(name=f"odd k, odd d = 5..{most}", cases=cases)


def even_dimensions(most: int) -> FourierSetting:
    """Every k from 2 below every even d, no bias."""
    cases = tuple(
        FourierCase(d, k=k) for d in range(4, most + 1, 2) for k in range(2, d)
    )
    return FourierSetting(name=f"even d = 4..{most}", cases=cases)


def far() -> FourierSetting:
    """Dimensions at which the asymptotics show."""
    cases = tuple(FourierCase(d, k=k) for k in (2, 4, 6, 8) for d in (401, 801, 1601))
    return FourierSetting(name="even k, d = 401..1601", cases=cases)


def ties() -> FourierSetting:
    """The bias -1, at which an odd sum may tie."""
    return FourierSetting(
        name="b = -1, k = 3, d = 21", cases=(FourierCase(21, k=3, b=-1),)
    )
