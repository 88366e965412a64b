r"""Gradient descent and subgradient steps of fixed length: known worst cases.

Gradient descent, $x_{t+1} = x_t - \frac{h}{L} g_t$ with $h \in (0, 1]$, on convex
$L$-smooth functions: $f(x_N) - f_\star \le \frac{L D^2}{4 N h + 2}$, attained (Drori
and Teboulle, Math. Program. 145, 2014). Subgradient steps $\frac{D}{G \sqrt{N + 1}}$ on
convex $G$-Lipschitz functions: $\min_t f(x_t) - f_\star \le \frac{G D}{\sqrt{N + 1}}$,
attained. Both with $x_\star = 0$, $f_\star = 0$ and $L = D = 1$ or $G = D = 1$.
"""

from math import sqrt
from typing import Literal

import numpy as np

from theory.errors import InputError
from theory.worst_case.interpolation import (
    CONVEX,
    Curvature,
    Pairs,
    Points,
    all_pairs,
    interpolation,
)
from theory.worst_case.program import FloatArray, Program, Rows, rows

Use = Literal["path", "all"]


def gradient_descent(steps: int, h: float = 1.0, use: Use = "path") -> Program:
    r"""$\max f(x_N) - f_\star$; `path` keeps the pairs that carry the proof.

    Those are $(t, t+1)$ and $(\star, t)$: $2N + 1$ multipliers in place of
    $(N + 2)(N + 1)$. Fewer rows can only raise the value, and here do not.
    """
    _need_steps(steps)
    if not 0 < h <= 1:
        msg = f"Need a step 0 < h <= 1 in units of 1/L, got {h=}."
        raise InputError(msg)
    points = _descent(steps, h)
    conditions = interpolation(points, _pairs(steps, use), Curvature(L=1.0))
    is_known = use == "path" and h == 1
    return Program(
        name=f"gradient descent, {steps} steps of {h:g}/L",
        rows=conditions + start(points.at[1]),
        form=np.zeros((steps + 2, steps + 2)),
        weights=points.values[-1],
        problem={"kind": "gradient", "steps": steps} if is_known else {},
    )


def subgradient(steps: int) -> Program:
    r"""$\max \min_{t \le N} f(x_t) - f_\star$, all pairs; one more unknown value."""
    _need_steps(steps)
    points = _descent(steps, 1.0 / sqrt(steps + 1))
    n, p = steps + 2, steps + 2
    best = np.zeros((p, p))  # the values of the points, then their minimum
    best[1:, : p - 1] = -np.eye(p - 1)
    best[1:, -1] = 1.0
    values = np.concatenate([points.values, np.zeros((p, 1))], axis=1)
    points = Points(points.labels, points.at, points.slopes, values)
    below = [f"least {t}" for t in range(p - 1)]
    return Program(
        name=f"subgradient method, {steps} steps",
        rows=interpolation(points, all_pairs(p), CONVEX)
        + start(points.at[1], num_values=p)
        + slopes(points)
        + rows(below, np.zeros((p - 1, n, n)), best[1:]),
        form=np.zeros((n, n)),
        weights=np.eye(p)[-1],
    )


def start(first: FloatArray, radius_sq: float = 1.0, num_values: int = -1) -> Rows:
    r"""$\|x_0 - x_\star\|^2 \le D^2$."""
    k = len(first) - 1 if num_values < 0 else num_values
    return rows(["start"], np.outer(first, first)[None], np.zeros((1, k)), radius_sq)


def slopes(points: Points) -> Rows:
    r"""$\|g_t\|^2 \le G^2 = 1$ at every point but the minimiser, the first."""
    g = points.slopes[1:]
    names = [f"slope {label}" for label in points.labels[1:]]
    forms = np.einsum("mi,mj->mij", g, g)
    return rows(names, forms, np.zeros((len(g), points.values.shape[1])), 1.0)


def _descent(steps: int, step: float) -> Points:
    """The minimiser, then x_0..x_N; basis x_0, g_0..g_N; values f_0..f_N."""
    p = steps + 2
    at = np.zeros((p, p))
    at[1:, 0] = 1.0
    at[1:, 1:] = -step * np.tri(steps + 1, k=-1)
    gradients = np.zeros((p, p))
    gradients[1:, 1:] = np.eye(steps + 1)
    labels = ["*", *map(str, range(steps + 1))]
    return Points(labels, at, gradients, gradients[:, 1:])


def _pairs(steps: int, use: Use) -> Pairs:
    if use == "all":
        return all_pairs(steps + 2)
    later = np.arange(1, steps + 2)
    chain = np.stack([later[:-1], later[1:]], axis=1)
    return np.concatenate([chain, np.stack([np.zeros_like(later), later], axis=1)])


def _need_steps(steps: int) -> None:
    if steps < 1:
        msg = f"Need at least one step, got {steps=}."
        raise InputError(msg)
