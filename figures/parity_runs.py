"""What the figures on distilled parities share: runs in a scratch folder."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from figures.spec import Parameters
from synthetic.parity.curriculum import Mode
from synthetic.parity.hitting import median
from synthetic.parity.recipe import Recipe, Task, Training
from synthetic.parity.study import Place, Runs, run_study
from synthetic.parity.teacher import Teacher, train_teacher

SMALL = {
    "dim": 8,
    "k": 2,
    "teacher_width": 48,
    "width": 16,
    "first": 100,
    "horizon": 1000,
    "every": 25,
    "probe": 1024,
    "seed": 0,
    "seeds": 6,
}
"""The test tier: it learns at once, and shows nothing."""

MAIN = {
    "dim": 24,
    "k": 6,
    "teacher_width": 1000,
    "width": 50,
    "first": 4000,
    "horizon": 60_000,
    "every": 250,
    "probe": 1024,  # correlations are not drawn but where the figure says so
    "seed": 0,
    "seeds": 20,
}
"""The main configuration: one logit, step size .1, batches of 32."""


def recipe_of(parameters: Parameters) -> Recipe:
    """The recipe of a figure's parameters."""
    every, horizon = parameters["every"], parameters["horizon"]
    return Recipe(
        task=Task(parameters["dim"], parameters["k"]),
        teacher=Training(parameters["teacher_width"], max_steps=horizon, every=every),
        student=Training(parameters["width"], max_steps=horizon, every=2 * every),
        cadence=every,
        probe_samples=parameters["probe"],
    )


def runs_of(parameters: Parameters, modes: Sequence[Mode]) -> Runs:
    """All seeds and modes; the files are thrown away, the table is what is kept."""
    first = parameters["seed"]
    seeds = range(first, first + parameters["seeds"])
    with tempfile.TemporaryDirectory(prefix="ratecheck-") as scratch:
        place = Place.of(Path(scratch))
        return run_study(recipe_of(parameters), seeds, modes, place)


def teachers_of(parameters: Parameters) -> list[Teacher]:
    """The teachers alone; their checkpoints are thrown away."""
    recipe, first = recipe_of(parameters), parameters["seed"]
    with tempfile.TemporaryDirectory(prefix="ratecheck-") as scratch:
        return [
            train_teacher(recipe, seed, Path(scratch) / f"{seed}")
            for seed in range(first, first + parameters["seeds"])
        ]


def middle(runs: Runs, mode: Mode) -> tuple[float, float, float]:
    """The median steps with the ends of its interval; the horizon for what is later."""
    horizon = float(runs.recipe.student.max_steps)
    found = median(runs.times(mode))
    values: Any = np.minimum([found.value, found.low, found.high], horizon)
    return float(values[0]), float(values[1]), float(values[2])
