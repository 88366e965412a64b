"""What all runs of a comparison share: the windows, the number of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gpt2_demo import corpus, hub, saved, tokens
from gpt2_demo.compare.presets import Preset
from gpt2_demo.model import Shape
from gpt2_demo.plan import Plan, Task
from gpt2_demo.teacher import TeacherLosses
from gpt2_demo.windows import Windows


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
    model, _, _ = saved.open_folder(hub.folder_of(preset.pretrained))
    return model.eval()


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
    return tokens.open_file(hub.folder_of(preset.pretrained) / hub.TOKENIZER)
