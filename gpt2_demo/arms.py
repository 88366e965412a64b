"""Arms of a comparison: an optimiser with its settings, as values."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from gpt2_demo.optim import IAM, IAMAdam, SPSStar
from theory.errors import InputError

POLYAK = ("iam", "iam-adam", "sps")
TUNED = ("sgd", "adamw")
SCHEDULES = ("constant", "cosine", "linear", "wsd")
WARM_UP = 0.05
"""Share of the steps in which a tuned rate rises to its value."""
COOL_DOWN = 0.2
"""Share of the steps in which WSD's rate falls to 0."""


@dataclass(frozen=True)
class Arm:
    r"""One way to train a student.

    Attributes:
        method: One of `POLYAK` or `TUNED`.
        lam: $\lambda$ of IAM and IAM-Adam: a number, or "t" for $\lambda_t = t$.
        cap: Largest step size of a Polyak step; `None` for none.
        beta2: Of IAM-Adam and AdamW; `None` for their defaults.
        rate: Peak learning rate of a tuned method.
        schedule: One of `SCHEDULES`, of a tuned method.
        target: Where $v_t$ comes from: see `gpt2_demo.targets`.
        weight_decay: Decoupled.

    """

    method: str
    lam: float | str = 9.0
    cap: float | None = None
    beta2: float | None = None
    rate: float = 0.0
    schedule: str = "constant"
    target: str = "teacher"
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is not there."""
        for name, known in (
            ("method", (*POLYAK, *TUNED)),
            ("schedule", SCHEDULES),
        ):
            if getattr(self, name) not in known:
                got = getattr(self, name)
                msg = f"Need a {name} out of {', '.join(known)}, got {got!r}."
                raise InputError(msg)
        if self.method in TUNED and not (math.isfinite(self.rate) and self.rate > 0):
            msg = f"Need a rate > 0 for {self.method}, got {self.rate}."
            raise InputError(msg)

    @property
    def is_polyak(self) -> bool:
        """Does it ask for a target?"""
        return self.method in POLYAK

    def optimizer(self, parameters: Iterable[torch.nn.Parameter]) -> Any:
        """A fresh optimiser."""
        shared: dict[str, Any] = {"cap": self.cap, "weight_decay": self.weight_decay}
        match self.method:
            case "iam":
                return IAM(parameters, lam=self.lam, **shared)
            case "iam-adam":
                beta2 = 0.9 if self.beta2 is None else self.beta2
                return IAMAdam(parameters, lam=self.lam, beta2=beta2, **shared)
            case "sps":
                return SPSStar(parameters, **shared)
            case "sgd":
                return torch.optim.SGD(
                    parameters,
                    lr=self.rate,
                    momentum=0.9,
                    weight_decay=self.weight_decay,
                )
            case _:
                return torch.optim.AdamW(
                    parameters,
                    lr=self.rate,
                    betas=(0.9, 0.999 if self.beta2 is None else self.beta2),
                    weight_decay=self.weight_decay,
                )

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of a tuned method at step 0 .. steps - 1."""
        return self.rate * shape_of(self.schedule, step, steps)


def shape_of(schedule: str, step: int, steps: int) -> float:
    """The rate at `step` as a share of its peak, in [0, 1]."""
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)  # in [0, 1)
    match schedule:
        case "cosine":
            return 0.5 * (1 + math.cos(math.pi * done))
        case "linear":
            return 1 - done
        case "wsd":
            return min(1.0, (1 - done) / (COOL_DOWN * steps / (steps - warm)))
        case _:
            return 1.0
