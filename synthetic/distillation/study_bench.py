r"""One student on one data set, with its teachers and the theorem's constants.

Teachers, from the best: *perfect* ($x_\star$, where it is known), *near* (ten times the
students' steps, small step size), *early* (stopped after a quarter of the students'
steps), *random* (a Gaussian-like point of the norm of the near teacher). They train by
plain SGD on the same rows with samples that no student sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from synthetic.distillation.students import STUDENTS, FloatArray, Linear, Student
from synthetic.distillation.study_arms import Arm, linear_arms, network_arms
from synthetic.distillation.study_constants import (
    Smoothness,
    TeacherConstants,
    smoothness,
    teacher_constants,
)
from synthetic.distillation.study_data import Split
from synthetic.distillation.study_minimiser import Minimiser, minimise
from synthetic.distillation.study_runs import Kind, Lane, Runs, final_points
from synthetic.distillation.study_samples import (
    TEACHING,
    BatchLaw,
    start_uniforms,
)
from theory.errors import InputError

TEACHERS = ("perfect", "near", "early", "random")

_NEAR_STEPS, _EARLY_SHARE = 10, 0.25
GRID = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Step sizes, over 1/cL for a linear student, over `NETWORK_UNIT` for a network."""

NETWORK_UNIT = 0.5


@dataclass(frozen=True, eq=False)
class Bench:
    r"""Everything that runs need.

    Attributes:
        name: Of the student.
        student: The model.
        split: The data.
        law: How batches are drawn.
        seed: Root of every draw.
        steps: $T$.
        unit: $1/\mathcal L$, or `NETWORK_UNIT`.
        grid: The step sizes that every method may choose from.
        teachers: Names, in the order of `points`.
        teacher_steps: How many steps each teacher took.
        points: The teachers, shape (Q, p).
        best: The certified minimiser, of a linear student.
        smooth: Its constants.
        constants: One a teacher; empty for a network.

    """

    name: str
    student: Student
    split: Split
    law: BatchLaw
    seed: int
    steps: int
    unit: float
    grid: FloatArray
    teachers: tuple[str, ...]
    teacher_steps: tuple[int, ...]
    points: FloatArray
    best: Minimiser | None = None
    smooth: Smoothness | None = None
    constants: tuple[TeacherConstants, ...] = field(default=())

    def arms(self, lambdas: tuple[float, ...]) -> list[Arm]:
        """What is compared."""
        make = network_arms if self.best is None else linear_arms
        return make(len(self.teachers), lambdas)


def build(  # noqa: PLR0913 -- what a study fixes for all of its students
    name: str,
    split: Split,
    law: BatchLaw,
    *,
    ridge: float,
    seed: int,
    steps: int,
    grid: tuple[float, ...],
    teachers: tuple[str, ...],
) -> Bench:
    """Minimise, train the teachers, compute the constants."""
    num_features, num_classes = split.train.a.shape[1], split.train.b.shape[1]
    student = STUDENTS[name](num_features, num_classes, ridge)
    best, smooth, unit = None, None, NETWORK_UNIT
    if isinstance(student, Linear):
        best = minimise(student, split.train)
        smooth = smoothness(student, split.train, law)
        unit = 1.0 / smooth.cL
    else:
        teachers = tuple(t for t in teachers if t != "perfect")
    made = Bench(
        name,
        student,
        split,
        law,
        seed,
        steps,
        unit,
        unit * np.array(grid),
        teachers,
        tuple(_teacher_steps(t, steps) for t in teachers),
        np.empty((0, student.num_parameters)),
        best,
        smooth,
    )
    points = np.stack([_teach(made, t) for t in teachers])
    constants: tuple[TeacherConstants, ...] = ()
    if isinstance(student, Linear) and best is not None:
        constants = tuple(
            teacher_constants(student, split.train, law, best, theta)
            for theta in points
        )
    return replace(made, points=points, constants=constants)


def _teacher_steps(teacher: str, steps: int) -> int:
    if teacher == "near":
        return _NEAR_STEPS * steps
    return max(1, round(_EARLY_SHARE * steps)) if teacher == "early" else 0


def _teach(bench: Bench, teacher: str) -> FloatArray:
    if teacher == "perfect":
        assert bench.best is not None  # a network has no perfect teacher in its list
        return bench.best.x
    student, law = bench.student, bench.law
    replica = np.array([TEACHING + TEACHERS.index(teacher)])
    u = start_uniforms(bench.seed, replica, student.num_parameters)
    if teacher == "random":
        size = np.linalg.norm(_teach(bench, "near"))
        return np.asarray((2.0 * u[0] - 1.0) * size / np.linalg.norm(2.0 * u[0] - 1.0))
    gamma = bench.unit * (0.25 if teacher == "near" else 1.0)
    steps = _teacher_steps(teacher, bench.steps)
    start = student.start(u)
    runs = Runs(student, bench.split.train, [Lane(Kind.PLAIN, gamma)], start, start)
    drawn = law.draw(bench.seed, replica, steps)
    theta = np.asarray(final_points(runs, law, drawn)[0, 0])
    if not np.isfinite(theta).all():
        msg = (
            f"The {teacher} teacher of the {bench.name} student diverged at step size "
            f"{gamma:g}: leave it out with --teachers, or rescale the columns."
        )
        raise InputError(msg)
    return theta
