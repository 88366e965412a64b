"""Settings of exact cases: judged by the desk that sparse parity has too."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options


@dataclass(frozen=True, eq=False, kw_only=True)
class DeviationSetting(CaseSetting):
    """Cases of which every channel is measured one by one, from nothing but the case.

    Deriving from `CaseSetting` brings its desk: exact rationals, no tolerance.
    """

    def measure(
        self,
        needs: frozenset[str],
        options: Options,  # noqa: ARG002 -- nothing is drawn
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        found = [self.seen(case) for case in self.cases]
        return {name: tuple(one[name] for one in found) for name in needs}

    @abc.abstractmethod
    def seen(self, case: Any) -> Mapping[str, Any]:
        """Every channel of one case."""

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, {self.how}"

    @property
    @abc.abstractmethod
    def how(self) -> str:
        """What the numbers come from, in words."""

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return 1e5 * len(self.cases)
