"""All that a run needs to go on, in one safetensors file: tensors and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from theory.errors import InputError
from theory.files import replacing

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A moment of a run.

    Attributes:
        tensors: By dotted names: `model.*` (the point x), `optimizer.<parameter>.*`
            (`z`, moments), `history.*`, `random.*`.
        meta: Plain JSON: the step, the optimiser's groups, the run's identity.

    """

    tensors: Tensors
    meta: dict[str, Any]

    def part(self, name: str) -> Tensors:
        """The tensors below a name, without it."""
        head = f"{name}."
        return {
            key.removeprefix(head): tensor
            for key, tensor in self.tensors.items()
            if key.startswith(head)
        }

    def save(self, path: Path) -> None:
        """Write it; the checkpoint before it stays until this one is whole."""
        tensors = {key: one.contiguous() for key, one in self.tensors.items()}
        with replacing(path) as beside:
            save_file(tensors, beside, metadata={"meta": json.dumps(self.meta)})


def load(path: Path, device: str = "cpu") -> Checkpoint:
    """Read a checkpoint.

    Raises:
        InputError: It is not one, or damaged, or a pickle.

    """
    try:
        with safe_open(path, framework="pt", device=device) as file:
            meta = json.loads(file.metadata()["meta"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError, KeyError, ValueError) as error:
        pickled = path.is_file() and path.read_bytes()[:2] in {b"PK", b"\x80\x02"}
        why = "a pickle, which may run code" if pickled else str(error)
        msg = f"{path} is no checkpoint of ours ({why}). Remove it, or start afresh."
        raise InputError(msg) from error
    return Checkpoint(tensors, meta)


def gather(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> Tensors:
    """Model and optimiser as named tensors; tied weights once."""
    names = {parameter: name for name, parameter in model.named_parameters()}
    tensors = {f"model.{name}": one.detach() for one, name in names.items()}
    for parameter, state in optimizer.state.items():
        for key, value in state.items():
            tensor = value if isinstance(value, torch.Tensor) else torch.tensor(value)
            tensors[f"optimizer.{names[parameter]}.{key}"] = tensor.detach()
    return tensors


def groups(optimizer: torch.optim.Optimizer) -> list[dict[str, Any]]:
    """The optimiser's groups without their parameters, as JSON."""
    return [
        {key: value for key, value in group.items() if key != "params"}
        for group in optimizer.param_groups
    ]


@torch.no_grad()
def restore(
    found: Checkpoint, model: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Put a checkpoint's tensors into a model and an optimiser of the same kind."""
    weights = found.part("model")
    named = dict(model.named_parameters())
    _same_shapes(weights, named)
    for name, parameter in named.items():
        parameter.copy_(weights[name])
    for key, tensor in found.part("optimizer").items():
        name, _, entry = key.rpartition(".")
        state = optimizer.state[named[name]]
        # AdamW keeps its step count on the CPU.
        where = "cpu" if tensor.ndim == 0 else named[name].device
        state[entry] = tensor.to(where)
    for group, saved in zip(optimizer.param_groups, found.meta["groups"], strict=True):
        group.update(saved)


def _same_shapes(
    weights: Mapping[str, torch.Tensor], named: Mapping[str, torch.Tensor]
) -> None:
    for name in {*weights, *named}:
        theirs = tuple(weights[name].shape) if name in weights else None
        ours = tuple(named[name].shape) if name in named else None
        if theirs != ours:
            msg = (
                f"The checkpoint is of another model: {name} has shape {theirs} there "
                f"and {ours} here. Name another folder, or the same model."
            )
            raise InputError(msg)
