"""Checkpoints, copies, later groups, and z lent to the model."""

import copy
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gpt2_demo import IAM, IAMAdam, SPSStar, checkpoint
from tests.optimiser_training import (
    KINDS,
    loss_of,
    model,
    same,
    train,
    values,
)
from theory.errors import InputError


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_is_the_same_to_the_last_bit(kind: Any) -> None:
    net = model(torch.float64)
    options = {"cap": 0.5, "weight_decay": 1e-3}
    optimiser = kind(net.parameters(), **options)
    train(net, optimiser, range(5))
    file = io.BytesIO()
    torch.save({"model": net.state_dict(), "optimiser": optimiser.state_dict()}, file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    resumed = model()
    resumed.load_state_dict(saved["model"])
    other = kind(resumed.parameters())  # what was saved replaces these options
    other.load_state_dict(saved["optimiser"])
    train(net, optimiser, range(5, 10))
    train(resumed, other, range(5, 10))
    assert same(values(net), values(resumed))
    assert other.param_groups[0]["t"] == 10
    assert other.param_groups[0]["cap"] == 0.5


def test_a_state_dict_names_z_and_shares_nothing_once_loaded() -> None:
    net = model()
    optimiser = IAM(net.parameters(), lam="t")
    train(net, optimiser, range(3))
    saved = optimiser.state_dict()
    assert set(saved["state"][0]) == {"z"}
    assert saved["param_groups"][0]["lam"] == (1.0, 0.0)
    other = IAM(model().parameters())
    other.load_state_dict(saved)
    assert other.schedule == optimiser.schedule
    kept = saved["state"][0]["z"].clone()
    next(iter(other.state.values()))["z"].zero_()
    assert torch.equal(saved["state"][0]["z"], kept)


@pytest.mark.parametrize("saver", [SPSStar, IAM, torch.optim.AdamW])
def test_the_state_of_another_method_is_refused(saver: Any) -> None:
    net = model()
    other = saver(net.parameters())
    loss_of(net, 0).backward()
    given = {} if saver is torch.optim.AdamW else {"loss": 1.0, "target_loss": 0.0}
    other.step(**given)
    with pytest.raises(InputError, match="state_dict of IAMAdam"):
        IAMAdam(net.parameters()).load_state_dict(other.state_dict())


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_of_tensors_and_json_resumes_it(kind: Any, tmp_path: Path) -> None:
    net, other = model(), model()
    options = {} if kind is SPSStar else {"lam": "t"}
    optimiser, resumed = kind(net.parameters(), **options), kind(other.parameters())
    train(net, optimiser, range(3))
    tensors = checkpoint.gather(net, optimiser)
    meta = {"groups": checkpoint.groups(optimiser)}
    checkpoint.Checkpoint(tensors, meta).save(tmp_path / "saved")
    checkpoint.restore(checkpoint.load(tmp_path / "saved"), other, resumed)
    resumed.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
    train(net, optimiser, range(3, 6))
    train(other, resumed, range(3, 6))
    assert same(values(net), values(other))


def through_pickle(one: Any) -> Any:
    return pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("clone", [copy.deepcopy, through_pickle])
@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_goes_on_alike(kind: Any, clone: Callable[[Any], Any]) -> None:
    net = model()
    optimiser = kind(net.parameters(), cap=0.5)
    train(net, optimiser, range(3))
    net_copy, copied = clone((net, optimiser))
    train(net, optimiser, range(3, 6))
    assert not same(values(net), values(net_copy))
    train(net_copy, copied, range(3, 6))
    assert same(values(net), values(net_copy))
    assert torch.equal(copied.last["eta"], optimiser.last["eta"])


@pytest.mark.parametrize("kind", KINDS)
def test_tensors_may_be_exchanged_under_it(kind: Any) -> None:
    """As `Module.to` does where it swaps parameters: the object stays, its data go."""
    nets = [model() for _ in range(2)]
    opts = [kind(net.parameters()) for net in nets]
    for net, optimiser in zip(nets, opts, strict=True):
        train(net, optimiser, range(3))
    opts[1].zero_grad(set_to_none=True)
    for x in nets[1].parameters():
        torch.utils.swap_tensors(x, torch.nn.Parameter(x.detach().clone()))
    for net, optimiser in zip(nets, opts, strict=True):
        train(net, optimiser, range(4, 6))
    assert same(values(nets[0]), values(nets[1]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_may_come_later(kind: Any) -> None:
    net = model()
    head, body = net[2], net[0]
    optimiser = kind(head.parameters())
    train(net, optimiser, range(3))
    fixed = values(body)
    optimiser.add_param_group({"params": body.parameters(), "scale": 0.5})
    assert optimiser.param_groups[1]["t"] == 3
    train(net, optimiser, range(3, 5))
    assert not same(values(body), fixed)


def test_a_late_parameter_has_a_metric_of_its_own_age() -> None:
    """Its first D is |g| + eps, as at the start: no step thirty times too long."""
    x, late = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    optimiser = IAMAdam([x, late], lam=0.0)
    x.grad = torch.ones(1)
    for _ in range(50):
        optimiser.step(loss=1.0, target_loss=1.0)
    late.grad = torch.ones(1)
    optimiser.step(loss=1.0, target_loss=0.0)
    assert late.item() == pytest.approx(x.item(), rel=1e-5)


def test_z_is_lent_and_x_comes_back_to_the_last_bit() -> None:
    net = model()
    optimiser = IAM(net.parameters())
    train(net, optimiser, range(3))
    x = values(net)
    z = [optimiser.state[p]["z"].clone() for p in net.parameters()]

    def fail() -> None:
        with optimiser.at_z():
            assert same(values(net), z)
            raise KeyError

    with optimiser.at_z():
        assert same(values(net), z)
    with pytest.raises(KeyError):
        fail()
    assert same(values(net), x)
    assert same([optimiser.state[p]["z"] for p in net.parameters()], z)


@pytest.mark.parametrize(
    "call",
    [
        lambda o: o.step(loss=1.0, target_loss=0.0),
        lambda o: o.state_dict(),
        lambda o: o.load_state_dict({}),
        lambda o: o.at_z().__enter__(),
    ],
)
def test_nothing_else_while_z_is_lent(call: Callable[[Any], Any]) -> None:
    optimiser = IAM(model().parameters())
    with optimiser.at_z(), pytest.raises(InputError, match="outside of at_z"):
        call(optimiser)
    optimiser.state_dict()
