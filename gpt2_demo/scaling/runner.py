"""One model of the grid, trained and summed up in one file."""

from __future__ import annotations

import json
import math
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from gpt2_demo import checkpoint, model as models, study
from gpt2_demo.plan import DivergedError, Plan, Task
from gpt2_demo.scaling import grid
from gpt2_demo.scaling.grid import Run
from gpt2_demo.scaling.presets import Preset
from gpt2_demo.study import Text
from gpt2_demo.train import CHECKPOINT, Trainer
from gpt2_demo.windows import Windows
from theory.errors import InputError
from theory.files import write

Result = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A run, and whether its model is wanted afterwards.

    Attributes:
        run: The run.
        is_kept: Does it teach?

    """

    run: Run
    is_kept: bool = False


@lru_cache(maxsize=1)
def text_of(preset: Preset) -> Text:
    """The corpus in windows, the second part cut to those that judge; kept."""
    found = study.read(preset.corpus, preset.vocab, preset.context)
    number = preset.held_out * preset.context + 1
    if len(found.valid.tokens) < number:
        msg = (
            f"Need {number} held-out tokens, and {preset.corpus} has "
            f"{len(found.valid.tokens)}. Give a longer text or a smaller held_out."
        )
        raise InputError(msg)
    valid = Windows(found.valid.tokens[:number], preset.context)
    return Text(found.name, found.train, valid, found.vocabulary)


def read(folder: Path, job: Job) -> Result | None:
    """Its result, if all of it that is wanted is there."""
    path = _path(folder, job.run)
    if not path.is_file() or (job.is_kept and not _checkpoint(folder, job.run)):
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
        assert found["id"] == job.run.id
    except (OSError, ValueError, TypeError, KeyError, AssertionError) as error:
        msg = f"{path} is no result of a run ({error!r}). Remove it: it is done again."
        raise InputError(msg) from error
    return dict(found)


def work(folder: Path, preset: Preset, job: Job) -> float:
    """Train it or go on, write its result, and say how many seconds this call took."""
    run, home = job.run, _home(folder, job.run)
    trainer = _trainer(folder, preset, run)
    began, first = time.perf_counter(), trainer.step
    with suppress(DivergedError):
        trainer.run()
    seconds = time.perf_counter() - began
    loss = trainer.history.valid[-1] if trainer.history.valid else math.nan
    result = {
        "id": run.id,
        "loss": loss if math.isfinite(loss) else None,
        "train_loss": trainer.history.steps["loss"][-1],
        **facts(run, preset),
        "epochs": run.tokens / (len(trainer.task.train) * preset.context),
        "rate": trainer.arm.rate,
        "steps": trainer.step,
        "steps_timed": trainer.step - first,
        "seconds": seconds,
    }
    # JSON of a diverged run has null where a loss was not finite.
    line = {k: None if _is_infinite(v) else v for k, v in result.items()}
    write(_path(folder, run), (json.dumps(line, allow_nan=False) + "\n").encode())
    if not job.is_kept:
        shutil.rmtree(home)
    return seconds


def facts(run: Run, preset: Preset) -> Result:
    """What is known of a run before it."""
    taught = run.teacher
    return {
        "layers": run.shape.layers,
        "width": run.shape.width,
        "heads": run.shape.heads,
        "N": grid.num_parameters(run.shape),
        "D": run.tokens,
        "seed": run.seed,
        "teacher": None if taught is None else taught.id,
        "N_T": None if taught is None else grid.num_parameters(taught.shape),
        "D_T": None if taught is None else taught.tokens,
        "training_flops": grid.training_flops(run, preset),
        "teacher_flops": grid.teacher_flops(run, preset),
    }


def _trainer(folder: Path, preset: Preset, run: Run) -> Trainer:
    text = text_of(preset)
    soft = None if run.teacher is None else _model(folder, preset, run.teacher)
    task = Task(text.train, text.valid, text.vocabulary.size, run.shape, soft=soft)
    steps = run.tokens // (preset.batch * preset.context)
    plan = Plan(
        steps,
        preset.batch,
        run.seed,
        evaluate_every=steps,  # once, in the end
        save_every=math.ceil(steps / preset.saves),
    )
    arm = grid.arm(grid.num_parameters(run.shape))
    return Trainer(task, arm, plan, folder=_home(folder, run))


def _model(folder: Path, preset: Preset, run: Run) -> Any:
    """A teacher, as its last checkpoint has it."""
    path = _checkpoint(folder, run)
    if path is None:
        msg = (
            f"The teacher {run.id} diverged or is gone from {folder}: nothing to learn."
        )
        raise InputError(msg)
    text = text_of(preset)
    model = models.build(run.shape, text.vocabulary.size, preset.context, run.seed)
    weights = checkpoint.load(path).part("model")
    model.load_state_dict(weights, strict=False)  # the output layer is tied
    return model.eval()


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _home(folder: Path, run: Run) -> Path:
    return folder / "runs" / run.id


def _path(folder: Path, run: Run) -> Path:
    return folder / "runs" / f"{run.id}.json"


def _checkpoint(folder: Path, run: Run) -> Path | None:
    path = _home(folder, run) / CHECKPOINT
    return path if path.is_file() else None
