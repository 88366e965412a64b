"""Weights and the state of a run: safetensors with JSON, whole or as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from theory.errors import InputError
from theory.files import replacing

Tensors = dict[str, Any]


def save(path: Path, tensors: Tensors, meta: dict[str, Any]) -> None:
    """Write a file; the one before it stays until this one is whole."""
    whole = {name: one.detach().cpu().contiguous() for name, one in tensors.items()}
    with replacing(path) as beside:
        save_file(whole, beside, metadata={"meta": json.dumps(meta)})


def load(path: Path, identity: dict[str, Any]) -> tuple[Tensors, dict[str, Any]]:
    """Tensors on the CPU, and the JSON.

    Args:
        path: What `save` wrote.
        identity: What the file must be of.

    Raises:
        InputError: It is damaged, no such file, or of another run.

    """
    try:
        with safe_open(path, framework="pt") as file:
            meta = json.loads(file.metadata()["meta"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError, KeyError, ValueError) as error:
        msg = f"{path} is damaged, or no checkpoint of ours ({error}). Remove it."
        raise InputError(msg) from error
    wanted = json.loads(json.dumps(identity))
    if meta.get("identity") != wanted:
        theirs = meta.get("identity") or {}
        names = [key for key in wanted if theirs.get(key) != wanted[key]]
        msg = (
            f"{path} is of another run: it differs in {', '.join(names) or 'kind'}. "
            "Name another folder, or the same configuration."
        )
        raise InputError(msg)
    return tensors, meta


def state_of(model: Any, optimiser: Any) -> Tensors:
    """Model and Adam's moments, by name."""
    found = {f"model.{name}": one for name, one in model.state_dict().items()}
    for number, entries in optimiser.state_dict()["state"].items():
        for name, one in entries.items():
            found[f"adam.{number}.{name}"] = one
    return found


def put_back(tensors: Tensors, model: Any, optimiser: Any) -> None:
    """What `state_of` gave, into a model and an optimiser of the same kind."""
    model.load_state_dict(part(tensors, "model"))
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, one in part(tensors, "adam").items():
        number, _, entry = name.partition(".")
        state.setdefault(int(number), {})[entry] = one
    whole = optimiser.state_dict()
    optimiser.load_state_dict({**whole, "state": state})


def part(tensors: Tensors, head: str) -> Tensors:
    """The tensors below a name, without it."""
    return {
        name.removeprefix(f"{head}."): one
        for name, one in tensors.items()
        if name.startswith(f"{head}.")
    }
