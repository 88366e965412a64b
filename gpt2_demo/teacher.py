"""A teacher as a list of losses: 4 bytes a sequence, and no model any more."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from gpt2_demo import model as models
from gpt2_demo.windows import Windows
from theory.errors import InputError
from theory.files import write


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


@dataclass(frozen=True, eq=False)
class TeacherLosses:
    """Losses of one teacher on all windows.

    Attributes:
        values: Nats, float32, shape (num_windows,).
        key: What they belong to.

    """

    values: NDArray[np.float32]
    key: Key

    def save(self, path: Path) -> None:
        """Write them as safetensors."""
        tensors = {"losses": torch.from_numpy(self.values)}
        write(path, save(tensors, metadata={"key": json.dumps(asdict(self.key))}))


def compute(teacher: Any, windows: Windows, *, autocast: bool = False) -> TeacherLosses:
    """Ask the teacher once for every window."""
    values = models.losses(teacher, windows, autocast=autocast).numpy()
    dtype = "bfloat16" if autocast else "float32"
    key = Key(windows.sha256, models.fingerprint(teacher), dtype)
    return TeacherLosses(values.astype(np.float32), key)


def load(path: Path, windows: Windows) -> TeacherLosses:
    """Losses from a file, which must be those of these windows.

    Raises:
        InputError: Another file, or losses of other data.

    """
    try:
        with safe_open(path, framework="numpy") as file:
            key = Key(**json.loads(file.metadata()["key"]))
            values = file.get_tensor("losses")
    except (OSError, SafetensorError, TypeError, KeyError, ValueError) as error:
        msg = f"{path} holds no teacher losses ({error}). Compute them again."
        raise InputError(msg) from error
    if key.windows != windows.sha256 or values.shape != (len(windows),):
        msg = (
            f"{path} holds losses of other data ({key.windows[:12]}..., not "
            f"{windows.sha256[:12]}...): another corpus, tokenizer or context."
        )
        raise InputError(msg)
    return TeacherLosses(values, key)
