"""Adam on fresh samples, evaluated and saved at fixed steps; a killed run goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy, one_hot

from synthetic.parity.transformer import files_torch as files
from synthetic.parity.transformer.config import Bits, Task, Training, generator, labels
from synthetic.parity.transformer.exam import Exam, History
from synthetic.parity.transformer.model_torch import Transformer
from theory.errors import InputError
from theory.files import sweep, writable

STATE = "state.safetensors"
CHUNK = 1024
"""Inputs at a time where no gradient is needed."""

Logits = Callable[[Any], Any]
"""A teacher: inputs (B, d) to logits (B, 2), on one device."""


@dataclass(frozen=True, eq=False)
class Job:
    """A run.

    Attributes:
        task: The parity.
        training: The model, and how it is trained.
        role: teacher or student: it has its own samples and initial weights.
        seed: Of both, and of the support.
        identity: What its files must be of.
        stop: Ends where the accuracy is above.
        device: A torch device.

    """

    task: Task
    training: Training
    role: str
    seed: int
    identity: dict[str, Any]
    stop: float
    device: Any

    def model(self) -> Any:
        """Untrained."""
        seed = int(generator(self.role, self.seed).integers(2**62))
        return Transformer(self.task.dim, self.training, seed).to(self.device)

    def batch(self, step: int) -> Bits:
        """The samples of a step, the same for all that share role and seed."""
        size = self.training.batch
        return self.task.batch(f"{self.role} data", self.seed, step, size)


class Run:
    """A model on its way.

    Args:
        job: What is to be done.
        lesson: The teacher at a step, or `None` for labels.
        temperature: See `targets`.
        folder: Of its state; taken up from there.
        keep: Leave the weights of every evaluation there too.

    """

    def __init__(
        self,
        job: Job,
        folder: Path,
        lesson: Callable[[int], Logits | None] = lambda _step: None,
        temperature: float = 0.0,
        *,
        keep: bool = False,
    ) -> None:
        """Make it, or take it up."""
        self.job, self.folder, self.keep = job, writable(folder), keep
        self.lesson, self.temperature = lesson, temperature
        self.exam = Exam.of(job.task, job.seed)
        self.model = job.model()
        self.optimiser = torch.optim.Adam(
            self.model.parameters(), lr=job.training.rate, fused=True
        )
        self.step = 0
        self.history = History()
        sweep(folder)
        if (path := folder / STATE).exists():
            tensors, meta = files.load(path, job.identity)
            files.put_back(tensors, self.model, self.optimiser)
            self.step = int(meta["step"])
            self.history = History.of(meta["history"])

    @property
    def is_done(self) -> bool:
        """Has it learnt, or come to its last step?"""
        if self.step >= self.job.training.steps:
            return bool(self.history.steps) and self.history.steps[-1] == self.step
        return self.history.first_above(self.job.stop) is not None

    def run(self, stop_at: int | None = None) -> History:
        """Train to the end, or as a kill at a step would have it.

        Raises:
            InputError: A loss that is not finite.

        """
        training = self.job.training
        if not self.history.steps:
            self._evaluate()
        while not self.is_done and self.step != stop_at:
            self._step()
            if self.step % training.every == 0 or self.step == training.steps:
                self._evaluate()
        return self.history

    def _step(self) -> None:
        bits = self.job.batch(self.step)
        given = torch.from_numpy(bits).to(self.job.device)
        teacher = self.lesson(self.step)
        if teacher is None:
            right = torch.from_numpy(labels(bits, self.exam.support))
            aim = one_hot(right.to(self.job.device), 2).float()
        else:
            aim = targets(teacher(given), self.temperature)
        loss = cross_entropy(self.model(given), aim)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        self.step += 1

    def _evaluate(self) -> None:
        logits = answers(self.model, self.exam.bits, self.job.device)
        if not np.all(np.isfinite(logits)):
            msg = f"Logits are not finite at step {self.step}: lower the rate."
            raise InputError(msg)
        self.history.add(self.step, self.exam.mark(logits))
        meta = {
            "identity": self.job.identity,
            "step": self.step,
            "history": self.history.as_json(),
        }
        if self.keep:
            path = weights_path(self.folder, self.step)
            files.save(path, self.model.state_dict(), meta)
        files.save(
            self.folder / STATE, files.state_of(self.model, self.optimiser), meta
        )


def targets(logits: Any, temperature: float) -> Any:
    r"""$\mathrm{softmax}(z_T/\tau)$, at $\tau = 0$ the larger one; shape (B, 2).

    The student's logits are not divided, and the loss has no factor $\tau^2$.
    """
    if temperature == 0.0:
        return one_hot((logits[:, 1] > logits[:, 0]).long(), 2).float()
    return torch.softmax(logits / temperature, dim=1)


@torch.no_grad()
def answers(model: Any, bits: Bits, device: Any) -> Any:
    """Logits in float64, shape (n, 2), as an array."""
    given = torch.from_numpy(bits).to(device)
    found = [model(part) for part in given.split(CHUNK)]
    return torch.cat(found).cpu().numpy().astype(np.float64)


def weights_path(folder: Path, step: int) -> Path:
    """Of a teacher's checkpoint."""
    return folder / f"step-{step:07d}.safetensors"


def checkpoint(job: Job, folder: Path, step: int) -> Any:
    """The model that a run with `keep` left at a step."""
    tensors, _ = files.load(weights_path(folder, step), job.identity)
    model = job.model()
    model.load_state_dict(tensors)
    return model


class Memory:
    """What a checkpoint says of an input, asked once for all of them if d is small.

    Args:
        model: The checkpoint.
        task: Gives d.
        device: Where inputs are.

    """

    def __init__(self, model: Any, task: Task, device: Any) -> None:
        """Ask."""
        self._model = model
        self._table: Any = None
        if task.is_exact:
            found = answers(model, task.test(0), device)
            self._table = torch.from_numpy(found).float().to(device)
            self._powers = 2 ** torch.arange(task.dim, device=device)

    def __call__(self, bits: Any) -> Any:
        """Logits, (B, d) to (B, 2)."""
        if self._table is not None:
            return self._table[(bits * self._powers).sum(dim=1)]
        with torch.no_grad():
            return self._model(bits)
