"""How large a comparison is: everything that its numbers depend on, as one value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gpt2_demo.model import Shape
from theory.errors import InputError

Lambda = float | str


@dataclass(frozen=True, kw_only=True)
class Preset:
    r"""Sizes of a comparison.

    Attributes:
        name: What the command line calls it.
        decides: Is its verdict worth an exit code?
        corpus: What `gpt2_demo.corpus.load` takes.
        vocab: Tokens of the byte-level BPE; of no use with `pretrained`.
        context: Predictions in a window.
        batch: Windows in a step.
        micro: Windows at once; 0 for all.
        autocast: Forward passes in bfloat16.
        device: As for `gpt2_demo.processes.place`.
        pretrained: A teacher with its tokenizer, as `gpt2_demo.hub.folder_of` takes
            it; "" for one that is trained here.
        teacher: Shape of the teacher trained here, and of the random and brief ones.
        teacher_steps: AdamW steps of the teacher, under a cosine.
        teacher_rate: Its peak learning rate.
        teacher_every: Steps between its evaluations, where the brief one may stop.
        student: Shape of the students.
        small: Shape of students far smaller.
        steps: Steps of every student.
        evaluate_every: Steps between evaluations.
        seeds: Of the runs that are judged.
        tuning_seed: Of the runs that rates are chosen by; none of `seeds`.
        control_seeds: How many of `seeds` the controls have.
        curve_seeds: How many of `seeds` the curves over settings have.
        sgd_rates: Grid of SGD with momentum.
        adamw_rates: Grid of AdamW, as many.
        schedules: Each is tuned.
        lams: $\lambda$ of IAM that the curve is over.
        beta2s: $\beta_2$ of IAM-Adam that the curve is over.
        iam_caps: Largest step sizes of IAM that the curve is over.
        adam_caps: The same of IAM-Adam.

    """

    name: str
    decides: bool = True
    corpus: str = "python-docs"
    vocab: int = 1024
    context: int = 64
    batch: int = 16
    micro: int = 0
    autocast: bool = False
    device: str = "cpu"
    pretrained: str = ""
    teacher: Shape
    teacher_steps: int
    teacher_rate: float = 1e-3
    teacher_every: int = 25
    student: Shape
    small: Shape
    steps: int
    evaluate_every: int
    seeds: tuple[int, ...]
    tuning_seed: int = 1000
    control_seeds: int
    curve_seeds: int
    sgd_rates: tuple[float, ...]
    adamw_rates: tuple[float, ...]
    schedules: tuple[str, ...] = ("constant", "cosine", "linear", "wsd")
    lams: tuple[Lambda, ...] = (0.0, 3.0, 9.0, 19.0, "t")
    beta2s: tuple[float, ...] = (0.9, 0.99, 0.999, 0.9999)
    iam_caps: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0)
    adam_caps: tuple[float, ...] = (3e-3, 1e-2, 3e-2, 1e-1)

    def __post_init__(self) -> None:
        """Refuse what would make the comparison unfair or empty."""
        rules = (
            (len(self.seeds) >= 2, "two seeds or more, for an interval"),
            (len(set(self.seeds)) == len(self.seeds), "seeds that differ"),
            (self.tuning_seed not in self.seeds, "a tuning seed that is no other seed"),
            (1 <= self.control_seeds <= len(self.seeds), "1 to all seeds for controls"),
            (1 <= self.curve_seeds <= len(self.seeds), "1 to all seeds for curves"),
            (
                len(self.sgd_rates) == len(self.adamw_rates) >= 1,
                "as many rates for SGD as for AdamW",
            ),
            (
                all(
                    math.isfinite(r) and r > 0
                    for r in (*self.sgd_rates, *self.adamw_rates)
                ),
                "finite rates > 0",
            ),
            (
                min(self.steps, self.teacher_steps, self.evaluate_every) >= 1,
                "steps >= 1",
            ),
        )
        for holds, needed in rules:
            if not holds:
                msg = f"Need {needed}, got {self}."
                raise InputError(msg)

    def overridden(self, changes: Mapping[str, Any], seeds: str | None) -> Preset:
        """This preset with some fields replaced; `None` leaves a field alone.

        Args:
            changes: New values of fields.
            seeds: New seeds, such as "0,1,2"; controls and curves have no more of them
                than before.

        """
        found = {key: value for key, value in changes.items() if value is not None}
        if seeds is not None:
            found["seeds"] = _integers(seeds)
            for name in ("control_seeds", "curve_seeds"):
                found[name] = min(getattr(self, name), len(found["seeds"]))
        return replace(self, **found)


def _integers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        msg = f"Need seeds such as 0,1,2, got {text!r}."
        raise InputError(msg) from error


SMOKE = Preset(
    name="smoke",
    decides=False,
    vocab=300,
    context=16,
    batch=8,
    teacher=Shape(2, 32, 2),
    teacher_steps=300,
    teacher_rate=3e-3,
    student=Shape(1, 16, 2),
    small=Shape(1, 4, 1),
    steps=60,
    evaluate_every=20,
    seeds=(0, 1),
    control_seeds=2,
    curve_seeds=1,
    sgd_rates=(0.1, 1.0),
    adamw_rates=(3e-3, 3e-2),
    schedules=("constant", "cosine"),
    lams=(0.0, 9.0, "t"),
    beta2s=(0.9, 0.999),
    iam_caps=(1.0,),
    adam_caps=(1e-2,),
)
"""Does it work? Minutes on two cores; its verdict means nothing."""

CPU = Preset(
    name="cpu",
    teacher=Shape(4, 128, 4),
    teacher_steps=1000,
    teacher_every=50,
    student=Shape(2, 64, 4),
    small=Shape(1, 16, 4),
    steps=800,
    evaluate_every=100,
    seeds=(0, 1, 2, 3, 4),
    control_seeds=3,
    curve_seeds=2,
    sgd_rates=(0.03, 0.1, 0.3, 1.0, 3.0),
    adamw_rates=(3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
)
"""The claim on a small scale: under an hour on two cores."""

GPU = Preset(
    name="gpu",
    corpus="wikitext-2",
    context=512,
    batch=32,
    micro=16,
    autocast=True,
    device="auto",
    pretrained="gpt2-medium",
    teacher=Shape(24, 1024, 16),
    teacher_steps=2000,
    teacher_rate=3e-4,
    student=Shape(5, 768, 12),
    small=Shape(1, 64, 4),
    steps=2000,
    evaluate_every=200,
    seeds=(0, 1, 2, 3, 4),
    control_seeds=3,
    curve_seeds=2,
    sgd_rates=(0.03, 0.1, 0.3, 1.0, 3.0),
    adamw_rates=(1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
)
"""The paper's scale; it needs a GPU; corpus and teacher are fetched once."""

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {preset.name: preset for preset in (SMOKE, CPU, GPU)}
)


def get(name: str) -> Preset:
    """The preset of that name."""
    if name not in PRESETS:
        msg = f"Need a preset out of {', '.join(PRESETS)}, got {name!r}."
        raise InputError(msg)
    return PRESETS[name]
