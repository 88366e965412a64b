"""Files as tables: CSV or TSV text, LIBSVM text, NPZ; what is not one is refused.

A table is rows of finite numbers with one target each, still unprepared: for which loss
they are meant is the business of `synthetic.data`.
"""

from __future__ import annotations

import difflib
import gzip
import io
import pickle
import re
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.delimited import is_missing, number, read_grid
from synthetic.losses import FloatArray
from theory.errors import InputError

MAX_ENTRIES = 20_000_000  # of a densified LIBSVM file: 160 MB
ARRAY_PAIRS = (("X", "y"), ("A", "b"), ("features", "target"), ("data", "target"))
ZIP_ERRORS = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
NPY_ERRORS = (
    LookupError,
    MemoryError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
)
DAMAGE = (*ZIP_ERRORS, *NPY_ERRORS, tokenize.TokenError, pickle.UnpicklingError)
FORMATS = "CSV or TSV text, LIBSVM text, or NPZ with arrays X and y"


@dataclass(frozen=True, eq=False)
class Table:
    """What a file says: `(n, d)` numbers, `(n,)` targets, and where each row stands."""

    name: str
    features: FloatArray
    target: NDArray[Any]  # float64, or text labels
    columns: tuple[str, ...]
    places: tuple[str, ...]  # "line 7" of a text, "row 3" of an array
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no loss can use: a single row, no column, NaN, infinity."""
        num_rows, num_columns = self.features.shape
        if num_rows < 2:
            msg = f"{self.name}: need at least 2 rows of data, found {num_rows}"
            raise InputError(msg)
        if num_columns < 1:
            msg = f"{self.name}: need a feature column beside the target, found none"
            raise InputError(msg)
        bad = np.argwhere(~np.isfinite(self.features))
        if bad.size:
            i, j = bad[0]
            self._refuse_entry(i, f"column {self.columns[j]!r}", self.features[i, j])
        if self.target.dtype.kind == "f" and not np.isfinite(self.target).all():
            i = np.argmin(np.isfinite(self.target))
            self._refuse_entry(i, "the target", self.target[i])

    def _refuse_entry(self, i: np.intp, what: str, value: np.float64) -> None:
        msg = (
            f"{self.name}: {self.places[i]}, {what} is {value:g}: need a finite "
            "number; drop the row or fill the entry in"
        )
        raise InputError(msg)


def closest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?`, or what there is if nothing is close."""
    known = list(known)
    near = difflib.get_close_matches(word, known, n=3)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"there is {', '.join(map(repr, known[:12])) or 'none'}"


def read_table(path: Path, target: str | None) -> Table:
    """Read the file at `path`; `target` names its column (CSV) or its array (NPZ)."""
    try:
        raw = path.read_bytes()
        if path.suffix.lower() == ".gz":
            raw, path = gzip.decompress(raw), path.with_suffix("")
    except FileNotFoundError:
        msg = f"no file {str(path)!r}: check the path"
        raise InputError(msg) from None
    except (OSError, ValueError, EOFError, zlib.error) as error:
        msg = f"cannot read {str(path)!r} ({error}): need a readable file, {FORMATS}"
        raise InputError(msg) from error
    if not raw.strip():
        msg = f"{path.name} is empty: need {FORMATS}"
        raise InputError(msg)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return _from_npz(path.name, raw, target)
    text = _decoded(path.name, raw)
    if suffix not in {".csv", ".tsv"} and _looks_like_libsvm(text):
        return _from_libsvm(path.name, text, target)
    return _from_csv(path.name, text, target)


def _decoded(name: str, raw: bytes) -> str:
    text = raw.decode("utf-8-sig", errors="replace")
    if "\ufffd" in text or "\0" in text:
        msg = f"{name} is binary, or not UTF-8 text: need {FORMATS}"
        raise InputError(msg)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _column_index(name: str, target: str | None, columns: Sequence[str]) -> int:
    if target is None:
        return len(columns) - 1
    if target in columns:
        return columns.index(target)
    try:
        index = int(target)
    except ValueError:
        msg = f"{name}: no target column {target!r}; {closest(target, columns)}"
        raise InputError(msg) from None
    if not -len(columns) <= index < len(columns):
        msg = f"{name}: no column {index}: need 0 to {len(columns) - 1}, or a name"
        raise InputError(msg)
    return index % len(columns)


