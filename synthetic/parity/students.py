"""One student: trained by a curriculum until its accuracy is above the threshold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.curriculum import History, Mode, Stage
from synthetic.parity.network import Network
from synthetic.parity.probes import HIGH, Sample, first_above
from synthetic.parity.recipe import Recipe
from synthetic.parity.sources import checkpoint_of
from synthetic.parity.supply import Supply
from synthetic.parity.teacher import Teacher
from synthetic.parity.trainers import trainer_of
from theory.errors import InputError


@dataclass(frozen=True, eq=False)
class Student:
    """What became of one student.

    Args:
        mode: Its curriculum's name.
        temperature: Of the teacher's logits.
        seed: Of weights, data and teacher.
        steps: Evaluated steps.
        accuracy: At these.
        hit: The first with accuracy above .95; -1 if there was none.
        horizon: Steps it was allowed.
        sources: (first step, resolved source) of every change.
        teacher_steps: Steps of its teacher; 0 if it had none.
        batch: Samples of a student's step.
        teacher_batch: Samples of a teacher's step.

    """

    mode: str
    temperature: float
    seed: int
    steps: NDArray[np.int64]
    accuracy: NDArray[np.float64]
    hit: int
    horizon: int
    sources: tuple[tuple[int, str], ...]
    teacher_steps: int
    batch: int
    teacher_batch: int

    @property
    def time(self) -> int:
        """Steps to the threshold, or the horizon where that was not reached."""
        return self.hit if self.hit >= 0 else self.horizon

    @property
    def samples(self) -> int:
        """Labelled samples of the student, and of the whole training of its teacher."""
        return self.time * self.batch + self.teacher_steps * self.teacher_batch


@dataclass(frozen=True, eq=False)
class Class:
    """What the students of one seed share.

    Args:
        recipe: How they are trained.
        seed: Of weights and data.
        supply: Their targets, with the teacher.
        test: The test set, which the teacher shares too.

    """

    recipe: Recipe
    seed: int
    supply: Supply
    test: Sample = field(repr=False)

    @property
    def teacher(self) -> Teacher | None:
        """The teacher, if there is one."""
        return self.supply.teacher


def run_student(
    shared: Class, mode: Mode, *, beyond: bool = False, network: Network | None = None
) -> Student:
    """Train one student.

    Args:
        shared: Recipe, seed, targets.
        mode: Its curriculum.
        beyond: Go on to the horizon after the threshold.
        network: Where to start; the recipe's untrained student if `None`.

    """
    recipe, training = shared.recipe, shared.recipe.student
    start = recipe.network("student", shared.seed) if network is None else network
    trainer = trainer_of(start, shared.supply.stream, training)
    evaluations = [(0, shared.test.accuracy(start))]
    sources: list[tuple[int, str]] = []
    history = History()
    while history.step < training.max_steps:
        stage = mode.curriculum.stage(shared.teacher, history)
        if not sources or sources[-1][1] != stage.source:
            sources.append((history.step, stage.source))
            history = History(history.step, history.step, len(sources))
        step = _next(history.step, stage, training.every, training.max_steps)
        targets = shared.supply.targets(
            stage.source, mode.temperature, mode.label_weight
        )
        trainer.advance(step - history.step, targets)
        seen = history.accuracies
        if step % training.every == 0 or step == training.max_steps:
            evaluations.append((step, shared.test.accuracy(trainer.network())))
            seen = (*seen, evaluations[-1][1])
        history = History(step, history.since, history.num_sources, seen)
        if evaluations[-1][1] > HIGH and not beyond:
            break
    return _student(shared, mode, evaluations, sources)


def _next(step: int, stage: Stage, every: int, most: int) -> int:
    """The end of the stage, the next evaluation, or the last step."""
    until = most if stage.until is None else stage.until
    if until <= step:
        msg = f"A curriculum ended {stage.source!r} at {until}, before step {step}."
        raise InputError(msg)
    return min(until, (step // every + 1) * every, most)


def _student(
    shared: Class,
    mode: Mode,
    evaluations: list[tuple[int, float]],
    sources: list[tuple[int, str]],
) -> Student:
    steps = np.array([step for step, _ in evaluations])
    accuracy = np.array([value for _, value in evaluations])
    recipe = shared.recipe
    taught: Any = any(
        checkpoint_of(source) is not None or source == "smoothed"
        for _, source in sources
    )
    final = shared.teacher.final if taught and shared.teacher is not None else 0
    return Student(
        mode=mode.name,
        temperature=mode.temperature,
        seed=shared.seed,
        steps=steps,
        accuracy=accuracy,
        hit=first_above(steps, accuracy, HIGH),
        horizon=recipe.student.max_steps,
        sources=tuple(sources),
        teacher_steps=final,
        batch=recipe.student.batch,
        teacher_batch=recipe.teacher.batch,
    )
