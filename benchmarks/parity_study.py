r"""Empirical claims on distilled parities: verdicts of two configurations and controls.

    OMP_NUM_THREADS=1 python benchmarks/parity_study.py [--seeds 20] [--folder DIR]

The main configuration (d = 24, k = 6) at tau = 1 and 0, a second one (d = 32, k = 5) at
tau = 1, all with step size .1 and batches of 32. Then, against one-shot in the main
one: other first checkpoints, an explicit degree-1 target, smoothed labels and the
labels themselves. With a folder, what is there is not run again.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from synthetic.parity import display
from synthetic.parity.curriculum import standard
from synthetic.parity.demo import DEMO
from synthetic.parity.modes import modes_of
from synthetic.parity.recipe import Recipe, Task
from synthetic.parity.study import Place, run_study
from synthetic.parity.verdicts import (
    Verdict,
    compared,
    degree1_spike,
    mid_suffices,
    progressive,
)

SECOND = replace(DEMO, task=Task(32, 5))
CONTROLS = "peak,early,random,degree1,smoothed,oracle"
OUT = Console(width=160)


def show(recipe: Recipe, seeds: range, tau: float, first: int, folder: Path) -> None:
    """One configuration: its table and the verdicts."""
    modes = standard(tau, first)
    runs = run_study(recipe, seeds, modes, Place.of(folder))
    OUT.print(display.modes_table(runs, tau))
    lines = display.teacher_lines(runs)
    verdicts: list[Verdict] = [mid_suffices(runs, tau), progressive(runs, tau)]
    verdicts.append(degree1_spike([runs.teachers[seed] for seed in runs.seeds]))
    for verdict in verdicts:
        lines += ["", *display.verdict_lines(verdict)]
    print("\n".join([*lines, ""]), flush=True)


def show_controls(seeds: range, tau: float, folder: Path) -> None:
    """Other sources, each against one-shot."""
    modes = modes_of(f"one-shot,{CONTROLS}", tau)
    runs = run_study(DEMO, seeds, modes, Place.of(folder))
    OUT.print(display.modes_table(runs, tau))
    print("\n".join(display.teacher_lines(runs)))
    for mode in modes[1:]:
        found = compared(runs, mode, modes[0])
        print(
            f"{mode.name} before one-shot: {found.wins} of {found.num} seeds; ratio of "
            f"medians {found.of_medians.value:.3f} [{found.of_medians.low:.3f}, "
            f"{found.of_medians.high:.3f}]",
            flush=True,
        )


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    seeds = range(asked.seeds)
    with tempfile.TemporaryDirectory(prefix="ratecheck-") as scratch:
        folder = asked.folder or Path(scratch)
        for tau in (1.0, 0.0):
            show(DEMO, seeds, tau, 4000, folder / "main")
        show(SECOND, seeds, 1.0, 5000, folder / "second")
        for tau in (1.0, 0.0):
            show_controls(seeds, tau, folder / "controls")


if __name__ == "__main__":
    main()
