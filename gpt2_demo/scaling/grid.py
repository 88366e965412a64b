"""Which runs a study has, how fast each learns, and what each costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from gpt2_demo.arms import Arm
from gpt2_demo.model import Shape
from gpt2_demo.scaling.presets import Preset
from theory import scaling_flops

RATE, RATE_AT, RATE_POWER, BETA2 = 1.7e-3, 1e5, -0.45, 0.95
r"""$\eta(N) = 0.0017 (N/10^5)^{-0.45}$, the peak: one rule for every run, fixed after
short runs on seed 1000 (docs/scaling-runs.md)."""


@dataclass(frozen=True)
class Run:
    """A model, what it sees, and who teaches it.

    Attributes:
        shape: Of the model.
        tokens: D, seen in training.
        seed: Of initialisation and order: runs of one seed share the order of batches,
            and those of one shape the initialisation, with a teacher and without.
        teacher: A supervised run, whose softmax is learnt; `None` for the text itself.

    """

    shape: Shape
    tokens: int
    seed: int
    teacher: Run | None = None

    @property
    def id(self) -> str:
        """A name for files and lines."""
        own = f"{self.shape.layers}x{self.shape.width}-{self.tokens}-s{self.seed}"
        return own if self.teacher is None else f"{own}-of-{self.teacher.id}"


def supervised(preset: Preset, seed: int) -> list[Run]:
    """Every shape with every number of tokens."""
    return [Run(shape, D, seed) for shape, D in product(preset.shapes, preset.tokens)]


def distilled(preset: Preset, seed: int) -> list[Run]:
    """Every student of every teacher with every number of tokens."""
    teachers = (Run(preset.shapes[k], D, seed) for k, D in preset.teachers)
    shapes = (preset.shapes[k] for k in preset.students)
    return [
        Run(shape, D, seed, teacher)
        for teacher, shape, D in product(teachers, shapes, preset.student_tokens)
    ]


def teachers(runs: Sequence[Run]) -> set[Run]:
    """The runs that teach others."""
    return {run.teacher for run in runs if run.teacher is not None}


def arm(num_parameters: int) -> Arm:
    """AdamW under a cosine to 0 over all of D; the peak by the rule in N alone."""
    rate = RATE * (num_parameters / RATE_AT) ** RATE_POWER
    return Arm("adamw", rate=rate, schedule="cosine", beta2=BETA2)


def num_parameters(shape: Shape) -> int:
    r"""$12 l d^2 + 13 l d + 2 d$: GPT-2 without embeddings, with layer norms."""
    layers, width = shape.layers, shape.width
    return 12 * layers * width**2 + 13 * layers * width + 2 * width


def forward_flops(shape: Shape, preset: Preset) -> int:
    r"""$2N + 2 n_{ctx} l d + 2 n_{vocab} d$ a token: attention and output layer count.

    Busbridge et al., arXiv 2502.08606, appendix H.1, for a family of this one shape.
    """
    N, layers, width = num_parameters(shape), shape.layers, shape.width
    family = scaling_flops.Architecture(
        preset.context, preset.vocab, width / layers, N / (layers * width**2)
    )
    return round(scaling_flops.forward(N, family))  # an integer up to roundoff


def training_flops(run: Run, preset: Preset) -> int:
    """3 F(N) D of the model that learns: forward, and twice that backward."""
    return 3 * forward_flops(run.shape, preset) * run.tokens


def teacher_flops(run: Run, preset: Preset) -> int:
    """F(N_T) D_S of the teacher's forward passes; 0 without a teacher."""
    if run.teacher is None:
        return 0
    return forward_flops(run.teacher.shape, preset) * run.tokens


def work_of(run: Run, preset: Preset) -> int:
    """All that a run computes, FLOPs; the training of its teacher is another run."""
    return training_flops(run, preset) + teacher_flops(run, preset)
