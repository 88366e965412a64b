"""A language model writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from gpt2_demo.tokens import Vocabulary
from theory.errors import InputError


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn.

    Attributes:
        tokens: How many.
        temperature: 0 takes the likeliest.
        top_k: Out of how many likeliest; 0 for all.
        seed: Of the draws.

    """

    tokens: int = 100
    temperature: float = 0.8
    top_k: int = 40
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no distribution."""
        if self.tokens < 1 or self.top_k < 0 or not self.temperature >= 0:
            msg = f"Need tokens >= 1, top_k >= 0, temperature >= 0, got {self}."
            raise InputError(msg)


@torch.no_grad()
def sample(model: Any, vocabulary: Vocabulary, prompt: str, spec: Sampling) -> str:
    """The prompt and what the model writes after it."""
    device = next(model.parameters()).device
    context = int(model.config.n_positions)
    ids = vocabulary.encode(prompt)
    if not len(ids):
        msg = "Need a prompt of at least one token, got an empty one."
        raise InputError(msg)
    found = torch.tensor(ids, dtype=torch.int64, device=device)[None]
    generator = torch.Generator(device=device).manual_seed(spec.seed)
    model.eval()
    for _ in range(spec.tokens):
        logits = model(found[:, -context:]).logits[0, -1].float()
        found = torch.cat([found, _draw(logits, spec, generator)[None]], dim=1)
    return vocabulary.decode(found[0].cpu().numpy().astype("int32"))


def _draw(
    logits: torch.Tensor, spec: Sampling, generator: torch.Generator
) -> torch.Tensor:
    if spec.temperature == 0:
        return logits.argmax(keepdim=True)
    kept = min(spec.top_k or len(logits), len(logits))
    values, places = logits.topk(kept)
    chances = torch.softmax(values / spec.temperature, dim=0)
    return places[torch.multinomial(chances, 1, generator=generator)]
