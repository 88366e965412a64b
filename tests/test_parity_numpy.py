"""The kernels, and kernels broken on purpose, against a loop without blocks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.rates import Constant, from_array
from synthetic.parity.stream import Parity, Stream
from synthetic.parity.train import train

ROOT = Path(__file__).resolve().parents[1]


def sgd(network: Network, stream: Stream, rates: np.ndarray, batch: int) -> Network:
    """Full gradients of both logits, one step after another."""
    tensors = network.tensors()
    w, b, a, c = (
        tensors[f"{layer}.{kind}"]
        for layer in ("hidden", "readout")
        for kind in ("weight", "bias")
    )
    inputs = stream.signs(0, rates.size * batch).astype(np.float64)
    labels = stream.labels(0, rates.size * batch)
    for t, rate in enumerate(rates):
        x, y = (v[t * batch : (t + 1) * batch] for v in (inputs, labels))
        h = np.maximum(x @ w.T + b, 0.0)
        f = h @ a.T + c
        if network.logits == 1:
            slope = 1.0 / (1.0 + np.exp(-f)) - y[:, None]
        else:
            p = np.exp(f - f.max(axis=1, keepdims=True))
            slope = p / p.sum(axis=1, keepdims=True) - np.stack((1.0 - y, y), axis=1)
        slope *= rate / batch
        back = (slope @ a) * (h > 0.0)
        a -= slope.T @ h
        c -= slope.sum(axis=0)
        w -= back.T @ x
        b -= back.sum(axis=0)
    return Network.from_tensors(tensors)


def gap(one: Network, other: Network) -> float:
    ours, theirs = one.tensors(), other.tensors()
    return max(float(np.abs(ours[k] - theirs[k]).max()) for k in ours)


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 130), st.integers(1, 40), st.sampled_from([1, 2])),
    batch=st.sampled_from([1, 1, 1, 2, 3, 8, 16, 33]),
    block=st.sampled_from([16, 32, 48, 80]),
    steps=st.integers(0, 100),
    seed=st.integers(0, 2**64 - 1),
)
def test_blocks_are_the_loop(
    shape: tuple[int, int, int], batch: int, block: int, steps: int, seed: int
) -> None:
    dim, width, logits = shape
    stream = Stream(dim, Parity((dim - 1, 0) if dim > 1 else (0,)), seed, noise=0.2)
    network = Network.default(dim, width, seed=seed, logits=logits, dtype="float64")
    rates = np.random.default_rng(seed).uniform(0.0, 0.1, steps)
    wanted = sgd(network, stream, rates, batch)
    train(network, stream, from_array(rates), steps, plan=Plan(batch, block))
    assert gap(network, wanted) < 1e-11


def test_the_sums_of_both_logits_never_move() -> None:
    network = Network.default(10, 20, seed=0, dtype="float64")
    before = network.tensors()
    stream = Stream(10, Parity((0, 1)), seed=0)
    train(network, stream, Constant(0.1), 100)
    after = network.tensors()
    for name in ("readout.weight", "readout.bias"):
        np.testing.assert_allclose(
            after[name].sum(axis=0), before[name].sum(axis=0), rtol=0, atol=1e-15
        )
        assert np.abs(after[name] - before[name]).max() > 1e-3


PROGRAM = """
from tests.test_parity_numpy import *
stream = Stream(20, Parity((0, 1)), seed=4)
network = Network.default(20, 30, seed=4, dtype="float64")
rates = np.full(96, 0.05)
wanted = sgd(network, stream, rates, BATCH)
train(network, stream, from_array(rates), 96, plan=Plan(batch=BATCH))
print(gap(network, wanted))
"""


class Edit(NamedTuple):
    file: str
    old: str
    new: str
    batch: int = 1


MUTANTS = {
    "none": Edit("kernel.py", "", ""),
    "no correction between sub-blocks": Edit(
        "kernel.py", "(block, block * SUB))", "(block, 0))"
    ),
    "correction turned in sub-blocks": Edit(
        "kernel.py", "moves[i] = -(gram", "moves[i] = (gram"
    ),
    "one logit's d for two": Edit("team.py", "float(network.logits)", "1.0"),
    "no bias": Edit("kernel_bits.py", "np.uint64(1) << np.uint64(bias", "np.uint64(0"),
    "inner products without the bias": Edit(
        "kernel_bits.py", "gram[:] = inputs\n", "gram[:] = inputs - 1\n"
    ),
    "W moved the wrong way": Edit(
        "kernel_passes.py",
        "sub(load(weights, place), change)",
        "add(load(weights, place), change)",
    ),
    "no bias's step": Edit(
        "kernel_passes.py", "for i in range(shape[0]):", "for i in range(shape[0] - 1):"
    ),
    "d moved the wrong way": Edit("kernel.py", "= -kappa * rates", "= kappa * rates"),
    "batches see each other's d": Edit(
        "kernel_steps.py",
        "fma(v, spread(moves, i), zero)",
        "fma(moved, spread(moves, i), zero)",
        8,
    ),
    "no correction between batches": Edit(
        "kernel_batches.py", "(block, first))", "(block, 0))", 8
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_kernel_is_seen(name: str, tmp_path: Path) -> None:
    file, old, new, batch = MUTANTS[name]
    for package in ("theory", "synthetic", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignored)
    source = tmp_path / "synthetic" / "parity" / file
    text = source.read_text("utf-8")
    if old:
        assert text.count(old) == 1, text.count(old)
        source.write_text(text.replace(old, new), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("BATCH", str(batch))],
        cwd=tmp_path,
        env=os.environ
        | {"RATECHECK_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = float(done.stdout)
    assert found < 1e-12 if name == "none" else found > 1e-6
