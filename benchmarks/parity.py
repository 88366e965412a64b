r"""Batch-1 SGD on sparse parity: the blocked kernel against torch's eager loop.

    python benchmarks/parity.py [--quick] [--threads 2]

d = 100, two logits, cross-entropy, float32. Both start from the same network and take
the same samples; the kernel's time includes drawing them and their labels, the eager
loop's does not: it gets tensors. The eager loop is the bare one (zero_grad, forward,
backward, step) on as many threads as the kernel. Distillation is from a teacher of
width 50 000 to a student of width 100: the kernel's time is that of the labels, written
to files and read again, and of the student. Repetitions alternate, so that a busy
machine slows both; numbers are the median with the smallest and the largest, ratios the
median with the smallest and the largest of the ratios within a repetition.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from benchmarks.timing import nanoseconds
from synthetic.parity import labels as labelling
from synthetic.parity.labels import TeacherLabels
from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.rates import Constant
from synthetic.parity.reference_torch import to_module
from synthetic.parity.stream import Parity, Stream
from synthetic.parity.train import train

DIM, TEACHER, STUDENT = 100, 50_000, 100
STREAM = Stream(dim=DIM, target=Parity((0, 1, 2, 3, 4, 5)), seed=1)
RATE = 0.005
PAUSE = 0.3  # seconds in which torch's idle threads stop spinning


@dataclass(frozen=True)
class Case:
    """One row: width and threads of both, steps of each."""

    width: int
    threads: int
    eager_steps: int
    kernel_steps: int


def eager(module: torch.nn.Module, teacher: torch.nn.Module | None, num: int) -> float:
    """Nanoseconds a step of the bare loop."""
    inputs = torch.from_numpy(STREAM.signs(0, num).astype(np.float32))
    classes = torch.from_numpy(STREAM.labels(0, num).astype(np.int64))
    cross_entropy = torch.nn.functional.cross_entropy
    optimiser = torch.optim.SGD(module.parameters(), lr=RATE)

    def loop() -> None:
        for t in range(num):
            x, target = inputs[t : t + 1], classes[t : t + 1]
            if teacher is not None:
                with torch.no_grad():
                    target = torch.softmax(teacher(x), dim=1)
            optimiser.zero_grad()
            cross_entropy(module(x), target).backward()
            optimiser.step()

    return nanoseconds(loop, num)


def alternate(
    runs: tuple[Callable[[], float], Callable[[], float]], repetitions: int
) -> tuple[list[float], list[float]]:
    """Nanoseconds a step of both, in turn, after one unmeasured run of each."""
    found: tuple[list[float], list[float]] = ([], [])
    for repetition in range(repetitions + 1):
        for run, samples in zip(runs, found, strict=True):
            taken = run()
            time.sleep(PAUSE)
            if repetition > 0:
                samples.append(taken)
    return found


def training(case: Case, repetitions: int) -> tuple[list[float], list[float]]:
    """Both loops on one network."""
    network = Network.default(DIM, case.width, seed=0)
    module = to_module(network)
    rates, plan, num = Constant(RATE), Plan(threads=case.threads), case.kernel_steps
    torch.set_num_threads(case.threads)
    return alternate(
        (
            lambda: eager(module, None, case.eager_steps),
            lambda: nanoseconds(
                lambda: train(network, STREAM, rates, num, plan=plan), num
            ),
        ),
        repetitions,
    )


def distillation(threads: int, repetitions: int) -> tuple[list[float], list[float]]:
    """Teacher's forward pass and student's step, one by one and in two stages."""
    teacher, num = Network.default(DIM, TEACHER, seed=0), labelling.CHUNK
    pupil = to_module(Network.default(DIM, STUDENT, seed=1))
    module = to_module(teacher)
    torch.set_num_threads(threads)

    def staged() -> None:
        student = Network.default(DIM, STUDENT, seed=1)
        with tempfile.TemporaryDirectory() as folder:
            labels = TeacherLabels(teacher, STREAM, Path(folder), threads)
            train(student, STREAM, Constant(RATE), num, labels.targets())

    return alternate(
        (lambda: eager(pupil, module, 1000), lambda: nanoseconds(staged, num)),
        repetitions,
    )


def row(name: str, found: tuple[list[float], list[float]]) -> str:
    """One line of the table."""
    slow, fast = ([1e9 / taken for taken in samples] for samples in found)
    ratios = [f / s for s, f in zip(slow, fast, strict=True)]
    cells = [
        f"{statistics.median(v):,.{k}f} ({min(v):,.{k}f} .. {max(v):,.{k}f})"
        for v, k in ((slow, 0), (fast, 0), (ratios, 1))
    ]
    minutes = 8e6 / statistics.median(fast) / 60
    return "| " + " | ".join((name, *cells, f"{minutes:,.1f}")) + " |"


PEAK = """
import resource, sys
from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.rates import Constant
from synthetic.parity.stream import Parity, Stream
from synthetic.parity.train import train
STREAM = Stream(dim=100, target=Parity((0, 1, 2, 3, 4, 5)), seed=1)
network = Network.default(100, 50_000, seed=0)
train(network, STREAM, Constant(0.005), 8192, plan=Plan(threads=THREADS))
assert "torch" not in sys.modules
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def peak_megabytes(threads: int) -> float:
    """Of a fresh process that trains the teacher and never imports torch."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK.replace("THREADS", str(threads))],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def main() -> None:
    """Print versions, the table and the peak memory."""
    parser = argparse.ArgumentParser(description="Time the parity kernels.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument(
        "--threads", type=int, default=os.cpu_count(), help="for width 50 000"
    )
    given = parser.parse_args()
    repetitions, threads = (2 if given.quick else 7), given.threads
    packages = ("numpy", "numba", "llvmlite", "torch")
    print(
        f"Python {platform.python_version()},",
        ", ".join(f"{name} {version(name)}" for name in packages),
    )
    print(f"load average before: {os.getloadavg()[0]:.1f}\n")
    head = ("case", "eager steps/s", "kernel steps/s", "ratio", "8M steps, min")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    cases = [
        *(Case(TEACHER, n, 200 * n, 4096 * n) for n in sorted({1, threads})),
        Case(1000, 1, 2000, 65536),
        Case(100, 1, 2000, 262144),
    ]
    for case in cases:
        name = f"width {case.width}, {case.threads} thread(s)"
        print(row(name, training(case, repetitions)), flush=True)
    for n in sorted({1, threads}):
        name = f"distil {TEACHER} to {STUDENT}, {n} thread(s)"
        print(row(name, distillation(n, min(repetitions, 3))), flush=True)
    print(f"\npeak memory, width {TEACHER}: {peak_megabytes(threads):.0f} MB")
    print(f"load average after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
