"""What is kept of a teacher: its losses, what they belong to, a hash of it all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from gpt2_demo.windows import Windows
from theory.errors import InputError
from theory.files import write

REMEDY = "Delete it, and compute the losses again."


@dataclass(frozen=True)
class Key:
    """What the losses belong to.

    Attributes:
        windows: Hash of tokens and windows, in their order.
        teacher: Hash of the teacher's weights.
        dtype: What the teacher computed in.

    """

    windows: str
    teacher: str
    dtype: str


@dataclass(frozen=True)
class Validation:
    """The teacher's own validation loss, for tables.

    Attributes:
        windows: Hash of the validation windows.
        loss: Mean over them, in nats.

    """

    windows: str
    loss: float


@dataclass(frozen=True, eq=False)
class TeacherLosses:
    """Losses of one teacher on all windows.

    Attributes:
        values: Nats, float32, shape (num_windows,).
        key: What they belong to.
        validation: `None` where the teacher was not asked.

    """

    values: NDArray[np.float32]
    key: Key
    validation: Validation | None = None

    def __post_init__(self) -> None:
        """Refuse what no optimiser can aim at."""
        if self.values.ndim != 1 or self.values.dtype != np.float32:
            msg = (
                "Need losses of dtype float32 and shape (num_windows,), got "
                f"{self.values.dtype} and {self.values.shape}."
            )
            raise InputError(msg)
        if number := int((~np.isfinite(self.values)).sum()):
            msg = f"Need finite losses, and {number} of {len(self.values)} are not."
            raise InputError(msg)

    def save(self, path: Path) -> None:
        """Write them as safetensors, with a hash of all that is in the file."""
        record = {
            "key": json.dumps(asdict(self.key)),
            "validation": json.dumps(self.validation and asdict(self.validation)),
        }
        record["sha256"] = _digest(self.values, record)
        write(path, save({"losses": torch.from_numpy(self.values)}, metadata=record))

    def validation_loss(self, valid: Windows) -> float | None:
        """The teacher's mean loss on these windows, `None` where it was not asked.

        Raises:
            InputError: It was asked for other windows.

        """
        if self.validation is None:
            return None
        if self.validation.windows != valid.sha256:
            msg = (
                "The teacher's validation loss is of other windows "
                f"({self.validation.windows[:12]}..., not {valid.sha256[:12]}...): "
                "compute its losses again for this corpus, tokenizer and context."
            )
            raise InputError(msg)
        return self.validation.loss


def _digest(values: NDArray[np.float32], record: dict[str, str]) -> str:
    digest = hashlib.sha256(f"{record['key']}|{record['validation']}|".encode())
    digest.update(np.ascontiguousarray(values, "<f4").data)
    return digest.hexdigest()


def read(path: Path) -> TeacherLosses:
    """What a file holds, if it is what was written."""
    try:
        with safe_open(path, framework="numpy") as file:
            record, values = file.metadata() or {}, file.get_tensor("losses")
        key, asked = Key(**json.loads(record["key"])), json.loads(record["validation"])
        is_whole = record["sha256"] == _digest(values, record)
        found = TeacherLosses(values, key, asked and Validation(**asked))
    except (OSError, SafetensorError, TypeError, KeyError, ValueError) as error:
        msg = f"{path} holds no teacher losses, or is damaged ({error}). {REMEDY}"
        raise InputError(msg) from error
    if not is_whole:
        msg = f"{path} is damaged: its losses are not those written. {REMEDY}"
        raise InputError(msg)
    return found


def expect(
    found: TeacherLosses, key: Key, path: Path, number: int | None = None
) -> TeacherLosses:
    """The losses, if they are the key's and (if asked) that many."""
    for name, what in (
        ("windows", "data: another corpus, tokenizer or context"),
        ("teacher", "weights: another teacher"),
        ("dtype", "precision"),
    ):
        is_, should = getattr(found.key, name), getattr(key, name)
        if is_ != should:
            msg = (
                f"{path} holds losses of other {what} ({is_[:12]}, not {should[:12]})."
            )
            raise InputError(msg)
    if number is not None and len(found.values) != number:
        msg = f"{path} holds {len(found.values)} losses of {number}. {REMEDY}"
        raise InputError(msg)
    return found
