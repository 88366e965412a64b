r"""Real runs on real functions in exact rationals: what a worst case is at least.

The methods themselves are run, with the step computed from value and slope; nothing is
taken from the program or from its dual. $f_\star = 0$ at $x_\star = 0$ throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Vector = list[Fraction]
Oracle = Callable[[Vector], tuple[Fraction, Vector]]

HALF_TANGENTS = tuple(Fraction(k, 54) for k in range(16, 36))
"""Tangents of half the angle of a `wedge`: 28/54 is near the worst for SPS*."""


@dataclass(frozen=True)
class Instance:
    """A function of the class with G = 1 or L = 1, and where a run starts."""

    oracle: Oracle
    start: Vector

    @property
    def distance_sq(self) -> Fraction:
        """D^2."""
        return dot(self.start, self.start)


def dot(a: Vector, b: Vector) -> Fraction:
    """The inner product."""
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def square(x: Vector) -> tuple[Fraction, Vector]:
    """||x||^2 / 2."""
    return dot(x, x) / 2, x


def coordinates(x: Vector) -> tuple[Fraction, Vector]:
    """max_i |x_i|, answered by the first that is largest."""
    value = max(abs(v) for v in x)
    first = next(i for i, v in enumerate(x) if abs(v) == value)
    sign = 1 if x[first] > 0 else -1
    return value, [Fraction(sign if i == first else 0) for i in range(len(x))]


def wedge(tangent: Fraction) -> Instance:
    r"""$\max(|x_1|, |\langle u, x\rangle|)$, u at the angle $2\theta$; from theta."""
    cos = (1 - tangent**2) / (1 + tangent**2)
    sin = 2 * tangent / (1 + tangent**2)
    u = [cos * cos - sin * sin, 2 * sin * cos]

    def oracle(x: Vector) -> tuple[Fraction, Vector]:
        along = dot(u, x)
        w, side = [Fraction(1), Fraction(0)], x[0]
        if abs(along) > abs(side):
            w, side = u, along
        return abs(side), [v if side >= 0 else -v for v in w]

    return Instance(oracle, [cos, sin])


def huber(slope: Fraction) -> Instance:
    """x^2/2 near 0, of that slope beyond; from 1."""

    def oracle(x: Vector) -> tuple[Fraction, Vector]:
        if abs(x[0]) <= slope:
            return x[0] ** 2 / 2, x
        return slope * abs(x[0]) - slope**2 / 2, [slope if x[0] > 0 else -slope]

    return Instance(oracle, [Fraction(1)])


def instances(problem: Mapping[str, Any], points: int) -> Iterator[Instance]:
    """Functions of the problem's class, the known worst ones among them."""
    one = Fraction(1)
    if problem["kind"] == "gradient":
        yield huber(Fraction(1, 2 * points - 1))
    elif problem["functions"] == "smooth":
        yield Instance(square, [one])
    else:
        yield Instance(coordinates, [one])
        yield Instance(coordinates, [one] * points)
        yield from map(wedge, HALF_TANGENTS)


def values(problem: Mapping[str, Any], points: int, on: Instance) -> list[Fraction]:
    """f(x_0), ..., f(x_{T-1}) of the problem's method."""
    if problem["kind"] == "gradient":
        return _descent(points, on)
    slope, intercept = Fraction(problem["slope"]), Fraction(problem["intercept"])
    x = z = on.start
    found = []
    for t in range(points):
        value, g = on.oracle(x)
        found.append(value)
        size = dot(g, g)
        excess = value + dot(g, z) - dot(g, x)
        if size and excess > 0:
            z = [a - excess / size * b for a, b in zip(z, g, strict=True)]
        lam = max(slope * (t + 1) + intercept, Fraction(0))
        x = [(lam * a + b) / (1 + lam) for a, b in zip(x, z, strict=True)]
    return found


def _descent(points: int, on: Instance) -> list[Fraction]:
    x, found = on.start, []
    for _ in range(points):
        value, g = on.oracle(x)
        found.append(value)
        x = [a - b for a, b in zip(x, g, strict=True)]
    return found


def runs(problem: Mapping[str, Any], points: int) -> list[tuple[Fraction, Fraction]]:
    """What is measured, and D^2, of each function."""
    found = []
    for on in instances(problem, points):
        run = values(problem, points, on)
        is_mean = problem.get("measure") == "average"
        value = sum(run, Fraction(0)) / points if is_mean else run[-1]
        found.append((value, on.distance_sq))
    return found
