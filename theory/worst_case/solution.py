r"""What a solver found, and whether it may be believed.

A status is not enough. A program that lacks a bound on the gradients comes back as
"Solved" with numbers of 1e7, an early stop as "AlmostSolved", and a wrong relation
among steps as the value 0, since $x_0 = x_\star$ is always feasible.
"""

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from theory.worst_case.program import FloatArray, Program

SOLVED = "Solved"


class NoBoundError(RuntimeError):
    """No worst case can be stated: the message says what the solver found instead."""


@dataclass(frozen=True, eq=False)
class Solution:
    r"""A primal and a dual point with their residuals.

    Attributes:
        primal: $\langle C, G\rangle + e \cdot F$.
        dual: $\lambda \cdot c$, the upper bound.
        multipliers: $\lambda$, shape (m,).
        slack: $S = \sum_k \lambda_k A_k - C$, shape (n, n).
        gram: $G$, shape (n, n).
        values: $F$, shape (k,).
        status: In the solver's words.
        solver: Its name.
        iterations: How many it took.

    """

    primal: float
    dual: float
    multipliers: FloatArray
    slack: FloatArray
    gram: FloatArray
    values: FloatArray
    status: str
    solver: str
    iterations: int
    residuals: "Residuals"

    def __str__(self) -> str:
        return (
            f"{self.dual:.9g} (primal {self.primal:.9g}; {self.solver}: {self.status}, "
            f"{self.iterations} iterations; {self.residuals})"
        )


@dataclass(frozen=True)
class Residuals:
    r"""By how much each condition is missed; 0 is exact.

    Attributes:
        rows: The largest violation of $\langle A_k, G\rangle + B_k \cdot F \le c_k$.
        gram: $-\lambda_{\min}(G)$, if positive.
        balance: $\max |\sum_k \lambda_k B_k - e|$.
        signs: $-\min \lambda_k$ over the inequalities, if positive.
        slack: $-\lambda_{\min}(S)$, if positive.

    """

    rows: float
    gram: float
    balance: float
    signs: float
    slack: float

    def largest(self) -> float:
        """The worst of them; `nan` if one is."""
        parts = (self.rows, self.gram, self.balance, self.signs, self.slack)
        return float(np.max(parts))

    def __str__(self) -> str:
        return (
            f"residuals: rows {self.rows:.0e}, G {self.gram:.0e}, balance "
            f"{self.balance:.0e}, signs {self.signs:.0e}, S {self.slack:.0e}"
        )


@dataclass(frozen=True)
class Guard:
    r"""When a solution is believed.

    Attributes:
        gap: Largest $|$primal - dual$| / (1 + |$dual$|)$.
        residual: Largest residual, relative to 1 + the largest entry of G, F, lambda.
        size: Largest entry of $G$ and $F$, in a program scaled to constants near 1.
        zero: A value this small is the trivial point's; negative to allow it, where
            the claim is that a quantity is at most 0.

    """

    gap: float = 1e-6
    residual: float = 1e-6
    size: float = 1e3
    zero: float = 1e-7


STRICT = Guard()
SIGNED = Guard(zero=-1.0)
"""For claims of the form `change <= 0`, whose best value is 0."""


def assemble(
    program: Program,
    point: tuple[FloatArray, FloatArray, FloatArray],
    status: str,
    solver: str,
    iterations: int,
) -> Solution:
    r"""Values and residuals, computed here from the program, never the solver's own.

    Args:
        program: What was solved.
        point: $(\lambda, G, F)$.
        status: In the solver's words.
        solver: Its name.
        iterations: How many it took.

    """
    multipliers, gram, values = point
    r, n = program.rows, len(program.form)
    flat = r.forms.reshape(len(r.names), n * n)
    slack = (multipliers @ flat).reshape(n, n) - program.form
    excess = flat @ gram.ravel() + r.values @ values - r.limits
    excess = np.where(r.is_equality, np.abs(excess), excess)
    free = np.where(r.is_equality, np.inf, multipliers)
    finite = np.all(np.isfinite(slack)) and np.all(np.isfinite(gram))
    low = np.linalg.eigvalsh(np.stack([gram, slack]))[:, 0] if finite else [np.nan] * 2
    residuals = Residuals(
        rows=max(0.0, float(np.max(excess))),
        gram=max(0.0, -float(low[0])),
        balance=float(np.max(np.abs(multipliers @ r.values - program.weights))),
        signs=max(0.0, -float(np.min(free))),
        slack=max(0.0, -float(low[1])),
    )
    return Solution(
        primal=float(np.sum(program.form * gram) + program.weights @ values),
        dual=float(multipliers @ r.limits),
        multipliers=multipliers,
        slack=slack,
        gram=gram,
        values=values,
        status=status,
        solver=solver,
        iterations=iterations,
        residuals=residuals,
    )


def check(program: Program, found: Solution, guard: Guard = STRICT) -> Solution:
    """The same solution, if it may be believed.

    Raises:
        NoBoundError: With the reason, and what usually causes it.

    """
    size = max(float(np.max(np.abs(x), initial=0)) for x in (found.gram, found.values))
    if not size <= guard.size:
        why = (
            f"G or F has an entry of {size:.1e}, more than {guard.size:g}: a quantity "
            "that the claim needs is probably not bounded by any row"
        )
        _refuse(program, found, why)
    if found.status != SOLVED:
        _refuse(program, found, f"{found.solver} stopped with status {found.status!r}")
    gap = abs(found.primal - found.dual) / (1 + abs(found.dual))
    if not gap <= guard.gap:
        _refuse(program, found, f"primal and dual differ by {gap:.1e} (relative)")
    scale = 1 + max(size, float(np.max(np.abs(found.multipliers), initial=0)))
    if not found.residuals.largest() <= guard.residual * scale:
        _refuse(program, found, f"{found.residuals}, more than {guard.residual:g}")
    if abs(found.dual) <= guard.zero:
        why = (
            f"the value is {found.dual:.1e}, that of x_0 = x*: the relations among the "
            "steps probably contradict each other"
        )
        _refuse(program, found, why)
    return found


def _refuse(program: Program, found: Solution, why: str) -> NoReturn:
    msg = f"No bound for {program.name}: {why}. Found {found}."
    raise NoBoundError(msg)
