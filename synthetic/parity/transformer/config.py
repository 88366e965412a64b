"""What a comparison is: the parity, the two models, how they are trained, seeds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

Bits = NDArray[np.int64]
"""Inputs: 1 where x_i = -1, so that the label is the sum over S modulo 2."""

Number = TypeVar("Number", int, float)
MAX_EXACT = 12
"""Up to this d, accuracy and correlations are those of all 2^d inputs."""
TEST_SAMPLES = 8192
ROLES = ("support", "teacher data", "student data", "test", "teacher", "student")


def generator(role: str, seed: int, step: int = 0) -> np.random.Generator:
    """Randomness by address: a batch is a function of (role, seed, step).

    Each is below 2**32, one word for NumPy, or two addresses might share their draws.
    """
    return np.random.default_rng([seed, ROLES.index(role), step])


@dataclass(frozen=True)
class Task:
    """(d, k)-sparse parity.

    The support is drawn: a causal model sees the first k coordinates, and nothing
    else, at position k, which makes them the easiest of all supports.

    Attributes:
        dim: d.
        order: k.

    """

    dim: int = 12
    order: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.order <= self.dim:
            msg = f"Need 1 <= k <= d, got d={self.dim}, k={self.order}."
            raise InputError(msg)

    def support(self, seed: int) -> tuple[int, ...]:
        """S, k coordinates out of 0, ..., d - 1."""
        found = generator("support", seed).choice(self.dim, self.order, replace=False)
        return tuple(sorted(int(i) for i in found))

    def batch(self, role: str, seed: int, step: int, num: int) -> Bits:
        """Fresh inputs, shape (num, d)."""
        drawn = generator(role, seed, step).integers(0, 2, (num, self.dim), np.int64)
        return np.asarray(drawn)

    def test(self, seed: int) -> Bits:
        """All inputs if d is small, else a fixed sample, shape (n, d)."""
        if self.dim > MAX_EXACT:
            return self.batch("test", seed, 0, TEST_SAMPLES)
        return np.asarray((np.arange(2**self.dim)[:, None] >> np.arange(self.dim)) & 1)

    @property
    def is_exact(self) -> bool:
        """Is the test set all there is?"""
        return self.dim <= MAX_EXACT


def labels(bits: Bits, support: tuple[int, ...]) -> Bits:
    """Classes, shape (n,): 1 where the parity is -1."""
    return np.asarray(bits[:, list(support)].sum(axis=1) % 2)


@dataclass(frozen=True)
class Training:
    """Adam on fresh samples.

    Attributes:
        heads: Of attention, each 8 wide: the width of the model is 8 heads.
        layers: Blocks.
        rate: Learning rate, constant.
        batch: Samples a step.
        steps: At most; a run that has not got there by then is censored.
        every: Steps between evaluations, each of which is saved.
        init: Standard deviation of all initial matrices.

    """

    heads: int = 8
    layers: int = 2
    rate: float = 3e-3
    batch: int = 64
    steps: int = 3000
    every: int = 25
    init: float = 0.2

    def __post_init__(self) -> None:
        counts = (self.heads, self.layers, self.batch, self.steps, self.every)
        if min(counts) < 1:
            msg = (
                "Need heads, layers, batch, steps, every >= 1, got "
                f"{', '.join(map(str, counts))}."
            )
            raise InputError(msg)
        for name, value in (("rate", self.rate), ("init", self.init)):
            if not 0.0 < value < math.inf:
                msg = f"Need a positive {name}, got {value}."
                raise InputError(msg)


@dataclass(frozen=True)
class Mode:
    """How a student is taught.

    Attributes:
        name: ce, one-shot, progressive, mid or early.
        temperature: Divides the teacher's logits; 0: its class. `ce` has none.

    """

    name: str
    temperature: float | None = None

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            msg = f"Need a mode out of {', '.join(NAMES)}, got {self.name!r}."
            raise InputError(msg)
        if (self.name == "ce") != (self.temperature is None):
            msg = f"Need a temperature for all modes but ce, got {self}."
            raise InputError(msg)
        if self.temperature is not None and not 0.0 <= self.temperature < math.inf:
            msg = f"Need a temperature >= 0, got {self.temperature}."
            raise InputError(msg)

    def __str__(self) -> str:
        if self.temperature is None:
            return self.name
        return f"{self.name}, tau={self.temperature:g}"

    @property
    def slug(self) -> str:
        """For names of files."""
        return str(self).replace(", ", "-").replace("=", "")


NAMES = ("ce", "one-shot", "progressive", "mid", "early")


def modes_of(names: tuple[str, ...], temperatures: tuple[float, ...]) -> list[Mode]:
    """Each mode at each temperature, `ce` once."""
    taught = [name for name in names if name != "ce"]
    first = [Mode("ce")] if "ce" in names else []
    return first + [Mode(name, tau) for tau in temperatures for name in taught]


def numbers(text: str, kind: Callable[[str], Number]) -> tuple[Number, ...]:
    """Numbers with commas between them, of one kind."""
    try:
        return tuple(kind(one) for one in text.split(","))
    except ValueError as error:
        msg = f"Need numbers with commas between them, got {text!r}."
        raise InputError(msg) from error


@dataclass(frozen=True)
class Config:
    """A comparison.

    Attributes:
        task: The parity.
        teacher: Trained until an accuracy of `stop`.
        student: Trained until its accuracy is above .95.
        stop: The teacher's last accuracy.
        phase: Steps that `mid` and `early` spend on their first checkpoint.
        pace: Teacher's steps to a student's step in `progressive`.
        seeds: One teacher each.
        modes: How students are taught.
        device: auto, cpu, cuda or mps.

    """

    task: Task = field(default_factory=Task)
    teacher: Training = field(default_factory=lambda: Training(every=10))
    student: Training = field(
        default_factory=lambda: Training(heads=2, steps=4000, every=50)
    )
    stop: float = 0.998
    phase: int = 500
    pace: float = 0.5
    seeds: tuple[int, ...] = (0, 1, 2, 3)
    modes: tuple[Mode, ...] = tuple(modes_of(NAMES, (1.0, 0.0)))
    device: str = "auto"

    def __post_init__(self) -> None:
        if not 0.95 < self.stop <= 1.0:
            msg = f"Need a teacher's last accuracy in (.95, 1], got {self.stop}."
            raise InputError(msg)
        if self.phase < 1 or not 0.0 < self.pace < math.inf:
            msg = f"Need phase >= 1 and pace > 0, got {self.phase}, {self.pace}."
            raise InputError(msg)
        for name, values in (("seeds", self.seeds), ("modes", self.modes)):
            if not values or len(set(values)) != len(values):
                msg = f"Need {name}, each once, got {[str(v) for v in values]}."
                raise InputError(msg)
        if not 0 <= min(self.seeds) <= max(self.seeds) < 2**32:
            msg = f"Need 0 <= seed < 2**32, got {min(self.seeds)} to {max(self.seeds)}."
            raise InputError(msg)

    def identity(self, seed: int, mode: Mode | None = None) -> dict[str, Any]:
        """What makes a run the run it is; the device and other runs do not."""
        about: dict[str, Any] = {
            "seed": seed,
            "task": asdict(self.task),
            "teacher": asdict(self.teacher),
            "stop": self.stop,
        }
        if mode is not None:
            about |= {
                "student": asdict(self.student),
                "mode": asdict(mode),
                "phase": self.phase,
                "pace": self.pace,
            }
        return about
