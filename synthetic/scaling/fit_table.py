"""Runs from delimited text: which columns, and what no fit can use, by row and column.

Supervised runs: N, D, loss. Students: N_S, D_S, loss, and of the teacher L_T, or N_T
and D_T, from which the supervised law gives its loss. N counts parameters without
embeddings, D tokens; a loss is in nats a token.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synthetic.delimited import Grid, is_missing, number, read_grid
from synthetic.scaling.fit_law import NAMES, Form, Runs, log_of_supervised
from synthetic.tables import closest
from theory.errors import InputError

FloatArray = NDArray[np.float64]

_SUPERVISED = ("N", "D", "loss")
_STUDENT = ("N_S", "D_S", "loss")
_EMBEDDED = re.compile(r"(total|all|with_?emb)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Taken:
    """Runs as a file has them, in logarithms, (n,) each.

    Attributes:
        name: Of the file.
        log_N: Parameters.
        log_D: Tokens.
        log_loss: Of the model.
        log_teacher: Of its teacher; empty where there is none, or only its size.
        log_N_T: Parameters of the teacher; empty where its loss is given.
        log_D_T: Its tokens, alike.

    """

    name: str
    log_N: FloatArray
    log_D: FloatArray
    log_loss: FloatArray
    log_teacher: FloatArray
    log_N_T: FloatArray
    log_D_T: FloatArray

    def plain(self) -> Runs:
        """The runs without what a supervised law says of them."""
        none = np.empty(0)
        return Runs(self.log_N, self.log_D, self.log_loss, none, none)

    def dressed(self, theta: FloatArray) -> Runs:
        """The runs with the students' own losses from supervised rows, (K, 6) or (6,).

        The teachers' are the file's, or come from the same rows.
        """
        rows, runs = np.atleast_2d(theta), self.plain()
        own, teacher = log_of_supervised(rows, runs)[0], self.log_teacher
        if self.log_N_T.size:
            taught = replace(runs, log_N=self.log_N_T, log_D=self.log_D_T)
            teacher = log_of_supervised(rows, taught)[0]
        if np.ndim(theta) == 1:
            own, teacher = own[0], np.reshape(teacher, -1)
        return replace(runs, log_teacher=teacher, log_own=own)

    def select(self, kept: NDArray[np.int64]) -> Taken:
        """Some of the runs."""
        columns = {
            name: column[kept]
            for name, column in vars(self).items()
            if name != "name" and column.size
        }
        return replace(self, **columns)


def read(path: Path, form: Form) -> Taken:
    """The runs in a file, with every number checked."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"Cannot read {path}: {error}. Need a CSV file with a header."
        raise InputError(msg) from error
    return taken(path.name, read_grid(path.name, text), form)


def taken(name: str, grid: Grid, form: Form) -> Taken:
    """The runs in a grid of cells."""
    none = np.empty(0)
    if form is not Form.DISTILLATION:
        N, D, loss = (_column(name, grid, column) for column in _SUPERVISED)
        found = Taken(name, N, D, loss, none, none, none)
    else:
        N, D, loss = (_column(name, grid, column) for column in _STUDENT)
        if "L_T" in grid.columns:
            teacher = _column(name, grid, "L_T")
            found = Taken(name, N, D, loss, teacher, none, none)
        elif "N_T" in grid.columns:
            N_T, D_T = (_column(name, grid, column) for column in ("N_T", "D_T"))
            found = Taken(name, N, D, loss, none, N_T, D_T)
        else:
            there = ", ".join(grid.columns)
            msg = (
                f"{name}: need a column L_T, the teacher's loss, or columns N_T and "
                f"D_T, its parameters and tokens; there are {there}."
            )
            raise InputError(msg)
    _enough(found, form)
    return found


def _column(name: str, grid: Grid, column: str) -> FloatArray:
    """Logarithms of a column of positive numbers."""
    if column not in grid.columns:
        total = [c for c in grid.columns if c != "loss" and _EMBEDDED.search(c)]
        hint = closest(column, grid.columns)
        if column.startswith("N") and total:
            hint = (
                f"{total[0]!r} seems to count embeddings, and the law takes parameters "
                f"without them: subtract them and name the column {column}"
            )
        needed = "parameters without embeddings" if column[0] == "N" else "numbers"
        msg = f"{name}: need a column {column!r} of {needed}; {hint}."
        raise InputError(msg)
    j = grid.columns.index(column)
    values = []
    for cells, line in zip(grid.rows, grid.lines, strict=True):
        value, where = number(cells[j]), f"{name}: line {line}, column {column!r}"
        if is_missing(cells[j]) or value is None:
            what = "nothing" if cells[j] == "" else repr(cells[j])
            msg = f"{where}: need a positive number, got {what}; mend or drop the row."
            raise InputError(msg)
        if not (math.isfinite(value) and value > 0.0):
            msg = f"{where}: need a positive number, got {value:g}."
            raise InputError(msg)
        values.append(value)
    return np.log(np.array(values, dtype=np.float64))


def _enough(found: Taken, form: Form) -> None:
    """Refuse what leaves coefficients without any say."""
    count = len(NAMES[form]) - (form is Form.CHINCHILLA)
    if len(found.log_loss) < 2 * count:
        msg = (
            f"{found.name}: need at least {2 * count} runs for the {count} "
            f"coefficients of the {form} law, got {len(found.log_loss)}."
        )
        raise InputError(msg)
    suffix = "_S" if form is Form.DISTILLATION else ""
    columns = {f"N{suffix}": found.log_N, f"D{suffix}": found.log_D}
    teachers = {"L_T": found.log_teacher, "N_T": found.log_N_T}
    columns |= {name: column for name, column in teachers.items() if column.size}
    for name, column in columns.items():
        if np.ptp(column) < 0.05:
            msg = (
                f"{found.name}: all runs have {name} near {np.exp(column[0]):.4g}: "
                f"one scale says nothing of how the loss depends on it; need several."
            )
            raise InputError(msg)
