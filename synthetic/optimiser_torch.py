r"""A torch optimiser in place of a method's formulas, so that claims judge *it*.

The run gives it a component's gradient, loss and target, and reads $x_t$ from its
parameter and $z_t$ from `state[x]["z"]` (without one, $z_t = x_t$). What a claim reads
is recorded by the same code and with the same declared method as ever.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from synthetic.places import where
from synthetic.problems.base import Array, FloatArray
from theory.errors import InputError

Make = Callable[[list[Any]], Any]
"""An optimiser from a list with one parameter: torch's, or told loss and target."""


class Paths:
    """Optimisers side by side, one a path, each on a copy of the start.

    Args:
        make: The optimiser.
        x0: Start, shape (d,).
        num_paths: P.

    """

    def __init__(self, make: Make, x0: FloatArray, num_paths: int) -> None:
        """Make them."""
        start = torch.from_numpy(np.array(x0, dtype=np.float64))
        self._points = [torch.nn.Parameter(start.clone()) for _ in range(num_paths)]
        self._optimisers = [make([x]) for x in self._points]
        self._told = bool(self._optimisers) and _takes_losses(self._optimisers[0], make)

    def step(self, loss: Array, grad: Array, target: Array) -> tuple[Array, Array]:
        r"""One step of each; returns $x_{t+1}$ and $z_{t+1}$, shapes (P, d).

        Args:
            loss: $f_\xi(x_t)$, shape (P,).
            grad: $g_t$, shape (P, d).
            target: $v_\xi$, shape (P,).

        """
        rows = zip(self._points, self._optimisers, loss, grad, target, strict=True)
        z = []
        for x, optimiser, value, slope, aim in rows:
            x.grad = torch.from_numpy(np.array(slope))
            if self._told:
                optimiser.step(loss=float(value), target_loss=float(aim))
            else:
                optimiser.step()
            z.append(optimiser.state.get(x, {}).get("z", x))
        return _rows(self._points), _rows(z)


def _takes_losses(optimiser: Any, make: Make) -> bool:
    """Is the step told the loss and its target? Torch's own optimisers are not."""
    parameters = inspect.signature(optimiser.step).parameters
    closure = parameters.get("closure")
    if closure is not None and closure.default is inspect.Parameter.empty:
        msg = (
            f"{where(make)}: {type(optimiser).__name__} evaluates a closure several "
            "times a step, and a run has one sample for each."
        )
        raise InputError(msg)
    return "target_loss" in parameters or any(
        p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()
    )


def _rows(tensors: list[Any]) -> Array:
    return np.stack([one.detach().numpy().copy() for one in tensors])
