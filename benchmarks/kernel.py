r"""Nanoseconds per replica and step: compiled kernel, batched NumPy, torch loop.

    OMP_NUM_THREADS=1 python benchmarks/kernel.py [--quick]

d = 20, n = 200, every 20th point recorded, one thread. "steps" records the running mean
of the sampled excesses alone; "all" adds $f(x_t)$ and $f(\bar x_t)$, each of them n
losses at every recorded point. The torch loop runs one replica by autograd and records
nothing. Repetitions of all the contestants alternate, so that a busy machine slows all
of them; each number is the median with the smallest and the largest.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.timing import cell, nanoseconds, ratio
from synthetic.draws import component_draws
from synthetic.engines import compiled
from synthetic.engines.simulate import simulate
from synthetic.families import planted
from synthetic.losses import LOSSES
from synthetic.problems.glm import GLM
from synthetic.setting import Setting
from theory import formulas
from theory.method import IAM_P, SPS_STAR, Method
from theory.trace import SAMPLED

DIM, NUM, EVERY, SEED = 20, 200, 20, 7
STEPS = frozenset({"average_gap"})
CASES = (
    *(("squared", SPS_STAR), ("squared", IAM_P)),
    *(("logistic", SPS_STAR), ("logistic", IAM_P)),
)
CONTESTANTS = ("kernel, steps", "NumPy, steps", "kernel, all", "NumPy, all", "torch")


@dataclass(frozen=True)
class Size:
    """How much is run: replicas, steps, steps of the torch loop, repetitions."""

    replicas: int
    steps: int
    torch_steps: int
    repetitions: int


FULL, QUICK = Size(1024, 1000, 1000, 9), Size(256, 200, 100, 3)


def by_numpy(setting: Setting, size: Size, channels: frozenset[str]) -> None:
    """Batched NumPy, draws included."""
    weights = setting.problem.weights
    draws = component_draws(SEED, 0, size.replicas, setting.horizon, weights, NUM)
    simulate(setting, draws, channels=channels, times=times_of(size))


def by_kernel(setting: Setting, size: Size, channels: frozenset[str]) -> None:
    """The compiled engine."""
    compiled.sample(
        setting,
        seed=SEED,
        replicas=range(size.replicas),
        channels=channels,
        times=times_of(size),
    )


def times_of(size: Size) -> np.ndarray:
    """Every 20th step, up to the last."""
    return np.arange(0, size.steps, EVERY)


def by_torch(setting: Setting, num_steps: int) -> None:
    """One replica as people write it: autograd for the gradient, then the formulas."""
    problem, method = setting.problem, setting.method
    assert isinstance(problem, GLM)
    draws = component_draws(SEED, 0, 1, num_steps, problem.weights, NUM)[:, 0]
    autograd: Any = torch.autograd
    features = torch.from_numpy(problem.features)
    target = torch.from_numpy(problem.target)
    told = torch.from_numpy(setting.targets(setting.target))
    x = torch.zeros(DIM, dtype=torch.float64, requires_grad=True)
    z = torch.zeros(DIM, dtype=torch.float64)
    for t, i in enumerate(draws.tolist()):
        score = features[i] @ x
        if problem.loss.name == "squared":
            loss = 0.5 * (score - target[i]) ** 2
        else:
            loss = torch.nn.functional.softplus(score) - target[i] * score
        (grad,) = autograd.grad(loss, x)
        with torch.no_grad():
            inner, norm_sq = grad @ (z - x), grad @ grad
            eta = method.rule(loss, told[i], inner, norm_sq, method.size)
            z -= eta * grad
            x.copy_(formulas.average(x, z, method.schedule(t + 1.0)))


def measure(loss: str, method: Method, size: Size) -> dict[str, list[float]]:
    """All repetitions of all contestants, in turn."""
    problem = planted(LOSSES[loss], num_components=NUM, dim=DIM, noise=1.0, seed=1)
    setting = Setting(
        name=loss,
        problem=problem,
        method=method,
        x0=np.zeros(DIM),
        horizon=size.steps,
    )
    ran = int(times_of(size)[-1]) + 1  # the kernel stops at the last recorded point
    runs: dict[str, tuple[Callable[[], None], int]] = {
        "kernel, steps": (lambda: by_kernel(setting, size, STEPS), ran),
        "NumPy, steps": (lambda: by_numpy(setting, size, STEPS), size.steps),
        "kernel, all": (lambda: by_kernel(setting, size, SAMPLED), ran),
        "NumPy, all": (lambda: by_numpy(setting, size, SAMPLED), size.steps),
    }
    found: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    runs["kernel, steps"][0]()  # compiles, or loads from the cache
    for _ in range(size.repetitions):
        for name, (run, steps) in runs.items():
            found[name].append(nanoseconds(run, size.replicas * steps))
        found["torch"].append(
            nanoseconds(lambda: by_torch(setting, size.torch_steps), size.torch_steps)
        )
    return found


def seconds_to_first_run(cache: str) -> float:
    """A fresh process: seconds from its import of the kernel to its first result."""
    code = (
        "import time, numpy as np\n"
        "from benchmarks.kernel import QUICK, SAMPLED, Setting, by_kernel, planted\n"
        "from benchmarks.kernel import DIM, LOSSES, NUM, SPS_STAR\n"
        "p = planted(LOSSES['squared'], num_components=NUM, dim=DIM)\n"
        "s = Setting(name='s', problem=p, method=SPS_STAR, x0=np.zeros(DIM), "
        "horizon=200)\n"
        "start = time.perf_counter()\n"
        "by_kernel(s, QUICK, SAMPLED)\n"
        "print(time.perf_counter() - start)\n"
    )
    environment = os.environ | {"RATECHECK_CACHE": cache}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def table(size: Size) -> None:
    """Measure and print."""
    head = ["problem", "method", *CONTESTANTS, "NumPy/kernel, steps", "all", "torch"]
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for loss, method in CASES:
        found = measure(loss, method, size)
        row = [loss, method.name, *(cell(found[name]) for name in CONTESTANTS)]
        row += [
            ratio(found["NumPy, steps"], found["kernel, steps"]),
            ratio(found["NumPy, all"], found["kernel, all"]),
            ratio(found["torch"], found["kernel, steps"]),
        ]
        print("| " + " | ".join(row) + " |", flush=True)


def main() -> None:
    """Print versions, the table, and the price of a first run."""
    parser = argparse.ArgumentParser(description="Time the compiled engine.")
    parser.add_argument("--quick", action="store_true", help="seconds, not minutes")
    size = QUICK if parser.parse_args().quick else FULL
    packages = ("numpy", "numba", "llvmlite", "torch")
    print(
        f"Python {platform.python_version()},",
        ", ".join(f"{name} {version(name)}" for name in packages),
    )
    print(f"ns per replica and step, one thread; d = {DIM}, n = {NUM}; {size}\n")
    torch.set_num_threads(1)
    with threadpool_limits(limits=1):
        table(size)
    with tempfile.TemporaryDirectory() as cache:
        first, second = (seconds_to_first_run(cache) for _ in range(2))
    print(
        f"\nfirst run of a process: {first:.1f} s compiling, {second:.2f} s from disk"
    )


if __name__ == "__main__":
    main()
