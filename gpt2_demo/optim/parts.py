r"""The two passes of a step over a list of tensors, one fused launch an operation.

A part has the same places of $x$, of $g$ and of the state. `sums` goes before the step
size is known, `advance` after it. `optim.compiled` does the same on a CPU in half the
traffic; this is for accelerators, and for tensors that have no flat view.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch

Tensors = list[torch.Tensor]


@dataclass(frozen=True, slots=True)
class Adam:
    r"""$D_t = \sqrt{m_t / (1 - \beta_2^k)} + \epsilon$ at the k-th gradient.

    Attributes:
        beta2: $\beta_2$.
        eps: $\epsilon$.
        root: $\sqrt{1 - \beta_2^k}$.

    """

    beta2: float
    eps: float
    root: float

    @classmethod
    def after(cls, seen: int, beta2: float, eps: float) -> Adam:
        """The metric of the gradient that follows `seen` others."""
        return cls(beta2, eps, math.sqrt(1 - beta2 ** (seen + 1)))


@dataclass(slots=True)
class Part:
    r"""Tensors of one group, one device and one type.

    Attributes:
        seen: How many gradients the moments have seen.
        x: Parameters.
        g: Gradients, as the caller left them; empty where there are none.
        z: The sequence that is stepped, empty in a method with one sequence.
        moment: Second moments of the gradients, empty in a method without them.

    """

    seen: int = 0
    x: Tensors = field(default_factory=list)
    g: Tensors = field(default_factory=list)
    z: Tensors = field(default_factory=list)
    moment: Tensors = field(default_factory=list)

    def add(self, x: torch.Tensor, state: dict[str, Any]) -> None:
        """Append a parameter with what there is of gradient and state."""
        for column, one in (
            (self.x, x),
            (self.g, x.grad),
            (self.z, state.get("z")),
            (self.moment, state.get("exp_avg_sq")),
        ):
            if one is not None:
                column.append(one)

    def sums(self, metric: Adam | None) -> tuple[Tensors, Tensors]:
        r"""Summands of $\langle g, z - x \rangle$ and of $\|g\|^2_{D^{-1}}$."""
        if not self.g:
            return [], []
        if metric is not None:
            torch._foreach_mul_(self.moment, metric.beta2)
            torch._foreach_addcmul_(self.moment, self.g, self.g, value=1 - metric.beta2)
        norms = _dots(self.g, self._direction(metric))
        if not self.z:
            return [], norms
        # Not <g, z> - <g, x>: its rounding is that of |x|, not of |z - x|.
        return _dots(self.g, list(torch._foreach_sub(self.z, self.x))), norms

    def advance(
        self, metric: Adam | None, step: torch.Tensor, decay: float, lam: float
    ) -> None:
        r"""$z \leftarrow (z - s D^{-1} g) / (1 + s w)$, then $x$ towards $z$."""
        stepped = self.z or self.x
        if self.g:
            along = self._direction(metric)
            if step.is_cpu:  # a number costs no temporary, and nothing to read
                torch._foreach_add_(stepped, along, alpha=-float(step))
            else:
                step = step.to(self.x[0].dtype)  # or each tensor is a launch
                torch._foreach_sub_(stepped, torch._foreach_mul(along, step))
            if decay:
                torch._foreach_div_(stepped, 1 + step * decay)
        if self.z:  # theory.formulas.average, in place
            torch._foreach_mul_(self.x, lam)
            torch._foreach_add_(self.x, self.z)
            torch._foreach_div_(self.x, 1 + lam)

    def _direction(self, metric: Adam | None) -> Tensors:
        if metric is None:
            return self.g
        found: Tensors = list(torch._foreach_sqrt(self.moment))
        torch._foreach_div_(found, metric.root)
        torch._foreach_add_(found, metric.eps)
        return list(torch._foreach_div(self.g, found))


def _dots(a: Tensors, b: Tensors) -> Tensors:
    return [torch.dot(u.reshape(-1), v.reshape(-1)) for u, v in zip(a, b, strict=True)]


def total(summands: Tensors, like: torch.Tensor) -> torch.Tensor:
    """Their sum, in the precision and on the device of `like`."""
    if not summands:
        return torch.zeros_like(like)
    if len({(one.device, one.dtype) for one in summands}) > 1:
        summands = [one.to(like) for one in summands]
    return torch.stack(summands).sum(dtype=like.dtype).to(like.device)
