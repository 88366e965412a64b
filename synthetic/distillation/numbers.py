r"""The constants of a bench: moments of teacher and minimiser as finite sums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from synthetic.distillation import lyapunov
from synthetic.distillation.problems import FiniteSum, FloatArray, Quadratic
from theory.distillation import DistillationConstants, Variant

if TYPE_CHECKING:
    from synthetic.distillation.setting import Bench

EPS = float(np.finfo(np.float64).eps)
MOST_NUMBERS = 4_000_000
"""Numbers held at once: configurations times components times dimension."""


def columns(values: FloatArray) -> FloatArray:
    """Shape (B,) as (B, 1)."""
    return np.asarray(values, dtype=np.float64)[:, None]


def square(x: FloatArray) -> FloatArray:
    """Squared lengths over the last axis."""
    return np.asarray((x * x).sum(axis=-1))


def measure(bench: Bench) -> DistillationConstants:
    """Everything that bounds may use, for the declared problem and rule."""
    problem = bench.problem
    moments = teacher_moments(problem, bench.teacher)
    more: dict[str, Any] = {}
    if bench.split is not None:
        given = bench.split.given().items()
        more |= {name: columns(value) for name, value in given}
    for name, value in (_stationary(bench) | _shifted(bench)).items():
        more[name] = columns(value)
    found = DistillationConstants(
        mu=problem.mu,
        mu_pl=problem.mu_pl,
        L=problem.L,
        L_max=problem.L_max,
        cL=problem.cL,
        S2=float(problem.weights @ square(problem.at_star)),
        H2=columns(moments["H2"]),
        G2=columns(moments["G2"]),
        cross=columns(moments["cross"]),
        teacher_gap=columns(problem.gap(bench.teacher)),
        teacher_dist_sq=columns(square(bench.teacher - problem.star)),
        weight=columns(bench.weight),
        step=columns(bench.step),
        start_dist_sq=columns(square(bench.start - problem.star)),
        start_gap=columns(problem.gap(bench.start)),
        start_teacher_sq=columns(square(bench.start - bench.teacher)),
        star_sq=float(square(problem.star)),
        star_support=int(np.count_nonzero(problem.star)),
        dim=problem.dim,
        quadratic=isinstance(problem, Quadratic),
        full_rank=isinstance(problem, Quadratic) and problem.is_full_rank,
        equal_hessians=isinstance(problem, Quadratic) and problem.has_equal_hessians,
        on_ray=_on_ray(bench.teacher - problem.star),
        roundoff=EPS * (8.0 + problem.dim**0.5),
        **more,
    )
    if bench.compressor is None:
        return found
    return replace(found, **bench.compressor.numbers(bench))


def _on_ray(away: FloatArray) -> bool:
    """Are all rows multiples of one vector by numbers that are not negative?"""
    lengths = np.sqrt(square(away))
    if not np.any(lengths > 0):
        return True
    longest = away[int(np.argmax(lengths))] / lengths.max()
    return bool(np.all(away @ longest >= lengths * (1.0 - 1e-12)))


def teacher_moments(problem: FiniteSum, teacher: FloatArray) -> dict[str, FloatArray]:
    r"""$H_2$, $G_2$ and c for each teacher, each (B,); equal teachers are done once."""
    unique, back = np.unique(teacher, axis=0, return_inverse=True)
    found = []
    size = max(1, MOST_NUMBERS // (problem.num_components * problem.dim))
    for start in range(0, len(unique), size):
        h = problem.gradients(unique[start : start + size])
        g = np.einsum("n,bnd->bd", problem.weights, h)
        cross = np.einsum("n,bnd,nd->b", problem.weights, h, problem.at_star)
        found.append((square(h) @ problem.weights, square(g), cross))
    back = np.asarray(back).reshape(-1)
    names = ("H2", "G2", "cross")
    return {
        name: np.concatenate(part)[back]
        for name, part in zip(names, zip(*found, strict=True), strict=True)
    }


def _stationary(bench: Bench) -> dict[str, FloatArray]:
    """V and F of plain SGD, and what unbiased distillation needs, where they exist."""
    problem = bench.problem
    if "limit" not in bench.offers or not isinstance(problem, Quadratic):
        return {}
    if not problem.is_full_rank:
        return {}
    stable = bench.step * problem.cL < 2.0
    steps, back = np.unique(bench.step[stable], return_inverse=True)
    found: dict[str, FloatArray] = {}

    def put(name: str, values: FloatArray) -> None:
        found[name] = np.full(bench.count, np.inf)
        found[name][stable] = values

    s = problem.at_star
    noise = np.einsum("n,nd,ne->de", problem.weights, s, s)
    sigma, left = lyapunov.solve(problem, steps, steps[:, None, None] ** 2 * noise)
    slack = steps * problem.mu * (2.0 - steps * problem.cL)
    put("V", np.trace(sigma, axis1=1, axis2=2)[back])
    put("law_error", (left / slack)[back])
    put("F", 0.5 * np.einsum("de,bed->b", problem.hessian, sigma)[back])
    if bench.variant is Variant.UNBIASED:
        h = problem.gradients(bench.teacher[stable])
        n = h - np.einsum("n,bnd->bd", problem.weights, h)[:, None]
        gamma = bench.step[stable]
        for name, first in (
            ("V_unbiased", n),
            ("V_cross", np.broadcast_to(s, n.shape)),
        ):
            q = np.einsum("n,bnd,bne->bde", problem.weights, first, n)
            q = 0.5 * (q + q.transpose(0, 2, 1)) * gamma[:, None, None] ** 2
            sigma, left = lyapunov.solve(problem, gamma, q)
            put(name, np.trace(sigma, axis1=1, axis2=2))
            slack = gamma * problem.mu * (2.0 - gamma * problem.cL)
            found["law_error"][stable] += left / slack
    return found


def shifted_optimum(bench: Bench) -> FloatArray | None:
    r"""$x_\lambda = \arg\min f - \lambda\langle g, \cdot\rangle$, where f is convex."""
    problem = bench.problem
    if not (problem.mu > 0 and np.isfinite(problem.L_max)):
        return None
    g = problem.gradient(bench.teacher)
    return problem.solve_gradient(bench.weight[:, None] * g)


def _shifted(bench: Bench) -> dict[str, FloatArray]:
    r"""$S_\lambda$ and $\|x_0 - x_\lambda\|^2$, for runs of convex problems."""
    x = bench.shifted if "run" in bench.offers else None
    if x is None:
        return {}
    problem = bench.problem
    noise = np.empty(bench.count)
    size = max(1, MOST_NUMBERS // (problem.num_components * problem.dim))
    for first in range(0, bench.count, size):
        part = slice(first, first + size)
        at_x, h = problem.gradients(x[part]), problem.gradients(bench.teacher[part])
        away = at_x - bench.weight[part, None, None] * h
        noise[part] = square(away) @ problem.weights
    return {"shift_noise": noise, "start_shifted_sq": square(bench.start - x)}
