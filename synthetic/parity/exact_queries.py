r"""Statistical queries $E h(x, \chi_S(x))$ for every S, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.parity.exact_fourier import IntArray, signs
from theory.method import Family


@cache
def parities(d: int, k: int) -> IntArray:
    """All parities of k out of d coordinates, (C(d, k), 2^d)."""
    x = signs(d)
    rows = [x[:, list(s)].prod(axis=1) for s in combinations(range(d), k)]
    found: IntArray = np.array(rows)
    found.setflags(write=False)
    return found


@dataclass(frozen=True)
class QueryCase:
    """Some queries, answered within v."""

    d: int
    k: int
    queries: int
    v: Fraction
    what: str

    def __str__(self) -> str:
        size = f"d = {self.d}, k = {self.k}, v = {self.v}"
        return f"{size}, {self.queries} x {self.what}"


@dataclass(frozen=True, eq=False, kw_only=True)
class QuerySetting(CaseSetting):
    """Queries and their exact answers.

    Attributes:
        tables: For each case values of h times `unit`, (q, 2, 2^d): at the label 1,
            then at -1.
        unit: What stands for h = 1.
        is_centred: Is the answer for a fair sign taken off? Not in a control.

    """

    family = Family.PARITY_QUERY
    offers = frozenset({"sq_sum", "sq_excluded"})
    tables: tuple[IntArray, ...]
    unit: int
    is_centred: bool = True

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- both come from the same answers
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        pairs = zip(self.cases, self.tables, strict=True)
        found = [self._answers(case, table) for case, table in pairs]
        return {
            "sq_sum": tuple(total for total, _ in found),
            "sq_excluded": tuple(excluded for _, excluded in found),
        }

    def _answers(self, case: QueryCase, table: IntArray) -> tuple[Fraction, int]:
        """The largest sum of squares of a query, and how many sets they exclude."""
        chi = parities(case.d, case.k)
        fair = table.sum(axis=(1, 2)) if self.is_centred else np.zeros(len(table), int)
        told = table[:, 0] @ (chi == 1).T.astype(int)
        told += table[:, 1] @ (chi == -1).T.astype(int)
        moved = 2 * told - fair[:, None]
        unit = 2 ** (case.d + 1) * self.unit
        total = Fraction(max(int(row @ row) for row in moved), unit**2)
        beyond = np.abs(moved) * case.v.denominator > unit * case.v.numerator
        return total, int(np.count_nonzero(beyond.any(axis=0)))

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, every set and every point"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        sizes = (len(parities(c.d, c.k)) * 2**c.d * c.queries for c in self.cases)
        return float(sum(sizes))
