"""The pictures of `ratecheck figures` that lie in the report's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from figures.report.downloads import link


def pictures(folder: Path) -> list[Mapping[str, str]]:
    """Name, title, caption and address of every figure with a JSON file beside it."""
    found: list[Mapping[str, str]] = []
    for path in sorted(folder.glob("*.png")):
        notes = path.with_suffix(".json")
        try:
            told = json.loads(notes.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(told, dict) or "caption" not in told:
            continue
        found.append(
            {
                "name": path.stem,
                "title": str(told.get("title", path.stem)),
                "caption": str(told["caption"]),
                "plain": str(told["caption"]).replace("$", ""),
                "data": link("image/png", path.read_bytes()),
            }
        )
    return found
