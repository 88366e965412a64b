r"""IAM and IAM-Adam: Polyak steps for $z_t$, gradients at the average $x_t$."""

from __future__ import annotations

from typing import Any

from gpt2_demo.optim.parts import Adam
from gpt2_demo.optim.polyak import Polyak
from theory.schedules import Schedule


class IAM(Polyak):
    r"""$z_{t+1} = z_t - \eta_t g_t$, $x_{t+1} = (\lambda x_t + z_{t+1})/(1 + \lambda)$.

    $\eta_t = (f_t(x_t) - v_t + \langle g_t, z_t - x_t \rangle)_+ / \|g_t\|^2$ and
    $\lambda = \lambda_{t+1}$. With $\lambda_t = t$ the last iterate has the optimal
    rate (claims `iam.lipschitz.last`, `iam.smooth.*`); a constant $\lambda$ has no such
    theorem, and needs no horizon.

    Args:
        params: Parameters or groups of them, in float32 or float64.
        lam: A constant $\lambda \ge 0$, or a schedule; "t" is $\lambda_t = t$.
        cap: $\gamma_b > 0$, a largest $\eta_t$; `None` for none.
        weight_decay: $w \ge 0$: after a step of size $\eta$, divide $z$ by
            $1 + \eta w$, the proximal step on $\frac{w}{2}\|z\|^2$.
        scale: $s > 0$ of a group: the metric $D = s^{-1} I$ there.
        average_losses: Average loss and target over the processes of
            `torch.distributed`, where it is initialised.
        process_group: Which processes; `None` for all.

    Source: Gower et al., arXiv 2504.01898; `theory.formulas`, `theory.schedules`.

    """

    def __init__(
        self,
        params: Any,
        *,
        lam: float | str | Schedule = 9.0,
        cap: float | None = None,
        weight_decay: float = 0.0,
        scale: float = 1.0,
        average_losses: bool = True,
        process_group: Any = None,
    ) -> None:
        """Arguments: see the class."""
        super().__init__(
            params,
            {"lam": lam, "cap": cap, "weight_decay": weight_decay, "scale": scale},
            average_losses=average_losses,
            process_group=process_group,
        )


class IAMAdam(Polyak):
    r"""IAM in Adam's metric: $D_t = \sqrt{m_t / (1 - \beta_2^k)} + \epsilon$.

    $m_t = \beta_2 m_{t-1} + (1 - \beta_2) g_t^2$ at a parameter's k-th gradient,
    $z_{t+1} = z_t - \eta_t D_t^{-1} g_t$ and
    $\eta_t = (N_t)_+ / \|g_t\|^2_{D_t^{-1}}$, with one $D_t$ in the norm and in the
    step, as claim `iam.precond.pathwise` needs. A rate is not known (claim
    `iam.precond.adam_summed` is false).

    Args:
        params: Parameters or groups of them, in float32 or float64.
        lam: A constant $\lambda \ge 0$, or a schedule; "t" is $\lambda_t = t$.
        beta2: $\beta_2 \in [0, 1)$. Without a cap no value is known to be safe:
            which ones ruin a run changes with teacher and seed (docs/gpt2.md).
        eps: $\epsilon > 0$, in units of the gradient.
        cap: $\gamma_b > 0$, a largest $\eta_t$, in the units of Adam's learning rate;
            `None` for none.
        weight_decay: $w \ge 0$: divide $z$ by $1 + \eta w$, as in `IAM`; decoupled
            from the metric, as in AdamW.
        scale: $s > 0$ of a group, as in `IAM`.
        average_losses: As in `IAM`.
        process_group: As in `IAM`.

    """

    keeps_moment = True

    def __init__(
        self,
        params: Any,
        *,
        lam: float | str | Schedule = 9.0,
        beta2: float = 0.9,
        eps: float = 1e-8,
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
                "lam": lam,
                "cap": cap,
                "weight_decay": weight_decay,
                "scale": scale,
                "beta2": beta2,
                "eps": eps,
            },
            average_losses=average_losses,
            process_group=process_group,
        )

    def _metric(self, group: dict[str, Any], seen: int) -> Adam | None:
        return Adam.after(seen, group["beta2"], group["eps"])
