"""How large a study is: everything that its numbers depend on, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gpt2_demo.model import Shape
from theory.errors import InputError

Trained = tuple[int, int]
"""A supervised run: the place of its shape among `shapes`, and its tokens."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A grid of supervised runs, and students of some of them.

    Attributes:
        name: What the command line calls it.
        corpus: What `gpt2_demo.corpus.load` takes.
        vocab: Tokens of the byte-level BPE.
        context: Predictions in a window.
        batch: Windows in a step.
        held_out: Windows that all models are judged by, the first of the corpus' second
            part.
        shapes: Of the supervised runs, smallest first.
        tokens: That each shape is trained on, a run for each.
        teachers: Supervised runs that also teach.
        students: Places in `shapes`.
        student_tokens: That each student sees, of each teacher; of `tokens`, so that a
            supervised run with as many lies beside each student.
        saves: Checkpoints in a run; what is done since the last one is lost with it.

    """

    name: str
    corpus: str
    vocab: int
    context: int
    batch: int
    held_out: int
    shapes: tuple[Shape, ...]
    tokens: tuple[int, ...]
    teachers: tuple[Trained, ...]
    students: tuple[int, ...]
    student_tokens: tuple[int, ...]
    saves: int = 8

    def __post_init__(self) -> None:
        """Refuse a grid whose parts do not meet."""
        step = self.batch * self.context
        places = range(len(self.shapes))
        rules = (
            (
                all(step <= D and D % step == 0 for D in self.tokens),
                f"tokens that are multiples of a step's {step}",
            ),
            (
                all(k in places and D in self.tokens for k, D in self.teachers),
                "teachers out of the supervised runs",
            ),
            (
                set(self.students) <= set(places)
                and set(self.student_tokens) <= set(self.tokens),
                "students beside supervised runs of as many tokens",
            ),
            (min(self.held_out, self.saves) >= 1, "held_out, saves >= 1"),
        )
        for holds, needed in rules:
            if not holds:
                msg = f"Need {needed}, got {self}."
                raise InputError(msg)


SMOKE = Preset(
    name="smoke",
    corpus="python-docs",
    vocab=300,
    context=16,
    batch=4,
    held_out=64,
    shapes=(Shape(1, 8, 1), Shape(1, 16, 1), Shape(2, 32, 2)),
    tokens=(4096, 8192, 16384),
    teachers=((1, 16384), (2, 16384)),
    students=(0, 1),
    student_tokens=(4096, 8192),
    saves=2,
)
"""Does it work? Half a minute; what is fitted to it means nothing."""

CPU = Preset(
    name="cpu",
    corpus="python-source",
    vocab=512,
    context=64,
    batch=4,
    held_out=1024,
    shapes=(
        Shape(1, 16, 1),
        Shape(1, 32, 2),
        Shape(2, 48, 3),
        Shape(3, 64, 4),
        Shape(4, 96, 6),
    ),
    tokens=(1 << 18, 1 << 19, 1 << 20, 1 << 21),
    teachers=((1, 1 << 18), (2, 1 << 20), (3, 1 << 20), (4, 1 << 21)),
    students=(0, 1, 2),
    student_tokens=(1 << 18, 1 << 20),
)
"""3 thousand to 450 thousand parameters, 0.26 to 2.1 million tokens, none twice."""

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (SMOKE, CPU)}
)


def get(name: str) -> Preset:
    """The preset of that name."""
    if name not in PRESETS:
        msg = f"Need a preset out of {', '.join(PRESETS)}, got {name!r}."
        raise InputError(msg)
    return PRESETS[name]
