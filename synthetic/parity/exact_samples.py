"""Two checkpoints: exact probabilities that their samples do not suffice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import ceil, comb
from typing import Any

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from theory.cases import Enclosed
from theory.method import Family
from theory.parity_network import Samples, checkpoint_samples

DIGITS = Context(prec=50)
SLACK = Fraction(1, 10**40)
"""Far more than 50 digits lose in one exponential, relative."""

BITS = 200


@dataclass(frozen=True)
class CheckpointCase:
    """A teacher with the coefficient c on S and c/2 off it, of degree 1."""

    d: int
    k: int
    c: Fraction
    delta: Fraction

    def __str__(self) -> str:
        sizes = f"d = {self.d}, k = {self.k}"
        return f"{sizes}, c = {float(self.c):g}, delta = {float(self.delta):g}"


@dataclass(frozen=True, eq=False, kw_only=True)
class CheckpointSetting(CaseSetting):
    """Labels +-1 of the first checkpoint, then true labels.

    Attributes:
        share: Of the labels of both stages that are used, in a control.
        lost: Fewer labels than that, in a control.
        threshold: A coordinate is read as one of S from this multiple of c on.

    """

    family = Family.PARITY_CHECKPOINTS
    offers = frozenset({"failure", "certificate"})
    share: Fraction = Fraction(1)
    lost: int = 0
    threshold: Fraction = Fraction(3, 4)

    def used(self, case: Any) -> Samples:
        """How many labels each stage uses."""
        need = checkpoint_samples(case.d, case.k, case.c, case.delta)
        return Samples(*(int(self.share * n) - self.lost for n in need))

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        able = {"failure": self._failure, "certificate": self._certificate}
        return {name: tuple(map(able[name], self.cases)) for name in needs}

    def _failure(self, case: CheckpointCase) -> Enclosed:
        """From the likeliest single failure up to the sum of all."""
        n = self.used(case)
        on = below(n.read, (1 + case.c) / 2, self._least(case, n.read))
        off = below(n.read, (1 + case.c / 2) / 2, self._least(case, n.read))
        miss = unseen(2**case.k, n.table)
        high = case.k * on.high + (case.d - case.k) * (1 - off.low) + miss
        low = max(on.low, 1 - off.high if case.k < case.d else Fraction(0), miss)
        return Enclosed(low, min(high, Fraction(1)), low)

    def _least(self, case: CheckpointCase, n: int) -> int:
        """The least number of agreements out of n at which a coordinate is read."""
        return ceil(n * (1 + self.threshold * case.c) / 2)

    def _certificate(self, case: CheckpointCase) -> Enclosed:
        r"""The larger of $2de^{-nc^2/32}$ and $2^ke^{-n'/2^k}$, over delta."""
        n = self.used(case)
        stages = (
            (2 * case.d, n.read * case.c**2 / 32),
            (2**case.k, Fraction(n.table, 2**case.k)),
        )
        value = max(times * _exp_minus(x) for times, x in stages) / case.delta
        return Enclosed(value * (1 - SLACK), value * (1 + SLACK), value)

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, exact tails"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(self.used(c).read ** 2 / 64 for c in self.cases))


def _exp_minus(x: Fraction) -> Fraction:
    r"""$e^{-x}$ to almost 50 digits."""
    quotient = DIGITS.divide(Decimal(x.numerator), Decimal(x.denominator))
    return Fraction(DIGITS.exp(-quotient))


def below(n: int, p: Fraction, least: int) -> Enclosed:
    """P(a binomial count is below `least`), to 200 bits: its terms are whole numbers.

    Args:
        n: Number of trials.
        p: Their chance.
        least: The first count that is left out.

    """
    win, lose = p.numerator, p.denominator - p.numerator
    term, total = lose**n, 0
    for count in range(least):
        total += term
        term = term * win * (n - count) // (lose * (count + 1))  # without remainder
    whole = (total << BITS) // p.denominator**n
    low, high = Fraction(whole, 2**BITS), Fraction(whole + 1, 2**BITS)
    return Enclosed(low, min(high, Fraction(1)), low)


def unseen(cells: int, n: int) -> Fraction:
    """P(n uniform draws miss one of the cells), by inclusion and exclusion."""
    total = sum(
        (-1) ** (j + 1) * comb(cells, j) * (cells - j) ** n for j in range(1, cells + 1)
    )
    return Fraction(total, cells**n)
