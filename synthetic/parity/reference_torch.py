"""The same network as a torch module, and the plain loop that the kernels replace."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from synthetic.parity.network import Network
from synthetic.parity.rates import Rates
from synthetic.parity.stream import Stream
from synthetic.parity.train import Targets


def to_module(network: Network, dtype: Any = None) -> torch.nn.Sequential:
    """Linear, ReLU, Linear with the network's weights.

    Args:
        network: One or two logits.
        dtype: Of torch; the network's own if `None`.

    """
    kind = dtype or (torch.float32 if network.dtype == np.float32 else torch.float64)
    module = torch.nn.Sequential(
        torch.nn.Linear(network.dim, network.width),
        torch.nn.ReLU(),
        torch.nn.Linear(network.width, network.logits),
    ).to(kind)
    tensors = network.tensors()
    names = ("hidden.weight", "hidden.bias", "readout.weight", "readout.bias")
    with torch.no_grad():
        for parameter, name in zip(module.parameters(), names, strict=True):
            parameter.copy_(torch.from_numpy(tensors[name]))
    return module


def from_module(module: torch.nn.Module, *, step: int = 0) -> Network:
    """The network of a module whose parameters are those of `to_module`."""
    values = [p.detach().cpu().numpy() for p in module.parameters()]
    names = ("hidden.weight", "hidden.bias", "readout.weight", "readout.bias")
    return Network.from_tensors(dict(zip(names, values, strict=True)), step=step)


def loss_of(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy against the probabilities of class 1."""
    if logits.shape[1] == 1:
        return torch.nn.functional.binary_cross_entropy_with_logits(
            logits[:, 0], targets
        )
    return torch.nn.functional.cross_entropy(
        logits, torch.stack((1.0 - targets, targets), dim=1)
    )


def train_eagerly(
    module: torch.nn.Module,
    stream: Stream,
    rates: Rates,
    steps: range,
    targets: Targets | None = None,
    batch: int = 1,
) -> None:
    """Steps of `torch.optim.SGD` one after another, in the module's own precision."""
    start, num = steps.start * batch, len(steps) * batch
    kind = next(module.parameters()).dtype
    wanted = stream.labels(start, num) if targets is None else targets(start, num)
    inputs = torch.from_numpy(stream.signs(start, num)).to(kind)
    labels = torch.from_numpy(np.asarray(wanted, dtype=np.float64)).to(kind)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.0)
    for t, rate in enumerate(rates(np.arange(steps.start, steps.stop))):
        optimiser.param_groups[0]["lr"] = float(rate)
        optimiser.zero_grad()
        rows = slice(t * batch, (t + 1) * batch)
        loss_of(module(inputs[rows]), labels[rows]).backward()
        optimiser.step()
