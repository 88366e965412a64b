"""One process, or those that `torchrun` started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed

from theory.errors import InputError

DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class Place:
    """Where this process computes, and which of how many it is."""

    device: torch.device
    rank: int = 0
    world: int = 1

    @property
    def is_first(self) -> bool:
        """Does it write files?"""
        return self.rank == 0

    def mean(self, value: torch.Tensor) -> torch.Tensor:
        """The mean of a tensor over the processes."""
        if self.world == 1:
            return value
        held = value.clone()
        distributed.all_reduce(held)
        return held / self.world

    def wait(self) -> None:
        """Until all processes are here."""
        if self.world > 1:
            distributed.barrier()


@contextmanager
def place(device: str = "auto") -> Iterator[Place]:
    """The device asked for, in the process group that `torchrun` laid out."""
    kind = _kind(device)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Place(torch.device(kind))
        return
    rank, local = int(os.environ["RANK"]), int(os.environ.get("LOCAL_RANK", "0"))
    distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    try:
        where = torch.device("cuda", local) if kind == "cuda" else torch.device(kind)
        if kind == "cuda":
            torch.cuda.set_device(where)
        yield Place(where, rank, world)
    finally:
        distributed.destroy_process_group()


def _kind(device: str) -> str:
    has = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if has[kind])
    if device not in has:
        msg = f"Need a device out of {', '.join(DEVICES)}, got {device!r}."
        raise InputError(msg)
    if not has[device]:
        msg = f"no {device} device here; leave --device out, or say cpu."
        raise InputError(msg)
    return device
