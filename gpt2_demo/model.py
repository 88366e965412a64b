"""GPT-2 models, the loss of a sequence, and the loss of a text."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2LMHeadModel

from gpt2_demo.saved import NO_DROPOUT, open_folder, save
from gpt2_demo.windows import IntArray, Windows
from theory.errors import InputError

LOGITS = 1 << 28
"""Numbers in the logits of one batch without gradients: 1 GiB in float32."""

__all__ = [
    "LOGITS",
    "Shape",
    "batch_size",
    "build",
    "check",
    "distillation_losses",
    "fingerprint",
    "losses",
    "num_parameters",
    "open_folder",
    "precision",
    "save",
    "sequence_losses",
]


@dataclass(frozen=True)
class Shape:
    """A GPT-2.

    Attributes:
        layers: Blocks.
        width: Of the residual stream; `heads` divides it.
        heads: Of attention.

    """

    layers: int
    width: int
    heads: int

    def __post_init__(self) -> None:
        """Refuse what no GPT-2 has."""
        if min(self.layers, self.width, self.heads) < 1 or self.width % self.heads:
            msg = (
                "Need layers, width, heads >= 1 and a width that heads divide, got "
                f"{self.layers}x{self.width} with {self.heads} heads."
            )
            raise InputError(msg)


def build(shape: Shape, vocab: int, context: int, seed: int) -> Any:
    """A GPT-2 with GPT-2's initialisation from `seed`, float32, without dropout."""
    config = GPT2Config(
        vocab_size=vocab,
        n_positions=context,
        n_embd=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        **NO_DROPOUT,
        bos_token_id=None,
        eos_token_id=None,
        use_cache=False,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return GPT2LMHeadModel(config)


def sequence_losses(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    r"""$-\frac1L \sum_l \log p(x_{l+1} | x_{\le l})$ in nats, shape (batch,).

    `tokens` has shape (batch, L + 1).
    """
    logits = model(tokens[:, :-1]).logits.float()
    targets = tokens[:, 1:]
    each = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return each.view(targets.shape).mean(dim=1)


def distillation_losses(model: Any, teacher: Any, tokens: torch.Tensor) -> torch.Tensor:
    r"""$-\frac1L \sum_l \sum_v p_T(v | x_{\le l}) \log p(v | x_{\le l})$, (batch,).

    Cross-entropy with the teacher's softmax at temperature 1, in nats: pure
    distillation, which sees the text only as what both condition on. `tokens` has shape
    (batch, L + 1); no gradient flows into the teacher.
    """
    seen = tokens[:, :-1]
    with torch.no_grad():
        targets = teacher(seen).logits.float().softmax(dim=-1)
    logits = model(seen).logits.float()
    return -(targets * logits.log_softmax(dim=-1)).sum(dim=-1).mean(dim=1)


def precision(device: torch.device, autocast: bool) -> AbstractContextManager[Any]:
    """bfloat16 where that is safe, or nothing."""
    if not autocast:
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


def check(role: str, model: Any, windows: Windows) -> None:
    """Refuse a model that cannot read these windows.

    Args:
        role: What the message calls it: teacher, student.
        model: A GPT-2.
        windows: Of the corpus.

    Raises:
        InputError: Too few positions, or a token that the model does not know.

    """
    positions, vocab = model.config.n_positions, model.config.vocab_size
    if windows.context > positions:
        msg = (
            f"The {role} reads {positions} tokens at a time, so need a context <= "
            f"{positions}, got {windows.context}."
        )
        raise InputError(msg)
    if (largest := int(windows.tokens.max())) >= vocab:
        msg = (
            f"The {role} knows {vocab} tokens, and the corpus has token {largest}: it "
            "was made with another tokenizer. Use the tokenizer of the teacher."
        )
        raise InputError(msg)


def num_parameters(model: Any, *, embeddings: bool = True) -> int:
    """Number of weights; tied ones count once.

    Without embeddings of tokens and positions it is the count that scaling laws use.
    """
    return int(model.num_parameters(exclude_embeddings=not embeddings))


def batch_size(model: Any, windows: Windows) -> int:
    """Windows whose logits fit into `LOGITS`, 1 to 64."""
    each = windows.context * model.config.vocab_size
    return max(1, min(64, LOGITS // each))


@torch.no_grad()
def losses(
    model: Any,
    windows: Windows,
    *,
    batch: int | None = None,
    autocast: bool = False,
    among: range | None = None,
) -> torch.Tensor:
    """The loss of every window in nats, float32, shape (num_windows,), on the CPU.

    Args:
        model: A GPT-2, on any device.
        windows: What it reads.
        batch: Windows at a time; `batch_size` where it is not given.
        autocast: bfloat16 where that is safe.
        among: Only these windows, shape (len(among),): with a start that `batch`
            divides, bit by bit what they are among all.

    """
    batch = batch or batch_size(model, windows)
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    found = []
    among = range(len(windows)) if among is None else among
    with precision(device, autocast):
        for first in range(0, len(among), batch):
            indices: IntArray = np.asarray(among[first : first + batch])
            tokens = windows.batch(indices).to(device, non_blocking=True)
            found.append(sequence_losses(model, tokens))
    model.train(was_training)
    return torch.cat(found).cpu()


def fingerprint(model: Any) -> str:
    """Hash of all weights, by name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        data = tensor.detach().cpu().contiguous()
        digest.update(f"{name}|{data.dtype}|{tuple(data.shape)}".encode())
        digest.update(data.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
