"""Every wrong argument is refused in words that name the value and what helps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gpt2_demo import IAM, IAMAdam, SPSStar
from theory.errors import InputError
from theory.schedules import Schedule


def x(kind: Any = torch.float32, size: int = 2) -> Any:
    return torch.nn.Parameter(torch.ones(size, dtype=kind))


def ready(**options: Any) -> IAM:
    one = x()
    one.grad = torch.ones(2)
    return IAM([one], **options)


def wrong(**options: Any) -> dict[str, Any]:
    """What a type checker would refuse as well."""
    return options


CONSTRUCTORS: list[tuple[Callable[[], Any], str]] = [
    (lambda: IAM([x()], lam="x"), r"'t' or a Schedule, got 'x'"),
    (lambda: IAM([x()], **wrong(lam=None)), r"'t' or a Schedule, got None"),
    (lambda: IAM([x()], lam=True), r"'t' or a Schedule, got True"),
    (lambda: IAM([x()], lam=-1.0), r"lambda >= 0, got lam=-1.0"),
    (lambda: IAM([x()], lam=float("nan")), r"lambda >= 0, got lam=nan"),
    (lambda: IAM([x()], lam=Schedule(-1.0, 0.0)), r"slope >= 0"),
    (lambda: IAM([x()], cap=0), r"cap > 0, or None for no cap; got cap=0"),
    (lambda: IAM([x()], cap=float("inf")), r"or None for no cap; got cap=inf"),
    (lambda: IAM([x()], **wrong(cap="1")), r"or None for no cap; got cap='1'"),
    (lambda: SPSStar([x()], weight_decay=-0.1), r"got weight_decay=-0.1"),
    (lambda: SPSStar([x()], scale=0.0), r"scale > 0, 1.0 for none; got scale=0.0"),
    (lambda: IAMAdam([x()], beta2=1.0), r"beta2 < 1, such as 0.999; got beta2=1.0"),
    (lambda: IAMAdam([x()], eps=0.0), r"eps > 0 .* got eps=0.0"),
    (lambda: IAM([]), r"of parameters, or of groups .* got none. Pass model"),
    (lambda: IAM(iter(())), r"got none. Pass model.parameters"),
    (lambda: IAM([{"params": []}]), r"at least one parameter, got groups of none"),
    (lambda: IAM(x()), r"got one torch.FloatTensor. Pass model"),
    (lambda: IAM(torch.nn.Linear(2, 2)), r"got one torch.nn.* Pass model.parameters"),
    (lambda: IAM({"a": x()}), r"got one dict. Pass model.parameters"),
    (lambda: IAM(["a"]), r"got 'a' among them"),
    (lambda: IAM([x(torch.bfloat16)]), r"float64, got torch.bfloat16.*autocast"),
    (lambda: IAM([x(torch.float16)]), r"float64, got torch.float16.*autocast"),
    (lambda: IAM([x(torch.complex64)]), r"float64, got torch.complex64"),
    (
        lambda: IAM([{"params": [x()], "cap": 1}, {"params": [x()], "cap": None}]),
        r"one cap for all groups, got None beside 1.0.*by their scale",
    ),
    (
        lambda: IAM([{"params": [x()]}, {"params": [x()], "lam": 1.0}]),
        r"one lam for all groups, got \(0.0, 1.0\) beside \(0.0, 9.0\)",
    ),
    (
        lambda: IAM([{"params": [x()], "lr": 1.0}]),
        r"options among t, lam, cap, weight_decay, scale; got 'lr'",
    ),
    (lambda: IAMAdam([{"params": [x()], "eps": -1}]), r"got eps=-1"),
]


@pytest.mark.parametrize(("make", "words"), CONSTRUCTORS)
def test_a_wrong_constructor_is_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        make()


STEPS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda o: o.step(), r"got no loss"),
    (lambda o: o.step(loss=1.0), r"got no target_loss. The target is"),
    (lambda o: o.step(target_loss=1.0), r"got no loss"),
    (lambda o: o.accumulate(1.0, None), r"got no target_loss"),
    (
        lambda o: o.step(loss=torch.ones(8), target_loss=0.0),
        r"one real loss a batch, its mean, .*shape \(8,\).*\.mean\(\)",
    ),
    (
        lambda o: o.step(loss=1.0, target_loss=torch.ones(0)),
        r"one real target_loss .*shape \(0,\)",
    ),
    (lambda o: o.step(loss="a", target_loss=0.0), r"loss as a number .* got 'a'"),
    (lambda o: o.step(loss=1.0, target_loss=[1, 2]), r"target_loss as a number"),
    (
        lambda o: o.step(loss=1.0, target_loss=0.0, grad_scale=0.0),
        r"grad_scale > 0, 1.0 for none, got 0.0",
    ),
    (lambda o: o.step(lambda: (1.0, 2.0, 3.0)), r"returns the loss or \(loss, target"),
    (lambda o: o.step(lambda: 1.0, loss=1.0, target_loss=0.0), r"need loss from"),
    (lambda o: o.step(lambda: (1.0, 0.0), target_loss=0.0), r"need target_loss from"),
    (lambda o: o.step(lambda: None), r"got no loss"),
]


@pytest.mark.parametrize(("call", "words"), STEPS)
def test_a_wrong_step_is_refused(call: Callable[[Any], Any], words: str) -> None:
    optimiser = ready()
    with pytest.raises(InputError, match=f"(?i){words}"):
        call(optimiser)
    assert optimiser.param_groups[0]["t"] == 0


def test_a_loss_is_given_once() -> None:
    optimiser = ready()
    optimiser.accumulate(1.0, 0.0)
    with pytest.raises(InputError, match=r"from accumulate\(\) or in step\(\)"):
        optimiser.step(loss=1.0, target_loss=0.0)
    optimiser.step()
    with pytest.raises(InputError, match="got no loss"):
        optimiser.step()


def test_a_sparse_gradient_is_refused() -> None:
    table = torch.nn.Embedding(3, 2, sparse=True)
    loss = table(torch.tensor([1])).sum()
    loss.backward()
    for kind in (SPSStar, IAM, IAMAdam):
        optimiser = kind(table.parameters())
        with pytest.raises(InputError, match=r"got a sparse one.*sparse=False"):
            optimiser.step(loss=loss, target_loss=0.0)
        assert not optimiser.state


def test_a_refused_group_is_not_there() -> None:
    optimiser = ready(cap=1.0)
    with pytest.raises(InputError, match=r"got 2\.0 beside 1\.0"):
        optimiser.add_param_group({"params": [x()], "cap": 2.0})
    assert len(optimiser.param_groups) == 1
    optimiser.step(loss=1.0, target_loss=0.0)


def test_a_loss_may_have_any_shape_of_one_number_and_any_type() -> None:
    for loss in (torch.tensor([[1]]), np.float32(1.0), np.array(1.0), 1):
        optimiser = ready(lam=0.0)
        optimiser.step(loss=loss, target_loss=0)
        assert optimiser.last["eta"].item() == 0.5


def test_a_loss_elsewhere_is_moved() -> None:
    one = torch.nn.Parameter(torch.empty(2, device="meta"))
    one.grad = torch.empty_like(one)
    optimiser = IAM([one])
    optimiser.step(loss=torch.tensor(1.0), target_loss=torch.tensor(0.5))
    assert optimiser.last["eta"].device.type == "meta"
