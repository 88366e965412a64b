"""Losses and targets: one tensor without dimension each, on the device."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from torch import distributed

from theory.errors import InputError

Value: TypeAlias = "torch.Tensor | float"
Pair: TypeAlias = tuple[torch.Tensor, torch.Tensor]


def scalar(name: str, value: Value, device: torch.device) -> torch.Tensor:
    """A number in double precision (single on MPS) on the device, without waiting."""
    kind = torch.float32 if device.type == "mps" else torch.float64
    if isinstance(value, torch.Tensor):
        if value.numel() != 1 or value.is_complex():
            msg = (
                f"Need one real {name} a batch, its mean, got a tensor of shape "
                f"{tuple(value.shape)} in {value.dtype}. Call .mean() on it."
            )
            raise InputError(msg)
        moved = value.detach().reshape(())
        return moved.to(device, kind, non_blocking=True)
    try:
        plain = float(value)
    except (TypeError, ValueError) as error:
        msg = f"Need {name} as a number or a tensor of one number, got {value!r}."
        raise InputError(msg) from error
    if name == "grad_scale" and not 0 < plain < float("inf"):
        msg = f"Need a finite grad_scale > 0, 1.0 for none, got {plain}."
        raise InputError(msg)
    return torch.full((), plain, dtype=kind, device=device)


def complete(loss: Value | None, target_loss: Value | None) -> tuple[Value, Value]:
    """Refuse a step without a loss or without a target; 0.0 is one."""
    if loss is None or target_loss is None:
        missing = "loss" if loss is None else "target_loss"
        msg = (
            f"Need step(loss=..., target_loss=...), got no {missing}. The target is "
            "the batch's loss at a reference, such as a teacher; 0.0 if the model can "
            "fit every batch."
        )
        raise InputError(msg)
    return loss, target_loss


def of_closure(
    found: Any, loss: Value | None, target_loss: Value | None
) -> tuple[Value | None, Value | None]:
    """Loss and target, where a closure gives one of them or both."""
    both = isinstance(found, tuple)
    if both and len(found) != 2:
        msg = f"Need a closure that returns the loss or (loss, target), got {found!r}."
        raise InputError(msg)
    if loss is not None or (both and target_loss is not None):
        given = "loss" if loss is not None else "target_loss"
        msg = f"Need {given} from the closure or in step(), got both. Leave one out."
        raise InputError(msg)
    return found if both else (found, target_loss)


def averaged(pair: Pair, group: Any) -> Pair:
    """Their means over the processes; the pair itself where there is one process."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return pair
    both = torch.stack(pair)
    distributed.all_reduce(both, group=group)
    both /= distributed.get_world_size(group)
    return both[0], both[1]
