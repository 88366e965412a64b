"""Small transformers: what they compute, at which positions, and how wide they are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from synthetic.parity.transformer.config import Task, Training
from synthetic.parity.transformer.model_torch import Block, Transformer

SMALL = Training(heads=2, layers=2)
TASK = Task(6, 2)


def num_parameters(heads: int, layers: int, dim: int = 6) -> int:
    model = Transformer(dim, Training(heads=heads, layers=layers), 0)
    return sum(one.numel() for one in model.parameters())


@pytest.mark.parametrize("heads", [1, 2, 5])
@pytest.mark.parametrize("layers", [1, 3])
def test_heads_are_the_width(heads: int, layers: int) -> None:
    width = 8 * heads
    block = 12 * width**2 + 13 * width
    around = (2 + 6 + 2) * width + 2 * width
    assert num_parameters(heads, layers) == layers * block + around


def test_logits_have_two_classes_at_every_position() -> None:
    model = Transformer(6, SMALL, 0)
    bits = torch.from_numpy(TASK.test(0)[:5])
    assert model(bits).shape == (5, 2)
    assert model.everywhere(bits).shape == (5, 6, 2)


@torch.no_grad()  # type: ignore[untyped-decorator]
def test_the_last_position_alone_is_that_of_all() -> None:
    model = Transformer(6, replace(SMALL, init=0.5), 0).double()
    bits = torch.from_numpy(TASK.test(0))
    assert torch.allclose(
        model(bits), model.everywhere(bits)[:, -1], rtol=0, atol=1e-12
    )


@torch.no_grad()  # type: ignore[untyped-decorator]
def changed_before(model: Any, position: int) -> float:
    bits = torch.from_numpy(TASK.test(0))
    other = bits.clone()
    other[:, position] = 1 - other[:, position]
    gap = (model.everywhere(bits) - model.everywhere(other)).abs().amax(dim=(0, 2))
    assert gap[position:].min() > 1e-3  # and what comes later does change
    return float(gap[:position].max())


@pytest.mark.parametrize("position", range(1, 6))
def test_a_later_token_changes_no_earlier_logits(position: int) -> None:
    assert changed_before(Transformer(6, replace(SMALL, init=0.5), 0), position) == 0.0


def test_without_the_mask_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = torch.nn.functional.scaled_dot_product_attention
    monkeypatch.setattr(
        "synthetic.parity.transformer.model_torch.scaled_dot_product_attention",
        lambda q, k, v, is_causal: whole(q, k, v),
    )
    assert changed_before(Transformer(6, replace(SMALL, init=0.5), 0), 3) > 1e-3


@torch.no_grad()  # type: ignore[untyped-decorator]
def test_attention_is_what_it_says_in_numpy() -> None:
    torch.manual_seed(0)
    block = Block(2).double()
    x = torch.randn(3, 5, 16, dtype=torch.float64)
    w = {name: one.numpy() for name, one in block.named_parameters()}

    def norm(y: Any, name: str) -> Any:
        y = y - y.mean(-1, keepdims=True)
        y = y / np.sqrt((y**2).mean(-1, keepdims=True) + 1e-5)
        return y * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(y: Any, name: str) -> Any:
        return y @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    y = x.numpy()
    normed = norm(y, "norm_attention")
    query, both = linear(normed, "query"), linear(normed, "key_value")
    key, value = both[..., :16], both[..., 16:]
    mixed = np.zeros_like(y)
    for head in (slice(0, 8), slice(8, 16)):
        scores = query[..., head] @ key[..., head].transpose(0, 2, 1) / np.sqrt(8)
        scores[:, np.triu(np.ones((5, 5), dtype=bool), 1)] = -np.inf
        share = np.exp(scores)
        share /= share.sum(-1, keepdims=True)
        mixed[..., head] = share @ value[..., head]
    y = y + linear(mixed, "mix")
    hidden = linear(norm(y, "norm_mlp"), "up")
    gelu = 0.5 * hidden
    gelu *= 1 + np.tanh(np.sqrt(2 / np.pi) * (hidden + 0.044715 * hidden**3))
    y = y + linear(gelu, "down")
    assert np.allclose(block(x, only_last=False).numpy(), y, rtol=0, atol=1e-12)
    assert np.allclose(block(x, only_last=True).numpy(), y[:, -1:], rtol=0, atol=1e-12)
