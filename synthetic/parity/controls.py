"""What the claims about sparse parity must refute."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic.catalogue.entry import Control
from synthetic.parity import controls_fourier, controls_network, controls_samples


def controls() -> Iterator[Control]:
    """Every control."""
    yield from controls_fourier.controls()
    yield from controls_network.controls()
    yield from controls_samples.controls()
