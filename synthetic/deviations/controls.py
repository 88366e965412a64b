"""What the claims about student-teacher deviations must refute."""

from __future__ import annotations

from collections.abc import Iterator

from synthetic.catalogue.entry import Control
from synthetic.deviations import (
    controls_filters,
    controls_functions,
    controls_loops,
    controls_risk,
)


def controls() -> Iterator[Control]:
    """Every control."""
    yield from controls_loops.controls()
    yield from controls_functions.controls()
    yield from controls_filters.controls()
    yield from controls_risk.controls()
