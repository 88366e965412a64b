"""Classes to learn: a bundled set, a file, or torchvision's, split and scaled.

Rows go to training (64 %), validation (16 %) and test (20 %) within each class. Centres
and scales are those of the training rows alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.distillation.students import FloatArray
from synthetic.distillation.study_samples import split_uniforms
from synthetic.distillation.study_vision import VISION, read_vision
from synthetic.tables import Table, closest, read_table
from theory.errors import InputError

BUNDLED = ("breast_cancer", "digits", "iris", "wine")
IMAGES = ("digits", *VISION)
"""Their columns are pixels, all of one unit: they are centred, not standardised."""

FEWEST = 5
"""Rows of a class: with fewer, one part of the split may have none of it."""

SHARES = (0.64, 0.80)  # where training ends, where validation ends


@dataclass(frozen=True, eq=False)
class Part:
    """Rows (n, D), the last column ones, and their classes' indicators (n, K)."""

    a: FloatArray
    b: FloatArray


@dataclass(frozen=True, eq=False)
class Split:
    """What is trained on, what chooses step sizes for a network, what is reported."""

    name: str
    classes: tuple[str, ...]
    train: Part
    valid: Part
    test: Part
    notes: tuple[str, ...]

    @property
    def digest(self) -> str:
        """A hash of every number: two files of one name are told apart by it."""
        total = hashlib.sha256()
        for part in (self.train, self.valid, self.test):
            total.update(part.a.tobytes())
            total.update(part.b.tobytes())
        return total.hexdigest()[:16]


def load(source: str, target: str | None, rows: int | None, seed: int) -> Split:
    """Read, check that the target is classes, split by `seed` and scale.

    Args:
        source: The path of a CSV, TSV, LIBSVM or NPZ file, a name in `BUNDLED`, or one
            in `VISION`.
        target: The target's column, of a file; the last one by default.
        rows: Use that many, picked by `seed`; `None` for all.
        seed: Of the split.

    Raises:
        InputError: The data cannot be read, or their target is no class.

    """
    table = read(source, target)
    labels, index = classes_of(table)
    u = split_uniforms(seed, len(index))
    kept = np.arange(len(index))
    if rows is not None and rows < len(index):
        kept = np.sort(np.argsort(u, kind="stable")[:rows])
    features, index, u = table.features[kept], index[kept], u[kept]
    place = _places(index, u, labels, table.name)
    is_train = place < SHARES[0]
    notes = [*table.notes, f"{len(index)} rows"]
    features, note = _scaled(features, is_train, source in IMAGES, table)
    indicators = np.eye(len(labels))[index]
    parts = [
        Part(features[chosen], indicators[chosen])
        for chosen in (
            is_train,
            (place >= SHARES[0]) & (place < SHARES[1]),
            place >= SHARES[1],
        )
    ]
    return Split(table.name, labels, parts[0], parts[1], parts[2], (*notes, *note))


def read(source: str, target: str | None) -> Table:
    """The rows of a bundled set, of torchvision's, or of a file."""
    known = (*BUNDLED, *VISION)
    if source in known:
        if target is not None:
            msg = f"{source} comes with its target, no {target!r}: omit --target"
            raise InputError(msg)
        return read_vision(source) if source in VISION else _bundled(source)
    is_a_name = source == Path(source).stem
    if is_a_name and not Path(source).exists():
        msg = f"no file {source!r} and no data set of that name; "
        raise InputError(msg + closest(source.lower(), known))
    return read_table(Path(source), target)


def _bundled(name: str) -> Table:
    from sklearn import datasets  # noqa: PLC0415 -- slow to import

    bunch = getattr(datasets, f"load_{name}")()
    n, d = bunch.data.shape
    return Table(
        name,
        np.asarray(bunch.data, dtype=np.float64),
        np.asarray(bunch.target, dtype=np.float64),
        tuple(f"column {j}" for j in range(d)),
        tuple(f"row {i}" for i in range(1, n + 1)),
    )


def classes_of(table: Table) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The classes' names, and each row's class; refuse what is not classes."""
    target: NDArray[Any] = table.target
    if target.dtype.kind == "f" and np.any(target != np.round(target)):
        i = int(np.argmax(target != np.round(target)))
        msg = (
            f"{table.name}: the target in {table.places[i]} is {target[i]:g}, no "
            "class: need whole numbers or words; name another column with --target"
        )
        raise InputError(msg)
    labels, index = np.unique(target, return_inverse=True)
    if len(labels) < 2:
        msg = f"{table.name}: need two classes or more, every target is {labels[0]}"
        raise InputError(msg)
    names = [str(x) if labels.dtype.kind == "U" else f"{x:.17g}" for x in labels]
    return tuple(names), index.astype(np.int64)


def _places(
    index: NDArray[np.int64], u: FloatArray, labels: tuple[str, ...], name: str
) -> FloatArray:
    """Where in (0, 1) each row stands within its class, in random order."""
    place = np.empty(len(index))
    for k, label in enumerate(labels):
        members = np.flatnonzero(index == k)
        if len(members) < FEWEST:
            msg = (
                f"{name}: class {label!r} has {len(members)} rows of {len(index)}; "
                f"need {FEWEST} of each of the {len(labels)} classes: merge or drop "
                "rare ones, or take more --rows; a quantity is no target for this study"
            )
            raise InputError(msg)
        ranked = members[np.argsort(u[members], kind="stable")]
        place[ranked] = (np.arange(len(ranked)) + 0.5) / len(ranked)
    return place


def _scaled(
    features: FloatArray, is_train: NDArray[np.bool_], is_image: bool, table: Table
) -> tuple[FloatArray, tuple[str, ...]]:
    r"""Centre, standardise (tables), make the mean $\|a\|^2$ 1, append ones."""
    if not is_image:
        varies = np.ptp(features[is_train], axis=0) > 0.0
        if not varies.any():
            msg = f"{table.name}: every column is constant in the training rows"
            raise InputError(msg)
        features = features[:, varies]
    known = features[is_train]
    features = features - known.mean(axis=0)
    notes = ["columns centred"]
    if not is_image:
        features = features / known.std(axis=0)
        notes = ["columns standardised"]
        if not varies.all():
            notes.append(f"{np.sum(~varies)} constant columns dropped")
    size = np.sqrt((features[is_train] ** 2).sum(axis=1).mean())
    if not np.isfinite(features).all() or not size > 0.0:
        msg = f"{table.name}: columns overflow when scaled: rescale them first"
        raise InputError(msg)
    ones = np.ones((len(features), 1))
    notes.append("rows scaled to mean square norm 1, then a column of ones")
    return np.hstack([features / size, ones]), tuple(notes)
