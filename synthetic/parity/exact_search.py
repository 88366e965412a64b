"""Brute force over all sets, on every sequence of samples there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from synthetic.parity.exact_fourier import IntArray
from theory.method import Family


@dataclass(frozen=True)
class SearchCase:
    """n noiseless samples of a parity of k out of d coordinates."""

    d: int
    k: int
    n: int

    def __str__(self) -> str:
        return f"d = {self.d}, k = {self.k}, n = {self.n}"


def ambiguous(columns: IntArray, k: int, *, ignored: int = 0) -> Any:
    """Does a set of k other than the first k coordinates fit all the labels?

    Args:
        columns: The n signs of each coordinate as bits of a number, (d, ...).
        k: Size of the sets.
        ignored: That many of the labels are not looked at: a mask of bits.

    """
    seen = columns & ~ignored
    labels = np.bitwise_xor.reduce(seen[:k], axis=0)
    found = np.zeros(labels.shape, dtype=bool)
    for s in list(combinations(range(len(columns)), k))[1:]:
        found |= np.bitwise_xor.reduce(seen[list(s)], axis=0) == labels
    return found


@dataclass(frozen=True, eq=False, kw_only=True)
class SearchTree(CaseSetting):
    """All sequences of samples.

    Attributes:
        ignored: The first of these samples is not looked at, in a control.

    """

    family = Family.PARITY_SEARCH
    offers = frozenset({"failure", "found"})
    ignored: int = 0

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- one is 1 less the other
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        failure = tuple(self._failure(case) for case in self.cases)
        return {"failure": failure, "found": tuple(1 - p for p in failure)}

    def _failure(self, case: SearchCase) -> Fraction:
        every = np.arange(2 ** (case.d * case.n))
        shifts = case.n * np.arange(case.d)
        columns = (every >> shifts[:, None]) & (2**case.n - 1)
        wrong = ambiguous(columns, case.k, ignored=self.ignored)
        return Fraction(int(np.count_nonzero(wrong)), len(every))

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, all sequences of samples"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(2 ** (c.d * c.n) * c.d for c in self.cases))
