r"""Runs of Polyak steps, all step sizes at once: the steps as vectors of their own.

The relation $\gamma_t \|g_t\|^2 = (N_t)_+$, $N_t = f_t + \langle g_t, z_t - x_t\rangle$
(and $f_\star = 0$), is bilinear. With $s_t = \gamma_t g_t$ among the unknown vectors,
$z_{t+1} = z_t - s_t$ is linear and so is $\langle s_t, g_t\rangle = (N_t)_+$. Kept are

- SPS* (one function, $N_t = f_t \ge 0$): $\langle s_t, g_t\rangle = f_t$;
- IAM, both cases of $(\cdot)_+$ at once: $N_t \le \langle s_t, g_t\rangle$,
  $\langle s_t, g_t\rangle \ge 0$ (where $N_t \le 0$, $s_t = 0$);
- $\gamma_t$ times convexity or co-coercivity at the minimiser:
  $\langle s_t, z_t\rangle \ge \|s_t\|^2 + \frac{1}{2L} \langle s_t, g_t\rangle$, as
  $\gamma_t N_t = \|s_t\|^2$;
- SPS*, smooth: $\gamma_t$ times self-bounding,
  $\langle s_t, g_t\rangle \le 2 L \|s_t\|^2$.

Lost are that $s_t$ and $g_t$ are parallel, and $\gamma_t$ times conditions among
iterates: the value is an **upper** bound of the worst case, attained where `known` says
so. The last of the T points needs no step. Units: $L = 1$ or $G = 1$, and $D^2 = T$, so
that a value is the factor of $GD/\sqrt T$ or of $L D^2 / T$.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from theory.errors import InputError
from theory.schedules import NONE, Schedule
from theory.worst_case.gradient import Use, slopes, start
from theory.worst_case.interpolation import (
    CONVEX,
    Curvature,
    Pairs,
    Points,
    all_pairs,
    interpolation,
)
from theory.worst_case.program import (
    Description,
    FloatArray,
    Program,
    Rows,
    rows,
)

MOST_POINTS = 40


class Class(StrEnum):
    """Which functions: convex and G-Lipschitz, or convex and L-smooth."""

    LIPSCHITZ = "lipschitz"
    SMOOTH = "smooth"


class Measure(StrEnum):
    r"""The mean of $f_0, \dots, f_{T-1}$, or $f_{T-1}$; both less $f_\star$."""

    AVERAGE = "average"
    LAST = "last"


@dataclass(frozen=True)
class Run:
    r"""A method, a class and a measure.

    Attributes:
        points: T, so T - 1 steps.
        functions: The class.
        measure: What is bounded.
        schedule: $\lambda_t$ of IAM; `NONE` is SPS*, whose relation is an equation.

    """

    points: int
    functions: Class
    measure: Measure
    schedule: Schedule = NONE

    def __post_init__(self) -> None:
        """Refuse a run that has no meaning or would take hours."""
        if not 1 <= self.points <= MOST_POINTS:
            msg = f"Need 1 to {MOST_POINTS} points, got {self.points}."
            raise InputError(msg)

    @property
    def is_sps(self) -> bool:
        """Without momentum."""
        return self.schedule == NONE

    def outer(self, inner: FloatArray) -> FloatArray:
        r"""The points $x_t$ by the inner points $z_t$, both of shape (T, n)."""
        at = [inner[0]]
        for t in range(1, self.points):
            weight = float(self.schedule(t))
            at.append((weight * at[-1] + inner[t]) / (1 + weight))
        return np.stack(at)

    def title(self) -> str:
        """In words."""
        a, b = self.schedule.slope, self.schedule.intercept
        method = "SPS*" if self.is_sps else f"IAM with lambda_t = ({a:g} t + {b:g})_+"
        what = "mean" if self.measure is Measure.AVERAGE else "last"
        return (
            f"{method}, {what} of {self.points} points, convex {self.functions} "
            "functions"
        )


def lift(run: Run, use: Use = "all") -> Program:
    r"""The program of the module's formula; 2 T vectors, T values.

    Args:
        run: Method, class and measure.
        use: `path` keeps the pairs with the minimiser, and $(t-1, t)$ for IAM. A proof
            by pairs with the minimiser alone holds for any order of samples that share
            it; one by pairs of iterates speaks of one function.

    """
    points, inner, steps = _trajectory(run)
    p, n, k = run.points, points.at.shape[1], run.points
    is_smooth = run.functions is Class.SMOOTH
    curvature = Curvature(L=1.0) if is_smooth else CONVEX
    pairs = all_pairs(p + 1) if use == "all" else _path(run)
    conditions = interpolation(points, pairs, curvature)
    conditions += start(points.at[1], radius_sq=p, num_values=k)
    if not is_smooth:
        conditions += slopes(points)
    if p > 1:
        conditions += _relations(run, points, inner, steps)
    average = run.measure is Measure.AVERAGE
    return Program(
        name=run.title(),
        rows=conditions,
        form=np.zeros((n, n)),
        weights=np.full(k, 1 / k) if average else np.eye(k)[-1],
        problem=describe(run),
    )


def _path(run: Run) -> Pairs:
    later = np.arange(1, run.points + 1)
    star = np.zeros_like(later)
    found = [np.stack([star, later], axis=1), np.stack([later, star], axis=1)]
    if not run.is_sps:
        found.append(np.stack([later[:-1], later[1:]], axis=1))
    return np.concatenate(found)


def describe(run: Run) -> Description:
    """What the verifier needs in order to rebuild the program."""
    return {
        "kind": "lift",
        "points": run.points,
        "functions": str(run.functions),
        "measure": str(run.measure),
        "slope": str(Fraction(run.schedule.slope)),
        "intercept": str(Fraction(run.schedule.intercept)),
    }


def _trajectory(run: Run) -> tuple[Points, FloatArray, FloatArray]:
    """Points, inner points z and steps s; basis x_0, g_0..g_{T-1}, s_0..s_{T-2}."""
    p = run.points
    unit = np.eye(2 * p)
    gradients, steps = unit[1 : p + 1], unit[p + 1 :]
    inner = unit[0] - np.concatenate([0 * unit[:1], np.cumsum(steps, axis=0)])
    labels = ["*", *map(str, range(p))]
    star = 0 * unit[:1]
    values = np.concatenate([np.zeros((1, p)), np.eye(p)])
    points = Points(
        labels,
        np.concatenate([star, run.outer(inner)]),
        np.concatenate([star, gradients]),
        values,
    )
    return points, inner, steps


def _relations(run: Run, points: Points, inner: FloatArray, steps: FloatArray) -> Rows:
    r"""The rows of the steps, listed in the module's docstring."""
    k = len(steps)
    g, x, z = points.slopes[1 : k + 1], points.at[1 : k + 1], inner[:k]
    f, none = points.values[1 : k + 1], np.zeros((k, run.points))
    is_smooth = run.functions is Class.SMOOTH

    def named(word: str) -> list[str]:
        return [f"{word} {t}" for t in range(k)]

    def product(a: FloatArray, b: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("mi,mj->mij", a, b))

    along = product(steps, steps + 0.5 * g if is_smooth else steps)
    scaled = rows(named("scaled"), along - product(steps, z), none)
    if not run.is_sps:
        early = product(g, z - x) - product(steps, g)
        sign = rows(named("sign"), -product(steps, g), none)
        return rows(named("relation"), early, f) + sign + scaled
    found = rows(named("relation"), -product(steps, g), f, equality=True) + scaled
    if is_smooth:
        bound = product(steps, g - 2.0 * steps)
        found += rows(named("selfbound"), bound, none)
    return found
