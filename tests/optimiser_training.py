"""A small network, its batches, and its training by a Polyak step."""

from typing import Any

import torch
from torch.nn.functional import mse_loss

from gpt2_demo import IAM, IAMAdam, SPSStar

KINDS = [SPSStar, IAM, IAMAdam]
TARGET = 0.01


def model(kind: Any = torch.float64) -> Any:
    torch.manual_seed(1)
    layers = torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)
    return torch.nn.Sequential(*layers).to(kind)


def batch(seed: int, rows: int = 8, kind: Any = torch.float64) -> tuple[Any, Any]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(rows, 5, generator=generator, dtype=torch.float64).to(kind),
        torch.randn(rows, 2, generator=generator, dtype=torch.float64).to(kind),
    )


def loss_of(net: Any, seed: int) -> Any:
    inputs, wanted = batch(seed)
    return mse_loss(net(inputs), wanted)


def train(net: Any, optimiser: Any, seeds: range) -> None:
    for seed in seeds:
        optimiser.zero_grad(set_to_none=seed % 2 == 0)
        loss = loss_of(net, seed)
        loss.backward()
        optimiser.step(loss=loss, target_loss=TARGET)


def values(net: Any) -> list[Any]:
    return [x.detach().clone() for x in net.parameters()]


def same(first: list[Any], second: list[Any]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def close(first: list[Any], second: list[Any], by: float) -> bool:
    pairs = zip(first, second, strict=True)
    return all(torch.allclose(a, b, rtol=by, atol=by) for a, b in pairs)
