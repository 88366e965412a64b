"""Which model benches the claims about the distillation gradient are tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from synthetic.distillation import gradients
from synthetic.distillation.canonical import BINARY, SOFTMAX, SQUARED, Canonical
from synthetic.distillation.model_bench import ModelBench
from synthetic.distillation.models import MODELS, FloatArray, Model, linear
from synthetic.distillation.objective import Objective

INPUTS, CLASSES, FEATURES = 4, 3, 5
OUTPUTS = {SQUARED.name: 2, BINARY.name: 1, SOFTMAX.name: CLASSES}
DISTANCES = (1.0, 0.1, 0.01)
"""Of the teacher from the student, relative to a parameter's size."""

WEIGHTS = (0.5, 1.0, -0.5, 0.25, 1.5)
TEMPERATURES = (0.5, 2.0, 4.0)
RIDGES = (0.03, 0.3)
LOSSES = (SQUARED, BINARY, SOFTMAX)


def model_benches(tier: str) -> Iterator[ModelBench]:
    """All of the tier; the full one has ten times as many cases."""
    copies = 2 if tier == "quick" else 20
    for loss in LOSSES:
        for make in MODELS:
            plain = bench(make, loss, copies)
            yield plain
            yield interpolated(plain)
            yield softened(plain)
            for proximal in (False, True):
                yield ridged(plain, is_proximal=proximal)
            if plain.model.widths[-1] > 1 and not plain.model.is_linear:
                yield right_angled(plain)
            if not loss.is_squared:
                yield on_logits(plain)
        yield on_features(bench(lambda _, k: linear(FEATURES, k), loss, copies))


def bench(
    make: Callable[[int, int], Model], loss: Canonical, copies: int = 2, seed: int = 0
) -> ModelBench:
    """Every distance and weight, `copies` times, each with its own sample, x, theta."""
    model = make(INPUTS, OUTPUTS[loss.name])
    rng = np.random.default_rng([seed, len(model.name), len(loss.name)])
    grid = np.array([(s, w) for s in DISTANCES for w in WEIGHTS] * copies)
    count = len(grid)
    scale = np.concatenate(
        [np.full(out * into, into**-0.5) for out, into in model.shapes]
    )
    student = scale * rng.standard_normal((count, model.num_parameters))
    away = scale * rng.standard_normal((count, model.num_parameters))
    return ModelBench(
        name=f"{model.name}, {loss.name}",
        model=model,
        objective=Objective(loss=loss),
        student=student,
        teacher=student + grid[:, :1] * away,
        weight=grid[:, 1],
        temperature=np.ones(count),
        ridge=np.zeros(count),
        inputs=rng.standard_normal((count, model.widths[0])),
        target=_labels(rng, loss, count),
    )


def _labels(rng: np.random.Generator, loss: Canonical, count: int) -> FloatArray:
    """Numbers, zeros and ones, or corners of the simplex."""
    if loss is SQUARED:
        return rng.standard_normal((count, OUTPUTS[loss.name]))
    if loss is BINARY:
        return rng.integers(2, size=(count, 1)).astype(np.float64)
    return np.eye(CLASSES)[rng.integers(CLASSES, size=count)]


def interpolated(plain: ModelBench) -> ModelBench:
    """With the teacher's own means as labels."""
    told = plain.model.outputs(plain.teacher, plain.inputs)
    return replace(
        plain,
        name=f"{plain.name}, interpolating teacher",
        target=plain.objective.loss.mean(told),
    )


def softened(plain: ModelBench) -> ModelBench:
    """At temperatures other than 1, each drawn anew: no distance has one of its own."""
    rng = np.random.default_rng(3)
    return replace(
        plain,
        name=f"{plain.name}, temperatures",
        temperature=rng.choice(TEMPERATURES, size=plain.count),
    )


def ridged(plain: ModelBench, *, is_proximal: bool) -> ModelBench:
    """With a ridge, in both parts or around the teacher."""
    where = "around the teacher" if is_proximal else "in both parts"
    return replace(
        plain,
        name=f"{plain.name}, ridge {where}",
        objective=replace(plain.objective, is_proximal=is_proximal),
        ridge=np.resize(RIDGES, plain.count),
    )


def on_logits(plain: ModelBench) -> ModelBench:
    """With squared differences of logits as the soft part."""
    return replace(
        plain,
        name=f"{plain.name}, logits distilled",
        objective=replace(plain.objective, on_logits=True),
    )


def on_features(plain: ModelBench) -> ModelBench:
    """A linear head on the features of a frozen layer that both share."""
    rng = np.random.default_rng(7)
    frozen = rng.standard_normal((FEATURES, FEATURES)) / np.sqrt(FEATURES)
    return replace(
        plain,
        name=f"{plain.name}, frozen features",
        inputs=np.tanh(plain.inputs @ frozen),
    )


def right_angled(plain: ModelBench) -> ModelBench:
    r"""With the weight at which u and u - v are orthogonal, where it is below 10.

    $\langle J_x^T(r_x - \lambda r_\theta), w\rangle = 0$, $w = (J_\theta - J_x)^T
    r_\theta$, is linear in $\lambda$; then $\cos(u, v) = \sqrt{1 - \epsilon^2}$.
    """
    found = gradients.formulas(plain)
    w = found["correction"]
    across = np.sum((found["teacher"] - w) * w, axis=1)
    weight = np.sum(found["plain"] * w, axis=1) / np.where(across != 0, across, np.nan)
    kept = np.flatnonzero(np.abs(weight) < 10)
    names = ("student", "teacher", "temperature", "ridge", "inputs", "target")
    rows = {name: getattr(plain, name)[kept] for name in names}
    return replace(
        plain, name=f"{plain.name}, right angles", weight=weight[kept], **rows
    )
