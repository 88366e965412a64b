"""The figures that lie in the report's folder, or in the cache of `figures`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from figures import program, registry
from figures.report.downloads import link, text_link
from figures.report.mathml import sentence


@dataclass(frozen=True)
class Picture:
    """One figure as the page shows it.

    Attributes:
        name: On the command line.
        title: A few words.
        paper: Whose statement it shows.
        caption: What is drawn, with the numbers.
        claims: The theorems whose bounds are drawn.
        command: What makes it again.
        image: A `data:` address.
        table: Its CSV as a `data:` address.

    """

    name: str
    title: str
    paper: str
    caption: str
    claims: Sequence[str]
    command: str
    image: str
    table: str

    @property
    def shown(self) -> Markup:
        """The caption with its formulas set, or as it is where that fails."""
        try:
            return sentence(self.caption)
        except ValueError:
            return escape(self.caption)

    @property
    def plain(self) -> str:
        """The caption for whoever does not see the picture."""
        return self.caption.replace("$", "")


def image(drawings: Mapping[str, bytes]) -> str:
    """The smaller of SVG and PNG."""
    made = []
    if "svg" in drawings:
        made.append(text_link("image/svg+xml", drawings["svg"].decode()))
    if "png" in drawings:
        made.append(link("image/png", drawings["png"]))
    return min(made, key=len)


def _picture(told: Mapping[str, Any], drawings: Mapping[str, bytes], table: str) -> Any:
    return Picture(
        name=str(told["name"]),
        title=str(told["title"]),
        paper=str(told["paper"]),
        caption=str(told["caption"]),
        claims=[str(claim) for claim in told["claims"]],
        command=str(told["command"]),
        image=image(drawings),
        table=text_link("text/csv", table),
    )


def _from_folder(path: Path) -> Picture | None:
    """The figure of a JSON file, if its drawing and its table lie beside it."""
    try:
        told = json.loads(path.read_text("utf-8"))
        drawings = {
            kind: path.with_suffix(f".{kind}").read_bytes()
            for kind in ("svg", "png")
            if path.with_suffix(f".{kind}").is_file()
        }
        table = path.with_suffix(".csv").read_text("utf-8")
        found: Picture = _picture(told, drawings, table)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _from_cache(name: str, tier: str) -> Picture | None:
    made = program.found(name, tier)
    if made is None:
        return None
    figure = registry.get(name)
    told = {
        "name": name,
        "title": figure.title,
        "paper": figure.paper,
        "caption": figure.words(made.table),
        "claims": figure.claims,
        "command": program.Asked((name,), tier).command(name),
    }
    found: Picture = _picture(told, made.pictures, made.table.to_csv())
    return found


def pictures(
    folder: Path, tier: str, warn: Callable[[str], None] = lambda _text: None
) -> list[Picture]:
    """The figures that are there, in the order of the papers.

    Args:
        folder: Where `ratecheck figures --out` may have written.
        tier: Which to take from the cache where the folder has none.
        warn: Told of a figure whose files cannot be read.

    """
    found = []
    for name in registry.MODULES:
        path = folder / f"{name}.json"
        made = _from_folder(path) if path.is_file() else _from_cache(name, tier)
        if made is not None:
            found.append(made)
        elif path.is_file():
            warn(f"The files of figure {name} in {folder} are damaged; left out.")
    return found
