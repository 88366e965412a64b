r"""Windows around a masked token, and how much a prediction depends on them.

From Panigrahi et al. (arXiv 2410.05464): token p is masked. Under A only p is; under R
the window around p too; under C everything but the window. Then $M_{\mathrm{robust}} =
\|q_A - q_R\|_1$ is small if the n-gram can be spared and $M_{\mathrm{close}} = \|q_A -
q_C\|_1$ if it suffices. These are full $L_1$ norms, twice the total variation.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from theory.errors import InputError

Number = TypeVar("Number", float, Fraction)


class Window(NamedTuple):
    """The positions p + left to p + right - 1."""

    left: int
    right: int

    def around(self, place: int, size: int) -> range:
        """Those of a sentence of `size` tokens."""
        return range(max(0, place + self.left), min(size, place + self.right))


def ngram(n: int, longest: int | None = None) -> Window:
    r"""The n tokens with p in the middle; for even n one more to the left.

    1 is p alone, 2 is [p - 1, p + 1), 3 is [p - 1, p + 2), 4 is [p - 2, p + 2).

    Args:
        n: How many.
        longest: Most tokens of a sentence, if a larger window is to be refused.

    Raises:
        InputError: n is less than 1, or larger than every sentence.

    """
    if n < 1:
        msg = f"Need a window of n >= 1 tokens, got n={n}."
        raise InputError(msg)
    if longest is not None and n > longest:
        msg = (
            f"Need a window of at most {longest} tokens, the length of the sentence, "
            f"got n={n}."
        )
        raise InputError(msg)
    return Window(-(n // 2), n - n // 2)


def whole(longest: int) -> Window:
    """A window that holds every sentence of so many tokens, wherever p is."""
    return Window(-longest, longest + 1)


A, R, C = "A", "R", "C"


def is_seen(condition: str, i: int, place: int, window: Window) -> bool:
    """Is token i visible under A, R or C?"""
    in_window = window.left <= i - place < window.right
    return i != place and (
        condition == A or (in_window if condition == C else not in_window)
    )


def seen(sentence: Sequence[Any], condition: str, place: int, window: Window) -> Any:
    """The sentence with `None` for what is hidden under A, R or C."""
    return tuple(
        token if is_seen(condition, i, place, window) else None
        for i, token in enumerate(sentence)
    )


def l1(q: Sequence[Number], r: Sequence[Number]) -> Number | int:
    r"""$\|q - r\|_1 = 2\,\mathrm{TV}(q, r)$, from 0 to 2."""
    return sum(abs(a - b) for a, b in zip(q, r, strict=True))
