"""Which settings the claims about sparse parity are tried on."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic.cases.setting import CaseSetting
from synthetic.parity import catalogue_fourier, catalogue_network, catalogue_samples


def settings(tier: str) -> Iterator[CaseSetting]:
    """All of the tier."""
    yield from catalogue_fourier.settings(tier)
    yield from catalogue_network.settings(tier)
    yield catalogue_network.layers(tier)
    yield from catalogue_samples.settings(tier)
