"""What a run is: what is learnt, how long and how, and what it says meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from gpt2_demo import model as models
from gpt2_demo.model import Shape
from gpt2_demo.teacher import TeacherLosses
from gpt2_demo.windows import Windows
from theory.errors import InputError


class DivergedError(InputError):
    """A loss was not a number; the last checkpoint is from before."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is learnt.

    Attributes:
        train: Windows to learn from.
        valid: Windows to be judged by.
        vocab: Number of tokens.
        shape: Of the model that learns.
        teacher: Losses on `train`; `None` if no arm asks for them.
        soft: A model whose distribution of the next token is learnt in place of the
            text's own; `None` for the text.

    """

    train: Windows
    valid: Windows
    vocab: int
    shape: Shape
    teacher: TeacherLosses | None = None
    soft: Any = None

    def __post_init__(self) -> None:
        """Refuse a teacher's losses on the text where the text is not learnt."""
        if self.soft is not None:
            if self.teacher is not None:
                msg = "Need a teacher's losses or its distribution, got both."
                raise InputError(msg)
            models.check("teacher", self.soft, self.train)
            if (theirs := self.soft.config.vocab_size) != self.vocab:
                msg = f"Need a teacher of {self.vocab} tokens, got one of {theirs}."
                raise InputError(msg)

    def model(self, seed: int) -> Any:
        """A fresh model."""
        return models.build(self.shape, self.vocab, self.train.context, seed)

    def losses(self, model: Any, tokens: torch.Tensor) -> torch.Tensor:
        """What is minimised, of each sequence in nats, shape (batch,)."""
        if self.soft is None:
            return models.sequence_losses(model, tokens)
        return models.distillation_losses(model, self.soft, tokens)


@dataclass(frozen=True)
class Plan:
    """How long, and how.

    Attributes:
        steps: Optimiser steps.
        batch: Windows in a step, over all processes.
        seed: Of the initialisation and of the order of batches.
        evaluate_every: Steps between evaluations; one is at the end.
        save_every: Steps between checkpoints; 0 for none.
        micro: Windows at once in one process; 0 for all of its share.
        autocast: Forward passes in bfloat16.
        compiled: Through `torch.compile`.

    """

    steps: int
    batch: int = 16
    seed: int = 0
    evaluate_every: int = 100
    save_every: int = 0
    micro: int = 0
    autocast: bool = False
    compiled: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if min(self.steps, self.batch, self.evaluate_every) < 1 or self.micro < 0:
            msg = f"Need steps, batch, evaluate_every >= 1 and micro >= 0, got {self}."
            raise InputError(msg)


@dataclass(frozen=True)
class Progress:
    """Said after each evaluation: steps done, losses in nats, speed of this call."""

    step: int
    steps: int
    loss: float
    valid: float
    tokens_per_second: float
