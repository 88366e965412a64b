"""Which hypotheses an instance meets, and the numbers that each of them looks at."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from theory.assumptions import Assumption
from theory.claim import Claim


@dataclass(frozen=True)
class Check:
    """One hypothesis on one instance.

    Attributes:
        name: The assumption's name.
        statement: Its LaTeX.
        failure: Why it is not met; empty if it is.
        numbers: The constants that it looks at, by name, as text.

    """

    name: str
    statement: str
    failure: str
    numbers: Mapping[str, str]


class _Watched:
    """Constants that remember which of them were looked at."""

    def __init__(self, constants: Any) -> None:
        self._constants = constants
        self.seen: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return self._noted(name, getattr(self._constants, name))

    def __getitem__(self, name: str) -> Any:
        return self._noted(name, self._constants[name])

    def _noted(self, name: str, value: Any) -> Any:
        if isinstance(value, Real) or getattr(value, "size", None) == 1:
            self.seen[name] = value
        return value


def number(value: Any) -> str:
    """A constant in six digits; yes or no for a flag."""
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":
        return "yes" if value else "no"
    size = float(value.item() if hasattr(value, "item") else value)
    return "∞" if math.isinf(size) and size > 0 else f"{size:.6g}"


def check(assumption: Assumption, constants: Any) -> Check:
    """Ask one hypothesis of an instance's constants."""
    watched = _Watched(constants)
    why = assumption.failure(watched)
    return Check(
        assumption.name,
        assumption.statement,
        why or "",
        {name: number(value) for name, value in watched.seen.items()},
    )


def checks(claim: Claim, constants: Any) -> list[Check]:
    """Ask all hypotheses of a claim, in its order."""
    return [check(assumption, constants) for assumption in claim.assumes]
