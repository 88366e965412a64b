"""Where files that can be made again are kept."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$RATECHECK_CACHE`, else the user's cache folder (XDG)."""
    named = os.environ.get("RATECHECK_CACHE")
    if named:
        return Path(named)
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "ratecheck"
