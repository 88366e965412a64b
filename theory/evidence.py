"""What an engine knows of a left-hand side: limits at each t, error and scope."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


TIMELESS, LIMIT = -1, -2
"""In place of a time: of what has none, and of the limit of t."""


def moment_of(time: int) -> str:
    """A recorded time in words; nothing for what has none."""
    if time == LIMIT:
        return "in the limit"
    return f"t = {time}" if time >= 0 else ""


class Scope(StrEnum):
    """How far a statement reaches: one instance can refute, only a class confirms."""

    INSTANCE = "instance"
    CLASS = "class"


class Engine(StrEnum):
    """Who made the evidence, strongest first."""

    PATHWISE = "pathwise"
    CLOSED = "closed form"
    RATIONAL = "exact rationals"
    WORST_CASE = "worst case"
    BRANCHING = "branch and bound"
    COMPLEX_STEP = "complex step"
    NUMBERS = "finite sums"
    LYAPUNOV = "stationary law"
    MOMENTS = "moments"
    ONE_STEP = "one step"
    TREE = "exact tree"
    MONTE_CARLO = "monte carlo"


@dataclass(frozen=True, eq=False)
class Evidence:
    r"""$\mathrm{lower}_t \le \mathrm{LHS}_t \le \mathrm{upper}_t$ at all recorded t.

    Attributes:
        times: The t at which the left-hand side is known, shape (K,).
        lower: Lower limits, shape (K,).
        upper: Upper limits, shape (K,).
        estimate: The value inside, for tightness and plots, shape (K,).
        roundoff: What floating-point arithmetic may have added or hidden at each t.
        scale: Natural size of the left-hand side, to judge roundoff at a bound of 0.
        error: Probability that any of the limits is wrong; 0 for exact engines.
        engine: Who made it.
        source: One sentence: how many paths, replicas or which formula.
        scope: What it speaks of.
        cases: Which configuration each row is about, where a run has several.
        label: What messages call a configuration, from its index.
        telling: Whose ratio to the bound says something; all rows if `None`.
        carried: What a later run needs in order to go on with the same test, if it can.

    """

    times: NDArray[np.int64]
    lower: FloatArray
    upper: FloatArray
    estimate: FloatArray
    roundoff: FloatArray
    error: float
    engine: Engine
    source: str
    scale: float | FloatArray = 1.0
    scope: Scope = Scope.INSTANCE
    cases: NDArray[np.int64] | None = None
    label: Callable[[int], str] | None = None
    telling: NDArray[np.bool_] | None = None
    carried: object = None

    def place(self, k: int) -> str:
        """Where row k speaks, in words: its time and its configuration."""
        words = [moment] if (moment := moment_of(int(self.times[k]))) else []
        if self.cases is not None and self.label is not None:
            words.append(self.label(int(self.cases[k])))
        return ", ".join(words)
