r"""Who teaches when: a curriculum names the source of the labels at a student's step.

The sources are those of `sources`. A curriculum is anything with a `stage`; static ones
are `Phases`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from synthetic.parity.sources import check_name, checkpoint_of, needed, resolve
from synthetic.parity.teacher import Teacher
from theory.errors import InputError


@dataclass(frozen=True)
class Stage:
    """What a student does next.

    Args:
        source: Whose labels.
        until: Up to this step; `None` for as long as nobody says otherwise.

    """

    source: str
    until: int | None = None


@dataclass(frozen=True)
class History:
    """What a student has done.

    Args:
        step: Steps taken.
        since: The step at which the present source began.
        num_sources: How many there were, the present one included; 0 at the start.
        accuracies: The evaluations since then.

    """

    step: int = 0
    since: int = 0
    num_sources: int = 0
    accuracies: tuple[float, ...] = ()


class Curriculum(Protocol):
    """Anything that says whose labels a student learns."""

    def stage(self, teacher: Teacher | None, history: History) -> Stage:
        """The next source; asked after every evaluation and at every end of a stage."""
        ...


@dataclass(frozen=True)
class Phases:
    """Sources one after another; the last one stays.

    Args:
        phases: (steps, source); the steps of the last may be `None`.

    """

    phases: tuple[tuple[int | None, str], ...]

    def __post_init__(self) -> None:
        if not self.phases:
            msg = "Need at least one phase."
            raise InputError(msg)
        for steps, source in self.phases:
            check_name(source)
            if steps is not None and steps < 1:
                msg = f"Need phases of at least one step, got {steps} of {source!r}."
                raise InputError(msg)
        if any(steps is None for steps, _ in self.phases[:-1]):
            msg = "Only the last phase may go on without an end."
            raise InputError(msg)

    def stage(self, teacher: Teacher | None, history: History) -> Stage:
        end = 0
        for steps, source in self.phases[:-1]:
            end += steps or 0
            if history.step < end:
                return Stage(resolve(source, teacher), end)
        return Stage(resolve(self.phases[-1][1], teacher))


@dataclass(frozen=True)
class Clock:
    r"""The student on the teacher's clock: checkpoint $\max(e, e \lceil s/e \rceil)$.

    Args:
        every: $e$; the final checkpoint when the teacher's steps are exhausted.

    """

    every: int = 1000

    def __post_init__(self) -> None:
        if self.every < 1:
            msg = f"Need every >= 1, got every={self.every}."
            raise InputError(msg)

    def stage(self, teacher: Teacher | None, history: History) -> Stage:
        number = max(1, -(-history.step // self.every))
        until = number * self.every + 1  # ceil changes one step after a multiple
        source = resolve(f"step:{number * self.every}", teacher)
        return Stage(source, until)


@dataclass(frozen=True)
class Multiplier:
    r"""The published code's rule: the first checkpoint with step $\ge s \times$ factor.

    Args:
        factor: Teacher's steps for each of the student's; a huge one is one-shot.

    """

    factor: float = 1.0

    def __post_init__(self) -> None:
        if not self.factor > 0.0:
            msg = f"Need factor > 0, got factor={self.factor}."
            raise InputError(msg)

    def stage(self, teacher: Teacher | None, history: History) -> Stage:
        known = needed(teacher, "step:N")
        wanted = max(1, int(np.ceil(history.step * self.factor)))  # 0 is untrained
        source = resolve(f"step:{wanted}", known)
        at = checkpoint_of(source)
        if at is None or at >= known.final:
            return Stage(source)
        return Stage(source, max(int(at / self.factor), history.step) + 1)


@dataclass(frozen=True)
class Saturation:
    """Each source until the student's accuracy stops rising, then the next one.

    Args:
        sources: In their order.
        patience: Evaluations without a rise by more than `gain`.
        gain: Of accuracy.

    """

    sources: tuple[str, ...] = ("mid", "final")
    patience: int = 4
    gain: float = 0.01

    def __post_init__(self) -> None:
        for source in self.sources:
            check_name(source)
        if not self.sources or self.patience < 1 or not self.gain >= 0.0:
            msg = f"Need sources, patience >= 1 and gain >= 0, got {self}."
            raise InputError(msg)

    def stage(self, teacher: Teacher | None, history: History) -> Stage:
        at = max(0, history.num_sources - 1)
        seen = history.accuracies
        if len(seen) > self.patience:
            before, recent = seen[: -self.patience], seen[-self.patience :]
            at += int(max(recent) <= max(before) + self.gain)
        return Stage(resolve(self.sources[min(at, len(self.sources) - 1)], teacher))


def cross_entropy() -> Phases:
    """No teacher."""
    return Phases(((None, "labels"),))


def one_shot() -> Phases:
    """The final checkpoint throughout."""
    return Phases(((None, "final"),))


def then_final(source: str, steps: int = 4000) -> Phases:
    """A source for some steps, then the final checkpoint; "mid" makes MID2."""
    return Phases(((steps, source), (None, "final")))


def checkpoints(num: int, steps: int) -> Phases:
    """(N, T): N evenly spaced checkpoints, T steps each, and then on with the last."""
    if num < 1:
        msg = f"Need at least one checkpoint, got {num}."
        raise InputError(msg)
    return Phases(tuple((steps, f"part:{i}/{num}") for i in range(1, num + 1)))


def from_toml(path: Path) -> Phases:
    """Phases of a file: `[[phase]]` with `source` and `steps`, the last without.

    Raises:
        InputError: No such file, not TOML, unknown keys or sources.

    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"Could not read the schedule {path}: {error}."
        raise InputError(msg) from error
    phases = found.get("phase")
    if set(found) != {"phase"} or not isinstance(phases, list):
        msg = f"Need only [[phase]] tables in {path}, got {', '.join(found)}."
        raise InputError(msg)
    made = []
    for phase in phases:
        source, steps = phase.get("source"), phase.get("steps")
        good = isinstance(source, str) and (steps is None or isinstance(steps, int))
        if not good or not set(phase) <= {"source", "steps"}:
            msg = f'Need phases with source = "..." and steps = N, got {phase}.'
            raise InputError(msg)
        made.append((steps, str(source)))
    return Phases(tuple(made))


@dataclass(frozen=True)
class Mode:
    """How a student is taught.

    Args:
        name: In tables and files.
        curriculum: Whose labels when.
        temperature: Divides the teacher's logits alone; 0 is its argmax.
        label_weight: Of the data's own labels in the mixture (`kl_alpha`).

    """

    name: str
    curriculum: Curriculum = field(default_factory=cross_entropy)
    temperature: float = 1.0
    label_weight: float = 0.0

    def __post_init__(self) -> None:
        if not (self.temperature >= 0.0 and 0.0 <= self.label_weight <= 1.0):
            msg = f"Need temperature >= 0 and label_weight in [0, 1], got {self}."
            raise InputError(msg)


def standard(temperature: float = 1.0, steps: int = 4000) -> list[Mode]:
    """Cross-entropy, one-shot, progressive, MID2 and EARLY2."""
    curricula: dict[str, Curriculum] = {
        "ce": cross_entropy(),
        "one-shot": one_shot(),
        "progressive": Clock(1000),
        "mid": then_final("mid", steps),
        "early": then_final("early", steps),
    }
    return [Mode(name, made, temperature) for name, made in curricula.items()]
