r"""What is to be learnt: parities, staircases, any Boolean function of k coordinates.

`recover` is the oracle without gradients: over GF(2) a parity is a linear form, so
about d noiseless samples say which, whatever k is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.stream import Parity, Signs, Staircase, Stream, Target
from theory.errors import InputError

MOST_BITS = 20  # of a truth table: a million entries


@dataclass(frozen=True)
class TruthTable:
    r"""Class 1 where `values[n]` is, with $n = \sum_j 2^j [x_{i_j} = 1]$.

    Args:
        support: $i_0, \dots, i_{k-1}$, distinct.
        values: $2^k$ entries, 0 or 1.

    """

    support: tuple[int, ...]
    values: tuple[int, ...]

    def __post_init__(self) -> None:
        Parity(self.support)  # which refuses coordinates that are not distinct
        size = len(self.support)
        if not 1 <= size <= MOST_BITS or len(self.values) != 2**size:
            msg = (
                f"Need 1 to {MOST_BITS} coordinates and 2**k values, got k={size} and "
                f"{len(self.values)} values."
            )
            raise InputError(msg)
        if not set(self.values) <= {0, 1}:
            msg = f"Need values of 0 and 1, got {sorted(set(self.values))[:4]}."
            raise InputError(msg)

    def __call__(self, signs: Signs) -> NDArray[np.bool_]:
        bits = (signs[:, list(self.support)] > 0).astype(np.int64)
        number = bits @ (1 << np.arange(len(self.support)))
        return np.asarray(np.array(self.values)[number] > 0)

    @classmethod
    def of(
        cls, support: Sequence[int], function: Callable[[tuple[int, ...]], Any]
    ) -> TruthTable:
        """The table of a function of k signs; class 1 where it is above 0."""
        size = len(support)
        if size > MOST_BITS:
            msg = f"Need at most {MOST_BITS} coordinates, got {size}."
            raise InputError(msg)
        # product varies its last factor fastest, the number its first bit
        entries = (row[::-1] for row in product((-1, 1), repeat=size))
        return cls(tuple(support), tuple(int(function(row) > 0) for row in entries))


def target_of(kind: str, k: int) -> Target:
    """The target on the first k coordinates.

    Args:
        kind: "parity", "staircase", or "table:" and $2^k$ digits of 0 and 1.
        k: Coordinates that count.

    Raises:
        InputError: An unknown kind, or k < 1.

    """
    if k < 1:
        msg = f"Need k >= 1, got k={k}."
        raise InputError(msg)
    support = tuple(range(k))
    if kind == "parity":
        return Parity(support)
    if kind == "staircase":
        return Staircase(support)
    if kind.startswith("table:") and set(kind[6:]) <= {"0", "1"}:
        return TruthTable(support, tuple(int(digit) for digit in kind[6:]))
    msg = f"Need a target parity, staircase or table:0110..., got {kind!r}."
    raise InputError(msg)


@dataclass(frozen=True)
class Recovered:
    """A parity that was found by elimination.

    Args:
        support: Its coordinates.
        num_samples: Samples after which no other parity was left.
        num_checked: Samples after those, all of which agreed.

    """

    support: tuple[int, ...]
    num_samples: int
    num_checked: int


def recover(stream: Stream, *, check: int = 64, most: int | None = None) -> Recovered:
    r"""Which parity? Solves $\sum_{i \in S} [x_i = -1] = [y = -1]$ over GF(2).

    The expected number of samples is $d + \sum_{j \ge 1} 1/(2^j - 1) < d + 1.61$.

    Args:
        stream: Samples with their labels, from the first.
        check: Further samples that must agree.
        most: Give up after so many; 2 d + 128 if `None`.

    Raises:
        InputError: No parity fits the labels (noise, another target); too few samples.

    """
    dim = stream.dim
    most = 2 * dim + 128 if most is None else most
    rows = _equations(stream, most + check)
    pivots: dict[int, int] = {}
    for used, row in enumerate(rows[:most], 1):
        left = _reduced(row, pivots, dim)
        coefficients = left & ((1 << dim) - 1)
        if coefficients:
            pivots[coefficients.bit_length() - 1] = left
        elif left:
            _refuse(used)
        if len(pivots) == dim:
            found = _solution(pivots, dim)
            for more, later in enumerate(rows[used : used + check], used + 1):
                if (later & found).bit_count() % 2 != later >> dim:
                    _refuse(more)
            support = tuple(i for i in range(dim) if found >> i & 1)
            return Recovered(support, used, check)
    msg = f"After {most} samples more than one parity fits. Allow more samples."
    raise InputError(msg)


def _equations(stream: Stream, num: int) -> list[int]:
    """Samples as integers: bit i says $x_i = -1$, bit d that the label is -1."""
    words = stream.words(0, num)
    minus = stream.labels(0, num, words) < 0.5
    full = (1 << stream.dim) - 1
    plus = [int.from_bytes(row.astype("<u8").tobytes(), "little") for row in words]
    return [
        (full & ~bits) | (int(label) << stream.dim)
        for bits, label in zip(plus, minus, strict=True)
    ]


def _reduced(row: int, pivots: dict[int, int], dim: int) -> int:
    mask = (1 << dim) - 1
    while (top := (row & mask).bit_length() - 1) in pivots:
        row ^= pivots[top]
    return row


def _solution(pivots: dict[int, int], dim: int) -> int:
    """Back substitution: row `top` has no bit above `top`."""
    found = 0
    for top in range(dim):
        row = pivots[top]
        below = (row & found & ((1 << top) - 1)).bit_count() & 1
        found |= (below ^ (row >> dim)) << top
    return found


def _refuse(used: int) -> None:
    msg = (
        f"No parity fits the labels of the first {used} samples: there is noise, or "
        "the target is another function."
    )
    raise InputError(msg)
