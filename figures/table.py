"""A figure's numbers: named columns of one length, and notes that a caption speaks of.

Rows are in long form: text columns such as `panel` and `series` say what a row is.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

Column = NDArray[Any] | list[str]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns and notes; nothing else is drawn, and every number drawn is here.

    Attributes:
        columns: Numbers as arrays of int64 or float64, text as lists.
        notes: Plain values (numbers, strings, lists, dicts) that describe the run, and
            the numbers that the caption states.

    """

    columns: Mapping[str, Column]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse columns of different lengths, and text that would read as numbers."""
        sizes = {name: len(column) for name, column in self.columns.items()}
        if len(set(sizes.values())) > 1:
            msg = f"Need columns of one length, got {sizes}."
            raise InputError(msg)
        for name, column in self.columns.items():
            if isinstance(column, list):
                if column and _kind(column) != "text":
                    msg = f"Need text that is no number in {name!r}, got {column[:3]}."
                    raise InputError(msg)
            elif column.dtype not in (np.int64, np.float64) or column.ndim != 1:
                msg = (
                    f"Need {name!r} as int64 or float64 in one dimension, got "
                    f"{column.dtype}, {column.shape}."
                )
                raise InputError(msg)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values()), []))

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column as an array."""
        return np.asarray(self.columns[name])

    def where(self, **equal: str) -> Table:
        """The rows whose text columns have these values, in order."""
        keep = np.ones(len(self), dtype=bool)
        for name, value in equal.items():
            keep &= self[name] == value
        rows = np.flatnonzero(keep)
        columns: dict[str, Column] = {
            name: [column[k] for k in rows]
            if isinstance(column, list)
            else column[rows]
            for name, column in self.columns.items()
        }
        return Table(columns, self.notes)

    def values(self, name: str) -> list[str]:
        """The different values of a text column, in order of appearance."""
        return list(dict.fromkeys(self.columns[name]))

    def to_csv(self) -> str:
        """Header and rows; floats in their shortest exact form, lines end in LF."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        # tolist(): Python's repr of a float is the shortest that reads back exactly.
        cells = [
            column if isinstance(column, list) else [repr(v) for v in column.tolist()]
            for column in self.columns.values()
        ]
        writer.writerows(zip(*cells, strict=True))
        return out.getvalue()

    @classmethod
    def from_csv(cls, text: str, notes: Mapping[str, Any] | None = None) -> Table:
        """The table that `to_csv` wrote; the cells say what each column holds."""
        header, *rows = list(csv.reader(io.StringIO(text)))
        found: dict[str, Column] = {}
        for k, name in enumerate(header):
            cells = [row[k] for row in rows]
            kind = _kind(cells)
            if kind == "text":
                found[name] = cells
            else:
                found[name] = np.array(
                    [int(c) if kind == "int" else float(c) for c in cells],
                    dtype=np.int64 if kind == "int" else np.float64,
                )
        return cls(found, notes or {})

    def digest(self) -> str:
        """SHA-256 of all that can be drawn."""
        notes = json.dumps(dict(self.notes), sort_keys=True)
        return hashlib.sha256(f"{self.to_csv()}\0{notes}".encode()).hexdigest()


def stack(parts: Sequence[Table], notes: Mapping[str, Any] | None = None) -> Table:
    """Rows of tables with the same columns, one below the other."""
    names = list(parts[0].columns)
    columns: dict[str, Column] = {}
    for name in names:
        pieces = [part.columns[name] for part in parts]
        if isinstance(pieces[0], list):
            columns[name] = [cell for piece in pieces for cell in piece]
        else:
            columns[name] = np.concatenate([np.asarray(piece) for piece in pieces])
    return Table(columns, notes or {})


def curve(series: Mapping[str, str], **numbers: Any) -> Table:
    """One curve: text columns that say which, and columns of numbers that broadcast."""
    arrays = np.broadcast_arrays(*(np.atleast_1d(v) for v in numbers.values()))
    size = len(arrays[0])
    columns: dict[str, Column] = {name: [text] * size for name, text in series.items()}
    for name, array in zip(numbers, arrays, strict=True):
        kind = np.int64 if array.dtype.kind in "iu" else np.float64
        columns[name] = array.astype(kind)
    return Table(columns)


def _kind(cells: Sequence[str]) -> str:
    for kind, read in (("int", int), ("float", float)):
        try:
            for cell in cells:
                read(cell)
        except ValueError:
            continue
        return kind
    return "text"
