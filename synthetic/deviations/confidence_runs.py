"""One configuration on all seeds: train, take the statistics, keep them."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from synthetic.deviations.confidence_configurations import (
    CONFIGURATIONS,
    Configuration,
)
from synthetic.deviations.confidence_data import Data, Split, load, split
from synthetic.deviations.confidence_draws import Draws
from synthetic.deviations.confidence_network import Array, Shape
from synthetic.deviations.confidence_statistics import (
    NAMES,
    pairs,
    statistics,
)
from synthetic.deviations.confidence_training import (
    Lesson,
    Rows,
    Training,
    logits_of,
    train,
)
from synthetic.parity import records
from theory.errors import InputError

TEACHER, STUDENT, CONTROL = 0, 1, 10  # roles of draws
PARTS = ("train", "held", "noise", "permuted")
"""Where statistics are taken; the last two are controls on held-out data."""

ACCURACIES = ("teacher.accuracy", "student.accuracy", "teacher.fit", "student.fit")
"""Held-out, and on the training rows with the labels that were told."""

VALUES = (*(f"{part}.{name}" for part in PARTS for name in NAMES), *ACCURACIES)
MOST_POINTS = 900


@dataclass(frozen=True)
class Request:
    """What is run beside the configurations.

    Attributes:
        source: Name of a data set, or a file.
        target: Of a file: its column of classes.
        rows: Use that many; `None` for all.
        root: Of every draw.
        seeds: One split, teacher and student each.

    """

    source: str = "digits"
    target: str | None = None
    rows: int | None = None
    root: int = 0
    seeds: tuple[int, ...] = tuple(range(20))

    def command(self, patterns: str) -> str:
        """What gives the same numbers again."""
        words = ["ratecheck deviations", f"--data {shlex.quote(self.source)}"]
        if self.target is not None:
            words.append(f"--target {shlex.quote(self.target)}")
        if self.rows is not None:
            words.append(f"--rows {self.rows}")
        if patterns != "*":
            words.append(f"--configurations {shlex.quote(patterns)}")
        return " ".join([*words, f"--seeds {len(self.seeds)}", f"--root {self.root}"])


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one configuration gave.

    Attributes:
        values: By a name in `VALUES`, one number a seed; NaN where a run diverged.
        points: Held-out X and Y of the first seed, some of them, (2, m).

    """

    values: dict[str, Array]
    points: Array

    def of(self, part: str) -> dict[str, Array]:
        """The statistics of a part, by their names."""
        return {name: self.values[f"{part}.{name}"] for name in NAMES}


@lru_cache(maxsize=1)
def data_of(source: str, target: str | None, rows: int | None) -> Data:
    """The data, read once a process."""
    return load(source, target, rows)


@dataclass(frozen=True, eq=False)
class Taught:
    """Teachers of all seeds, with what they saw."""

    shape: Shape
    split: Split
    rows: Rows
    train: Array  # logits on the training rows, (S, n, K)
    held: Array


@lru_cache(maxsize=2)
def teachers(request: Request, hidden: int, noise: float, training: Training) -> Taught:
    """Train them, or take those that this process has just trained."""
    data = data_of(request.source, request.target, request.rows)
    shape = Shape(data.features.shape[1], hidden, len(data.classes))
    parts = split(data, request.root, request.seeds)
    rows = parts.with_noise(noise, request.root, request.seeds)
    draws = Draws(request.root, request.seeds, TEACHER)
    found = train(shape, training, rows, draws)
    return Taught(
        shape,
        parts,
        rows,
        logits_of(shape, found, rows, rows.members),
        logits_of(shape, found, rows, parts.held),
    )


def run(configuration: Configuration, request: Request) -> Outcome:
    """Teachers, students and statistics of all seeds.

    Raises:
        InputError: The data cannot be used, or a teacher's log-odds do not vary.

    """
    taught = teachers(request, *configuration.taught_by)
    lesson = None
    if configuration.is_distilled:
        lesson = Lesson(taught.train, configuration.temperature, configuration.mix)
    draws = Draws(request.root, request.seeds, STUDENT)
    found = train(taught.shape, configuration.student, taught.rows, draws, lesson)
    logits = {
        "train": (
            taught.train,
            logits_of(taught.shape, found, taught.rows, taught.rows.members),
        ),
        "held": (
            taught.held,
            logits_of(taught.shape, found, taught.rows, taught.split.held),
        ),
    }
    return _outcome(taught, logits, request, CONFIGURATIONS.index(configuration))


def _outcome(
    taught: Taught,
    logits: dict[str, tuple[Array, Array]],
    request: Request,
    index: int,
) -> Outcome:
    data = data_of(request.source, request.target, request.rows)
    truth = {"train": taught.rows.labels, "held": data.labels[taught.split.held]}
    values = {
        f"{who}.{what}": (logits[part][k].argmax(axis=-1) == truth[part]).mean(axis=1)
        for what, part in (("accuracy", "held"), ("fit", "train"))
        for k, who in enumerate(("teacher", "student"))
    }
    clouds = {part: pairs(*both) for part, both in logits.items()}
    x, y = clouds["held"]
    draws = Draws(request.root, request.seeds, CONTROL)
    u, other = (draws.uniforms(2 * index + k, 0, x.shape[1]) for k in (0, 1))
    clouds |= {"noise": (x, _noisy(x, y, u)), "permuted": (x, _mixed(y, other))}
    for part, (across, up) in clouds.items():
        found = [statistics(*cloud) for cloud in zip(across, up, strict=True)]
        for name in NAMES:
            values[f"{part}.{name}"] = np.array([getattr(one, name) for one in found])
    kept = np.linspace(0, x.shape[1] - 1, min(MOST_POINTS, x.shape[1])).astype(int)
    return Outcome(values, np.stack([x[0, kept], y[0, kept]]))


def _noisy(x: Array, y: Array, u: Array) -> Array:
    """X with independent uniform noise, as far from X as Y is from its line."""
    with np.errstate(all="ignore"):
        dx, dy = (v - v.mean(axis=1, keepdims=True) for v in (x, y))
        slope = (dx * dy).sum(axis=1) / (dx * dx).sum(axis=1)
        size = (dy - slope[:, None] * dx).std(axis=1, keepdims=True)
        return np.asarray(x + size * np.sqrt(12.0) * (u - 0.5))


def _mixed(y: Array, u: Array) -> Array:
    """Y of other points."""
    return np.take_along_axis(y, np.argsort(u, axis=1, kind="stable"), axis=1)


def save(path: Path, outcome: Outcome, configuration: Configuration) -> None:
    """Write one configuration's numbers, atomically."""
    arrays = {**outcome.values, "points": outcome.points}
    records.save(path, records.Record(arrays, {"made_by": asdict(configuration)}))


def read(path: Path, configuration: Configuration, num_seeds: int) -> Outcome:
    """Read what `save` wrote.

    Raises:
        InputError: A damaged file, or one of another version.

    """
    found = records.load(path)
    points = found.arrays.pop("points", None)
    sizes = {values.shape for values in found.arrays.values()}
    if (
        points is None
        or set(found.arrays) != set(VALUES)
        or sizes != {(num_seeds,)}
        or found.notes.get("made_by") != asdict(configuration)
    ):
        msg = f"{path} is of another version. Delete it, and its run is made again."
        raise InputError(msg)
    return Outcome(found.arrays, points)
