"""Which settings each claim is tried on, and which controls it must refute."""

from __future__ import annotations

from functools import cache

from synthetic.catalogue import exact, sampled, wide
from synthetic.catalogue.controls import controls
from synthetic.catalogue.entry import Catalogue
from synthetic.setting import Setting


@cache
def polyak_settings(tier: str = "quick") -> tuple[Setting, ...]:
    """The settings of SPS* and IAM."""
    return (*exact.settings(tier), *wide.settings(tier), *sampled.settings(tier))


@cache
def catalogue(tier: str = "quick") -> Catalogue:
    """The project's own settings and controls.

    Args:
        tier: "quick", or "full" with larger instances and more of them.

    """
    settings = polyak_settings(tier)
    names = [setting.name for setting in settings]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        msg = f"Setting names must be unique, got {twice} more than once."
        raise ValueError(msg)
    return Catalogue(settings, controls())
