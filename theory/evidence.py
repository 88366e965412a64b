"""What an engine knows of a left-hand side: limits at each t, error and scope."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Scope(StrEnum):
    """How far a statement reaches: one instance can refute, only a class confirms."""

    INSTANCE = "instance"
    CLASS = "class"


class Engine(StrEnum):
    """Who made the evidence, strongest first."""

    PATHWISE = "pathwise"
    CLOSED = "closed form"
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

    """

    times: NDArray[np.int64]
    lower: FloatArray
    upper: FloatArray
    estimate: FloatArray
    roundoff: FloatArray
    error: float
    engine: Engine
    source: str
    scale: float = 1.0
    scope: Scope = Scope.INSTANCE
