r"""Both sides of the claims on the distillation gradient, for a bench.

The left one is differentiated from the loss by a complex step, the right ones are
products with transposed Jacobians, by backpropagation: they share no derivative.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from synthetic.distillation.models import FloatArray
from synthetic.distillation.objective import gradient
from theory.distillation_gradient import GradientConstants, GradientTrace, norm
from theory.evidence import TIMELESS

if TYPE_CHECKING:
    from synthetic.distillation.model_bench import ModelBench

EPS = float(np.finfo(np.float64).eps)

END = frozenset({"layers", "end_student", "end_plain", "end_teacher"})
"""Channels of the product of a deep linear model."""


def outputs(bench: ModelBench) -> tuple[FloatArray, FloatArray]:
    r"""$\varphi_x(a)$ and $\varphi_\theta(a)$, each (B, k)."""
    return (
        bench.model.outputs(bench.student, bench.inputs),
        bench.model.outputs(bench.teacher, bench.inputs),
    )


def formulas(bench: ModelBench) -> dict[str, FloatArray]:
    """The channels of the right-hand sides, by backpropagation, (B, P)."""
    model, inputs, mean = bench.model, bench.inputs, bench.objective.loss.mean
    weight, ridge = bench.weight[:, None], bench.ridge[:, None]
    temperature = bench.temperature[:, None]
    own, told = outputs(bench)
    r_own, r_told = mean(own) - bench.target, mean(told) - bench.target
    at = bench.teacher if bench.pulls_at_teacher else bench.student
    at_teacher = model.pull(bench.teacher, inputs, r_told)
    gained = temperature * (mean(own / temperature) - mean(told / temperature))
    return {
        "plain": model.pull(bench.student, inputs, r_own) + ridge * bench.student,
        "teacher": at_teacher + ridge * bench.teacher,
        "product": model.pull(at, inputs, r_own - weight * r_told),
        "correction": at_teacher - model.pull(bench.student, inputs, r_told),
        "softened": model.pull(bench.student, inputs, gained - mean(own) + mean(told)),
        "anchor": bench.teacher,
    }


def measure(bench: ModelBench) -> GradientConstants:
    """The constants of a bench, arrays (B, 1)."""
    found, model = formulas(bench), bench.model
    weight = bench.weight[:, None]
    length = norm(found["plain"] - weight * found["teacher"])
    unit = np.where(length > 0, length, 1.0)
    deviation = norm(weight * found["correction"]) / unit
    _, told = outputs(bench)
    jacobians = [
        model.jacobian(x, bench.inputs) for x in (bench.teacher, bench.student)
    ]
    change = np.linalg.norm(jacobians[0] - jacobians[1], ord=2, axis=(1, 2))
    return GradientConstants(
        weight=weight,
        temperature=bench.temperature[:, None],
        ridge=bench.ridge[:, None],
        unit=unit,
        deviation=np.where(length > 0, deviation, np.inf),
        jacobian_change=change[:, None],
        teacher_residual=norm(bench.objective.loss.mean(told) - bench.target),
        is_linear=model.is_linear,
        is_product=model.is_product,
        is_squared=bench.objective.loss.is_squared,
        on_logits=bench.objective.on_logits,
        is_proximal=bench.objective.is_proximal,
        roundoff=EPS * num_operations(bench),
    )


def num_operations(bench: ModelBench) -> int:
    """Roundings on the longest way through a gradient, generously."""
    widths = bench.model.widths
    return 4 * sum(widths) + 16 * len(widths) + 4 * widths[-1]


def roundoff(bench: ModelBench) -> FloatArray:
    r"""What rounding may do to any combination of the channels, absolute, (B, 1).

    First order: the number of operations times what all terms of both gradients add
    up to. Means are 1-Lipschitz, so they pass on the outputs' errors at most.
    """
    model, mean = bench.model, bench.objective.loss.mean
    temperature = bench.temperature[:, None]
    weight = np.abs(bench.weight[:, None])
    sizes = []
    for z in outputs(bench):
        size = np.abs(mean(z)) + np.abs(z) + np.abs(bench.target)
        size = size + temperature * np.abs(mean(z / temperature))
        sizes.append(np.broadcast_to(norm(size), z.shape))
    both = (1.0 + weight) * (sizes[0] + sizes[1])
    total = model.magnitude(bench.student, bench.inputs, both)
    total += model.magnitude(bench.teacher, bench.inputs, both)
    anchors = np.abs(bench.student) + weight * np.abs(bench.teacher)
    total += bench.ridge[:, None] * anchors
    return EPS * num_operations(bench) * norm(total)


def end_to_end(bench: ModelBench) -> ModelBench:
    """The bench of the product of the matrices, as a linear model."""
    model = bench.model
    return replace(
        bench,
        model=model.end_to_end,
        student=model.product(bench.student),
        teacher=model.product(bench.teacher),
    )


def sine(u: FloatArray, direction: FloatArray) -> FloatArray:
    """The sine of the angle of u to a unit vector, `inf` if obtuse, (B, 1)."""
    inner = np.sum(u * direction, axis=1, keepdims=True)
    across = norm(u - inner * direction) / np.where(inner > 0, norm(u), 1.0)
    return np.where(inner > 0, across, np.inf)


def trace(bench: ModelBench, needs: frozenset[str]) -> tuple[GradientTrace, str]:
    """The channels that are needed, and one sentence about where they come from."""
    c = bench.constants()
    found = formulas(bench)
    found["student"] = gradient(bench.actual, bench, bench.student)
    noise = roundoff(bench)
    if needs & END:
        end = end_to_end(bench)
        right = formulas(end)
        found["end_student"] = gradient(end.actual, end, end.student)
        found["end_plain"], found["end_teacher"] = right["plain"], right["teacher"]
        whole = right["plain"] - bench.weight[:, None] * right["teacher"]
        found["layers"] = bench.model.pull_product(bench.student, whole)
        noise = noise + roundoff(end)
    found = {name: value / c.unit for name, value in found.items()}
    errors = dict.fromkeys(found, noise / c.unit)
    direction = found["plain"] - c.weight * found["teacher"]
    length = norm(found["student"])
    found["sine"] = sine(found["student"], direction)
    # Of a unit vector and u an angle moves by the error of u over its length.
    errors["sine"] = 4.0 * noise / c.unit / np.where(length > 0, length, EPS)
    source = f"complex steps of the loss of {bench.count} configurations"
    return GradientTrace(np.array([TIMELESS]), found, errors, c), source
