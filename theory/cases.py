r"""What is tried case by case, and recorded exactly: parities, spectra, grammars.

Left-hand sides are exact rationals, or enclosures by some; every claim is brought into
a form whose right-hand side is 0 (identities, and strict inequalities between
integers, a < b being a + 1 <= b) or 1 (what is divided by its bound).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.assumptions import Assumption


class Enclosed(NamedTuple):
    """A number between two rationals, and a guess at it."""

    low: Fraction
    high: Fraction
    near: Fraction

    def over(self, divisor: Fraction) -> "Enclosed":
        """Divided by a positive number."""
        return Enclosed(self.low / divisor, self.high / divisor, self.near / divisor)


@dataclass(frozen=True)
class CaseConstants:
    """The cases of a setting: frozen dataclasses, whose fields bounds may use."""

    cases: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class CaseTrace:
    """Channels over cases.

    Attributes:
        cases: What each entry is about.
        channels: By name, one entry for each case: integers, rationals, `Enclosed`.

    """

    cases: tuple[Any, ...]
    channels: Mapping[str, tuple[Any, ...]]

    def select(self, kept: list[int]) -> "CaseTrace":
        """The trace of some cases."""
        return CaseTrace(
            tuple(self.cases[i] for i in kept),
            {name: tuple(v[i] for i in kept) for name, v in self.channels.items()},
        )


def each(
    formula: Callable[..., Any], *channels: str
) -> Callable[[CaseTrace], NDArray[Any]]:
    """A left-hand side, case by case: (B,) exact, or (B, 3) limits and estimate.

    Args:
        formula: From the case and its entries in the channels, in their order.
        channels: What it reads.

    """

    def quantity(trace: CaseTrace) -> NDArray[Any]:
        columns = [trace.channels[name] for name in channels]
        rows = zip(trace.cases, *columns, strict=True)
        return np.array([formula(case, *seen) for case, *seen in rows], dtype=object)

    return quantity


def zero(_c: CaseConstants, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The right-hand side of identities."""
    return np.zeros_like(t)


def one(_c: CaseConstants, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The right-hand side of what is divided by its bound."""
    return np.ones_like(t)


def of_cases(
    name: str,
    statement: str,
    meets: Callable[[Any], bool],
    why: Callable[[Any], str] = str,
) -> Assumption:
    """A hypothesis on single cases.

    Args:
        name: Short, for tables and search.
        statement: LaTeX.
        meets: Does a case meet it?
        why: What fails, from a case that does not.

    """

    def failure(c: CaseConstants) -> str | None:
        wrong = next((case for case in c.cases if not meets(case)), None)
        return None if wrong is None else why(wrong)

    return Assumption(name, statement, failure, meets)
