"""Autocast, and steps off the CPU that wait for nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.nn.functional import mse_loss
from torch.utils._python_dispatch import TorchDispatchMode

from gpt2_demo import IAM
from tests.optimiser_training import (
    KINDS,
    TARGET,
    batch,
    close,
    model,
    train,
    values,
)
from theory import formulas


@pytest.mark.parametrize("kind", KINDS)
def test_autocast_to_bfloat16_trains(kind: Any) -> None:
    net = model(torch.float32)
    optimiser = kind(net.parameters(), cap=1.0)
    inputs, wanted = batch(0, 16, torch.float32)
    found = []
    for _ in range(40):
        optimiser.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            assert net(inputs).dtype == torch.bfloat16
            loss = mse_loss(net(inputs).float(), wanted)
        loss.backward()
        optimiser.step(loss=loss, target_loss=0.3)
        found.append(loss.item())
    assert found[-1] < 0.7 * found[0]
    assert all(x.dtype == torch.float32 for x in net.parameters())


class NoReading(TorchDispatchMode):  # type: ignore[misc]
    """Fails where a program would wait for a tensor's number."""

    def __torch_dispatch__(
        self, func: Any, _types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        assert "_local_scalar_dense" not in str(func)
        assert "nonzero" not in str(func)
        return func(*args, **(kwargs or {}))


def meta_step(kind: Any) -> None:
    """A step on tensors without numbers: to read one is an error."""
    net = model(torch.float32).to("meta")
    for x in net.parameters():
        x.grad = torch.empty_like(x)
    groups = [
        {"params": list(net[0].parameters()), "scale": 0.5, "weight_decay": 0.1},
        {"params": list(net[2].parameters())},
    ]
    optimiser = kind(groups, cap=0.1)
    loss = torch.empty((), device="meta")
    with NoReading():
        for _ in range(2):
            optimiser.accumulate(loss, 0.5)
            optimiser.step(grad_scale=loss)
            optimiser.step(loss=loss, target_loss=0.0)
    assert optimiser.last["eta"].device.type == "meta"


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_off_the_cpu_reads_no_number(kind: Any) -> None:
    meta_step(kind)


def test_a_step_that_reads_a_number_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = formulas.polyak
    monkeypatch.setattr(formulas, "polyak", lambda *args: max(keep(*args), keep(*args)))
    with pytest.raises((AssertionError, RuntimeError, NotImplementedError)):
        meta_step(IAM)


def test_the_step_has_the_parameters_type() -> None:
    """Otherwise torch launches a kernel for each tensor in place of one for all."""
    seen = []

    class Watch(TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(
            self, func: Any, _types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if "_foreach_mul.Tensor" in str(func):
                seen.append((args[0][0].dtype, args[1].dtype))
            return func(*args, **(kwargs or {}))

    x = torch.nn.Parameter(torch.empty(3, device="meta"))
    x.grad = torch.empty_like(x)
    with Watch():
        IAM([x]).step(loss=1.0, target_loss=0.0)
    assert seen == [(torch.float32, torch.float32)]


CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@contextmanager
def no_waiting() -> Iterator[None]:
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


@pytest.mark.gpu
@CUDA
@pytest.mark.parametrize("kind", KINDS)
def test_cuda_steps_are_the_cpus_and_wait_for_nothing(kind: Any) -> None:
    on_cpu, on_cuda = model(), model().cuda()
    first = kind(on_cpu.parameters(), weight_decay=1e-3)
    second = kind(on_cuda.parameters(), weight_decay=1e-3)
    for seed in range(5):
        train(on_cpu, first, range(seed, seed + 1))
        second.zero_grad()
        inputs, wanted = (one.cuda() for one in batch(seed))
        loss = mse_loss(on_cuda(inputs), wanted)
        loss.backward()
        with no_waiting():
            second.step(loss=loss, target_loss=TARGET)
    assert close(values(on_cpu), [x.cpu() for x in values(on_cuda)], 1e-10)


@pytest.mark.gpu
@CUDA
@pytest.mark.parametrize("kind", KINDS)
def test_autocast_on_cuda_trains(kind: Any) -> None:
    net = model(torch.float32).cuda()
    optimiser = kind(net.parameters(), cap=1.0)
    inputs, wanted = (one.cuda() for one in batch(0, 16, torch.float32))
    found = []
    for _ in range(40):
        optimiser.zero_grad()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = mse_loss(net(inputs).float(), wanted)
        loss.backward()
        optimiser.step(loss=loss, target_loss=0.3)
        found.append(loss.item())
    assert found[-1] < 0.7 * found[0]
