r"""Milliseconds of an optimiser's step on a GPT-2 of ten million parameters.

    OMP_NUM_THREADS=1 python benchmarks/optimisers.py [--quick]

One thread; with a CUDA device, there as well. Gradients are given, so only `step` is
timed. The contestants take turns, so that a busy machine slows all of them; each number
is the median with the smallest and the largest, each ratio the median over rounds. The
exit code is 1 if IAM takes more than 0.6 of torch's foreach AdamW or 2 of its fused.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from benchmarks.timing import cell
from gpt2_demo.optim import IAM, IAMAdam, SPSStar

LIMITS = {"AdamW, foreach": 0.6, "AdamW, fused": 2.0}
"""IAM's step is to take at most so much of theirs, on a CPU."""

Step = Callable[[], Any]


def parameters(device: str) -> list[torch.Tensor]:
    """The tensors of a GPT-2, each with a gradient."""
    config = GPT2Config(
        vocab_size=8192,
        n_positions=256,
        n_embd=256,
        n_layer=10,
        n_head=4,
        bos_token_id=0,
        eos_token_id=0,
    )
    torch.manual_seed(0)
    found = list(GPT2LMHeadModel(config).to(device).parameters())
    for x in found:
        x.grad = 1e-2 * torch.randn_like(x)
    return found


def contestants(device: str) -> dict[str, Step]:
    """A step of each, on parameters of its own."""
    polyak: dict[str, Any] = {
        "SPS*": lambda p: SPSStar(p, cap=1e-4),
        "IAM": lambda p: IAM(p, cap=1e-4),
        "IAM-Adam": lambda p: IAMAdam(p, cap=1e-4),
    }
    loss = torch.tensor(3.0, device=device)
    steps: dict[str, Step] = {}
    for name, make in polyak.items():
        made = make(parameters(device))
        steps[name] = partial(made.step, loss=loss, target_loss=2.0)
    for kind in ("foreach", "fused"):
        options = {kind: True}
        adam = torch.optim.AdamW(parameters(device), lr=1e-4, **options)
        steps[f"AdamW, {kind}"] = adam.step
    return steps


def measure(device: str, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each, round by round."""
    steps = contestants(device)
    found: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():  # compiles, allocates the state
        step()
        step()
    for _ in range(rounds):
        for name, step in steps.items():
            found[name].append(_milliseconds(step, device))
    return found


def _milliseconds(step: Step, device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    step()
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - start) * 1e3


def over(found: dict[str, list[float]], name: str, other: str) -> float:
    """The median over rounds of the ratio within each."""
    pairs = zip(found[name], found[other], strict=True)
    return statistics.median(a / b for a, b in pairs)


def table(device: str, rounds: int) -> bool:
    """Measure and print; is IAM within its limits?"""
    found = measure(device, rounds)
    print(f"| {device}: optimiser | ms | / AdamW, foreach | / AdamW, fused |")
    print("|---|---|---|---|")
    for name, times in found.items():
        ratios = [f"{over(found, name, other):.2f}" for other in LIMITS]
        print("| " + " | ".join([name, cell(times), *ratios]) + " |", flush=True)
    return all(over(found, "IAM", other) <= most for other, most in LIMITS.items())


def main() -> int:
    """Print versions and the tables."""
    parser = argparse.ArgumentParser(description="Time the optimisers' steps.")
    parser.add_argument("--quick", action="store_true", help="7 rounds, not 41")
    rounds = 7 if parser.parse_args().quick else 41
    torch.set_num_threads(1)
    count = sum(x.numel() for x in parameters("cpu"))
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "numba"))
    print(f"Python {platform.python_version()}, {packages}")
    print(f"{count:,} parameters in float32, one thread, {rounds} rounds\n")
    kept = table("cpu", rounds)
    if torch.cuda.is_available():
        print(f"\n{torch.cuda.get_device_name()}")
        table("cuda", rounds)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
