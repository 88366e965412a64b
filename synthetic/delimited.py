"""Delimited text as a grid of cells: the delimiter, the header, where each row stands.

Nothing here knows what a cell means: `synthetic.tables` makes numbers of them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from theory.errors import InputError

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows of equally many cells under distinct column names."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # of the file, one a row
    notes: tuple[str, ...]


def number(cell: str) -> float | None:
    """Return the number that a cell spells, or `None`."""
    try:
        return None if "_" in cell else float(cell)  # Python reads "1_0" as 10
    except ValueError:
        return None


def is_missing(cell: str) -> bool:
    """Return whether a cell stands for no value: empty, NA, NaN, ?."""
    return cell.lower() in MISSING


def _is_text(cell: str) -> bool:
    return not is_missing(cell) and number(cell) is None


def _delimiter(text: str) -> str | None:
    """Return the first of tab, `;`, `,` in the first line; `None` is white space."""
    lines = (line for line in text.split("\n") if line.strip() and line[0] != "#")
    unquoted = re.sub(r'"[^"]*"', "", next(lines, ""))
    return next((mark for mark in "\t;," if mark in unquoted), None)


def _split(name: str, text: str) -> tuple[list[tuple[str, ...]], list[int]]:
    delimiter = _delimiter(text)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    if delimiter is None:
        found = ((k, line.split()) for k, line in enumerate(text.split("\n"), start=1))
    else:
        reader = csv.reader(
            io.StringIO(text), delimiter=delimiter, skipinitialspace=True, strict=True
        )
        found = ((reader.line_num, row) for row in reader)
    try:
        for line, row in found:
            cells = tuple(cell.strip() for cell in row)
            if any(cells) and not cells[0].startswith("#"):
                rows.append(cells)
                lines.append(line)
    except csv.Error as error:
        msg = f"{name}: cannot split the text into cells ({error}): mend its quotes"
        raise InputError(msg) from error
    return rows, lines


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell names from data: a cell that is not a number, and no label either.

    A row that is nothing but text is always a header. Text in a first row that also has
    numbers is a label, such as 'M', if the next row has text in the same columns.
    """
    text = [j for j, cell in enumerate(rows[0]) if _is_text(cell)]
    if not text or len(text) == len(rows[0]) or len(rows) == 1:
        return bool(text)
    return not all(_is_text(rows[1][j]) for j in text)


def read_grid(name: str, text: str) -> Grid:
    """Split delimited text; `#` starts a comment line, blank lines are skipped."""
    rows, lines = _split(name, text)
    if not rows:
        msg = f"{name} holds nothing but comments: need rows of numbers"
        raise InputError(msg)
    width = len(rows[0])
    for row, line in zip(rows, lines, strict=True):
        if len(row) != width:
            msg = (
                f"{name}: line {line} has {len(row)} cells, but line {lines[0]} has "
                f"{width}: give every row as many cells"
            )
            raise InputError(msg)
    columns = tuple(f"column {j}" for j in range(width))
    if not _has_header(rows):
        notes = ("no header row: columns are numbered from 0",)
        return Grid(columns, tuple(rows), tuple(lines), notes)
    names = tuple(given or j for given, j in zip(rows[0], columns, strict=True))
    repeated = [column for column, count in Counter(names).items() if count > 1]
    if repeated:
        msg = f"{name}: two columns are named {repeated[0]!r}: rename one of them"
        raise InputError(msg)
    return Grid(names, tuple(rows[1:]), tuple(lines[1:]), ())
