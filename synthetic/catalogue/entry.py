"""The entries of a catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from synthetic.desk import Subject
from theory.claim import Claim


@dataclass(frozen=True, eq=False, kw_only=True)
class Control:
    """Something wrong that a claim's check has to refute.

    Attributes:
        claim_id: Whose check.
        label: What is wrong, in words.
        setting: Where it is seen.
        sharpen: Factor on the bound, for altered claims.
        change: Another claim altogether, from the claim.
        required: Must it be caught? Controls on a user's data may be blind there.
        hidden: Known to be out of this check's sight: listed, and not counted.

    """

    claim_id: str
    label: str
    setting: Any
    sharpen: float = 1.0
    change: Callable[[Claim], Claim] | None = None
    required: bool = True
    hidden: bool = False

    def altered(self, claim: Claim) -> Claim:
        """The claim as the control states it."""
        changed = self.change(claim) if self.change else claim
        return changed.sharpened(self.sharpen) if self.sharpen != 1.0 else changed


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Settings, shared by every claim that applies to them, and controls by claim."""

    settings: tuple[Subject, ...]
    controls: tuple[Control, ...]
