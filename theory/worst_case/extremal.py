r"""Functions that attain a worst case, in exact numbers, and what they say of a proof.

A function of the class with coordinates $v_1, \dots, v_r$ of the unknown vectors (the
Gram matrix is $\rho \sum_j v_j v_j^T$) attains the value $b$ if it satisfies all rows
and its objective is $b$. Any multipliers that prove exactly $b$ then have $S v_j = 0$,
and $\lambda_k = 0$ wherever its row is strict: linear equations in rational numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from theory.worst_case.rounding import Weights
from theory.worst_case.verifier_problems import Row, Terms, Vector


@dataclass(frozen=True)
class Extremal:
    r"""What a function shows along a run.

    Attributes:
        name: Which function.
        coordinates: $v_j$ by the names of the unknown vectors.
        scale: $\rho$.
        values: $f_t$ by the names of the unknown values.

    """

    name: str
    coordinates: tuple[Vector, ...]
    scale: Fraction
    values: Weights

    def at(self, terms: Terms) -> Fraction:
        """A polynomial's value."""
        total = terms.get((), Fraction(0))
        for key, factor in terms.items():
            if len(key) == 1:
                total += factor * self.values[key[0]]
            elif len(key) == 2:
                total += factor * self.scale * sum(self._products(key))
        return total

    def faults(self, rows: Mapping[str, Row]) -> list[str]:
        """The rows that it violates; none if it is in the class and took this run."""
        return [
            name
            for name, row in rows.items()
            if (value := self.at(row.terms)) > 0 or (row.is_equality and value)
        ]

    def tight(self, rows: Mapping[str, Row]) -> list[str]:
        """The rows that hold with equality: only they carry a proof of its value."""
        return [name for name, row in rows.items() if not self.at(row.terms)]

    def equations(self, terms: Terms) -> Weights:
        """What a row, or the objective, puts into F and into A v_j, by name."""
        column: Weights = {}

        def add(key: str, number: Fraction) -> None:
            column[key] = column.get(key, Fraction(0)) + number

        for key, factor in terms.items():
            if len(key) == 1:
                add(key[0], factor)
            elif len(key) == 2:
                for j, v in enumerate(self.coordinates):
                    add(f"{key[0]} of {j}", factor * v.get(key[1], Fraction(0)) / 2)
                    add(f"{key[1]} of {j}", factor * v.get(key[0], Fraction(0)) / 2)
        return {key: number for key, number in column.items() if number}

    def _products(self, key: tuple[str, ...]) -> list[Fraction]:
        zero = Fraction(0)
        return [v.get(key[0], zero) * v.get(key[1], zero) for v in self.coordinates]


def huber(steps: int) -> Extremal:
    r"""Gradient descent: slope $1/(2N+1)$ from $x_0 = 1$ on, quadratic near 0."""
    slope = Fraction(1, 2 * steps + 1)
    point = {"x0": Fraction(1)} | {f"g{t}": slope for t in range(steps + 1)}
    values = {f"f{t}": slope * (1 - t * slope) - slope**2 / 2 for t in range(steps + 1)}
    return Extremal("a Huber function of one variable", (point,), Fraction(1), values)


def largest_coordinate(points: int) -> Extremal:
    r"""$\max_i x^{(i)}$ on $\mathbb R^T$ from $(1, \dots, 1)$: each step clears one."""
    one = Fraction(1)
    coordinates = tuple(
        {"x0": one, f"g{j}": one} | ({f"s{j}": one} if j < points - 1 else {})
        for j in range(points)
    )
    values = {f"f{t}": one for t in range(points)}
    name = f"the largest of {points} coordinates"
    return Extremal(name, coordinates, one, values)


def quadratic(points: int, *, averaged: bool) -> Extremal:
    r"""$x^2/2$ from $x_0 = \sqrt T$, by SPS* or by IAM with $\lambda_t = t$.

    A step leads to $z_{t+1} = x_t / 2$; SPS* goes on from there, IAM from the mean.
    """
    x = z = Fraction(1)
    point, values = {"x0": x}, {}
    for t in range(points):
        point[f"g{t}"] = x
        values[f"f{t}"] = points * x * x / 2
        if t < points - 1:
            point[f"s{t}"] = z - x / 2
            z = x / 2
            x = ((t + 1) * x + z) / (t + 2) if averaged else z
    return Extremal("x^2 / 2", (point,), Fraction(points), values)
