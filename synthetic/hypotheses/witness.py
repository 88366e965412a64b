"""What a probe found: a point, and both sides of what fails there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.problems.base import FloatArray

SHORT = 8
"""Points of so many coordinates are printed in full."""


def shown(x: FloatArray) -> str:
    """A point: so that it reads back exactly if it is short, else its ends."""
    if x.size <= SHORT:
        return "[" + ", ".join(repr(float(v)) for v in x) + "]"
    return np.array2string(x, precision=6, threshold=SHORT, edgeitems=3)


@dataclass(frozen=True, eq=False)
class Witness:
    r"""A point at which a hypothesis fails.

    Attributes:
        assumption: Its name.
        problem: Of which problem.
        i: The component; `None`: it is the mean that fails.
        x: The point, (d,).
        y: The other one, where two are compared, (d,).
        lhs: The side that should not exceed the other.
        rhs: The side that it does exceed.
        sentence: The inequality, in words or signs.

    """

    assumption: str
    problem: str
    i: int | None
    x: FloatArray
    y: FloatArray | None
    lhs: float
    rhs: float
    sentence: str

    def __str__(self) -> str:
        """Where, what, and the numbers."""
        part = "" if self.i is None else f", component {self.i}"
        other = "" if self.y is None else f" and y = {shown(self.y)}"
        return (
            f"{self.problem}{part} at x = {shown(self.x)}{other}: "
            f"{self.sentence}, and {self.lhs:.9g} > {self.rhs:.9g}"
        )
