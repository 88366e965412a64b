"""What a study is asked for, refused here if it cannot be run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from synthetic.distillation.students import STUDENTS
from synthetic.distillation.study_bench import GRID, TEACHERS
from synthetic.distillation.study_samples import TUNING
from synthetic.tables import closest
from theory.errors import InputError


@dataclass(frozen=True)
class Tier:
    """Sizes that an option overrides; longer runs want smaller step sizes too."""

    steps: int
    seeds: int
    tuning_seeds: int
    grid: tuple[float, ...]


TIERS = {
    "quick": Tier(1000, 20, 4, GRID),
    "full": Tier(6000, 40, 6, (0.0625, 0.125, *GRID)),
}


@dataclass(frozen=True)
class Request:
    r"""What is studied; two equal requests give equal numbers.

    Attributes:
        data: A bundled name, torchvision's, or a file.
        target: The target's column, of a file.
        rows: How many of the rows; `None` for all.
        students: Keys of `STUDENTS`.
        teachers: Names in `TEACHERS`.
        lambdas: Weights that are tried beside the computed ones.
        seed: Root of every draw.
        seeds: Reporting seeds S.
        tuning_seeds: Other seeds, on which step sizes are chosen.
        steps: $T$.
        grid: Step sizes that every method may choose from, over the student's unit.
        batch: $B$.
        replacement: May a row stand in a batch twice?
        ridge: $\nu > 0$.
        alpha: Error probability of all verdicts together.

    """

    data: str
    target: str | None = None
    rows: int | None = None
    students: tuple[str, ...] = ("softmax", "network")
    teachers: tuple[str, ...] = TEACHERS
    lambdas: tuple[float, ...] = (0.25, 0.5, 1.0)
    seed: int = 0
    seeds: int = 20
    tuning_seeds: int = 4
    steps: int = 1000
    grid: tuple[float, ...] = GRID
    batch: int = 16
    replacement: bool = False
    ridge: float = 1e-3
    alpha: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is."""
        _known("student", self.students, tuple(STUDENTS))
        _known("teacher", self.teachers, TEACHERS)
        if "network" in self.students and self.teachers == ("perfect",):
            msg = (
                "A network has no perfect teacher: name another one with --teachers, "
                "or leave the network out with --students softmax."
            )
            raise InputError(msg)
        for lam in self.lambdas:
            if not math.isfinite(lam):
                msg = f"Need finite numbers for --lambdas, got {lam}."
                raise InputError(msg)
        if not self.grid or not all(0.0 < size < math.inf for size in self.grid):
            msg = f"Need --grid to hold numbers > 0, got {self.grid or 'none'}."
            raise InputError(msg)
        if self.rows is not None and self.rows < 1:
            msg = f"Need --rows >= 1, got {self.rows}."
            raise InputError(msg)
        for name in ("seeds", "tuning_seeds", "steps"):
            if getattr(self, name) < 1:
                msg = f"Need --{name.replace('_', '-')} >= 1, got {getattr(self, name)}"
                raise InputError(msg)
        if max(self.seeds, self.tuning_seeds) > TUNING:
            msg = f"Need at most {TUNING} seeds, got {self.seeds}."
            raise InputError(msg)
        if not 0 <= self.seed < 2**32:
            msg = f"Need a seed from 0 to 2**32 - 1, got {self.seed}."
            raise InputError(msg)
        if not 0.0 < self.ridge < math.inf:
            msg = (
                f"Need --ridge > 0 and finite, got {self.ridge}: without it the loss "
                "may have no minimiser, and no point could be certified."
            )
            raise InputError(msg)
        if not 0.0 < self.alpha < 1.0:
            msg = f"Need 0 < alpha < 1, got {self.alpha}."
            raise InputError(msg)


def _known(what: str, names: tuple[str, ...], there_are: tuple[str, ...]) -> None:
    if not names:
        msg = f"Need a {what} out of {', '.join(there_are)}, got none."
        raise InputError(msg)
    for name in names:
        if name not in there_are:
            msg = f"no {what} {name!r}; {closest(name, there_are)}"
            raise InputError(msg)
    if len(set(names)) < len(names):
        msg = f"Need each {what} once, got {', '.join(names)}."
        raise InputError(msg)


def words(text: str) -> tuple[str, ...]:
    """The words between the commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def numbers(text: str, option: str) -> tuple[float, ...]:
    """The numbers between the commas."""
    try:
        return tuple(float(word) for word in words(text))
    except ValueError as error:
        msg = f"Need numbers with commas for {option}, got {text!r}."
        raise InputError(msg) from error


def size_of(tier: str) -> Tier:
    """The tier of that name."""
    if tier not in TIERS:
        msg = f"Need a tier out of {', '.join(TIERS)}, got {tier!r}."
        raise InputError(msg)
    return TIERS[tier]
