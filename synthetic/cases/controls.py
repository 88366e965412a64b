"""Other left-hand sides for claims on cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from theory.cases import each
from theory.claim import Claim


def stated(formula: Callable[..., Any], *channels: str) -> Callable[[Claim], Claim]:
    """The claim with another left-hand side."""

    def change(claim: Claim) -> Claim:
        return replace(
            claim, quantity=each(formula, *channels), needs=frozenset(channels)
        )

    return change
