"""What all runs of a comparison share: the windows, the number of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from transformers import AutoTokenizer, GPT2LMHeadModel

from gpt2_demo import corpus, tokens
from gpt2_demo.compare.presets import Preset
from gpt2_demo.model import Shape
from gpt2_demo.plan import Plan, Task
from gpt2_demo.teacher import TeacherLosses
from gpt2_demo.windows import Windows
from theory.errors import InputError


@dataclass(frozen=True, eq=False)
class Ground:
    """Data as a model sees it.

    Attributes:
        corpus: Hash of the text.
        tokenizer: Hash of the tokenizer.
        vocab: Number of tokens.
        train: Windows to learn from.
        valid: Windows to be judged by.

    """

    corpus: str
    tokenizer: str
    vocab: int
    train: Windows
    valid: Windows

    def task(self, shape: Shape, teacher: TeacherLosses | None = None) -> Task:
        """A model of that shape to be trained on it."""
        return Task(self.train, self.valid, self.vocab, shape, teacher)


@lru_cache(maxsize=1)
def of(preset: Preset) -> Ground:
    """Read and tokenise the corpus; kept, as every run of a process needs it."""
    text = corpus.load(preset.corpus)
    words = _vocabulary(preset, text.train)
    return Ground(
        text.sha256,
        words.sha256,
        words.size,
        Windows(words.encode(text.train), preset.context),
        Windows(words.encode(text.valid), preset.context),
    )


def pretrained(preset: Preset) -> Any:
    """The teacher that the preset names, in float32."""
    return _found(preset, GPT2LMHeadModel).eval()


def student_plan(preset: Preset, seed: int) -> Plan:
    """How long and how every student is trained."""
    return Plan(
        preset.steps,
        preset.batch,
        seed,
        evaluate_every=preset.evaluate_every,
        micro=preset.micro,
        autocast=preset.autocast,
    )


def _vocabulary(preset: Preset, text: str) -> tokens.Vocabulary:
    if not preset.pretrained:
        return tokens.train(text, preset.vocab)
    return tokens.Vocabulary(_found(preset, AutoTokenizer).backend_tokenizer)


def _found(preset: Preset, kind: Any) -> Any:
    try:
        return kind.from_pretrained(preset.pretrained)
    except (OSError, ValueError) as error:
        msg = (
            f"Cannot load {preset.pretrained!r} ({error}). Download it into a folder "
            "and name that, or take a preset whose teacher is trained here."
        )
        raise InputError(msg) from error
