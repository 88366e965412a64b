"""A user's table, made ready for one loss: classes to 0/1, columns standardised.

`load` reads a file or a bundled set, refuses what the loss cannot use, and says in
`Dataset.notes` everything that it changed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.delimited import number
from synthetic.losses import LOGISTIC, FloatArray, Loss
from synthetic.tables import Table, closest, read_table
from theory.errors import InputError

BUNDLED = ("breast_cancer", "diabetes")


@dataclass(frozen=True, eq=False)
class Dataset:
    r"""Rows $a_i$ and targets $b_i$ of one supervised problem.

    Attributes:
        name: The file's name, or the bundled set's.
        features: $a_i$ after preparation, shape (n, d).
        target: $b_i$ after preparation, shape (n,).
        columns: One name a column; the intercept's is `intercept`.
        notes: What was done, in words.

    """

    name: str
    features: FloatArray
    target: FloatArray
    columns: tuple[str, ...]
    notes: tuple[str, ...]


def load(
    source: str,
    *,
    loss: Loss,
    target: str | None = None,
    standardize: bool = True,
    intercept: bool = True,
) -> Dataset:
    r"""Read a table and prepare it for `loss`.

    Args:
        source: The path of a CSV, TSV, LIBSVM or NPZ file, or a name in `BUNDLED`.
        loss: Decides which targets are allowed, and whether they are classes.
        target: The target's column, by name or by index from 0 (from -1 backwards), or
            its array in an NPZ file. The last column by default.
        standardize: Subtract the mean of each column and divide by its population
            standard deviation; the target too, unless it is classes or probabilities.
            Without it, columns on a scale of their own make G and L as large as it.
        intercept: Append a column of ones.

    Returns:
        The prepared data, and notes of what was done.

    Raises:
        InputError: The table cannot be read, or not be used with this loss.

    """
    table = _read(source, target)
    features, columns = table.features, table.columns
    targets, target_notes = _encode(table, loss)
    notes = [*table.notes, *target_notes]
    if standardize:
        standardized = [
            _standardized(values, f"{table.name}: column {column!r}")
            for column, values in zip(columns, features.T, strict=True)
        ]
        features = np.column_stack(standardized)
        notes.append("columns standardised")
        if loss is not LOGISTIC and np.any(targets != targets[0]):
            targets = _standardized(targets, f"{table.name}: the target")
            notes.append("target standardised")
    if intercept:
        notes += _intercept_notes(table)
        features = np.column_stack([features, np.ones(len(features))])
        columns = (*columns, "intercept")
    return Dataset(table.name, features, targets, columns, tuple(notes))


def _intercept_notes(table: Table) -> list[str]:
    if "intercept" in table.columns:
        msg = (
            f"{table.name}: there is a column 'intercept' already: pass "
            "--no-intercept, or rename it"
        )
        raise InputError(msg)
    constant = [
        f"column {column!r} is constant: it and the intercept are linearly dependent"
        for column, values in zip(table.columns, table.features.T, strict=True)
        if np.all(values == values[0])
    ]
    return [*constant, "intercept added"]


def _read(source: str, target: str | None) -> Table:
    if source in BUNDLED:
        if target is not None:
            msg = f"{source} comes with its target, no {target!r}: omit the target"
            raise InputError(msg)
        return _bundled(source)
    is_a_name = source == Path(source).stem
    if is_a_name and not os.path.exists(source):
        msg = f"no file {source!r} and no bundled set; {closest(source, BUNDLED)}"
        raise InputError(msg)
    return read_table(Path(source), target)


def _bundled(name: str) -> Table:
    """Read a set that scikit-learn carries in its wheel: no network."""
    from sklearn import datasets  # noqa: PLC0415 - slow to import

    if name == "diabetes":
        bunch = datasets.load_diabetes(scaled=False)
    else:
        bunch = datasets.load_breast_cancer()
    return Table(
        name,
        np.asarray(bunch.data, dtype=np.float64),
        np.asarray(bunch.target, dtype=np.float64),
        tuple(str(column) for column in bunch.feature_names),
        tuple(f"row {i}" for i in range(1, len(bunch.data) + 1)),
    )


def _encode(table: Table, loss: Loss) -> tuple[FloatArray, tuple[str, ...]]:
    """Return targets that the loss admits, and what had to be done for it."""
    target, notes = _classes(table.target) if loss is LOGISTIC else (table.target, ())
    if target.dtype.kind == "f":
        is_admitted = loss.admits(target)
    else:
        is_admitted = np.array([number(cell) is not None for cell in target])
    if not is_admitted.all():
        i = int(np.argmin(is_admitted))
        found = len(np.unique(target))
        remedy = "--loss logistic for two classes"
        if loss is LOGISTIC:
            remedy = f"two distinct labels (not {found}), or --loss squared or l1"
        msg = (
            f"{table.name}: the target in {table.places[i]} is {_spelled(target[i])}, "
            f"but the {loss.name} loss needs {loss.domain}; use {remedy}"
        )
        raise InputError(msg)
    return target.astype(np.float64), notes


def _classes(target: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Keep what lies in [0, 1]; of two other labels, the smaller becomes 0."""
    labels = np.unique(target)
    if labels.dtype.kind == "f" and LOGISTIC.admits(labels).all():
        is_soft = bool(np.any((labels > 0) & (labels < 1)))
        return target, ("targets kept as probabilities",) if is_soft else ()
    if len(labels) != 2:
        return target, ()
    low, high = (_spelled(label) for label in labels)
    return 1.0 * (target == labels[1]), (f"classes {low} -> 0, {high} -> 1",)


def _spelled(label: np.generic) -> str:
    return repr(str(label)) if label.dtype.kind == "U" else f"{label:.17g}"


def _standardized(values: FloatArray, where: str) -> FloatArray:
    """Return $(v - m) / s$ with the mean and the population deviation of `values`."""
    if np.all(values == values[0]):
        msg = (
            f"{where} is {values[0]:g} in every row, with no deviation to divide by: "
            "drop it, or pass --no-standardize (it then repeats the intercept)"
        )
        raise InputError(msg)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        centred = values - values.mean()
        deviation = np.sqrt(np.mean(centred**2))
    if not 0 < deviation < np.inf:
        msg = (
            f"{where} has deviation {deviation:g} in double precision, with values up "
            f"to {np.max(np.abs(values)):g}: rescale it"
        )
        raise InputError(msg)
    return np.asarray(centred / deviation)
