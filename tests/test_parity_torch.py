"""The kernels against torch's own loop, from the same state, stream and labels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch

from synthetic.parity.forward import logits
from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.rates import Constant, Cosine, Rates
from synthetic.parity.reference_torch import from_module, to_module, train_eagerly
from synthetic.parity.stream import Parity, Stream
from synthetic.parity.train import Targets, train

STEPS = 500
STREAM = Stream(dim=20, target=Parity((0, 1, 2)), seed=5, noise=0.1)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)  # idle threads of torch's own would spin beside ours


@dataclass(frozen=True)
class Case:
    logits: int = 2
    rates: Rates = field(default_factory=lambda: Constant(0.1))
    soft: bool = False
    plan: Plan = field(default_factory=Plan)
    width: int = 67

    @property
    def targets(self) -> Targets | None:
        if not self.soft:
            return None
        return lambda first, num: np.random.default_rng(first).random(num)


def distance(network: Network, module: torch.nn.Module) -> float:
    ours, theirs = network.tensors(), from_module(module).tensors()
    return max(float(np.abs(ours[k] - theirs[k]).max()) for k in ours)


def run(case: Case, stream: Stream = STREAM) -> float:
    network = Network.default(
        stream.dim, case.width, seed=1, logits=case.logits, dtype="float64"
    )
    module = to_module(network)
    before = network.copy()
    train_eagerly(
        module, stream, case.rates, range(STEPS), case.targets, case.plan.batch
    )
    train(network, stream, case.rates, STEPS, case.targets, case.plan)
    assert distance(before, module) > 0.01  # something was learnt
    assert network.step == STEPS
    return distance(network, module)


@pytest.mark.parametrize(
    "case",
    [
        Case(),
        Case(logits=1),
        Case(soft=True),
        Case(logits=1, soft=True),
        Case(plan=Plan(block=16)),
        Case(plan=Plan(block=48)),
        Case(plan=Plan(block=64)),
        Case(rates=Constant(0.1, warmup=50)),
        Case(rates=Cosine(0.1, num_steps=STEPS)),
        Case(rates=Cosine(0.1, num_steps=600, warmup=50), logits=1),
        Case(width=2500, plan=Plan(threads=2), rates=Constant(0.02)),
        *(Case(plan=Plan(batch=m)) for m in (2, 7, 8, 16, 24, 32, 50)),
        Case(plan=Plan(batch=8), logits=1, soft=True),
        Case(width=2500, plan=Plan(batch=16, threads=2)),
    ],
    ids=str,
)
def test_float64_is_torch_to_ten_digits(case: Case) -> None:
    assert run(case) < 1e-10


@pytest.mark.parametrize("dim", [1, 7, 63, 64, 100])
def test_every_number_of_inputs(dim: int) -> None:
    assert run(Case(), Stream(dim=dim, target=Parity((0,)), seed=2)) < 1e-10


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("count", [1, 2])
def test_float32_drifts_no_further_than_twice_torchs_own(seed: int, count: int) -> None:
    stream = Stream(dim=40, target=Parity((0, 1, 2)), seed=seed)
    network = Network.default(40, 300, seed=seed, logits=count)
    exact, single = to_module(network, torch.float64), to_module(network)
    rates = Constant(0.05)
    for module in (exact, single):
        train_eagerly(module, stream, rates, range(STEPS))
    train(network, stream, rates, STEPS)
    theirs = distance(from_module(single), exact)
    assert 0.0 < distance(network, exact) <= 2.0 * theirs


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_module_and_its_network_give_the_same_logits(count: int, dtype: str) -> None:
    network = Network.default(30, 70, seed=3, logits=count, dtype=dtype)
    inputs = Stream(30, Parity((0,)), seed=1).signs(0, 500)
    module = to_module(network)
    with torch.no_grad():
        found = module(torch.from_numpy(inputs).to(next(module.parameters()).dtype))
    margin = found[:, 0] if count == 1 else found[:, 1] - found[:, 0]
    tolerance = 1e-14 if dtype == "float64" else 1e-6
    np.testing.assert_allclose(logits(network, inputs), margin, atol=tolerance, rtol=0)


def test_the_default_is_torchs_own_range() -> None:
    ours = Network.default(100, 400, seed=0).tensors()
    theirs = torch.nn.Linear(100, 400), torch.nn.Linear(400, 2)
    for name, layer in zip(("hidden", "readout"), theirs, strict=True):
        for kind in ("weight", "bias"):
            tensor = ours[f"{name}.{kind}"]
            bound = layer.in_features**-0.5
            assert tensor.shape == getattr(layer, kind).shape
            assert np.abs(tensor).max() <= bound * (1 + 1e-6)
            if tensor.size > 100:  # the largest of 100 is that low once in 10**9 times
                assert np.abs(tensor).max() > 0.8 * bound
                assert abs(np.std(tensor) - bound / 3**0.5) < 0.1 * bound
