"""GPT-2 models, the loss of a sequence, and the loss of a text."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2LMHeadModel

from gpt2_demo.windows import IntArray, Windows
from theory.errors import InputError


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
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        resid_pdrop=0.0,
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


def precision(device: torch.device, autocast: bool) -> AbstractContextManager[Any]:
    """bfloat16 where that is safe, or nothing."""
    if not autocast:
        return nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


@torch.no_grad()
def losses(
    model: Any, windows: Windows, *, batch: int = 64, autocast: bool = False
) -> torch.Tensor:
    """The loss of every window in nats, float32, shape (num_windows,), on the CPU."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    found = []
    with precision(device, autocast):
        for first in range(0, len(windows), batch):
            indices: IntArray = torch.arange(
                first, min(first + batch, len(windows))
            ).numpy()
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
