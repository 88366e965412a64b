"""What is to be planned, checked at the edge."""

from __future__ import annotations

import math
from dataclasses import dataclass

from theory.errors import InputError
from theory.scaling_flops import CORRECTED, SCENARIOS, Architecture, Scenario, training

SMALLEST, LARGEST = 1e5, 1e14
"""Parameters of a model; beyond, a slip of the exponent is likelier than a plan."""

LEAST_COMPUTE, MOST_COMPUTE = 1e12, 1e32


@dataclass(frozen=True)
class Teacher:
    """A teacher that exists: non-embedding parameters, and tokens."""

    N: float
    D: float


@dataclass(frozen=True)
class Request:
    """What is to be planned.

    Attributes:
        N: Non-embedding parameters of the student.
        compute: FLOPs for one student.
        teacher: One that exists; `None` if it may be chosen.
        teacher_budget: FLOPs for its training, in place of a choice; `None` if free.
        students: How many share the cost of its training.
        scenarios: Which costs count.
        architecture: The family of both.

    """

    N: float
    compute: float
    teacher: Teacher | None = None
    teacher_budget: float | None = None
    students: int = 1
    scenarios: tuple[Scenario, ...] = SCENARIOS
    architecture: Architecture = CORRECTED

    def __post_init__(self) -> None:
        """Refuse what no plan can be made for."""
        _size("student", self.N)
        _within("compute", self.compute, LEAST_COMPUTE, MOST_COMPUTE, "FLOPs")
        if self.teacher is not None and self.teacher_budget is not None:
            msg = "Need a teacher or a budget for one, got both; leave one out."
            raise InputError(msg)
        if self.teacher is not None:
            _size("teacher", self.teacher.N)
            _within("teacher tokens", self.teacher.D, 1.0, 1e20, "tokens")
        if self.teacher_budget is not None:
            budget = self.teacher_budget
            _within("teacher budget", budget, LEAST_COMPUTE, MOST_COMPUTE, "FLOPs")
        if self.students < 1:
            msg = f"Need students >= 1, got {self.students}."
            raise InputError(msg)
        for scenario in self.scenarios:
            self._affordable(scenario)

    def priced(self, scenario: Scenario) -> Scenario:
        """The scenario with the teacher's training shared by all students."""
        return Scenario(
            scenario.name, scenario.inference, scenario.pretraining / self.students
        )

    @property
    def teaching(self) -> float:
        """FLOPs of the training of a teacher that is given, or of its budget."""
        if self.teacher is not None:
            a = self.architecture
            return float(training(self.teacher.N, self.teacher.D, a))
        return self.teacher_budget or 0.0

    def _affordable(self, scenario: Scenario) -> None:
        share = self.priced(scenario).pretraining * self.teaching
        if share >= self.compute:
            many = f" for each of {self.students} students" if self.students > 1 else ""
            msg = (
                f"Need more compute than the teacher's training in scenario "
                f"{scenario.name!r}: that takes {share:.3g} FLOPs{many}, of "
                f"{self.compute:.3g}. Share it among more --students, leave it out "
                "(--scenario inference), or raise --compute."
            )
            raise InputError(msg)


def scenario_of(name: str) -> Scenario:
    """The scenario of that name."""
    for scenario in SCENARIOS:
        if scenario.name == name:
            return scenario
    names = ", ".join(scenario.name for scenario in SCENARIOS)
    msg = f"Need a scenario out of {names}, got {name!r}."
    raise InputError(msg)


def teacher_of(text: str) -> Teacher:
    """A teacher from its parameters and tokens, as in 7e9@512e9."""
    parts = text.split("@")
    try:
        N, D = (float(part) for part in parts)
    except ValueError:
        msg = f"Need a teacher as PARAMETERS@TOKENS, like 7e9@512e9, got {text!r}."
        raise InputError(msg) from None
    return Teacher(N, D)


def _size(what: str, N: float) -> None:
    _within(what, N, SMALLEST, LARGEST, "parameters")


def _within(what: str, value: float, low: float, high: float, unit: str) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        msg = f"Need a {what} of {low:g} to {high:g} {unit}, got {value:g}."
        raise InputError(msg)


def bare(what: str, total: float, architecture: Architecture) -> float:
    """Parameters without the embedding, of a size that includes it."""
    _size(what, total)
    return float(architecture.without_embedding(total))
