"""One student, trained and summed up in one file."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from gpt2_demo import teacher
from gpt2_demo.compare import ground as grounds
from gpt2_demo.compare.presets import Preset
from gpt2_demo.compare.runs import Run
from gpt2_demo.history import History
from gpt2_demo.plan import DivergedError
from gpt2_demo.processes import place
from gpt2_demo.train import Trainer
from theory.errors import InputError
from theory.files import write

MOST_POINTS = 200
"""Step sizes that are kept of a run."""

Result = dict[str, Any]


def path_of(folder: Path, run: Run) -> Path:
    """Where its result is."""
    return folder / "runs" / f"{run.id}.json"


def read(folder: Path, run: Run) -> Result | None:
    """Its result, if it is done."""
    path = path_of(folder, run)
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        assert found["id"] == run.id
    except (OSError, ValueError, TypeError, KeyError, AssertionError) as error:
        msg = f"{path} is no result of a run ({error!r}). Remove it: it is done again."
        raise InputError(msg) from error
    return dict(found)


def work(folder: Path, preset: Preset, run: Run) -> float:
    """Train it, write its result, and say how many seconds that took."""
    ground = grounds.of(preset)
    shape = preset.small if run.student == "small" else preset.student
    losses = None
    if run.arm.is_polyak:
        file = folder / "teachers" / f"{run.teacher}.safetensors"
        losses = teacher.load(file, ground.train)
    with place(preset.device) as where:
        plan = grounds.student_plan(preset, run.seed)
        trainer = Trainer(ground.task(shape, losses), run.arm, plan, where)
        began = time.perf_counter()
        diverged = False
        try:
            trainer.run()
        except DivergedError:
            diverged = True
        seconds = time.perf_counter() - began
    result = summary(run, trainer.history, diverged)
    tokens = trainer.step * preset.batch * preset.context
    result |= {"seconds": seconds, "tokens_per_second": tokens / seconds}
    write(path_of(folder, run), (json.dumps(result, allow_nan=False) + "\n").encode())
    return seconds


def summary(run: Run, history: History, diverged: bool) -> Result:
    """What is kept of a run, as JSON: `null` stands for what is not finite.

    `valid` is the last validation loss, `null` where a training or validation loss was
    not finite: the run diverged. Step sizes have six digits: they are only drawn.
    """
    sizes = np.array(history.steps["step_size"])
    capped = np.array(history.steps["capped"])
    final = history.valid[-1] if history.valid else math.nan
    diverged = diverged or not math.isfinite(final)
    kept = np.unique(np.linspace(0, len(sizes) - 1, min(MOST_POINTS, len(sizes))))
    at = kept.round().astype(int)
    return {
        "id": run.id,
        "run": asdict(run),
        "valid": None if diverged else final,
        "diverged": diverged,
        "at": history.at,
        "curve": [_finite(value) for value in history.valid],
        "steps_at": at.tolist(),
        "step_sizes": [_finite(float(f"{value:.6g}")) for value in sizes[at]],
        "capped": _finite(capped.mean()) if len(capped) else None,
        "zero": float((sizes == 0).mean()) if len(sizes) else None,
    }


def loss_of(result: Result) -> float:
    """Its final validation loss in nats; infinity if it diverged."""
    return math.inf if result["valid"] is None else float(result["valid"])


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
