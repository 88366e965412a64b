"""Classes to learn, and a fresh split of them for every seed.

Of n rows round(n * 900 / 1797) are trained on, 900 of the 1797 digits; the others are
held out. Pixels are scaled to [0, 1] and centred, other columns are standardised, both
with the training rows of the seed alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.deviations.confidence_draws import Draws
from synthetic.deviations.confidence_network import Array
from synthetic.deviations.confidence_training import Rows
from synthetic.distillation.study_data import BUNDLED, IMAGES, classes_of, read
from synthetic.distillation.study_vision import VISION
from synthetic.tables import Table
from theory.errors import InputError

TRAINED = 900 / 1797
FEWEST_ROWS = 40
"""Five held-out points in a quartile."""

SOURCES = (*BUNDLED, *VISION)
DIGITS_MAX = 16.0
SPLIT, NOISE = 8, 9  # roles of draws


@dataclass(frozen=True, eq=False)
class Data:
    """Rows of numbers with classes.

    Attributes:
        name: Of the set or the file.
        features: (n, d).
        labels: Classes as 0, ..., K-1, (n,).
        classes: Their names.
        is_image: Centred only, instead of standardised.
        notes: What was done, in words.

    """

    name: str
    features: Array
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    is_image: bool
    notes: tuple[str, ...]

    @property
    def num_trained(self) -> int:
        """Rows of a split that are trained on."""
        return round(len(self.labels) * TRAINED)

    @property
    def digest(self) -> str:
        """A hash of every number."""
        total = hashlib.sha256(self.features.tobytes())
        total.update(self.labels.tobytes())
        return total.hexdigest()[:16]


def load(source: str, target: str | None = None, rows: int | None = None) -> Data:
    """Read classes; constant columns are dropped, and a note says so.

    Args:
        source: A name in `SOURCES`, or the path of a CSV, TSV, LIBSVM or NPZ file.
        target: Of a file: the column of the classes; the last one by default.
        rows: Use that many only, at random; `None` for all.

    Raises:
        InputError: No such data, a missing value, no classes or one, too few rows, no
            column that varies.

    """
    if rows is not None and rows < FEWEST_ROWS:
        msg = f"Need --rows of {FEWEST_ROWS} or more, got {rows}."
        raise InputError(msg)
    table = _some(read(source, target), rows)
    classes, labels = classes_of(table)
    features, notes = table.features, list(table.notes)
    if len(labels) < FEWEST_ROWS:
        msg = f"{table.name}: need {FEWEST_ROWS} rows or more, got {len(labels)}"
        raise InputError(msg)
    if len(classes) > len(labels) // 4:
        msg = (
            f"{table.name}: {len(classes)} classes in {len(labels)} rows: need four "
            "rows a class or more; a quantity is no class, name another --target"
        )
        raise InputError(msg)
    varies = np.ptp(features, axis=0) > 0.0
    if not varies.any():
        msg = f"{table.name}: every column is constant: need one that varies"
        raise InputError(msg)
    if source == "digits":
        features = features / DIGITS_MAX
    is_image = source in IMAGES
    if not is_image and not varies.all():
        features = features[:, varies]
        notes.append(f"{np.sum(~varies)} constant columns dropped")
    return Data(table.name, features, labels, classes, is_image, tuple(notes))


def _some(table: Table, rows: int | None) -> Table:
    num = len(table.target)
    if rows is None or rows >= num:
        return table
    u = Draws(0, (0,), SPLIT).uniforms(1, 0, num)[0]
    kept = np.sort(np.argsort(u, kind="stable")[:rows])
    return Table(
        table.name,
        table.features[kept],
        table.target[kept],
        table.columns,
        tuple(table.places[k] for k in kept),
        (*table.notes, f"{rows} of {num} rows"),
    )


@dataclass(frozen=True, eq=False)
class Split:
    """What each of S seeds trains on and what it holds out.

    Attributes:
        rows: The training rows, with their true labels.
        held: Rows of the table that are held out, (S, m).

    """

    rows: Rows
    held: NDArray[np.int64]

    def with_noise(self, noise: float, root: int, seeds: tuple[int, ...]) -> Rows:
        """Rows of which each has, with that chance, a label drawn from all classes."""
        if noise == 0.0:
            return self.rows
        draws = Draws(root, seeds, NOISE)
        num = self.rows.members.shape[1]
        is_drawn = draws.uniforms(0, 0, num) < noise
        drawn = (draws.uniforms(1, 0, num) * self.rows.num_classes).astype(np.int64)
        return replace(self.rows, labels=np.where(is_drawn, drawn, self.rows.labels))


def split(data: Data, root: int, seeds: tuple[int, ...]) -> Split:
    """A fresh split for every seed."""
    u = Draws(root, seeds, SPLIT).uniforms(0, 0, len(data.labels))
    ranked = np.argsort(u, axis=1, kind="stable")
    trained, held = np.split(ranked, [data.num_trained], axis=1)
    centre = np.stack([data.features[own].mean(axis=0) for own in trained])
    scale = None
    if not data.is_image:
        deviation = np.stack([data.features[own].std(axis=0) for own in trained])
        # a column that is constant in these rows says nothing that could be learnt
        is_known = deviation > 1e-12 * np.abs(centre)
        scale = np.where(is_known, 1.0 / np.where(is_known, deviation, 1.0), 0.0)
        scale = scale[:, None, :]
    rows = Rows(
        data.features,
        trained,
        centre[:, None, :],
        scale,
        data.labels[trained],
        len(data.classes),
    )
    return Split(rows, held)
