"""What must be refuted, each on a problem that sees it."""

from synthetic.catalogue.controls import (
    iam_rates,
    inexact,
    pathwise,
    smooth,
    sps_rates,
    variants,
)
from synthetic.catalogue.entry import Control


def controls() -> tuple[Control, ...]:
    """Every control."""
    return (
        *pathwise.controls(),
        *sps_rates.controls(),
        *iam_rates.controls(),
        *inexact.controls(),
        *smooth.controls(),
        *variants.controls(),
    )
