"""A teacher: trained once, with checkpoints and probes, and resumed where it stopped.

Checkpoints are made at every multiple of the cadence and, from the first evaluation
with accuracy above .55 to the first above .95, at every evaluation: a rule fixed before
any run. Before each one the curve up to it is written, so a killed run loses what came
after its last checkpoint and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity import records, state
from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.probes import Sample, Spike, Transition, spike
from synthetic.parity.recipe import Recipe
from synthetic.parity.train import train
from theory.errors import InputError

CURVE = "curve.npz"
MOST_BYTES = 2**32
SPIKE = tuple(field.name for field in fields(Spike))
Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Teacher:
    """A finished teacher.

    Args:
        recipe: How it was made.
        seed: Of its weights and its data.
        folder: Of its checkpoints.
        steps: Evaluated steps.
        accuracy: At these, on the test set.
        stored: Steps of the checkpoints, the first 0 and the last the final one.
        spikes: The degree-1 statistic at these.

    """

    recipe: Recipe
    seed: int
    folder: Path
    steps: NDArray[np.int64]
    accuracy: NDArray[np.float64]
    stored: NDArray[np.int64]
    spikes: tuple[Spike, ...]

    @property
    def final(self) -> int:
        """The last step."""
        return int(self.stored[-1])

    @property
    def transition(self) -> Transition:
        """When it learnt."""
        return Transition.of(self.steps, self.accuracy)

    @property
    def has_learnt(self) -> bool:
        """Did its accuracy get above .95?"""
        return self.transition.ends >= 0

    @cached_property
    def stored_accuracy(self) -> NDArray[np.float64]:
        """The accuracies of the checkpoints."""
        return self.accuracy[np.searchsorted(self.steps, self.stored)]

    def spike_of(self, name: str) -> NDArray[np.float64]:
        """One column of the statistic, by checkpoint."""
        return np.array([getattr(found, name) for found in self.spikes])

    def load(self, step: int) -> Network:
        """The checkpoint of a step.

        Raises:
            InputError: There is none, or it is damaged or of another shape.

        """
        if step not in self.stored:
            near = self.stored[np.argmin(np.abs(self.stored - step))]
            msg = (
                f"{self.folder} has no checkpoint of step {step}; the nearest: {near}."
            )
            raise InputError(msg)
        like = self.recipe.network("teacher", self.seed)
        found = state.load(_path(self.folder, step), like).network
        if found.step != step:
            msg = f"{_path(self.folder, step)} holds step {found.step}, not {step}."
            raise InputError(msg)
        return found


def train_teacher(
    recipe: Recipe,
    seed: int,
    folder: Path,
    progress: Progress = lambda _text: None,
    *,
    threads: int = 1,
) -> Teacher:
    """Train a teacher, or go on with one; a finished one is read.

    Args:
        recipe: What and how.
        seed: Of weights and data.
        folder: Its own; of no other recipe or seed.
        progress: Told of every checkpoint.
        threads: They change the time, not the bits.

    Raises:
        InputError: A folder of another recipe, too little room for the checkpoints.

    """
    about = _configuration(recipe, seed)
    _check_room(recipe)
    records.claim_folder(folder, about)
    run = _Run.resumed(recipe, seed, folder)
    run.threads = threads
    while not run.done:
        run.advance()
        progress(f"teacher {seed}: step {run.network.step}, {run.accuracy[-1]:.3f}")
    return run.teacher()


def read_teacher(folder: Path) -> Teacher:
    """A finished teacher, from its folder.

    Raises:
        InputError: No teacher, or one that is not finished.

    """
    about = records.configuration_of(folder)
    if about.get("kind") != "teacher":
        msg = f"{folder} is not a teacher's folder."
        raise InputError(msg)
    recipe = Recipe.from_json(about["recipe"] | {"student": asdict(Recipe().student)})
    run = _Run.resumed(recipe, about["seed"], folder)
    if not run.done:
        msg = f"The teacher in {folder} is not finished: `ratecheck parity teach` it."
        raise InputError(msg)
    return run.teacher()


class _Run:
    """A teacher in the making."""

    def __init__(self, recipe: Recipe, seed: int, folder: Path) -> None:
        self.recipe, self.seed, self.folder = recipe, seed, folder
        self.network = recipe.network("teacher", seed)
        task = recipe.task
        self.test = Sample.of(task.stream("test", seed), recipe.test_samples)
        self.stream = task.stream("teacher data", seed)
        self.steps: list[int] = []
        self.accuracy: list[float] = []
        self.stored: list[int] = []
        self.spikes: list[Spike] = []
        self.threads = 1

    @cached_property
    def probe(self) -> Sample:
        stream = self.recipe.task.stream("probe", self.seed)
        return Sample.of(stream, self.recipe.probe_samples)

    @classmethod
    def resumed(cls, recipe: Recipe, seed: int, folder: Path) -> _Run:
        """From the last checkpoint of the curve, or from the start."""
        run = cls(recipe, seed, folder)
        if not (folder / CURVE).exists():
            run.evaluate()
            return run
        found = records.load(folder / CURVE)
        stored = found.arrays["stored"].tolist()
        columns = [found.arrays[name].tolist() for name in SPIKE]
        if not _path(folder, stored[-1]).exists():  # killed between the two files
            stored, columns = stored[:-1], [column[:-1] for column in columns]
        if not stored:
            run.evaluate()
            return run
        run.stored = stored
        run.spikes = [Spike(*row) for row in zip(*columns, strict=True)]
        run.network = state.load(_path(folder, stored[-1]), run.network).network
        keep = found.arrays["steps"] <= stored[-1]
        run.steps = found.arrays["steps"][keep].tolist()
        run.accuracy = found.arrays["accuracy"][keep].tolist()
        return run

    @property
    def done(self) -> bool:
        """Is it trained, and its last state stored?"""
        return self._ended and self.stored[-1:] == [self.network.step]

    @property
    def _ended(self) -> bool:
        most = self.recipe.teacher.max_steps
        return self.network.step >= most or self.accuracy[-1] >= self.recipe.stop

    def advance(self) -> None:
        """To the next evaluation."""
        training = self.recipe.teacher
        left = training.max_steps - self.network.step
        plan = Plan(batch=training.batch, threads=self.threads)
        num = min(training.every, left)
        train(self.network, self.stream, training.rates(), num, None, plan)
        self.evaluate()

    def evaluate(self) -> None:
        """Note the accuracy, and store the checkpoint if the rule says so."""
        self.steps.append(self.network.step)
        self.accuracy.append(self.test.accuracy(self.network))
        on_grid = self.network.step % self.recipe.cadence == 0
        if on_grid or self._in_transition or self._ended:
            self._store()

    @property
    def _in_transition(self) -> bool:
        found = Transition.of(np.array(self.steps), np.array(self.accuracy))
        return found.begins >= 0 and found.ends in {-1, self.network.step}

    def _store(self) -> None:
        task, step = self.recipe.task, self.network.step
        p = self.probe.probabilities(self.network)
        self.stored.append(step)
        self.spikes.append(spike(p, self.probe.signs, task.support, self.seed))
        arrays: dict[str, NDArray[Any]] = {
            "steps": np.array(self.steps),
            "accuracy": np.array(self.accuracy),
            "stored": np.array(self.stored),
        }
        for name in SPIKE:
            arrays[name] = np.array([getattr(found, name) for found in self.spikes])
        # the curve first: a checkpoint beyond the curve's end would not be found again
        records.save(self.folder / CURVE, records.Record(arrays, {}))
        state.save(_path(self.folder, step), self.network, {"seed": self.seed})

    def teacher(self) -> Teacher:
        """What was made."""
        return Teacher(
            recipe=self.recipe,
            seed=self.seed,
            folder=self.folder,
            steps=np.array(self.steps),
            accuracy=np.array(self.accuracy),
            stored=np.array(self.stored),
            spikes=tuple(self.spikes),
        )


def _path(folder: Path, step: int) -> Path:
    return folder / f"step-{step:09d}.safetensors"


def _configuration(recipe: Recipe, seed: int) -> dict[str, Any]:
    """A teacher does not depend on the students."""
    about = recipe.as_json()
    del about["student"]
    return {"kind": "teacher", "recipe": about, "seed": seed}


def _check_room(recipe: Recipe) -> None:
    """Refuse more checkpoints than a disk may hold, before the first step."""
    training = recipe.teacher
    each = 4 * (training.width * (recipe.task.dim + 6) + 64) + 2048
    num = training.max_steps // training.every + 2
    if num * each > MOST_BYTES:
        msg = (
            f"Up to {num} checkpoints of {each:,} bytes would take more than "
            f"{MOST_BYTES:,}. Need fewer steps, or evaluations further apart."
        )
        raise InputError(msg)
