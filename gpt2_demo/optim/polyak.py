r"""What SPS*, IAM and IAM-Adam share: $\eta_t = (N_t)_+ / \|g_t\|^2_{D_t^{-1}}$.

$N_t = f_t(x_t) - v_t + \langle g_t, z_t - x_t \rangle$, with the loss $f_t(x_t)$ of the
batch and its target $v_t$ (ideally the loss of the same batch at the solution; in
distillation the teacher's). Then $z_{t+1} = z_t - \eta_t D_t^{-1} g_t$ and
$x_{t+1} = (\lambda_{t+1} x_t + z_{t+1}) / (1 + \lambda_{t+1})$.

The step size is one number for all parameters, computed by `theory.formulas` from
tensors without a dimension, on the device: nothing waits for it.
"""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import distributed

from gpt2_demo.optim.compiled import Compiled, applies
from gpt2_demo.optim.parts import Adam, Part, Value, total
from theory import formulas
from theory.errors import InputError
from theory.schedules import Schedule

HALVES = (torch.float16, torch.bfloat16)


class Polyak(torch.optim.Optimizer, abc.ABC):
    r"""The loop over parameters; see `SPSStar`, `IAM` and `IAMAdam`.

    **Points.** The parameters of the model are $x_t$ always: gradients are taken there
    and the theorems on the last iterate speak of it, so $x$ (`model.state_dict()`) is
    what to evaluate and to publish. `state_dict()` holds $z_t$ under `"z"` for each
    parameter and $t$ in each group: save it too in order to resume.

    **Batches.** `loss` and `target_loss` are means over the same samples that the
    gradients are means over. With accumulation, scale each micro-batch and add up:
    `(loss / k).backward(); opt.accumulate(loss / k, target / k)`, then `opt.step()`.
    Under `torch.distributed` the two are averaged over the processes, as
    `DistributedDataParallel` averages gradients, so that every rank takes one step.

    Attributes:
        last: Tensors without dimension of the last step: `eta` ($\eta_t$), `numerator`
            ($N_t$), `grad_norm_sq` ($\|g_t\|^2_{D_t^{-1}}$) and `capped` (0 or 1).

    """

    keeps_z = True
    keeps_moment = False

    def __init__(
        self,
        params: Any,
        schedule: Schedule,
        defaults: dict[str, Any],
        *,
        average_losses: bool = True,
        process_group: Any = None,
    ) -> None:
        """Check what must be the same for all groups; `defaults` are theirs."""
        self.schedule = schedule
        self.average_losses = average_losses
        self.process_group = process_group
        self.last: dict[str, torch.Tensor] = {}
        self._held: tuple[torch.Tensor, torch.Tensor] | None = None
        super().__init__(params, {"t": 0, **defaults})

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group, which starts with $z = x$ at the present $t$."""
        if self.param_groups:
            param_group.setdefault("t", self.param_groups[0]["t"])
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        _check_group(group, self.param_groups[0]["cap"])

    def _metric(self, group: dict[str, Any]) -> Adam | None:  # noqa: ARG002
        """The metric of this step; `None` for the Euclidean one."""
        return None

    @torch.no_grad()
    def accumulate(self, loss: Value, target_loss: Value) -> None:
        """Add a micro-batch's share of loss and target to those of the next step."""
        new = self._scalar(loss), self._scalar(target_loss)
        old = self._held or (torch.zeros_like(new[0]), torch.zeros_like(new[1]))
        self._held = old[0] + new[0], old[1] + new[1]

    @torch.no_grad()
    def step(
        self,
        closure: Callable[[], Any] | None = None,
        *,
        loss: Value | None = None,
        target_loss: Value | None = None,
        grad_scale: Value | None = None,
    ) -> Any:
        r"""One step from the gradients in `.grad`, which are not changed.

        Args:
            closure: Computes gradients and returns the loss, or loss and target.
            loss: $f_t(x_t)$, the mean loss of the batch whose gradients are there.
            target_loss: $v_t$. 0.0 is a target like any other.
            grad_scale: $c > 0$ if the gradients are $c$ times those of `loss` (after
                `clip_grad_norm_`, or a loss that was scaled before `backward`).

        Returns:
            The loss, as it was given.

        Raises:
            InputError: Loss or target are missing, or given twice.

        """
        if closure is not None:
            with torch.enable_grad():
                found = closure()
            pair = found if isinstance(found, tuple) else (found, target_loss)
            loss, target_loss = pair
        values = self._values(loss, target_loss)
        self._take(*values, grad_scale)
        return values[0] if loss is None else loss

    def _values(
        self, loss: Value | None, target_loss: Value | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if self._held is not None:
            if loss is not None or target_loss is not None:
                msg = "Need loss and target either in accumulate() or in step()."
                raise InputError(msg)
            found, self._held = self._held, None
        elif loss is None or target_loss is None:
            missing = "loss" if loss is None else "target_loss"
            msg = (
                f"Need step(loss=..., target_loss=...), got no {missing}. The target "
                "is the batch's loss at a reference, such as a teacher; 0.0 if the "
                "model can fit every batch."
            )
            raise InputError(msg)
        else:
            found = self._scalar(loss), self._scalar(target_loss)
        if not (self.average_losses and distributed.is_initialized()):
            return found
        both = torch.stack(found)
        distributed.all_reduce(both, group=self.process_group)
        both /= distributed.get_world_size(self.process_group)
        return both[0], both[1]

    def _scalar(self, value: Value) -> torch.Tensor:
        device = self.param_groups[0]["params"][0].device
        kind = _sum_dtype(device)
        if isinstance(value, torch.Tensor):
            if value.numel() != 1:
                msg = (
                    "Need one loss and one target a batch, their means, got a tensor "
                    f"of shape {tuple(value.shape)}. Call .mean() on it."
                )
                raise InputError(msg)
            moved = value.detach().reshape(())
            return moved.to(device, kind, non_blocking=True)
        return torch.full((), float(value), dtype=kind, device=device)

    def _take(
        self, loss: torch.Tensor, target: torch.Tensor, grad_scale: Value | None
    ) -> None:
        scale = None if grad_scale is None else self._scalar(grad_scale)
        parts = list(self._parts(scale))
        metrics = [self._metric(group) for group in self.param_groups]
        inner, norm_sq = torch.zeros_like(loss), torch.zeros_like(loss)
        for k, part in parts:
            inners, norms = part.sums(metrics[k])
            inner += total(inners, loss)
            norm_sq += self.param_groups[k]["scale"] * total(norms, loss)
        free = formulas.polyak(loss, target, inner, norm_sq, 0.0)
        cap = self.param_groups[0]["cap"]
        # A clipped gradient, c g, is moved along by the cap at most.
        size = free if cap is None else cap * (1.0 if scale is None else scale)
        eta = formulas.smaller(free, size)
        self.last = {
            "eta": eta,
            "numerator": formulas.numerator(loss, target, inner),
            "grad_norm_sq": norm_sq,
            "capped": (free > size).to(free.dtype),
        }
        lam = float(self.schedule(self.param_groups[0]["t"] + 1))
        for k, part in parts:
            group = self.param_groups[k]
            step = group["scale"] * eta.to(part.x[0].device)
            part.advance(metrics[k], step, group["weight_decay"], lam)
        for group in self.param_groups:
            group["t"] += 1

    def _parts(self, scale: torch.Tensor | None) -> Iterator[tuple[int, Any]]:
        for k, group in enumerate(self.param_groups):
            for has_grad in (True, False):  # without one, x still goes on towards z
                sorts: dict[tuple[torch.device, torch.dtype, bool], Part] = {}
                for x in group["params"]:
                    known = has_grad or x in self.state
                    if (x.grad is not None) == has_grad and known:
                        state = self._state(x)
                        flat = has_grad and applies([x, x.grad, *state.values()])
                        part = sorts.setdefault((x.device, x.dtype, flat), Part())
                        _add(part, x, state)
                for (_, _, flat), part in sorts.items():
                    if scale is not None and part.g:
                        unscaled = torch._foreach_div(part.g, scale.to(part.g[0]))
                        part.g = list(unscaled)
                    yield k, Compiled(part) if flat and self.keeps_z else part

    def _state(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        state = self.state[x]
        if self.keeps_z and "z" not in state:
            state["z"] = x.detach().clone(memory_format=torch.preserve_format)
        if self.keeps_moment and "exp_avg_sq" not in state:
            state["exp_avg_sq"] = torch.zeros_like(x)
        return state

    @contextmanager
    def at_z(self) -> Iterator[None]:
        """Inside, parameters are $z_t$; afterwards they are $x_t$ again, bitwise."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for group in self.param_groups:
            for x in group["params"]:
                if "z" in self.state[x]:
                    z = self.state[x]["z"]
                    held = x.clone()
                    x.copy_(z)
                    z.copy_(held)


def _add(part: Part, x: torch.Tensor, state: dict[str, torch.Tensor]) -> None:
    part.x.append(x)
    if x.grad is not None:
        if x.grad.is_sparse:
            msg = "Need dense gradients, got a sparse one. Set sparse=False."
            raise InputError(msg)
        part.g.append(x.grad)
    if "z" in state:
        part.z.append(state["z"])
    if "exp_avg_sq" in state:
        part.moment.append(state["exp_avg_sq"])


def _sum_dtype(device: torch.device) -> torch.dtype:
    return torch.float32 if device.type == "mps" else torch.float64  # MPS has no double


def _check_group(group: dict[str, Any], first_cap: float | None) -> None:
    cap = group["cap"]
    if cap is not None and not (math.isfinite(cap) and cap > 0):
        msg = f"Need a finite cap > 0, or None for no cap, got {cap=}."
        raise InputError(msg)
    if cap != first_cap:
        msg = f"Need one cap for all groups, got {cap} beside {first_cap}: the step "
        raise InputError(msg + "size is one number. Weigh groups by their scale.")
    for name in ("scale", "weight_decay"):
        value = group[name]
        if not (math.isfinite(value) and value >= 0) or (name == "scale" and not value):
            msg = f"Need a finite {name} {'> 0' if name == 'scale' else '>= 0'}, got "
            raise InputError(msg + f"{value}.")
    for x in group["params"]:
        if x.dtype in HALVES or x.dtype.is_complex:
            msg = (
                f"Need parameters in float32 or float64, got {x.dtype}: an average in "
                "half precision stands still. Keep them in float32 and use autocast."
            )
            raise InputError(msg)
