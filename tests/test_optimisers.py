"""SPS*, IAM and IAM-Adam of torch against the formulas, engines and claims."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from gpt2_demo.optim import (
    IAM,
    IAMAdam,
    SPSStar,
    compiled,
    parts,
    polyak,
)
from tests.optimiser_runs import (
    ADAM,
    BY,
    LOSSES,
    Rule,
    assert_alike,
    iam_adam,
    problem,
    reference,
    run,
)
from theory import schedules

SCHEDULES: dict[str, Any] = {
    "t": "t",
    "9": 9.0,
    "C": schedules.C_CONVENTION,
    "0.5": 0.5,
}


def one(value: float, grad: float, kind: Any = torch.float64) -> Any:
    x = torch.nn.Parameter(torch.tensor([value], dtype=kind))
    x.grad = torch.tensor([grad], dtype=kind)
    return x


def test_sps_star_lands_on_the_kink_of_abs_2x_minus_6() -> None:
    x = one(0.0, -2.0)
    optimiser = SPSStar([x])
    optimiser.step(loss=6.0, target_loss=0.0)
    assert x.item() == 3.0
    assert optimiser.last["eta"].item() == 1.5


@pytest.mark.parametrize(("lam", "second"), [(1.0, 2.25), ("t", 2.0), (0.0, 3.0)])
def test_iam_goes_on_towards_z(lam: Any, second: float) -> None:
    x = one(0.0, -2.0)
    optimiser = IAM([x], lam=lam)
    optimiser.step(loss=6.0, target_loss=0.0)
    first = 1.5 if lam else 3.0
    assert x.item() == first
    optimiser.step(loss=6.0 - 2.0 * first, target_loss=0.0)  # N = 0: z stays at 3
    assert (x.item(), optimiser.state[x]["z"].item()) == (second, 3.0)
    assert optimiser.last["numerator"].item() == 0.0


def test_iam_adam_has_one_metric_in_norm_and_step() -> None:
    x = one(0.0, -2.0)
    optimiser = IAMAdam([x], lam=0.0, beta2=0.75, eps=1.0)
    optimiser.step(loss=6.0, target_loss=0.0)  # m = 1, D = sqrt(1 / 0.25) + 1 = 3
    assert optimiser.state[x]["exp_avg_sq"].item() == 1.0
    assert optimiser.last["grad_norm_sq"].item() == pytest.approx(4 / 3, rel=1e-15)
    assert optimiser.last["eta"].item() == pytest.approx(4.5, rel=1e-15)
    assert x.item() == pytest.approx(3.0, rel=1e-15)


def test_zero_is_a_target_and_none_is_not() -> None:
    x = one(0.0, -2.0)
    SPSStar([x]).step(loss=torch.tensor(6.0), target_loss=torch.tensor(0.0))
    assert x.item() == 3.0
    with pytest.raises(ValueError, match="no target_loss"):
        SPSStar([x]).step(loss=6.0)


def test_a_loss_below_its_target_stops() -> None:
    x = one(1.0, -2.0)
    optimiser = SPSStar([x])
    optimiser.step(loss=1.0, target_loss=1.5)
    assert x.item() == 1.0
    assert optimiser.last["numerator"].item() == -0.5


def test_a_gradient_of_zero_stops() -> None:
    x = one(1.0, 0.0)
    SPSStar([x]).step(loss=1.0, target_loss=0.0)
    assert x.item() == 1.0


@pytest.mark.parametrize("kind", [SPSStar, IAM, IAMAdam])
def test_a_nan_loss_shows_in_eta_and_everywhere(kind: Any) -> None:
    x = one(1.0, 1.0)
    optimiser = kind([x])
    optimiser.step(loss=float("nan"), target_loss=0.0)
    assert optimiser.last["eta"].isnan()
    assert x.isnan().all()


def test_a_cap_is_the_largest_step() -> None:
    x = one(0.0, -2.0)
    optimiser = SPSStar([x], cap=0.25)
    optimiser.step(loss=6.0, target_loss=0.0)
    assert x.item() == 0.5
    assert optimiser.last["capped"].item() == 1.0
    optimiser.step(loss=0.5, target_loss=0.0)
    assert (x.item(), optimiser.last["capped"].item()) == (0.75, 0.0)


def test_decay_is_the_proximal_step_after_the_step() -> None:
    x, y = one(0.0, -2.0), one(0.0, -2.0)
    SPSStar([x], weight_decay=0.5).step(loss=6.0, target_loss=0.0)
    assert x.item() == 3.0 / (1 + 1.5 * 0.5)
    x = one(1.0, -2.0)
    IAM([x], lam=1.0, weight_decay=0.5).step(loss=4.0, target_loss=0.0)
    assert x.item() == pytest.approx((1.0 + 3.0 / 1.5) / 2, rel=1e-15)
    group = {"params": [y], "scale": 2.0, "weight_decay": 0.5}
    SPSStar([group]).step(loss=6.0, target_loss=0.0)  # eta s is what moves y
    assert y.item() == 3.0 / (1 + 1.5 * 0.5)


@pytest.mark.parametrize("make", [SPSStar, lambda p: IAM(p, lam=0.0)])
def test_scales_of_groups_are_a_metric(make: Callable[[Any], Any]) -> None:
    x, y = one(0.0, 1.0), one(0.0, 1.0)
    groups = [{"params": [x]}, {"params": [y], "scale": 2.0}]
    optimiser = make(groups)
    optimiser.step(loss=6.0, target_loss=0.0)
    assert optimiser.last["grad_norm_sq"].item() == 3.0
    assert (x.item(), y.item()) == (-2.0, -4.0)


@pytest.mark.parametrize("flat", [True, False])
def test_sums_over_tensors_are_in_double_precision(flat: bool) -> None:
    large, small = one(0.0, 2.0**13, torch.float32), one(0.0, 1.0, torch.float32)
    if not flat:
        large, small = (torch.nn.Parameter(torch.zeros(2, 2)[:, 0]) for _ in range(2))
        large.grad = torch.tensor([2.0**13, 0.0])
        small.grad = torch.tensor([1.0, 0.0])
    optimiser = IAM([large, small])
    optimiser.step(loss=1.0, target_loss=0.0)
    assert optimiser.last["grad_norm_sq"].item() == 2**26 + 1


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("cap", [None, 0.03])
@pytest.mark.parametrize("lam", SCHEDULES)
@pytest.mark.parametrize("loss", LOSSES)
def test_iam_follows_theory(loss: str, lam: str, cap: float | None, flat: bool) -> None:
    chosen = SCHEDULES[lam]
    rule = Rule(IAM([one(0, 0)], lam=chosen).schedule, cap)
    found = run(problem(loss), lambda p: IAM(p, lam=chosen, cap=cap), flat=flat)
    assert_alike(found, reference(problem(loss), rule), BY)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("cap", [None, 0.03])
@pytest.mark.parametrize("loss", LOSSES)
def test_sps_star_follows_theory(loss: str, cap: float | None, flat: bool) -> None:
    found = run(problem(loss), lambda p: SPSStar(p, cap=cap), flat=flat)
    assert_alike(found, reference(problem(loss), Rule(schedules.NONE, cap)), BY)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("cap", [None, 0.03])
@pytest.mark.parametrize("loss", LOSSES)
def test_iam_adam_follows_theory(loss: str, cap: float | None, flat: bool) -> None:
    rule = Rule(schedules.P_CONVENTION, cap, ADAM)
    found = run(problem(loss), lambda p: iam_adam(p, cap=cap), flat=flat)
    assert_alike(found, reference(problem(loss), rule), BY)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
@pytest.mark.parametrize("make", [lambda p: IAM(p, weight_decay=0.1), iam_adam])
def test_compiled_and_fused_passes_agree(
    make: Callable[[Any], Any], kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handful of roundings in 20 steps, 1e-6 of them in float32."""
    of, by = problem("logistic"), 1e-13 if kind == torch.float64 else 2e-5
    first = list(run(of, make, kind=kind, steps=20))
    monkeypatch.delattr(parts.Part, "sums")  # so that was the other one
    again = list(run(of, make, kind=kind, steps=20))
    monkeypatch.undo()
    monkeypatch.delattr(compiled.Compiled, "sums")
    monkeypatch.setattr(polyak, "applies", lambda tensors: False)
    second = list(run(of, make, kind=kind, steps=20))
    assert_alike(iter(first), iter(again), 0.0)
    assert_alike(iter(first), iter(second), by)


