r"""SPS*: $x_{t+1} = x_t - \frac{(f_t(x_t) - v_t)_+}{\|g_t\|^2} g_t$."""

from __future__ import annotations

from typing import Any

from gpt2_demo.optim.polyak import Polyak
from theory import schedules


class SPSStar(Polyak):
    r"""$x_{t+1} = x_t - \gamma_t g_t$, $\gamma_t = (f_t(x_t) - v_t)_+ / \|g_t\|^2$.

    One sequence, no state beside the step count $t$. The mean of the iterates has the
    O(1/sqrt t) rate; the last one need not (claim `sps.lastiterate.refuted`).

    Args:
        params: Parameters or groups of them, in float32 or float64.
        cap: $\gamma_b > 0$, a largest step size; `None` for none.
        weight_decay: $w \ge 0$: after a step of size $\gamma$, divide by
            $1 + \gamma w$, the proximal step on $\frac{w}{2}\|x\|^2$.
        scale: $s > 0$ of a group: the metric $D = s^{-1} I$ there. It matters only
            relative to other groups, and to the cap.
        average_losses: Average loss and target over the processes of
            `torch.distributed`, where it is initialised.
        process_group: Which processes; `None` for all.

    Source: Gower et al., arXiv 2504.01898; `theory.formulas.polyak`.

    """

    keeps_z = False

    def __init__(
        self,
        params: Any,
        *,
        cap: float | None = None,
        weight_decay: float = 0.0,
        scale: float = 1.0,
        average_losses: bool = True,
        process_group: Any = None,
    ) -> None:
        """Arguments: see the class."""
        super().__init__(
            params,
            {
                "lam": schedules.NONE,
                "cap": cap,
                "weight_decay": weight_decay,
                "scale": scale,
            },
            average_losses=average_losses,
            process_group=process_group,
        )
