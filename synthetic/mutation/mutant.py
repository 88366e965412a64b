"""A wrong variant of a line of the project, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One edit of one module's text, which is made while the module is imported.

    So whatever reads the line sees the edit: frozen values, functions that others have
    imported by name, and compiled kernels.

    Attributes:
        label: What is wrong, in words; unique.
        module: Dotted name of the module.
        old: A piece of its source that stands there exactly once.
        new: What stands there instead.
        seen_by: Claims that ought to see it, cheapest first: patterns, or probes.
        witness: An expression in the module's names whose value the edit changes.
        harmless: Why no check can or need see it; empty if one has to.

    """

    label: str
    module: str
    old: str
    new: str
    seen_by: tuple[str, ...]
    witness: str
    harmless: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values for another process; `Mutant(**...)` takes them back."""
        return {**asdict(self), "seen_by": list(self.seen_by)}

    def applied(self, text: str) -> str:
        """The module's text with the edit.

        Raises:
            ValueError: The old text is not there, or is there more than once.

        """
        count = text.count(self.old)
        if count != 1:
            msg = f"{self.label!r}: {self.module} has {self.old!r} {count} times, not 1"
            raise ValueError(msg)
        return text.replace(self.old, self.new)
