"""A setting: one method on one problem from one start, and what a control changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.batches import SINGLE, Batch
from synthetic.constants import measure
from synthetic.metrics import Metric
from synthetic.problems.base import FloatArray, IntArray, Problem
from theory.constants import Constants
from theory.errors import InputError
from theory.method import EXACT, Method, Target

ClosedForm = Callable[[IntArray], Mapping[str, FloatArray]]

MANY = 10**18
"""More paths than anyone can count: `num_paths` goes no further."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Setting:
    r"""What a claim is tried on.

    The claim speaks of `method` and `target`; the run uses `actual_method` and
    `actual_target`. They differ only in controls: wrong code that passes for right.

    Attributes:
        name: Unique in a catalogue.
        problem: $f$, its comparator and constants.
        method: The method that the claim speaks of.
        x0: Start, shape (d,).
        horizon: Number of points $T$.
        target: The target values that the claim speaks of.
        actual_method: What is run instead, in a control.
        actual_target: What the run is told instead, in a control.
        order: A fixed order of draws, shape (T - 1,), in a control of independence.
        closed: Exact expectations of linear channels at given t, where known.
        radius: A ball radius to use instead of $\|x_0 - u\|$, in a control.
        batch: How many components a draw averages.
        metric: A diagonal preconditioner, if there is one.
        known: The constants, where they were computed before (replays).
        optimiser: Makes a torch optimiser of a list of parameters; it is run in place
            of the formulas of the method (`synthetic.optimiser_torch`).
        reach: A radius around the comparator that no path of the run leaves. By default
            what is proved of the method; nothing of another method than SPS* and IAM.

    """

    name: str
    problem: Problem
    method: Method
    x0: FloatArray
    horizon: int
    target: Target = EXACT
    actual_method: Method | None = None
    actual_target: Target | None = None
    order: IntArray | None = None
    closed: ClosedForm | None = None
    radius: float | None = None
    batch: Batch = SINGLE
    metric: Metric | None = None
    known: Constants | None = None
    optimiser: Callable[[list[Any]], Any] | None = None
    reach: float | None = None

    def __post_init__(self) -> None:
        """Refuse a start or horizon that cannot be run."""
        if self.x0.shape != self.problem.point.shape:
            msg = (
                f"Need a start of {self.problem.dim} numbers for {self.problem.name}, "
                f"got shape {self.x0.shape}."
            )
            raise InputError(msg)
        if not np.all(np.isfinite(np.asarray(self.x0, dtype=np.float64))):
            msg = f"Need a finite start, got x0 = {self.x0}."
            raise InputError(msg)
        if self.horizon < 1:
            msg = f"Need a horizon of at least 1 point, got {self.horizon}."
            raise InputError(msg)
        if self.order is not None and len(self.order) != self.horizon - 1:
            msg = f"Need an order of {self.horizon - 1} draws, got {len(self.order)}."
            raise InputError(msg)
        if self.reach is not None and not self.distance <= self.reach < math.inf:
            msg = f"Need D = {self.distance:g} <= reach < inf, got {self.reach}."
            raise InputError(msg)
        self.batch.check(self.problem)

    @property
    def fixed_metric(self) -> FloatArray | None:
        """The diagonal M of a fixed preconditioner."""
        if self.metric is None or self.metric.kind != "fixed":
            return None
        return np.array(self.metric.diagonal)

    @property
    def distance(self) -> float:
        r"""$D = \|x_0 - u\|$, in the metric of a fixed preconditioner."""
        away = np.asarray(self.x0 - self.problem.point, dtype=np.float64)
        if self.fixed_metric is not None:
            away = away * np.sqrt(self.fixed_metric)
        return float(np.linalg.norm(away))

    @property
    def ball_radius(self) -> float:
        """The radius on which constants are taken: D, unless a control changes it."""
        return self.distance if self.radius is None else self.radius

    @property
    def known_channels(self) -> frozenset[str]:
        """The channels whose expectations the closed form gives."""
        if self.closed is None:
            return frozenset()
        return frozenset(self.closed(np.arange(1))) | {"average_gap"}

    def targets(self, target: Target) -> FloatArray:
        r"""$v_i = f_i(u) + e_i$ + guard, shape (n,)."""
        problem = self.problem
        errors = target.errors(problem.loss_star, problem.weights)
        return np.asarray(problem.loss_star + errors + problem.guard)

    def constants(self) -> Constants:
        """What the bounds may use, for the declared method and target."""
        return self.known or measure(self)

    def num_paths(self) -> int:
        """How many paths an exact tree over the horizon has, or `MANY` if more."""
        if self.order is not None:
            return 1
        answers = self.batch.count(self.problem.num_components)
        if answers == 1:
            return 1
        if self.horizon > MANY.bit_length():  # the exact number would have millions
            return MANY  # of digits
        return min(int(answers ** (self.horizon - 1)), MANY)

    def lifted(self) -> Setting:
        """The setting in mpmath numbers, for a replay in 50 digits."""
        return replace(
            self,
            problem=self.problem.lifted(),
            x0=_lift(self.x0),
            known=self.constants(),
        )


def _lift(x: FloatArray) -> NDArray[Any]:
    import mpmath  # noqa: PLC0415 -- only a replay needs it

    return np.array([mpmath.mpf(v) for v in x], dtype=object)
