"""What the commands do: teach a teacher, distil a student, let a model write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from gpt2_demo import corpus as corpora, model as models, teacher as teachers, tokens
from gpt2_demo.arms import Arm
from gpt2_demo.model import Shape
from gpt2_demo.plan import Plan, Progress, Task
from gpt2_demo.processes import Place
from gpt2_demo.teacher import TeacherLosses
from gpt2_demo.tokens import Vocabulary
from gpt2_demo.train import Trainer
from gpt2_demo.windows import Windows

Watch = Callable[[Progress], None]
LOSSES = "teacher-losses.safetensors"


@dataclass(frozen=True, eq=False)
class Text:
    """A corpus as windows of tokens."""

    name: str
    train: Windows
    valid: Windows
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Out:
    """Where a command computes, what it leaves behind, and whom it tells."""

    folder: Path
    place: Place
    watch: Watch | None = None


def read(corpus: str, vocabulary: Vocabulary | int, context: int) -> Text:
    """A corpus in tokens; with a size, a vocabulary is learnt from it first."""
    found = corpora.load(corpus)
    if isinstance(vocabulary, int):
        vocabulary = tokens.train(found.train, vocabulary)
    train, valid = (
        Windows(vocabulary.encode(part), context) for part in (found.train, found.valid)
    )
    return Text(found.name, train, valid, vocabulary)


def teach(
    text: Text, shape: Shape, arm: Arm, plan: Plan, out: Out
) -> tuple[Trainer, TeacherLosses | None]:
    """Train a teacher on labels; leaves a model and its losses in the folder."""
    task = Task(text.train, text.valid, text.vocabulary.size, shape)
    trainer = Trainer(task, arm, plan, out.place, out.folder)
    trainer.run(out.watch)
    if not out.place.is_first:
        return trainer, None
    _keep(trainer, text, out.folder)
    losses = teachers.compute(
        trainer.model, text.train, valid=text.valid, autocast=plan.autocast
    )
    losses.save(out.folder / LOSSES)
    return trainer, losses


def distill(
    text: Text, losses: TeacherLosses, shape: Shape, run: tuple[Arm, Plan], out: Out
) -> Trainer:
    """Train a student on a teacher's losses; leaves a model in the folder."""
    arm, plan = run
    task = Task(text.train, text.valid, text.vocabulary.size, shape, losses)
    trainer = Trainer(task, arm, plan, out.place, out.folder)
    trainer.run(out.watch)
    if out.place.is_first:
        _keep(trainer, text, out.folder)
    return trainer


def _keep(trainer: Trainer, text: Text, folder: Path) -> None:
    meta = {
        "corpus": text.name,
        "arm": asdict(trainer.arm),
        "plan": asdict(trainer.plan),
        "valid": trainer.history.valid[-1],
    }
    models.save(trainer.model, text.vocabulary, folder, meta)
