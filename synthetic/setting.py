"""A setting: one method on one problem from one start, and what a control changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.problems.base import FloatArray, IntArray, Problem
from theory.constants import Constants
from theory.errors import InputError
from theory.method import EXACT, Method, Target

ClosedForm = Callable[[IntArray], Mapping[str, FloatArray]]


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

    @property
    def distance(self) -> float:
        r"""$D = \|x_0 - u\|$."""
        away = np.asarray(self.x0 - self.problem.point, dtype=np.float64)
        return float(np.linalg.norm(away))

    @property
    def ball_radius(self) -> float:
        """The radius on which constants are taken: D, unless a control changes it."""
        return self.distance if self.radius is None else self.radius

    def targets(self, target: Target) -> FloatArray:
        r"""$v_i = f_i(u) + e_i$ + guard, shape (n,)."""
        problem = self.problem
        errors = target.errors(problem.loss_star, problem.weights)
        return np.asarray(problem.loss_star + errors + problem.guard)

    def constants(self) -> Constants:
        """What the bounds may use, for the declared method and target."""
        problem, radius = self.problem, self.ball_radius
        if not radius > 0:
            msg = (
                f"The start equals the comparator of {problem.name}: D = 0 and every "
                "bound is 0. Choose another x0."
            )
            raise InputError(msg)
        ball = problem.ball(radius)
        errors = self.target.errors(problem.loss_star, problem.weights)
        slope = self.method.schedule.slope
        return Constants(
            D=radius,
            G=float(np.sqrt(problem.weights @ ball.lipschitz**2)),
            G_max=float(np.max(ball.lipschitz)),
            L=float(np.max(ball.smoothness)),
            sigma=float(np.sqrt(problem.weights @ ball.slope_at_u**2)),
            A=ball.growth[0],
            B=ball.growth[1],
            gap0=float(problem.gap(self.x0[None, :])[0]),
            value_u=problem.value_star,
            u_norm=float(np.linalg.norm(problem.point)),
            minimiser_gap=problem.minimiser.gap,
            lam=0.0 if slope else float(self.method.schedule(1.0)),
            error_mean=float(problem.weights @ (errors + problem.guard)),
            error_min=float(np.min(errors)),
            error_max=float(np.max(errors)),
            guard=float(problem.weights @ problem.guard),
            guard_max=float(np.max(problem.guard)),
            dim=problem.dim,
            num_components=problem.num_components,
            convex=problem.convex,
            iid=self.order is None,
            witness=problem.witness or "the order of the draws is fixed",
            resisting=problem.resisting,
            value_roundoff=ball.value_roundoff,
            step_roundoff=ball.step_roundoff,
        )

    def num_paths(self) -> int:
        """How many paths an exact tree over the horizon has."""
        return (
            1
            if self.order is not None
            else self.problem.num_components ** (self.horizon - 1)
        )

    def lifted(self) -> Setting:
        """The setting in mpmath numbers, for a replay in 50 digits."""
        problem = self.problem.lifted()
        return replace(self, problem=problem, x0=_lift(self.x0))


def _lift(x: FloatArray) -> NDArray[Any]:
    import mpmath  # noqa: PLC0415 -- only a replay needs it

    return np.array([mpmath.mpf(v) for v in x], dtype=object)
