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
from collections.abc import Callable, Iterator
from typing import Any

import torch

from gpt2_demo.optim.checks import check_gradient
from gpt2_demo.optim.compiled import Compiled, applies
from gpt2_demo.optim.parts import Adam, Part, total
from gpt2_demo.optim.sequences import Sequences
from gpt2_demo.optim.values import Pair, Value, averaged, complete, of_closure, scalar
from theory import formulas
from theory.errors import InputError
from theory.schedules import Schedule


class Polyak(Sequences, abc.ABC):
    r"""The loop over parameters; see `SPSStar`, `IAM` and `IAMAdam`.

    **Batches.** `loss` and `target_loss` are means over the same samples that the
    gradients are means over. With accumulation, scale each micro-batch and add up:
    `(loss / k).backward(); opt.accumulate(loss / k, target / k)`, then `opt.step()`.
    Under `torch.distributed` the two are averaged over the processes, as
    `DistributedDataParallel` averages gradients, so that every rank takes one step.

    **Not finite.** A loss, a target or a gradient that is NaN or infinite makes
    $\eta_t$, and with it all parameters, NaN: nothing looks at them, for that would
    wait for the device. `last["eta"]` shows it; `torch.amp.GradScaler` skips such
    steps where it is the gradients.

    Attributes:
        last: Tensors without dimension of the last step: `eta` ($\eta_t$), `numerator`
            ($N_t$), `grad_norm_sq` ($\|g_t\|^2_{D_t^{-1}}$) and `capped` (0 or 1).

    """

    pickled = ("average_losses", "process_group", "last", "_held")

    def __init__(
        self,
        params: Any,
        defaults: dict[str, Any],
        *,
        average_losses: bool = True,
        process_group: Any = None,
    ) -> None:
        """Check the parameters and the options; `defaults` are those of groups."""
        self.average_losses = average_losses
        self.process_group = process_group
        self.last: dict[str, torch.Tensor] = {}
        self._held: Pair | None = None
        super().__init__(params, defaults)

    @property
    def schedule(self) -> Schedule:
        r"""$\lambda_t$, the same for all groups."""
        return Schedule(*self.param_groups[0]["lam"])

    def _metric(self, group: dict[str, Any], seen: int) -> Adam | None:  # noqa: ARG002
        """The metric after so many gradients; `None` for the Euclidean one."""
        return None

    @torch.no_grad()
    def accumulate(self, loss: Value, target_loss: Value) -> None:
        """Add a micro-batch's share of loss and target to those of the next step."""
        loss, target = self._pair(*complete(loss, target_loss))
        held = self._held
        self._held = (held[0] + loss, held[1] + target) if held else (loss, target)

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
        self._refuse_at_z("step")
        if closure is not None:
            with torch.enable_grad():
                found = closure()
            loss, target_loss = of_closure(found, loss, target_loss)
        values = self._values(loss, target_loss)
        device = values[0].device
        scale = None if grad_scale is None else scalar("grad_scale", grad_scale, device)
        self._take(*values, scale)
        return values[0] if loss is None else loss

    def _values(self, loss: Value | None, target_loss: Value | None) -> Pair:
        if self._held is None:
            found = self._pair(*complete(loss, target_loss))
        elif loss is None and target_loss is None:
            found, self._held = self._held, None
        else:
            msg = "Need loss and target from accumulate() or in step(), got both."
            raise InputError(msg)
        return averaged(found, self.process_group) if self.average_losses else found

    def _pair(self, loss: Value, target_loss: Value) -> Pair:
        device = next(x for group in self.param_groups for x in group["params"]).device
        return scalar("loss", loss, device), scalar("target_loss", target_loss, device)

    def _take(
        self, loss: torch.Tensor, target: torch.Tensor, grad_scale: torch.Tensor | None
    ) -> None:
        parts = [
            (group, self._metric(group, part.seen), part)
            for group in self.param_groups
            for part in self._parts(group, grad_scale)
        ]
        inner, norm_sq = torch.zeros_like(loss), torch.zeros_like(loss)
        for group, metric, part in parts:
            inners, norms = part.sums(metric)
            inner += total(inners, loss)
            norm_sq += group["scale"] * total(norms, loss)
        eta = self._size(loss, target, inner, norm_sq, grad_scale)
        lam = float(self.schedule(self.param_groups[0]["t"] + 1))
        for group, metric, part in parts:
            step = group["scale"] * eta.to(part.x[0].device)
            part.advance(metric, step, group["weight_decay"], lam)
        for group in self.param_groups:
            group["t"] += 1
            for x in group["params"] if self.keeps_moment else []:
                if x.grad is not None:
                    self.state[x]["step"] = int(self.state[x]["step"]) + 1

    def _size(
        self,
        loss: torch.Tensor,
        target: torch.Tensor,
        inner: torch.Tensor,
        norm_sq: torch.Tensor,
        grad_scale: torch.Tensor | None,
    ) -> torch.Tensor:
        eta = free = formulas.polyak(loss, target, inner, norm_sq, 0.0)
        cap = self.param_groups[0]["cap"]
        if cap is not None:
            # A clipped gradient, c g, is moved along by the cap at most.
            size = cap if grad_scale is None else cap * grad_scale
            eta = formulas.smaller(free, size)
        self.last = {
            "eta": eta,
            "numerator": formulas.numerator(loss, target, inner),
            "grad_norm_sq": norm_sq,
            "capped": (free > eta).to(free.dtype),
        }
        return eta

    def _parts(
        self, group: dict[str, Any], grad_scale: torch.Tensor | None
    ) -> Iterator[Part | Compiled]:
        """The group's tensors, sorted by device, type and what is known of them."""
        sorts: dict[tuple[Any, ...], Part] = {}
        for x in group["params"]:
            check_gradient(x)
            has_grad = x.grad is not None
            if not has_grad and "z" not in self.state.get(x, {}):
                continue  # z = x; other x go on towards z
            state = self._state(x)
            seen, held = int(state.get("step", 0)), [state[n] for n in self._tensors()]
            flat = has_grad and self.keeps_z and applies([x, x.grad, *held])
            sort = (x.device, x.dtype, has_grad, flat, seen)
            sorts.setdefault(sort, Part(seen)).add(x, state)
        for (_, _, has_grad, flat, _), part in sorts.items():
            if has_grad and grad_scale is not None:
                part.g = list(torch._foreach_div(part.g, grad_scale.to(part.g[0])))
            yield Compiled(part) if flat else part
