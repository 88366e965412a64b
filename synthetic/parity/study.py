"""Seeds of one recipe: a teacher each, students of all modes, one file a run."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from synthetic.parity import records
from synthetic.parity.curriculum import Mode
from synthetic.parity.hitting import Times
from synthetic.parity.probes import Sample
from synthetic.parity.recipe import Recipe
from synthetic.parity.student_files import read_student, save_student
from synthetic.parity.students import Class, Student, run_student
from synthetic.parity.supply import Supply
from synthetic.parity.teacher import Teacher, train_teacher
from synthetic.pool import Deadline, completed
from theory.errors import InputError


@dataclass(frozen=True, eq=False)
class Place:
    """Where the runs of a recipe lie.

    Args:
        runs: One NPZ file a run, and the configuration.
        teachers: Of the teachers' folders.
        name: Of a teacher's folder, `{seed}` filled in.

    """

    runs: Path
    teachers: Path
    name: str = "seed-{seed:05d}"

    @classmethod
    def of(cls, folder: Path) -> Place:
        """Both in one folder."""
        return cls(folder / "runs", folder / "teachers")

    @classmethod
    def beside(cls, teacher: Path, recipe: Recipe) -> Place:
        """Students of one teacher, in its folder: a folder for each way to train."""
        text = json.dumps(asdict(recipe.student), sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        runs = teacher / "students" / f"S{recipe.student.width}-{digest}"
        return cls(runs, teacher.parent, teacher.name.replace("{", "{{"))

    def teacher(self, seed: int) -> Path:
        """The folder of a teacher."""
        return self.teachers / self.name.format(seed=seed)

    def labels(self, seed: int) -> Path:
        """A teacher's logits while its students are trained; `tidy` removes them."""
        return self.teacher(seed) / "labels"

    def tidy(self, seed: int) -> None:
        """Remove the logits: they are large, and quickly made again."""
        shutil.rmtree(self.labels(seed), ignore_errors=True)

    def run(self, mode: Mode, seed: int) -> Path:
        """The file of a run."""
        return self.runs / f"{mode.name}-tau{mode.temperature:g}-{seed:05d}.npz"


@dataclass(frozen=True, eq=False)
class Runs:
    """All that was found for some seeds.

    Args:
        recipe: How it was made.
        modes: In the order of tables.
        seeds: All that were asked for and are there.
        teachers: By seed.
        students: By (mode's name, temperature, seed).

    """

    recipe: Recipe
    modes: tuple[Mode, ...]
    seeds: tuple[int, ...]
    teachers: dict[int, Teacher]
    students: dict[tuple[str, float, int], Student]

    @property
    def unlearnt(self) -> tuple[int, ...]:
        """Seeds whose teacher did not get above .95: there are no students of it."""
        return tuple(s for s in self.seeds if not self.teachers[s].has_learnt)

    def of(self, mode: Mode) -> list[Student]:
        """The students of a mode, by seed, whose teachers have learnt."""
        keys = [(mode.name, mode.temperature, seed) for seed in self.seeds]
        left_out = {*self.unlearnt}
        return [
            self.students[key]
            for key in keys
            if key in self.students and key[2] not in left_out
        ]

    def times(self, mode: Mode) -> Times:
        """Steps to the threshold."""
        return times_of(self.of(mode))


def times_of(students: Sequence[Student]) -> Times:
    """Steps to the threshold of students of one mode."""
    if not students:
        msg = "No student has been trained: did no teacher learn?"
        raise InputError(msg)
    return Times(
        seeds=tuple(s.seed for s in students),
        steps=np.array([float(s.time) for s in students]),
        observed=np.array([s.hit >= 0 for s in students]),
        horizon=students[0].horizon,
    )


def run_seed(
    recipe: Recipe,
    seed: int,
    modes: Sequence[Mode],
    place: Place,
    *,
    threads: int = 1,
) -> tuple[Teacher, list[Student]]:
    """One seed: its teacher, then what is missing of its students.

    Args:
        recipe: How.
        seed: Of everything.
        modes: How students are taught.
        place: Where files are; what is there is not run again.
        threads: For the teacher and its labels; students have one.

    """
    about = {"kind": "runs", "recipe": recipe.as_json()}
    records.claim_folder(place.runs, about)
    with threadpool_limits(limits=1):
        teacher = train_teacher(recipe, seed, place.teacher(seed), threads=threads)
        students = []
        shared = class_of(recipe, seed, place.labels(seed), teacher, threads)
        for mode in modes:
            found = _kept(place.run(mode, seed), mode)
            if found is None and (teacher.has_learnt or not _is_taught(mode)):
                found = run_student(shared, mode)
                save_student(place.run(mode, seed), found, mode)
            if found is not None:
                students.append(found)
        return teacher, students


def class_of(
    recipe: Recipe,
    seed: int,
    labels: Path,
    teacher: Teacher | None = None,
    threads: int = 1,
) -> Class:
    """What the students of a seed share."""
    task = recipe.task
    stream = task.stream("student data", seed)
    supply = Supply(stream, task.support, labels, teacher, threads)
    test = Sample.of(task.stream("test", seed), recipe.test_samples)
    return Class(recipe, seed, supply, test)


def run_study(
    recipe: Recipe,
    seeds: Sequence[int],
    modes: Sequence[Mode],
    place: Place,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Runs:
    """All seeds, over processes of one thread each; resumed where it stopped.

    Args:
        recipe: How.
        seeds: Which.
        modes: How students are taught; names must differ within a temperature.
        place: Where files are; of no other recipe.
        jobs: Processes.
        progress: Called with (done, total).

    Raises:
        InputError: A folder of another recipe, or a run of another mode by that name.

    """
    check_modes(modes)
    work = partial(_work, recipe=recipe, modes=tuple(modes), place=place)
    found = {}
    progress(0, len(seeds))
    for seed, both in completed(list(seeds), work, jobs, Deadline()):
        found[seed] = both
        progress(len(found), len(seeds))
    return _together(recipe, tuple(modes), tuple(seeds), found)


def _work(
    seed: int, *, recipe: Recipe, modes: tuple[Mode, ...], place: Place
) -> tuple[Teacher, list[Student]]:
    found = run_seed(recipe, seed, modes, place)
    place.tidy(seed)
    return found


def _together(
    recipe: Recipe,
    modes: tuple[Mode, ...],
    seeds: tuple[int, ...],
    found: dict[int, tuple[Teacher, list[Student]]],
) -> Runs:
    students = {}
    for seed, (_, made) in found.items():
        for student in made:
            students[student.mode, student.temperature, seed] = student
    teachers = {seed: teacher for seed, (teacher, _) in found.items()}
    return Runs(recipe, modes, seeds, teachers, students)


def check_modes(modes: Sequence[Mode]) -> None:
    """Refuse two modes that would share a file."""
    names = [(mode.name, mode.temperature) for mode in modes]
    if not modes or len(set(names)) != len(names):
        msg = f"Need modes whose names differ, got {names}."
        raise InputError(msg)


def _is_taught(mode: Mode) -> bool:
    """Does the mode need a teacher that has learnt something?"""
    phases: Any = getattr(mode.curriculum, "phases", None)
    free = {"labels", "oracle", "degree1", "random"}
    return phases is None or any(source not in free for _, source in phases)


def _kept(path: Path, mode: Mode) -> Student | None:
    if not path.exists():
        return None
    student, made_by = read_student(path)
    if made_by != repr(mode):
        msg = (
            f"{path} was made by {made_by}, not by {mode!r}. Give the mode another "
            "name, or name another folder."
        )
        raise InputError(msg)
    return student
