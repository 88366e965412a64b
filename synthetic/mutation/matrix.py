"""The whole matrix, mutants by claims: which claim would have caught which mutant.

It takes hours. Each mutant's row is written as soon as it is known, and a row is kept
as long as no source of `theory/` or `synthetic/` has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from synthetic.mutation import fresh
from synthetic.mutation.mutant import Mutant
from synthetic.mutation.probes import PROBES
from synthetic.mutation.registry import MUTANTS
from theory import claims as registry
from theory.errors import InputError
from theory.files import write

CLEAN = "nothing wrong"
"""The label of the row of the code as it is: nothing may be caught there."""


def sources() -> str:
    """A hash of every source of the two packages."""
    digest = hashlib.sha256()
    for package in ("theory", "synthetic"):
        for path in sorted((fresh.ROOT / package).rglob("*.py")):
            digest.update(f"{path.relative_to(fresh.ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def columns(patterns: Sequence[str]) -> list[str]:
    """The probes, then the claims that match; all of both if there is no pattern."""
    claims = [claim.id for claim in registry.find(patterns)]
    return claims if patterns else [*PROBES, *claims]


def read(path: Path) -> dict[str, Any]:
    """A saved matrix.

    Raises:
        InputError: There is none, or the file is something else.

    """
    try:
        saved: dict[str, Any] = json.loads(path.read_text("utf-8"))
        width = len(saved["claims"])
        if any(
            len(row["caught"]) != width or not row["label"] for row in saved["rows"]
        ):
            msg = f"{path} has rows of other lengths than its {width} claims."
            raise InputError(msg)
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} is no matrix of mutants ({error!r}): name another file."
        raise InputError(msg) from error
    return saved


def load(path: Path, claims: list[str], key: str) -> dict[str, dict[str, Any]]:
    """The rows that a file has of these claims and sources, by label."""
    if not path.exists():
        return {}
    saved = read(path)
    if saved["claims"] != claims or saved.get("sources") != key:
        return {}
    return {row["label"]: row for row in saved["rows"]}


def fill(
    path: Path,
    mutants: Sequence[Mutant],
    claims: list[str],
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Fill in what is missing, row by row; returns what the file then holds.

    Args:
        path: JSON; made if it is not there.
        mutants: The rows, after that of the clean code.
        claims: The columns: ids, and names of probes.
        jobs: Processes at a time.
        progress: Called with (done, total) after each row.

    """
    key = sources()
    rows = load(path, claims, key)
    wanted: dict[str, Mutant | None] = {CLEAN: None} | {m.label: m for m in mutants}
    missing = [label for label in wanted if label not in rows]
    # Written before hours are spent, not after: a folder may not be writable.
    saved = _save(path, claims, key, rows)
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(_row, wanted[k], claims): k for k in missing}
        for future in as_completed(waiting):
            label = waiting[future]
            rows[label] = {"label": label, **future.result()}
            saved = _save(path, claims, key, rows)
            progress(len(rows.keys() & wanted.keys()), len(wanted))
    return saved


def _row(mutant: Mutant | None, claims: list[str]) -> dict[str, Any]:
    """What catches one mutant; everything does that ends its process."""
    told = None if mutant is None else mutant.as_dict()
    try:
        found = fresh.process({"mode": "all", "mutant": told, "claims": claims})
    except fresh.Broken as error:
        return {"caught": [True] * len(claims), "broken": str(error)}
    return {"caught": found["caught"]}


def _save(
    path: Path,
    claims: list[str],
    key: str,
    rows: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    known = [rows[label] for label in (CLEAN, *MUTANTS) if label in rows]
    # A row is a line, and 0 or 1 a check: a matrix is read by people and by git.
    lines = ",\n".join(
        json.dumps({**row, "caught": [int(c) for c in row["caught"]]}) for row in known
    )
    head = json.dumps({"claims": claims, "sources": key})
    write(path, f'{head[:-1]}, "rows": [\n{lines}\n]}}\n'.encode())
    return {"claims": claims, "sources": key, "rows": known}
