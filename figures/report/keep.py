"""Curves kept between two reports, under a hash of all that they depend on.

The sources of `theory/`, `synthetic/` and this folder are part of the hash: an edited
formula makes new curves. A damaged entry is made again, and the caller is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

from figures.report.curves import Curve, compute, options_of, restore
from synthetic.versions import versions
from theory.errors import InputError
from theory.files import write
from theory.folders import cache_folder

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("theory", "synthetic", "figures/report")


def key(wanted: Mapping[str, str], record: Mapping[str, Any]) -> str:
    """A hash of sources, versions, options and settings."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            digest.update(f"{name}\0".encode() + path.read_bytes())
    asked = [versions(), astuple(options_of(record)), record["tier"], sorted(wanted)]
    digest.update(json.dumps([*asked, dict(wanted)], sort_keys=True).encode())
    return digest.hexdigest()[:24]


def curves(
    wanted: Mapping[str, str],
    record: Mapping[str, Any],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    warn: Callable[[str], None] = lambda _text: None,
) -> dict[str, Curve]:
    """The curves of these claims, from the cache or made now.

    Args:
        wanted: Claim ids, and the name of the tightest setting of each.
        record: The session, as `ratecheck verify --json` wrote it.
        progress: Called with (settings done, settings in all).
        warn: Told of a damaged entry, and of a cache that cannot be written.

    """
    path = cache_folder() / "report" / f"{key(wanted, record)}.json"
    if path.is_file():
        try:
            return _read(path)
        except (OSError, ValueError, KeyError, TypeError):
            warn(f"The cached curves in {path} are damaged; made again.")
    found = compute(wanted, record["tier"], options_of(record), progress)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = {name: c.plain() for name, c in found.items()}
        write(path, _sealed(plain).encode())
    except (OSError, InputError) as error:
        warn(f"The curves are not kept for the next report: {error}")
    return found


def _sealed(values: dict[str, Any]) -> str:
    """JSON with its own checksum, in the order in which the page shows it."""
    body = json.dumps(values)
    return json.dumps({"sha256": hashlib.sha256(body.encode()).hexdigest()}) + body


def _read(path: Path) -> dict[str, Curve]:
    head, body = json.JSONDecoder(), path.read_text("utf-8")
    seal, end = head.raw_decode(body)
    body = body[end:]
    if seal["sha256"] != hashlib.sha256(body.encode()).hexdigest():
        msg = "the checksum is another"
        raise ValueError(msg)
    return {name: restore(values) for name, values in json.loads(body).items()}