def _parsed(cells: Sequence[str], where: str, places: Sequence[str]) -> NDArray[Any]:
    """Return a column as float64, or as text if some cell is not a number."""
    missing = [i for i, cell in enumerate(cells) if is_missing(cell)]
    if missing and len(missing) == len(cells):
        msg = f"{where} is empty: drop it, or choose another target if it is that"
        raise InputError(msg)
    if missing:
        msg = (
            f"{where} has no value in {places[missing[0]]}: drop the row or fill the "
            "cell in"
        )
        raise InputError(msg)
    numbers = [number(cell) for cell in cells]
    return np.array(cells if None in numbers else numbers)


def _from_csv(name: str, text: str, target: str | None) -> Table:
    grid = read_grid(name, text)
    at = _column_index(name, target, grid.columns)
    places = tuple(f"line {line}" for line in grid.lines)
    parsed = []
    for j, column in enumerate(grid.columns):
        where = f"{name}: column {column!r}"
        parsed.append(_parsed([row[j] for row in grid.rows], where, places))
        if parsed[j].dtype.kind == "U" and j != at:
            place, text = next(
                (place, row[j])
                for place, row in zip(places, grid.rows, strict=True)
                if number(row[j]) is None
            )
            msg = (
                f"{where} holds {text!r} in {place}: need a number; encode the column "
                "as numbers or drop it"
            )
            raise InputError(msg)
    features = [column for j, column in enumerate(parsed) if j != at]
    return Table(
        name,
        np.reshape(features, (len(features), len(places))).T.astype(np.float64),
        parsed[at],
        grid.columns[:at] + grid.columns[at + 1 :],
        places,
        (*grid.notes, f"target {grid.columns[at]!r}"),
    )


def _looks_like_libsvm(text: str) -> bool:
    """Return whether the first lines are `label idx:value ...`, some with a pair."""
    content = (line.split("#")[0].strip() for line in text.split("\n", 100)[:100])
    lines = [line for line in content if line]
    return any(":" in line for line in lines) and all(
        re.fullmatch(r"\S+(\s+qid:\d+)?(\s+\d+:\S+)*", line) for line in lines
    )


def _from_libsvm(name: str, text: str, target: str | None) -> Table:
    from sklearn.datasets import load_svmlight_file  # noqa: PLC0415 - slow to import

    if target is not None:
        msg = f"{name}: LIBSVM text has its targets in front, no {target!r}: omit it"
        raise InputError(msg)
    try:
        sparse, labels = load_svmlight_file(io.BytesIO(text.encode()))
    except (ValueError, OverflowError) as error:
        msg = f"{name}: not LIBSVM text ({error}): need lines `label index:value ...`"
        raise InputError(msg) from error
    n, d = sparse.shape
    if n * d > MAX_ENTRIES:
        msg = f"{name}: {n} x {d} = {n * d} entries, over {MAX_ENTRIES}: select columns"
        raise InputError(msg)
    lines = enumerate(text.split("\n"), start=1)
    return Table(
        name,
        sparse.toarray(),
        labels,
        tuple(f"feature {j}" for j in range(1, d + 1)),
        tuple(f"line {k}" for k, line in lines if line.split("#")[0].strip()),
    )


def _from_npz(name: str, raw: bytes, target: str | None) -> Table:
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            arrays = {key: np.asarray(archive[key]) for key in archive.files}
    except DAMAGE as error:
        msg = (
            f"{name} is damaged, or holds pickled objects, which are never loaded: "
            "write it again with np.savez(path, X=..., y=...)"
        )
        raise InputError(msg) from error
    pairs = [(x, target or y) for x, y in ARRAY_PAIRS if x in arrays]
    pair = next((pair for pair in pairs if pair[1] in arrays), None)
    if pair is None:
        found = ", ".join(sorted(arrays)) or "none"
        msg = f"{name}: need arrays X and {target or 'y'}, found {found}"
        raise InputError(msg)
    x, y = (arrays[key] for key in pair)
    for key, array, kinds in zip(pair, (x, y), ("biuf", "biufU"), strict=True):
        if array.dtype.kind not in kinds:
            msg = f"{name}: array {key} holds {array.dtype}: need real numbers"
            raise InputError(msg)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        msg = (
            f"{name}: need {pair[0]} of shape (n, d) and {pair[1]} of shape (n,), "
            f"found {x.shape} and {y.shape}"
        )
        raise InputError(msg)
    return Table(
        name,
        x.astype(np.float64),
        y if y.dtype.kind == "U" else y.astype(np.float64),
        tuple(f"column {j}" for j in range(x.shape[1])),
        tuple(f"row {i}" for i in range(1, len(x) + 1)),
    )