def test_groups_with_scales_follow_theory() -> None:
    scale = np.repeat([1.0, 0.25, 3.0], [6, 1, 2])

    def make(params: list[Any]) -> IAM:
        groups = [params[:2], params[2:3], params[3:]]
        scales = [1.0, 0.25, 3.0]
        described = [
            {"params": group, "scale": s}
            for group, s in zip(groups, scales, strict=True)
        ]
        return IAM(described, lam="t", weight_decay=0.01)

    rule = Rule(schedules.P_CONVENTION, scale=scale, decay=0.01)
    of = problem("squared")
    assert_alike(run(of, make), reference(of, rule), BY)


def test_a_scale_is_a_change_of_variable() -> None:
    """SPS* on f(sqrt(s) y) moves y as SPS* with scale s moves x = sqrt(s) y."""
    x, y = one(0.0, 3.0), one(0.0, 6.0)  # s = 4
    SPSStar([x], scale=4.0).step(loss=9.0, target_loss=0.0)
    SPSStar([y]).step(loss=9.0, target_loss=0.0)
    assert x.item() == 2.0 * y.item()


def test_the_runs_see_their_steps() -> None:
    """The comparison is one of runs that move, not of nothing with nothing."""
    points = list(reference(problem("squared"), Rule(schedules.P_CONVENTION)))
    assert all(np.any(a.x != b.x) for a, b in pairwise(points))
    assert sum(p.eta > 0 for p in points) > 20
