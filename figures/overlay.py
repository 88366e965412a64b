"""A user's own run, to be drawn on a bound: a CSV file with the columns t and value."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

from figures.spec import Figure
from figures.table import Table
from theory.errors import InputError


def read(path: Path) -> Table:
    """The run: `t` (steps taken, from 0) and `value` in the vertical axis' unit.

    Raises:
        InputError: No such file, a column is missing, or a cell is no finite number.

    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        msg = f"Cannot read --overlay {path}: {error}."
        raise InputError(msg) from error
    if not rows or not {"t", "value"} <= set(rows[0]):
        found = ", ".join(str(name) for name in rows[0]) if rows else "no rows"
        msg = (
            f"{path}: need a header with the columns t and value and a row or more, "
            f"got {found}."
        )
        raise InputError(msg)
    cells = np.array(
        [
            [
                _number(row[name], f"{path}, row {k + 1}, {name}")
                for k, row in enumerate(rows)
            ]
            for name in ("t", "value")
        ]
    )
    if cells[0].min() < 0:
        msg = f"{path}: need t >= 0, got {cells[0].min():g}."
        raise InputError(msg)
    return Table({"t": cells[0] + 1.0, "value": cells[1]}, {"name": path.stem})


def check(figures: list[Figure]) -> None:
    """Refuse an overlay on more than one figure, or on one without a time axis."""
    if len(figures) != 1 or figures[0].overlay is None:
        names = ", ".join(figure.name for figure in figures)
        msg = (
            "--overlay needs one figure with time along its axis (--list says which), "
            f"got {names}."
        )
        raise InputError(msg)


def _number(text: str | None, where: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        msg = f"{where}: need a finite number, got {text!r}."
        raise InputError(msg)
    return value
