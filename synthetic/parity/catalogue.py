"""Which settings the claims about sparse parity are tried on."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic.parity import catalogue_fourier, catalogue_network, catalogue_samples
from synthetic.parity.desk_setting import ParitySetting


def settings(tier: str) -> Iterator[ParitySetting]:
    """All of the tier."""
    yield from catalogue_fourier.settings(tier)
    yield from catalogue_network.settings(tier)
    yield catalogue_network.layers(tier)
    yield from catalogue_samples.settings(tier)
