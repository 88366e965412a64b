r"""Nanoseconds per replica and step of distillation: kernel, batched NumPy, torch loop.

    OMP_NUM_THREADS=1 python benchmarks/distilled.py [--quick]

d = 20, n = 200, decaying steps, one thread; $f(x_t)$ and $\|x_t - \theta\|^2$ at every
20th step. The torch loop runs one replica by autograd on $f_i(x) - \lambda \langle
\nabla f_i(\theta), x\rangle$ and records nothing; it is left out where there is no
torch. Repetitions of the contestants alternate, so that a busy machine slows all of
them; each number is the median with the smallest and the largest.
"""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.timing import cell, nanoseconds, ratio
from synthetic.draws import component_draws
from synthetic.engines import distilled
from synthetic.engines.distilled import Distillation
from synthetic.families import planted
from synthetic.losses import LOSSES
from synthetic.problems.glm import GLM

DIM, NUM, EVERY, SEED, LAM = 20, 200, 20, 7, 0.5
CASES = (("squared", 0.0), ("squared", 0.9), ("logistic", 0.0), ("logistic", 0.9))


@dataclass(frozen=True)
class Size:
    """How much is run: replicas, steps, steps of the torch loop, repetitions."""

    replicas: int
    steps: int
    torch_steps: int
    repetitions: int


FULL, QUICK = Size(1024, 1000, 1000, 9), Size(256, 200, 100, 3)


def case(loss: str, momentum: float, size: Size) -> tuple[GLM, Distillation]:
    """A random problem and a walk towards a point near its minimiser."""
    problem = planted(LOSSES[loss], num_components=NUM, dim=DIM, noise=1.0, seed=1)
    theta = problem.point + 0.1
    shift, drift = distilled.shifts(problem, theta, LAM)
    walk = Distillation(
        start=np.zeros(DIM),
        shift=shift,
        drift=drift,
        steps=0.01 * (1.0 - momentum) / np.sqrt(np.arange(size.steps) + 1.0),
        momentum=momentum,
        comparator=theta,
    )
    return problem, walk


def by_torch(problem: GLM, walk: Distillation, num_steps: int) -> None:
    """One replica as people write it: autograd, then heavy ball."""
    import torch  # noqa: PLC0415 -- an extra: the rest of the table does without

    draws = component_draws(SEED, 0, 1, num_steps, problem.weights, NUM)[:, 0]
    autograd: Any = torch.autograd
    features = torch.from_numpy(problem.features)
    target = torch.from_numpy(problem.target)
    shift, drift = torch.from_numpy(walk.shift), torch.from_numpy(walk.drift)
    x = torch.from_numpy(walk.start.copy()).requires_grad_(requires_grad=True)
    velocity = torch.zeros(DIM, dtype=torch.float64)
    for i, step in zip(draws.tolist(), walk.steps.tolist(), strict=False):
        score = features[i] @ x
        if problem.loss.name == "squared":
            loss = 0.5 * (score - target[i]) ** 2
        else:
            loss = torch.nn.functional.softplus(score) - target[i] * score
        (grad,) = autograd.grad(loss + shift[i] * score + drift @ x, x)
        with torch.no_grad():
            velocity = walk.momentum * velocity - step * grad
            x += velocity


def contestants(
    problem: GLM, walk: Distillation, size: Size
) -> dict[str, tuple[Callable[[], object], int]]:
    """What is timed, and over how many replica-steps."""
    times = np.arange(0, size.steps + 1, EVERY)
    asked: dict[str, Any] = {
        "seed": SEED,
        "replicas": range(size.replicas),
        "times": times,
    }
    all_steps = size.replicas * size.steps
    runs: dict[str, tuple[Callable[[], object], int]] = {
        "kernel": (lambda: distilled.sample(problem, walk, **asked), all_steps),
        "NumPy": (lambda: distilled.simulate(problem, walk, **asked), all_steps),
    }
    if find_spec("torch"):
        alone = size.torch_steps
        runs["torch"] = (lambda: by_torch(problem, walk, alone), alone)
    return runs


def table(size: Size) -> None:
    """Measure and print."""
    rows: list[list[str]] = []
    for loss, momentum in CASES:
        problem, walk = case(loss, momentum, size)
        runs = contestants(problem, walk, size)
        found: dict[str, list[float]] = {name: [] for name in runs}
        runs["kernel"][0]()  # compiles, or loads from the cache
        for _ in range(size.repetitions):
            for name, (run, replica_steps) in runs.items():
                found[name].append(nanoseconds(run, replica_steps))
        others = [name for name in runs if name != "kernel"]
        if not rows:
            rows.append(
                ["problem", "momentum", *runs, *(f"{n}/kernel" for n in others)]
            )
            rows.append(["---"] * len(rows[0]))
        ratios = [ratio(found[name], found["kernel"]) for name in others]
        rows.append(
            [loss, f"{momentum}", *(cell(found[name]) for name in runs), *ratios]
        )
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main() -> None:
    """Print versions and the table."""
    parser = argparse.ArgumentParser(description="Time distillation.")
    parser.add_argument("--quick", action="store_true", help="seconds, not minutes")
    size = QUICK if parser.parse_args().quick else FULL
    packages = ["numpy", "numba", "llvmlite"]
    if find_spec("torch"):
        import torch  # noqa: PLC0415 -- an extra

        torch.set_num_threads(1)
        packages.append("torch")
    print(
        f"Python {platform.python_version()},",
        ", ".join(f"{name} {version(name)}" for name in packages),
    )
    print(f"ns per replica and step, one thread; d = {DIM}, n = {NUM}; {size}\n")
    with threadpool_limits(limits=1):
        table(size)


if __name__ == "__main__":
    main()
