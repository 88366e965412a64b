"""For every seed a teacher, then a student for every mode; files make it resumable."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from synthetic.parity.transformer.config import Config, Mode
from synthetic.parity.transformer.exam import HIGH, LOW, History
from synthetic.parity.transformer.model_torch import device_of
from synthetic.parity.transformer.students import early_step, mid_step, teacher_step
from synthetic.parity.transformer.train_torch import (
    Job,
    Logits,
    Memory,
    Run,
    checkpoint,
)

Progress = Callable[[str], None]
CACHED = 64
"""Checkpoints of a teacher that are kept in memory."""


@dataclass(frozen=True, eq=False)
class Seed:
    """What was found for a seed.

    Attributes:
        seed: It.
        support: S.
        teacher: Its evaluations.
        students: Evaluations by mode; without a teacher that learnt, `ce` alone.

    """

    seed: int
    support: tuple[int, ...]
    teacher: History
    students: dict[Mode, History]

    @property
    def transition(self) -> tuple[int | None, int | None]:
        """First step with accuracy above .55, and above .95; `None`: not reached."""
        return self.teacher.first_above(LOW), self.teacher.first_above(HIGH)

    @property
    def has_learnt(self) -> bool:
        """Is the teacher one?"""
        return self.transition[1] is not None

    @property
    def mid(self) -> int:
        """The step of the checkpoint in the transition."""
        return mid_step(self.teacher)

    @property
    def early(self) -> int | None:
        """The step of the checkpoint before it."""
        return None if self.transition[0] is None else early_step(self.teacher)

    def hit(self, mode: Mode) -> int | None:
        """The student's first step above .95; `None`: censored at the horizon."""
        return self.students[mode].first_above(HIGH)


@dataclass(frozen=True, eq=False)
class Study:
    """All seeds.

    Attributes:
        config: How.
        device: Where it ran, in torch's words.
        seeds: One entry each.

    """

    config: Config
    device: str
    seeds: tuple[Seed, ...]

    def median(self, mode: Mode) -> float | None:
        """Of the hitting times; infinite where half are censored, `None`: no runs."""
        hits = [one.hit(mode) for one in self.seeds if mode in one.students]
        late = sorted(float("inf") if hit is None else float(hit) for hit in hits)
        if not late:
            return None
        return 0.5 * (late[(len(late) - 1) // 2] + late[len(late) // 2])


def run_study(
    config: Config,
    folder: Path | None = None,
    progress: Progress = lambda _text: None,
) -> Study:
    """Train what is missing; what is on the disk is not trained again.

    Args:
        config: How.
        folder: Of the runs; without one they are forgotten.
        progress: Told what is being trained.

    Raises:
        InputError: A folder of another study, or no such device.

    """
    device = device_of(config.device)
    if folder is None:
        with tempfile.TemporaryDirectory() as name:
            return run_study(config, Path(name), progress)
    seeds = tuple(
        _seed(config, seed, folder / f"seed-{seed:05d}", (device, progress))
        for seed in config.seeds
    )
    return Study(config, str(device), seeds)


def teacher_job(config: Config, seed: int, device: object) -> Job:
    """The teacher of a seed."""
    identity = config.identity(seed)
    return Job(
        config.task, config.teacher, "teacher", seed, identity, config.stop, device
    )


def student_job(config: Config, seed: int, mode: Mode, device: object) -> Job:
    """A student of a seed: the same weights at first and the same data in all modes."""
    identity = config.identity(seed, mode)
    return Job(config.task, config.student, "student", seed, identity, HIGH, device)


def _seed(
    config: Config, seed: int, folder: Path, around: tuple[object, Progress]
) -> Seed:
    device, progress = around
    job = teacher_job(config, seed, device)
    progress(f"seed {seed}: teacher")
    history = Run(job, folder / "teacher", keep=True).run()

    @lru_cache(maxsize=CACHED)
    def memory(step: int) -> Memory:
        return Memory(checkpoint(job, folder / "teacher", step), config.task, device)

    found = Seed(seed, config.task.support(seed), history, {})
    for mode in config.modes:
        if mode.name == "ce" or found.has_learnt:
            progress(f"seed {seed}: {mode}")
            student = student_job(config, seed, mode, device)
            run = Run(
                student,
                folder / mode.slug,
                _lesson(config, mode, history, memory),
                mode.temperature or 0.0,
            )
            found.students[mode] = run.run()
    return found


def _lesson(
    config: Config, mode: Mode, teacher: History, memory: Callable[[int], Logits]
) -> Callable[[int], Logits | None]:
    def lesson(step: int) -> Logits | None:
        if mode.name == "ce":
            return None
        return memory(teacher_step(config, mode, teacher, step))

    return lesson
