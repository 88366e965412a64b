"""An instance in words: its function, its start, and what else it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from synthetic.hunt.rational import words
from synthetic.problems.base import FloatArray, Problem
from synthetic.problems.glm import GLM
from synthetic.problems.nonconvex import Valleys
from synthetic.problems.polyhedral import Polyhedral
from synthetic.setting import Setting

MOST_LINES = 8


def describe(setting: Setting) -> list[str]:
    """A line for every component, then the start and what is not as usual."""
    lines = list(_functions(setting.problem))
    if len(lines) > MOST_LINES:
        more = len(lines) - MOST_LINES
        lines = [*lines[:MOST_LINES], f"and {more} more components"]
    lines.append(
        f"x0 = {point(setting.x0)}, u = 0 ({setting.problem.minimiser.certificate}), "
        f"{setting.method.name}, T = {setting.horizon}"
    )
    return lines + list(_terms(setting))


def point(x: FloatArray) -> str:
    """Its coordinates, as fractions where they are fractions."""
    if x.size == 1:
        return words(float(x[0]))
    return f"({', '.join(words(v) for v in x.tolist())})"


def _functions(problem: Problem) -> Iterator[str]:
    n = problem.num_components
    for i in range(n):
        chance = words(float(problem.weights[i]))
        name = "f" if n == 1 else f"with probability {chance}: f_{i + 1}"
        yield f"{name} = {_component(problem, i)}"


def _component(problem: Problem, i: int) -> str:
    if isinstance(problem, Polyhedral):
        return _maximum(problem.pieces[i], problem.offsets[i])
    if isinstance(problem, Valleys):
        banks = zip(problem.pieces[i], problem.offsets[i], strict=True)
        return f"min({', '.join(_maximum(*bank) for bank in banks)})"
    assert isinstance(problem, GLM)  # the families have no other
    row = problem.features[i]
    u = f"{words(float(row[0]))} x" if row.size == 1 else f"<{point(row)}, x>"
    return f"{problem.loss.name}(u; b = {words(float(problem.target[i]))}), u = {u}"


def _maximum(pieces: FloatArray, offsets: FloatArray) -> str:
    parts = [_affine(w, float(c)) for w, c in zip(pieces, offsets, strict=True)]
    return parts[0] if len(parts) == 1 else f"max({', '.join(parts)})"


def _affine(w: FloatArray, c: float) -> str:
    if not np.any(w):
        return words(c)
    slope = f"{words(float(w[0]))} x" if w.size == 1 else f"<{point(w)}, x>"
    if c == 0:
        return slope
    return f"{slope} {'-' if c < 0 else '+'} {words(abs(c))}"


def _terms(setting: Setting) -> Iterator[str]:
    target, metric = setting.target, setting.metric
    if target.pooled:
        yield "every component is told f(u)"
    shifts = target.shift if isinstance(target.shift, tuple) else (target.shift,)
    if any(shifts):
        yield f"targets off by {_listed(shifts)}"
    if metric is not None:
        later = f", then {_listed(metric.later)}" if metric.later else ""
        factor = f", factor {words(metric.factor)}" if metric.factor != 1 else ""
        known = f"metric ({metric.kind}): {_listed(metric.diagonal)}{later}{factor}"
        adam = f"Adam's metric, beta_2 = {words(metric.factor)}"
        yield adam if metric.kind == "any" else known
    if setting.batch.size > 1:
        yield f"batches of {setting.batch.size}"
    if setting.order is not None:
        yield f"draws in the order {', '.join(str(i + 1) for i in setting.order)}"


def _listed(values: Iterable[float]) -> str:
    return ", ".join(words(value) for value in values)
