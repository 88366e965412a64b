"""What a study of parity distillation runs: target, networks, training, as values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from synthetic.parity.network import Network
from synthetic.parity.rates import Constant, Cosine, Rates
from synthetic.parity.stream import Stream, Target
from synthetic.parity.targets import target_of
from theory.errors import InputError
from theory.fourier import coefficient

INITS = ("torch", "signs")
OPTIMISERS = ("sgd", "momentum", "adam")
SCHEDULES = ("constant", "cosine")
ROLES = ("teacher", "student", "teacher data", "student data", "test", "probe")


@dataclass(frozen=True)
class Task:
    """A Boolean function of the first k of d signs.

    Args:
        dim: $d$.
        k: Coordinates that count.
        target: "parity", "staircase", or "table:" and its digits.
        noise: Probability that a training label is turned over; tests have none.

    """

    dim: int = 24
    k: int = 6
    target: str = "parity"
    noise: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= self.k <= self.dim:
            msg = f"Need 1 <= k <= d, got k={self.k}, d={self.dim}."
            raise InputError(msg)
        self.function()
        Stream(self.dim, self.function(), 0, self.noise)

    @property
    def support(self) -> tuple[int, ...]:
        """The coordinates that count."""
        return tuple(range(self.k))

    def function(self) -> Target:
        """The target."""
        return target_of(self.target, self.k)

    def stream(self, role: str, seed: int) -> Stream:
        """Training data with noise; "test" and "probe" without."""
        noise = self.noise if role.endswith("data") else 0.0
        return Stream(self.dim, self.function(), seed_of(role, seed), noise)


@dataclass(frozen=True)
class Training:
    """How one network is trained.

    Args:
        width: Hidden neurons.
        rate: Step size.
        batch: Samples of a step.
        max_steps: Steps after which it stops, whatever it has learnt.
        every: Steps between two evaluations.
        optimiser: "sgd" on the compiled kernel, "momentum" or "adam" on NumPy.
        momentum: Of "momentum".
        decay: Weight decay, as in torch's SGD and AdamW; not 0 leaves the kernel.
        schedule: "constant", or "cosine" to 0 at `max_steps`.
        warmup: Steps in which the rate rises from 0.

    """

    width: int
    rate: float = 0.1
    batch: int = 32
    max_steps: int = 60_000
    every: int = 500
    optimiser: str = "sgd"
    momentum: float = 0.9
    decay: float = 0.0
    schedule: str = "constant"
    warmup: int = 0

    def __post_init__(self) -> None:
        whole = (self.width, self.batch, self.max_steps, self.every)
        if min(whole) < 1 or not 0.0 < self.rate < np.inf:
            msg = (
                "Need width, batch, max_steps, every >= 1 and a finite rate > 0, got "
                f"{self}."
            )
            raise InputError(msg)
        if self.optimiser not in OPTIMISERS:
            known = ", ".join(OPTIMISERS)
            msg = f"Need an optimiser out of {known}, got {self.optimiser!r}."
            raise InputError(msg)
        if not (0.0 <= self.momentum < 1.0 and 0.0 <= self.decay < np.inf):
            msg = f"Need 0 <= momentum < 1 and decay >= 0, got {self}."
            raise InputError(msg)
        if self.schedule not in SCHEDULES:
            known = ", ".join(SCHEDULES)
            msg = f"Need a schedule out of {known}, got {self.schedule!r}."
            raise InputError(msg)
        self.rates()

    def rates(self) -> Rates:
        """The step size of every step."""
        if self.schedule == "constant":
            return Constant(self.rate, self.warmup)
        return Cosine(self.rate, self.warmup, num_steps=self.max_steps)


@dataclass(frozen=True)
class Recipe:
    """A teacher and students of one task; defaults are the main configuration.

    Args:
        task: What is learnt.
        teacher: How the teacher is trained.
        student: How each student is trained.
        logits: 1 or 2.
        init: "torch" (uniform, torch's default) or "signs" (weights of one size).
        stop: The teacher ends at the first evaluation with this accuracy.
        cadence: Steps between two checkpoints; within the phase transition every
            evaluation makes one.
        test_samples: Of every accuracy.
        probe_samples: Of every correlation.

    """

    task: Task = field(default_factory=Task)
    teacher: Training = field(default_factory=lambda: Training(1000, every=250))
    student: Training = field(default_factory=lambda: Training(50))
    logits: int = 1
    init: str = "torch"
    stop: float = 0.998
    cadence: int = 250
    test_samples: int = 8192
    probe_samples: int = 65_536

    def __post_init__(self) -> None:
        if self.init not in INITS or self.logits not in {1, 2}:
            msg = (
                f"Need 1 or 2 logits and init out of {', '.join(INITS)}, got "
                f"logits={self.logits}, init={self.init!r}."
            )
            raise InputError(msg)
        if self.cadence < 1 or self.cadence % self.teacher.every:
            msg = (
                "Need the cadence of checkpoints to be a multiple of the teacher's "
                f"every={self.teacher.every}, got cadence={self.cadence}."
            )
            raise InputError(msg)
        if self.teacher.optimiser != "sgd" or self.teacher.decay:
            msg = (
                "A teacher is trained by plain SGD on the kernel, got "
                f"optimiser={self.teacher.optimiser!r}, decay={self.teacher.decay}."
            )
            raise InputError(msg)
        if min(self.test_samples, self.probe_samples) < 1:
            msg = "Need at least one sample for tests and for probes."
            raise InputError(msg)

    def network(self, role: str, seed: int) -> Network:
        """The untrained "teacher" or "student" of a seed."""
        width = (self.teacher if role == "teacher" else self.student).width
        number = seed_of(role, seed)
        made = Network.default(self.task.dim, width, seed=number, logits=self.logits)
        if self.init == "torch":
            return made
        tensors = made.tensors()
        size = np.float32(1.0 / np.sqrt(self.task.dim))
        tensors["hidden.weight"] = np.where(
            tensors["hidden.weight"] < 0.0, -size, size
        ).astype(np.float32)
        tensors["hidden.bias"] = np.zeros_like(tensors["hidden.bias"])
        return Network.from_tensors(tensors)

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which `from_json` makes the same recipe."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Recipe:
        """What `as_json` gave."""
        nested = {
            "task": Task(**values["task"]),
            "teacher": Training(**values["teacher"]),
            "student": Training(**values["student"]),
        }
        return cls(**(values | nested))

    def warnings(self) -> list[str]:
        r"""Why this may teach nothing, where that is known beforehand.

        For weights of one size without bias the first gradient of a parity is exactly
        $|\xi_{k-1}|$ on the support and $|\xi_{k+1}|$ off it, up to a factor.
        """
        dim, k = self.task.dim, self.task.k
        if self.task.target != "parity" or self.init != "signs" or k == dim:
            return []
        on, off = (abs(coefficient(j, dim)) for j in (k - 1, k + 1))
        if on > off:
            return []
        where = f"|xi_(k-1)| = {on} on S and |xi_(k+1)| = {off} off it"
        why = f"No gap: the first gradient's sizes are {where}; it is positive "
        if on == off == 0:
            why = (
                f"No first signal: the gradient's sizes are {where}, since k={k} and "
                f"d={dim} are odd, and xi_j = 0 at every even j >= 2 then. It is there "
            )
        return [
            f"{why}for even k and odd d above 2k - 1 (weights of one size, no bias). "
            "Take other k and d, or --init torch."
        ]


def seed_of(role: str, seed: int) -> int:
    """Seeds of different roles never meet: the role stands above the lower 32 bits."""
    if not 0 <= seed < 2**32:
        msg = f"Need a seed from 0 to 2**32 - 1, got {seed}."
        raise InputError(msg)
    return (ROLES.index(role) + 1) << 32 | seed
