r"""What claims about scaling laws are tried on, and what is measured of it.

Configurations side by side: columns are numbers over B of them, channels are limits of
what was computed from these. Every claim is brought into the form of a ratio that is
at most 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from theory.scaling_law import Law

FloatArray = NDArray[np.float64]

CHANNELS: Mapping[str, str] = {
    "forward": "F(N), FLOPs a token of a forward pass",
    "loss": r"L, or $L_S$ where there is a teacher",
    "own": r"$\tilde L = L(N_S, D_S)$, of the student by itself",
    "log_excess": r"$\log(L_S - L_T)$",
    "log_capacity": r"$\gamma'\log(A'/N_S^{\alpha'} + B'/D_S^{\beta'})$",
    "log_bracket": r"$\log$ of the bracket at $L_T/\tilde L$",
    "grown_excess": r"$\log(L_S - L_T)$ with more parameters or tokens",
    "grown_capacity": r"$\log$ of the last factor, with more parameters or tokens",
    "turns": r"how often the slope of $L_S(L_T)$ changes its sign on $(E, 8]$",
    "best_of_all": r"$\min L_S$ over $L_T > 0$",
    "best": r"$\min L_S$ over $L_T \ge E$",
    "best_teacher": r"the $L_T \ge E$ of least $L_S$",
    "best_anywhere": r"the $L_T > 0$ of least $L_S$",
    "loss_of_worse": r"$L_S$ of a much worse teacher",
    "loss_of_better": r"$L_S$ of a much better teacher",
    "turn_size": "parameters of the teacher of least $L_S$ at a ratio of tokens",
    "slope": r"$d\log L_T^\star/d\log N_S$ between neighbours",
    "closest": r"$\min_D \tilde L/\min_{L_T} L_S$",
    "crossover": "tokens or FLOPs from which on the student does as well by itself",
    "crossover_flops": "what it costs to train on that many tokens",
    "next_crossover": "the same of the next larger student",
    "least": r"$\min L_S$ over what the compute can buy",
    "supervised": "L of the student, trained by itself on the same compute",
    "share": "of the compute, that goes to one part",
    "size_ratio": r"$N_T/N_S$ of the best plan",
    "cheap": r"$\min L_S$ found where less of the teacher counts",
    "dear": r"$\min L_S$ found where more of it counts",
    "exponent": r"a of the compute-optimal $N \propto C^a$",
    "spread": r"the largest distance of the bracket from its limit in $c_1$",
    "error": "squared distance of the kernel model's student from its target",
    "next_error": "the same with one more teacher feature",
}
"""Every channel that a claim about scaling laws may name."""


class Limits(NamedTuple):
    """What a number is at least and at most, (B,) each."""

    low: FloatArray
    high: FloatArray

    @classmethod
    def exact(cls, value: Any) -> "Limits":
        """Known but for roundoff."""
        array = np.asarray(value, dtype=np.float64)
        return cls(array, array)

    def map(self, f: Callable[[FloatArray], Any]) -> "Limits":
        """A monotone function of it."""
        one, two = np.asarray(f(self.low)), np.asarray(f(self.high))
        return Limits(np.minimum(one, two), np.maximum(one, two))

    def minus(self, other: "Limits") -> "Limits":
        """The difference of two numbers."""
        return Limits(self.low - other.high, self.high - other.low)

    def over(self, other: "Limits") -> "Limits":
        """The ratio of two positive numbers."""
        return Limits(self.low / other.high, self.high / other.low)

    def off(self, expected: Any) -> "Limits":
        """The distance from a number."""
        low, high = self.low - expected, self.high - expected
        inside = (low <= 0) & (high >= 0)
        ends = np.abs(low), np.abs(high)
        return Limits(np.where(inside, 0.0, np.minimum(*ends)), np.maximum(*ends))

    def select(self, kept: list[int]) -> "Limits":
        """Of some configurations."""
        return Limits(self.low[kept], self.high[kept])


@dataclass(frozen=True, eq=False)
class ScalingConstants:
    """Configurations, by column, and the law that claims speak of.

    Attributes:
        columns: Numbers over B configurations, by name.
        law: The coefficients that a claim may use.

    """

    columns: Mapping[str, tuple[float, ...]]
    law: Law

    def __getitem__(self, name: str) -> FloatArray:
        """A column, (B,)."""
        return np.array(self.columns[name], dtype=np.float64)

    @property
    def count(self) -> int:
        """B."""
        return len(next(iter(self.columns.values())))

    def select(self, kept: list[int]) -> "ScalingConstants":
        """Some configurations."""
        part = {k: tuple(v[i] for i in kept) for k, v in self.columns.items()}
        return replace(self, columns=part)

    def at(self, index: int) -> "ScalingConstants":
        """One configuration."""
        return self.select([index])

    def label(self, index: int) -> str:
        """What messages call a configuration."""
        parts = [f"{name} = {v[index]:.4g}" for name, v in self.columns.items()]
        return ", ".join(part for part in parts if "nan" not in part)


@dataclass(frozen=True, eq=False)
class ScalingTrace:
    """Channels over configurations."""

    constants: ScalingConstants
    channels: Mapping[str, Limits]

    def __getitem__(self, name: str) -> Limits:
        """A channel."""
        return self.channels[name]

    def column(self, name: str) -> FloatArray:
        """A column of the constants."""
        return self.constants[name]

    @property
    def law(self) -> Law:
        """The law that claims speak of."""
        return self.constants.law

    def select(self, kept: list[int]) -> "ScalingTrace":
        """The trace of some configurations."""
        part = {name: value.select(kept) for name, value in self.channels.items()}
        return ScalingTrace(self.constants.select(kept), part)
