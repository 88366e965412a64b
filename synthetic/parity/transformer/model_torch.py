"""A small GPT-2: heads of 8 numbers each, whose number is the width."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from synthetic.parity.transformer.config import Training
from theory.errors import InputError

HEAD_DIM = 8
DEVICES = ("auto", "cpu", "cuda", "mps")


class Block(nn.Module):
    """Causal attention, then an MLP four times as wide, each after a layer norm.

    Args:
        heads: Each of `HEAD_DIM` numbers.

    """

    def __init__(self, heads: int) -> None:
        """Make it, not yet initialised."""
        super().__init__()
        width = heads * HEAD_DIM
        self.heads = heads
        self.norm_attention = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.mix = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Any, *, only_last: bool) -> Any:
        """(B, T, width) to the same, or to (B, 1, width): the last position.

        The last block of a model that is read at its last position need not compute
        the others.
        """
        normed = self.norm_attention(x)
        asking = normed[:, -1:] if only_last else normed
        key, value = self.key_value(normed).chunk(2, dim=-1)
        found = scaled_dot_product_attention(
            self._split(self.query(asking)),
            self._split(key),
            self._split(value),
            is_causal=not only_last,  # the last position sees all
        )
        x = x[:, -1:] if only_last else x
        x = x + self.mix(found.transpose(1, 2).flatten(2))
        return x + self.down(gelu(self.up(self.norm_mlp(x)), approximate="tanh"))

    def _split(self, x: Any) -> Any:
        return x.unflatten(-1, (self.heads, HEAD_DIM)).transpose(1, 2)


class Transformer(nn.Module):
    """Bits to two logits.

    Args:
        dim: d, the length of an input.
        training: Heads, layers and initial scale.
        seed: Of the initial matrices, which are normal; biases are 0.

    """

    def __init__(self, dim: int, training: Training, seed: int) -> None:
        """Make and initialise it, on the CPU: the same on every device."""
        super().__init__()
        width = training.heads * HEAD_DIM
        self.tokens = nn.Embedding(2, width)
        self.positions = nn.Embedding(dim, width)
        self.blocks = nn.ModuleList(
            Block(training.heads) for _ in range(training.layers)
        )
        self.norm = nn.LayerNorm(width)
        self.read = nn.Linear(width, 2, bias=False)
        random = torch.Generator().manual_seed(seed)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, 0.0, training.init, generator=random)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, bits: Any) -> Any:
        """Logits at the last position, (B, d) to (B, 2)."""
        return self._logits(bits, only_last=True)[:, 0]

    def everywhere(self, bits: Any) -> Any:
        """Logits at all positions, (B, d) to (B, d, 2)."""
        return self._logits(bits, only_last=False)

    def _logits(self, bits: Any, *, only_last: bool) -> Any:
        x = self.tokens(bits) + self.positions.weight[: bits.shape[1]]
        *first, last = self.blocks
        for block in first:
            x = block(x, only_last=False)
        return self.read(self.norm(last(x, only_last=only_last)))


def device_of(name: str) -> Any:
    """The device; `auto` is CUDA where there is some, else the CPU."""
    if name not in DEVICES:
        msg = f"Need a device out of {', '.join(DEVICES)}, got {name!r}."
        raise InputError(msg)
    has = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        return torch.device("cuda" if has["cuda"] else "cpu")
    if not has[name]:
        msg = f"There is no {name} device here: leave the device out, or say cpu."
        raise InputError(msg)
    return torch.device(name)
