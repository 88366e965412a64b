r"""Look for a point where a user's functions are broken, before anything is judged.

Points are drawn on and in the ball $\|x - u\| \le r$, and the centre is one of them. A
probe can only refute: that it finds nothing proves nothing. What the user states of the
functions (convexity, constants, the minimiser) is looked at by `synthetic.hypotheses`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from synthetic.engines.simulate import simulate
from synthetic.places import where
from synthetic.problems.base import EPS, Array, FloatArray, IntArray
from synthetic.problems.user import UserProblem
from synthetic.setting import Setting
from theory.errors import InputError

SLACK = 64.0
"""How much a loss may be rounded, in units of d EPS times its size."""

LONGEST_REPEAT = 16
"""Steps that a user's own method is run for twice."""

STEPS = (1e-5, 1e-4)
"""Difference steps, relative to the radius: a fault must show at both."""


@dataclass(frozen=True, eq=False)
class Sight:
    """One component at all points, with what roundoff may do to its loss."""

    i: int
    points: FloatArray
    loss: FloatArray
    gradient: FloatArray
    noise: float


def probe(
    problem: UserProblem, radius: float, seed: int = 0, num_points: int = 64
) -> None:
    """Raise `InputError` with a witness if a function is broken at a point.

    Args:
        problem: Of `user_problem`.
        radius: Of the ball around the comparator on which constants must hold.
        seed: Of the points.
        num_points: How many, at least 4.

    """
    if not (radius > 0 and np.isfinite(radius)) or num_points < 4:
        msg = f"Need a finite radius > 0 and 4 points, got {radius=}, {num_points=}."
        raise InputError(msg)
    try:
        _probe(problem, radius, seed, num_points)
    except InputError as error:
        msg = f"{error} (loss: {where(problem.loss_of)}, "
        msg += f"gradient: {where(problem.gradient_of)})"
        raise InputError(msg) from error


def _probe(problem: UserProblem, radius: float, seed: int, num_points: int) -> None:
    rng = np.random.default_rng(seed)
    points = ball_points(problem, radius, num_points, rng)
    for i in range(problem.num_components):
        sight = _look(problem, i, points)
        _gradient_is_of_the_loss(problem, sight, radius, rng)


def repeats(setting: Setting) -> None:
    """Raise `InputError` if a user's own steps differ when they are taken twice."""
    method = setting.actual_method or setting.method
    if setting.optimiser is None and method.step is None:
        return
    draws = np.arange(min(setting.horizon - 1, LONGEST_REPEAT))[:, None]
    short = replace(setting, horizon=len(draws) + 1, order=None)
    draws = draws % setting.problem.num_components
    if setting.batch.size > 1:
        draws = np.repeat(draws[..., None], setting.batch.size, axis=2)
    first, second = (
        simulate(short, draws, channels=frozenset({"point_dist_sq", "gap"}))
        for _ in range(2)
    )
    for name, values in first.channels.items():
        if not np.array_equal(values, second.channels[name], equal_nan=True):
            t = int(np.argmax(np.any(values != second.channels[name], axis=1)))
            msg = (
                f"{where(setting.optimiser or method.step)}: {method.name} gave "
                f"{values[t, 0]:.9g} for {name} at t = {t}, then "
                f"{second.channels[name][t, 0]:.9g}: the same draws must give the same "
                "run. Take randomness from the components only."
            )
            raise InputError(msg)


def ball_points(
    problem: UserProblem, radius: float, num_points: int, rng: np.random.Generator
) -> FloatArray:
    """The centre first, then half on the sphere, half in the ball, shape (P, d)."""
    away = rng.standard_normal((num_points - 1, problem.dim))
    away /= np.linalg.norm(away, axis=1, keepdims=True)
    inner = np.arange(num_points - 1) % 2 == 1
    away[inner] *= rng.uniform(size=(np.count_nonzero(inner), 1)) ** (1 / problem.dim)
    return np.concatenate([problem.point[None], problem.point + radius * away])


