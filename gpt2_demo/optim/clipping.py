"""Clipping that an optimiser can undo in its sums."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from theory.errors import InputError


def clip_grad_norm_(
    parameters: torch.Tensor | Iterable[torch.Tensor], max_norm: float
) -> torch.Tensor:
    r"""Scale gradients by $c = \min\{1, \mathrm{max\_norm} / \|g\|\}$; returns $c$.

    Give $c$ to `step(grad_scale=c)`. A Polyak step does not change when the loss and
    its gradients are scaled together, so it moves as without clipping; only what a
    *cap* allows shrinks, to $\|\Delta z\| \le$ `cap * max_norm`. Without `grad_scale` a
    clipped gradient makes the step $1/c$ times too long.

    Args:
        parameters: Those of the optimiser; their `.grad` is scaled in place.
        max_norm: Largest norm of all gradients together, > 0.

    Returns:
        $c \in (0, 1]$, a tensor of no dimension on the device: no synchronisation.

    Raises:
        InputError: `max_norm` is not positive.

    """
    if not max_norm > 0:
        msg = f"Need max_norm > 0, inf for no clipping, got {max_norm=}."
        raise InputError(msg)
    alone = isinstance(parameters, torch.Tensor)
    held = [parameters] if alone else list(parameters)
    norm = torch.nn.utils.clip_grad_norm_(held, max_norm)
    # The same arithmetic as torch's, or the two would differ by its 1e-6.
    return torch.clamp(max_norm / (norm + 1e-6), max=1.0)
