"""The calibration table as a file: rows are saved as they are finished."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import theory
from synthetic.calibration import rows as table
from synthetic.calibration.rows import Row
from synthetic.versions import version_of
from theory.errors import InputError
from theory.files import write

FORMAT = 1
_REMEDY = "`python benchmarks/calibration.py --out FILE` makes one."
SOURCES = (
    "theory/confidence.py",
    "theory/judge.py",
    "synthetic/engines/common.py",
    "synthetic/engines/montecarlo.py",
    "synthetic/engines/sequel.py",
    "synthetic/calibration/laws.py",
    "synthetic/calibration/naive.py",
    "synthetic/calibration/rows.py",
    "synthetic/calibration/runs.py",
    "synthetic/calibration/sources.py",
)


def code() -> str:
    """SHA-256 of what decides and of what is counted."""
    home = Path(str(theory.__file__)).parents[1]
    digest = hashlib.sha256()
    for name in SOURCES:
        digest.update(name.encode() + b"\0" + (home / name).read_bytes())
    return digest.hexdigest()


def header(command: str, seed: int) -> dict[str, Any]:
    """What the rows depend on; no date, so that the same runs give the same bytes."""
    return {
        "format": FORMAT,
        "command": command,
        "seed": seed,
        "code": code(),
        "versions": {
            "python": platform.python_version(),
            "numpy": version_of("numpy"),
            "scipy": version_of("scipy"),
            "numba": version_of("numba"),
        },
    }


def fill(
    path: Path,
    head: dict[str, Any],
    wanted: Iterable[Row],
    tell: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Measure the rows that the file lacks, and save after each.

    Args:
        path: Rows that were measured by other code or with another seed are replaced.
        head: Of `header`.
        wanted: The rows of the finished table, in order.
        tell: Is told every row as soon as it is there.

    Raises:
        InputError: The file is there and no calibration table, or cannot be written.

    """
    known = {_key(row): row for row in _kept(path, head)}
    record: dict[str, Any] = {**head, "rows": []}
    done: set[str] = set()
    for row in wanted:
        key = json.dumps(row.key)
        found = known.get(key)
        if found is None:
            found = table.measure(row, head["seed"])
        record["rows"].append(found)
        done.add(key)
        later = [r for k, r in known.items() if k not in done]
        _write(path, {**record, "rows": [*record["rows"], *later]})
        tell(found)
    _write(path, record)
    return record


def _key(row: dict[str, Any]) -> str:
    names = ("kind", "source", "factor", "runs", "replicas")
    return json.dumps([row[name] for name in names])


def _kept(path: Path, head: dict[str, Any]) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    record = read(path)
    if any(record[name] != head[name] for name in ("seed", "code", "versions")):
        return []
    return list(record["rows"])


def read(path: Path) -> dict[str, Any]:
    """The table in a file."""
    try:
        record = json.loads(path.read_bytes())
        version, _ = record["format"], record["rows"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path} is no calibration table ({error!r}): {_REMEDY}"
        raise InputError(msg) from error
    if version != FORMAT:
        msg = f"{path} has format {version}, not {FORMAT}: {_REMEDY}"
        raise InputError(msg)
    return dict(record)


def _write(path: Path, record: dict[str, Any]) -> None:
    write(path, (json.dumps(record, indent=1) + "\n").encode())


def replicas_for(row: dict[str, Any], alpha: float, share: float) -> str:
    """The look by which that share of the runs was decided; "> N" if there is none.

    Decided means HOLDS where the bound has slack, and REFUTED elsewhere.
    """
    result = result_at(row, alpha)
    counts = result["holds_by_look" if row["kind"] == "slack" else "refuted_by_look"]
    for look, count in zip(row["looks"], counts, strict=True):
        if count >= share * row["runs"]:
            return f"{look}"
    return f"> {row['replicas']}"


def result_at(row: dict[str, Any], alpha: float) -> dict[str, Any]:
    """A row's counts at one alpha."""
    found = [result for result in row["results"] if result["alpha"] == alpha]
    return dict(found[0])


def errors(record: dict[str, Any]) -> list[str]:
    """Rows whose rate of false verdicts is above alpha, beyond a chance of 1e-6."""
    found = []
    for row in record["rows"]:
        wrong = {"tight": "refuted", "false holds": "holds"}.get(row["kind"])
        for result in row["results"]:
            alpha = result["alpha"]
            if wrong and table.exceeds(result[wrong], row["runs"], alpha):
                found.append(f"{row['kind']}: {row['source']} at {alpha:g}")
    return found
