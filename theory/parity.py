r"""Sparse parity: what is tried case by case, and recorded exactly.

x is uniform on $\{\pm 1\}^d$, S has k of the d coordinates, $y = \prod_{i \in S} x_i$.
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

CHANNELS: Mapping[str, str] = {
    "xi": r"$2^d\xi_j$, an integer, from its definition",
    "below": r"$2^d\xi_{k-1}$",
    "above": r"$2^d\xi_{k+1}$",
    "next_below": r"$2^{d+2}\xi_{k-1}$ at d + 2",
    "next_above": r"$2^{d+2}\xi_{k+1}$ at d + 2",
    "gradient": r"$2^d\,\partial E[-yf]/\partial w_i$, all i; last that in b",
    "change": r"change of $E[x_i f]$ after one step, all i",
    "mean_change": r"its mean over all signs of the weights, all i",
    "mean_sq_change": r"its mean square over all signs of the weights, all i",
    "sq_sum": r"$\sum_{|S|=k} (E h(x, \chi_S) - E h(x, y))^2$, y a fair sign",
    "sq_excluded": "how many S some query answers otherwise than such a y, by over v",
    "failure": "probability that the algorithm does not find S",
    "found": "probability that it does",
    "halves": "twice the probabilities of what should be seen less than half the time",
    "quarters": "the same, of four numbers of labels at two d and two k",
    "certificate": "the larger union bound of the two stages, over its share",
    "residual": r"$\chi_S$ less its representation, the largest",
    "differing": "numbers of two trained networks that differ in any bit",
}
"""Every channel that a claim about sparse parity may name."""


class Enclosed(NamedTuple):
    """A number between two rationals, and a guess at it."""

    low: Fraction
    high: Fraction
    near: Fraction

    def over(self, divisor: Fraction) -> "Enclosed":
        """Divided by a positive number."""
        return Enclosed(self.low / divisor, self.high / divisor, self.near / divisor)


@dataclass(frozen=True)
class ParityConstants:
    """The cases of a setting: frozen dataclasses, whose fields bounds may use."""

    cases: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class ParityTrace:
    """Channels over cases.

    Attributes:
        cases: What each entry is about.
        channels: By name, one entry for each case: integers, rationals, `Enclosed`.

    """

    cases: tuple[Any, ...]
    channels: Mapping[str, tuple[Any, ...]]

    def select(self, kept: list[int]) -> "ParityTrace":
        """The trace of some cases."""
        return ParityTrace(
            tuple(self.cases[i] for i in kept),
            {name: tuple(v[i] for i in kept) for name, v in self.channels.items()},
        )


def each(
    formula: Callable[..., Any], *channels: str
) -> Callable[[ParityTrace], NDArray[Any]]:
    """A left-hand side, case by case: (B,) exact, or (B, 3) limits and estimate.

    Args:
        formula: From the case and its entries in the channels, in their order.
        channels: What it reads.

    """

    def quantity(trace: ParityTrace) -> NDArray[Any]:
        columns = [trace.channels[name] for name in channels]
        rows = zip(trace.cases, *columns, strict=True)
        return np.array([formula(case, *seen) for case, *seen in rows], dtype=object)

    return quantity


def zero(_c: ParityConstants, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """The right-hand side of identities."""
    return np.zeros_like(t)


def one(_c: ParityConstants, t: NDArray[np.float64]) -> NDArray[np.float64]:
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

    def failure(c: ParityConstants) -> str | None:
        wrong = next((case for case in c.cases if not meets(case)), None)
        return None if wrong is None else why(wrong)

    return Assumption(name, statement, failure, meets)
