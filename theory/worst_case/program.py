r"""A worst case as a semidefinite program over a Gram matrix and function values.

$$\max_{G \succeq 0,\, F} \langle C, G\rangle + e \cdot F \quad\text{s.t.}\quad
\langle A_k, G\rangle + B_k \cdot F \le c_k \;(\text{or} = c_k).$$

$G$ holds the inner products of $n$ abstract vectors, $F$ the $k$ function values. The
dual is $\min \lambda \cdot c$ over $\lambda_k \ge 0$ (free where the row is an
equality) with $\sum_k \lambda_k B_k = e$ and $S = \sum_k \lambda_k A_k - C \succeq 0$:
any such $\lambda$ proves the bound $\lambda \cdot c$ in every dimension.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

FloatArray = NDArray[np.float64]
Description = Mapping[str, str | int]


@dataclass(frozen=True, eq=False)
class Rows:
    r"""$m$ constraints $\langle A_k, G\rangle + B_k \cdot F \le c_k$.

    Attributes:
        names: What each row says, unique within a program; length m.
        forms: Symmetric $A$, shape (m, n, n).
        values: $B$, shape (m, k).
        limits: $c$, shape (m,).
        is_equality: Which rows hold with equality, shape (m,).

    """

    names: tuple[str, ...]
    forms: FloatArray
    values: FloatArray
    limits: FloatArray
    is_equality: NDArray[np.bool_]

    def __add__(self, other: "Rows") -> "Rows":
        """Both families, one after the other."""
        return Rows(
            self.names + other.names,
            np.concatenate([self.forms, other.forms]),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.limits, other.limits]),
            np.concatenate([self.is_equality, other.is_equality]),
        )

    def keep(self, chosen: Callable[[str], bool]) -> "Rows":
        """Those whose name is chosen."""
        index = [i for i, name in enumerate(self.names) if chosen(name)]
        return Rows(
            tuple(self.names[i] for i in index),
            self.forms[index],
            self.values[index],
            self.limits[index],
            self.is_equality[index],
        )


def rows(
    names: Sequence[str],
    forms: FloatArray,
    values: FloatArray,
    limit: float = 0.0,
    *,
    equality: bool = False,
) -> Rows:
    r"""A family with one right-hand side; its forms are made symmetric here."""
    m = len(names)
    return Rows(
        tuple(names),
        0.5 * (forms + forms.transpose(0, 2, 1)),
        values,
        np.full(m, float(limit)),
        np.full(m, equality),
    )


@dataclass(frozen=True, eq=False)
class Program:
    r"""The worst case of a quantity, in the notation of the module.

    Attributes:
        name: What messages call it.
        rows: The constraints.
        form: $C$, shape (n, n).
        weights: $e$, shape (k,).
        problem: Its description for the verifier; empty where none can rebuild it.

    """

    name: str
    rows: Rows
    form: FloatArray
    weights: FloatArray
    problem: Description = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse shapes that do not belong together, and repeated names."""
        m, n, k = len(self.rows.names), len(self.form), len(self.weights)
        shapes = (self.rows.forms.shape, self.rows.values.shape, self.form.shape)
        if shapes != ((m, n, n), (m, k), (n, n)):
            msg = f"Need shapes (m, n, n), (m, k) and (n, n), got {shapes}."
            raise InputError(msg)
        if len(set(self.rows.names)) != m:
            names = sorted({x for x in self.rows.names if self.rows.names.count(x) > 1})
            msg = f"Need one name for each row, got {names[:3]} more than once."
            raise InputError(msg)

    def without(self, *words: str) -> "Program":
        """The program without the rows whose name starts with one of the words.

        A weaker program: its value can only be larger. No verifier rebuilds it.
        """
        kept = self.rows.keep(lambda name: not name.startswith(words))
        if len(kept.names) == len(self.rows.names):
            msg = f"Need the start of a row's name, got {words}; there is none such."
            raise InputError(msg)
        return replace(self, rows=kept, problem={})

    def with_rows(self, extra: Rows) -> "Program":
        """The program with more rows; its value can only be smaller."""
        return replace(self, rows=self.rows + extra, problem={})
