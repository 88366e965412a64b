"""What claims about scaling laws are tried on: configurations, and who measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from theory.evidence import Engine
from theory.method import Family
from theory.scaling import Limits, ScalingConstants
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_flops import CORRECTED, Architecture
from theory.scaling_law import Law

Measure = Callable[["ScalingSetting"], Mapping[str, Limits]]


@dataclass(frozen=True)
class Meter:
    """How channels are computed.

    Attributes:
        offers: The channels.
        measure: From a setting to all of them.
        source: One sentence about where they come from.
        engine: Who that is.
        family: Whose theorems speak of it.

    """

    offers: frozenset[str]
    measure: Measure
    source: str
    engine: Engine = Engine.CLOSED
    family: Family = Family.SCALING_LAW


@dataclass(frozen=True, eq=False, kw_only=True)
class ScalingSetting:
    """Configurations of one kind.

    Attributes:
        name: Unique in a catalogue.
        meter: How they are measured.
        columns: Numbers over configurations, by name, all of one length.
        law: The coefficients that are measured with.
        stated: Those that claims speak of: other ones in a control.
        architecture: What FLOPs are counted for.
        is_total: Do N count embeddings too, by mistake?

    """

    name: str
    meter: Meter
    columns: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    law: Law = PUBLISHED
    stated: Law = PUBLISHED
    architecture: Architecture = CORRECTED
    is_total: bool = False

    def constants(self) -> ScalingConstants:
        """The configurations."""
        return ScalingConstants(dict(self.columns), self.stated)
