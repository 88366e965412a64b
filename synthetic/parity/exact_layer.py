"""Second layers that represent a parity, at every value of their input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from theory.method import Family
from theory.parity_network import parity_units


@dataclass(frozen=True)
class LayerCase:
    """A second layer on the sum of k coordinates."""

    k: int

    def __str__(self) -> str:
        return f"k = {self.k}"


@dataclass(frozen=True, eq=False, kw_only=True)
class LayerSetting(CaseSetting):
    """Second layers at every value of their input.

    Attributes:
        dropped: How many of the k + 1 units a control leaves out.
        first: The first output weight over what it should be, in a control.

    """

    family = Family.PARITY_LAYER
    offers = frozenset({"residual"})
    dropped: int = 0
    first: int = 1

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- there is one channel
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        return {"residual": tuple(self._residual(case.k) for case in self.cases)}

    def _residual(self, k: int) -> int:
        units = parity_units(k)[: k + 1 - self.dropped]
        units[0] = units[0]._replace(a=self.first * units[0].a)
        worst = 0
        for minus in range(k + 1):
            s = k - 2 * minus
            value = sum(u.a * max(s - u.t, 0) for u in units)
            worst = max(worst, abs(value - (-1) ** minus))
        return worst

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, every sum of k signs"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(c.k**2 for c in self.cases))
