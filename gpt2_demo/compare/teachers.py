"""Teachers of a comparison, each made once and kept as its losses."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gpt2_demo import teacher
from gpt2_demo.arms import Arm
from gpt2_demo.compare import ground as grounds
from gpt2_demo.compare.presets import Preset
from gpt2_demo.compare.runs import BRIEF, RANDOM, TEACHER
from gpt2_demo.plan import Plan, Progress
from gpt2_demo.processes import Place
from gpt2_demo.teacher import TeacherLosses
from gpt2_demo.train import Trainer
from theory.errors import InputError
from theory.files import write

SEED = 2000
"""Of the teachers: no student shares their initialisation or their order."""

Say = Callable[[str, Progress], None]


class Teachers:
    """The teachers in a folder; what is there is not made again.

    Attributes:
        folder: One `NAME.safetensors` of losses and one `NAME.json` of facts for each.

    """

    def __init__(self, folder: Path, preset: Preset, place: Place) -> None:
        """Make the folder."""
        self.folder, self.preset, self.place = folder, preset, place
        self.ground = grounds.of(preset)
        folder.mkdir(parents=True, exist_ok=True)

    def main(self, say: Say) -> None:
        """The teacher: a pretrained one, or AdamW under a cosine to the end."""
        if self._has(TEACHER):
            return
        if self.preset.pretrained:
            found, steps = grounds.pretrained(self.preset).to(self.place.device), 0
        else:
            trainer = self._trainer(TEACHER)
            trainer.run(lambda now: say("teacher", now))
            found, steps = trainer.model, trainer.step
        self._keep(TEACHER, found, steps)

    def random(self) -> None:
        """One that learnt nothing."""
        if not self._has(RANDOM):
            task = self.ground.task(self.preset.teacher)
            self._keep(RANDOM, task.model(SEED).to(self.place.device), 0)

    def brief(self, loss: float, say: Say) -> None:
        """One hardly better than a student.

        The teacher's training, stopped at the first evaluation with a validation loss
        of at most `loss`; to its end if there is none.
        """
        if self._has(BRIEF):
            return
        trainer = self._trainer(BRIEF)
        while trainer.step < self.preset.teacher_steps:
            if trainer.history.valid and trainer.history.valid[-1] <= loss:
                break
            ahead = trainer.step + self.preset.teacher_every
            trainer.run(lambda now: say("brief teacher", now), stop_at=ahead)
        self._keep(BRIEF, trainer.model, trainer.step)

    def given(self, files: Sequence[Path]) -> list[str]:
        """Take losses from files: the first is the teacher, the rest are controls."""
        names = names_of(files)
        for name, path in zip(names, files, strict=True):
            losses = teacher.load(path, self.ground.train)
            losses.save(self.folder / f"{name}.safetensors")
            self._facts(name, losses, None)
        return names

    def facts(self, name: str) -> dict[str, Any]:
        """Its validation loss, mean training loss and steps."""
        found = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    def _has(self, name: str) -> bool:
        return (self.folder / f"{name}.json").is_file()

    def _trainer(self, name: str) -> Trainer:
        preset = self.preset
        plan = Plan(
            preset.teacher_steps,
            preset.batch,
            SEED,
            evaluate_every=preset.teacher_every,
            save_every=preset.teacher_every,
            micro=preset.micro,
            autocast=preset.autocast,
        )
        arm = Arm("adamw", rate=preset.teacher_rate, schedule="cosine")
        task = self.ground.task(preset.teacher)
        return Trainer(task, arm, plan, self.place, self.folder / f"{name}.run")

    def _keep(self, name: str, model: Any, steps: int) -> None:
        losses = teacher.compute(
            model,
            self.ground.train,
            valid=self.ground.valid,
            autocast=self.preset.autocast,
        )
        losses.save(self.folder / f"{name}.safetensors")
        self._facts(name, losses, steps)

    def _facts(self, name: str, losses: TeacherLosses, steps: int | None) -> None:
        mean = float(losses.values.astype(np.float64).mean())
        facts = {
            "train": mean,
            "valid": losses.validation_loss(self.ground.valid),
            "steps": steps,
            "sha256": losses.key.teacher,
        }
        # Last: its presence says that the teacher is done.
        write(self.folder / f"{name}.json", json.dumps(facts).encode())


def names_of(files: Sequence[Path]) -> list[str]:
    """What given teachers are called: the first "teacher", the others by their file."""
    names = [TEACHER, *(path.stem for path in files[1:])][: len(files)]
    clash = {RANDOM, BRIEF} & set(names)
    if len(set(names)) < len(names) or clash:
        msg = (
            f"Need files of teacher losses with names that differ, and none of "
            f"{TEACHER}, {RANDOM}, {BRIEF} after the first, got {', '.join(names)}."
        )
        raise InputError(msg)
    return names
