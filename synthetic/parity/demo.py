"""The study that fits into minutes: five modes on a parity of six among 24 inputs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from synthetic.parity.curriculum import standard
from synthetic.parity.recipe import Recipe, Task, Training
from synthetic.parity.study import Place, Runs, run_study
from synthetic.parity.verdicts import (
    Verdict,
    degree1_spike,
    mid_suffices,
    progressive,
)
from theory.errors import InputError

DEMO = Recipe()
SMALL = Recipe(
    task=Task(dim=12, k=4),
    teacher=Training(256, every=50, max_steps=4000),
    student=Training(32, every=50, max_steps=4000),
    cadence=50,
    test_samples=2048,
    probe_samples=4096,
)
FIRST = {DEMO: 4000, SMALL: 250}
"""Steps of a student on the middle or early checkpoint, fixed before any run."""


def run_demo(
    recipe: Recipe,
    seeds: Sequence[int],
    temperature: float,
    *,
    folder: Path | None = None,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[Runs, list[Verdict]]:
    """All modes on all seeds, and what they say.

    Args:
        recipe: `DEMO` or `SMALL`.
        seeds: Which.
        temperature: Of the teacher's logits.
        folder: Where runs are kept; a temporary one if `None`.
        jobs: Processes.
        progress: Called with (done, total).

    """
    if not seeds:
        msg = "Need at least one seed."
        raise InputError(msg)
    modes = standard(temperature, FIRST.get(recipe, 4000))
    with tempfile.TemporaryDirectory(prefix="ratecheck-") as scratch:
        place = Place.of(folder or Path(scratch))
        runs = run_study(recipe, seeds, modes, place, jobs=jobs, progress=progress)
    teachers = [runs.teachers[seed] for seed in runs.seeds]
    verdicts = [degree1_spike(teachers)]
    if any(runs.of(mode) for mode in modes[1:]):
        verdicts += [mid_suffices(runs, temperature), progressive(runs, temperature)]
    return runs, verdicts
