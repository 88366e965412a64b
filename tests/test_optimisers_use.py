"""How the optimisers are used: batches, clipping, closures, checkpoints, devices."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import mse_loss

from gpt2_demo import IAM, SPSStar, clip_grad_norm_
from tests.optimiser_training import (
    KINDS,
    TARGET,
    batch,
    close,
    loss_of,
    model,
    same,
    train,
    values,
)
from theory import claims as registry, formulas
from theory.errors import InputError

DOCS = Path(__file__).resolve().parents[1] / "docs" / "optimisers.md"


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_are_the_callers(kind: Any) -> None:
    net = model()
    optimiser = kind(net.parameters(), cap=0.1, weight_decay=0.1)
    loss = loss_of(net, 0)
    loss.backward()
    held = [x.grad for x in net.parameters()]
    kept = [g.clone() for g in held]
    returned = optimiser.step(loss=loss, target_loss=0.0, grad_scale=0.5)
    assert returned is loss
    assert all(x.grad is g for x, g in zip(net.parameters(), held, strict=True))
    assert same(held, kept)


def test_a_gradient_that_is_changed_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_place(tensors: Any, scale: Any) -> Any:
        torch._foreach_div_(tensors, scale)
        return tensors

    monkeypatch.setattr(torch, "_foreach_div", in_place)
    with pytest.raises(AssertionError):
        test_the_gradients_are_the_callers(IAM)


@pytest.mark.parametrize("kind", KINDS)
def test_micro_batches_are_one_batch(kind: Any) -> None:
    whole, parted = model(), model()
    first, second = kind(whole.parameters()), kind(parted.parameters())
    for seed in range(5):
        inputs, wanted = batch(seed, 12)
        first.zero_grad()
        loss = mse_loss(whole(inputs), wanted)
        loss.backward()
        first.step(loss=loss, target_loss=TARGET)
        second.zero_grad()
        for some, aims in zip(inputs.split(4), wanted.split(4), strict=True):
            share = mse_loss(parted(some), aims) / 3
            share.backward()
            second.accumulate(share, TARGET / 3)
        second.step()
    assert close(values(whole), values(parted), 1e-12)
    assert not close(values(whole), values(model()), 1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_clipped_gradient_makes_the_same_step(kind: Any) -> None:
    plain, clipped = model(), model()
    first, second = kind(plain.parameters()), kind(clipped.parameters())
    for seed in range(5):
        for net, optimiser, max_norm in ((plain, first, None), (clipped, second, 1e-2)):
            optimiser.zero_grad()
            loss = loss_of(net, seed)
            loss.backward()
            scale = None
            if max_norm is not None:
                scale = clip_grad_norm_(net.parameters(), max_norm)
                assert scale < 0.5
            optimiser.step(loss=loss, target_loss=TARGET, grad_scale=scale)
    assert close(values(plain), values(clipped), 1e-10)


def test_clipping_with_a_cap_bounds_the_displacement() -> None:
    net = model()
    optimiser = SPSStar(net.parameters(), cap=0.5)
    before = values(net)
    loss = loss_of(net, 0)
    loss.backward()
    scale = clip_grad_norm_(net.parameters(), 1e-2)
    optimiser.step(loss=loss, target_loss=0.0, grad_scale=scale)
    moved = [a - b for a, b in zip(values(net), before, strict=True)]
    length = torch.cat([one.reshape(-1) for one in moved]).norm().item()
    assert optimiser.last["capped"] == 1
    assert length == pytest.approx(0.5 * 1e-2, rel=1e-3)  # 1e-6 in torch's own norm
    assert length <= 0.5 * 1e-2


def test_clipping_is_torchs() -> None:
    first, second = model(), model()
    for net in (first, second):
        loss_of(net, 0).backward()
    scale = clip_grad_norm_(first.parameters(), 0.1)
    torch.nn.utils.clip_grad_norm_(second.parameters(), 0.1)
    grads = [[x.grad for x in net.parameters()] for net in (first, second)]
    assert same(*grads)
    assert 0 < scale < 1
    alone = torch.nn.Parameter(torch.zeros(2, 2))
    alone.grad = torch.ones(2, 2)
    assert clip_grad_norm_(alone, 4.0) == 1
    with pytest.raises(InputError, match="max_norm > 0"):
        clip_grad_norm_(alone, 0.0)


def test_closures_give_the_loss_or_the_target_too() -> None:
    nets = [model() for _ in range(3)]
    opts = [IAM(net.parameters()) for net in nets]
    train(nets[0], opts[0], range(1))

    def closure(k: int) -> Any:
        opts[k].zero_grad()
        loss = loss_of(nets[k], 0)
        assert loss.requires_grad
        loss.backward()
        return loss if k == 1 else (loss, TARGET)

    opts[1].step(lambda: closure(1), target_loss=TARGET)
    opts[2].step(lambda: closure(2))
    assert same(values(nets[0]), values(nets[1]))
    assert same(values(nets[0]), values(nets[2]))


@pytest.mark.parametrize("kind", KINDS)
def test_a_grad_scaler_passes_loss_and_target_on(kind: Any) -> None:
    nets = [model(torch.float32) for _ in range(2)]
    opts = [kind(net.parameters()) for net in nets]
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    for net, opt, is_scaled in zip(nets, opts, (False, True), strict=True):
        inputs, wanted = batch(0, kind=torch.float32)
        loss = mse_loss(net(inputs), wanted)
        (scaler.scale(loss) if is_scaled else loss).backward()
        if is_scaled:
            scaler.step(opt, loss=loss, target_loss=TARGET)
            scaler.update()
        else:
            opt.step(loss=loss, target_loss=TARGET)
    assert same(values(nets[0]), values(nets[1]))  # a power of two changes no digit


def test_what_has_no_gradient_goes_on_towards_z() -> None:
    x, y = (torch.nn.Parameter(torch.zeros(3)) for _ in range(2))
    optimiser = IAM([x, y], lam=9.0)
    x.grad, y.grad = torch.ones(3), torch.full((3,), 0.1)
    optimiser.step(loss=1.0, target_loss=0.0)
    y.grad = None
    z, before = optimiser.state[y]["z"].clone(), y.detach().clone()
    optimiser.step(loss=1.0, target_loss=0.0)
    wanted = formulas.average(before.numpy(), z.numpy(), np.float32(9.0))
    assert np.array_equal(y.detach().numpy(), wanted)
    assert torch.equal(optimiser.state[y]["z"], z)
    assert not torch.equal(y, before)


@pytest.mark.parametrize("kind", KINDS)
def test_what_never_had_a_gradient_stays(kind: Any) -> None:
    x, frozen = (torch.nn.Parameter(torch.full((3,), 0.1)) for _ in range(2))
    optimiser = kind([x, frozen])
    x.grad = torch.ones(3)
    with optimiser.at_z():
        pass
    for _ in range(20):
        optimiser.step(loss=1.0, target_loss=0.0)
    assert torch.equal(frozen, torch.full((3,), 0.1))
    assert not optimiser.state.get(frozen)


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_of_no_size_and_none_with_gradients(kind: Any) -> None:
    x, empty = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(0, 3))
    optimiser = kind([x, empty])
    optimiser.step(loss=1.0, target_loss=0.0)
    assert torch.equal(x, torch.ones(2))
    assert optimiser.last["eta"] == 0
    x.grad, empty.grad = torch.ones(2), torch.ones(0, 3)
    optimiser.step(loss=1.0, target_loss=0.0)
    assert (x < 1).all()


def test_the_example_of_the_docs_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    net, before = model(), values(model())
    names = {"model": net, "teacher": model(), "batches": range(3), "loss_of": loss_of}
    exec(example, names)
    assert names["optimiser"].param_groups[0]["t"] == 3
    assert close(values(net), before, 1e-15)  # its teacher is itself: N = 0
    names["loss_of"] = lambda of, seed: loss_of(of, seed) if of is net else 0.0
    exec(example, names)
    assert not close(values(net), before, 1e-3)


def test_the_claims_of_the_docs_exist() -> None:
    text = DOCS.read_text("utf-8")
    named = re.findall(r"`((?:sps|iam)\.[a-z_.*]+)`", text)
    assert len(named) > 10
    assert all(registry.find([name]) for name in named)
