"""Language-model distillation with the methods of `theory`, and its optimisers.

`from gpt2_demo import SPSStar, IAM, IAMAdam` needs torch alone, of the extra `gpt2`.
"""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gpt2_demo.optim import (
        IAM as IAM,
        IAMAdam as IAMAdam,
        SPSStar as SPSStar,
        clip_grad_norm_ as clip_grad_norm_,
    )

__all__ = ["IAM", "IAMAdam", "SPSStar", "clip_grad_norm_"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return globals().setdefault(name, resolve_name(f"gpt2_demo.optim:{name}"))