def _call(problem: UserProblem, i: int, x: FloatArray) -> tuple[Array, Array]:
    index: IntArray = np.full(len(x), i)
    given = x.copy()
    loss = np.array(problem.loss_of(index, given))
    gradient = np.array(problem.gradient_of(index, given))
    if not (np.array_equal(given, x) and np.all(index == i)):
        _fail(problem.name, i, x[0], "the functions change their arguments: copy them")
    return loss, gradient


def _look(problem: UserProblem, i: int, x: FloatArray) -> Sight:
    """Call both functions, twice, and one row alone: shapes, finiteness, constancy."""
    loss, gradient = _call(problem, i, x)
    for what, found, shape in (
        ("loss", loss, (len(x),)),
        ("gradient", gradient, x.shape),
    ):
        if found.shape != shape or found.dtype.kind not in "fiu":
            why = f"{what} must give numbers of shape {shape} for x of shape {x.shape}"
            _fail(problem.name, i, x[0], f"{why}, got {found.dtype} {found.shape}")
        bad = ~np.isfinite(found.reshape(len(x), -1)).all(axis=1)
        if np.any(bad):
            p = int(np.argmax(bad))
            _fail(problem.name, i, x[p], f"the {what} is not finite: {found[p]}")
    again = _call(problem, i, x)
    for what, first, second in zip(
        ("loss", "gradient"), (loss, gradient), again, strict=True
    ):
        changed = _first(first != second)
        if changed is not None:
            why = f"the same input gave the {what} {first[changed]}, then "
            why += f"{second[changed]}: a problem must not be random"
            _fail(problem.name, i, x[changed], why)
    noise = SLACK * EPS * problem.dim * (1.0 + float(np.max(np.abs(loss))))
    alone, _ = _call(problem, i, x[-1:])
    if alone.shape != (1,) or not abs(alone[0] - loss[-1]) <= noise:
        why = f"alone the loss is {alone}, among others {loss[-1]:.9g}"
        _fail(problem.name, i, x[-1], f"{why}: each row must speak of its own point")
    return Sight(i, x, loss.astype(np.float64), gradient.astype(np.float64), noise)


def _gradient_is_of_the_loss(
    problem: UserProblem, sight: Sight, radius: float, rng: np.random.Generator
) -> None:
    """One-sided differences must enclose the slope, at a kink as where f is smooth.

    For convex f they do so exactly; where f is smooth they nearly agree, and their mean
    is the central difference. 1e-8 is for its third-order term where f is not convex.
    """
    x, g = sight.points, sight.gradient
    v = rng.standard_normal(x.shape)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    slope, size = (g * v).sum(axis=1), float(np.max(np.abs(g)))
    wrong = np.ones(len(x), dtype=bool)
    for step in STEPS:
        h = step * radius
        ahead, _ = _call(problem, sight.i, x + h * v)
        behind, _ = _call(problem, sight.i, x - h * v)
        right, left = (ahead - sight.loss) / h, (sight.loss - behind) / h
        slack = 4.0 * sight.noise / h + 1e-8 * size
        middle, half = 0.5 * (right + left), 0.5 * np.abs(right - left)
        wrong &= np.abs(slope - middle) > half + slack
    p = _first(wrong)
    if p is not None:
        why = f"the gradient has slope {slope[p]:.6g} along {_show(v[p])}"
        _fail(
            problem.name,
            sight.i,
            x[p],
            f"{why}, differences of the loss {middle[p]:.6g}",
        )


def _first(bad: Array) -> int | None:
    """The first row with a true entry."""
    rows = np.asarray(bad).reshape(len(bad), -1).any(axis=1)
    return int(np.argmax(rows)) if np.any(rows) else None


def _show(x: Any) -> str:
    return np.array2string(np.asarray(x), precision=4, threshold=6, edgeitems=2)


def _fail(name: str, i: int, x: FloatArray, why: str) -> NoReturn:
    msg = f"{name}, component {i} at x = {_show(x)}: {why}."
    raise InputError(msg)
