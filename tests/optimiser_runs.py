"""Runs of torch optimisers, and of the formulas of `theory`, on the same draws."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gpt2_demo.optim import IAMAdam
from synthetic import losses, metrics
from synthetic.draws import component_draws
from synthetic.families import planted
from synthetic.metrics import Metric
from synthetic.problems.base import FloatArray, IntArray
from synthetic.problems.glm import GLM
from theory import formulas
from theory.schedules import Schedule

DIM, STEPS = 9, 60
LOSSES = ["squared", "logistic", "l1"]
BY = 1e-12
"""Rounding after 60 steps in float64, sums taken in another order."""

SHAPES = ((2, 3), (0,), (), (2,))
"""How x is cut into parameters, one of them empty and one without dimension."""


def problem(loss: str) -> GLM:
    return planted(losses.LOSSES[loss], num_components=12, dim=DIM, noise=0.5, seed=3)


def draws(of: GLM, steps: int = STEPS) -> IntArray:
    found = component_draws(5, 0, 1, steps, of.weights, of.num_components)
    return np.asarray(found[:, 0])


@dataclass(frozen=True)
class Point:
    """State after a step, and what the step was."""

    x: FloatArray
    z: FloatArray
    eta: float
    numerator: float
    norm_sq: float


@dataclass(frozen=True)
class Rule:
    """What the reference is to do, beside the formulas."""

    schedule: Schedule
    cap: float | None = None
    metric: Metric | None = None
    scale: FloatArray | float = 1.0
    decay: float = 0.0


def reference(of: GLM, rule: Rule, steps: int = STEPS) -> Iterator[Point]:
    """SPS*, IAM and IAM-Adam as `theory` writes them, in NumPy."""
    told = of.loss_star + of.guard
    x = z = moment = np.zeros(DIM)
    for t, i in enumerate(draws(of, steps)):
        losses, grads = of.component(np.array([i]), x[None])
        loss, g = losses[0], grads[0]
        d = np.ones(DIM)
        if rule.metric is not None:
            rows, moments = rule.metric.step(t, g[None], moment[None])
            d, moment = rows[0], moments[0]
        inverse = rule.scale / d
        inner, norm_sq = g @ (z - x), g @ (inverse * g)
        polyak = formulas.polyak if rule.cap is None else formulas.capped_polyak
        eta = polyak(loss, told[i], inner, norm_sq, rule.cap)
        shrink = 1 + eta * rule.scale * rule.decay
        z = (z - eta * inverse * g) / shrink
        x = formulas.average(x, z, rule.schedule(t + 1))
        numerator = formulas.numerator(loss, told[i], inner)
        yield Point(x, z, float(eta), float(numerator), float(norm_sq))


def pieces(vector: FloatArray, *, flat: bool = True, kind: Any = None) -> list[Any]:
    """The vector cut into parameters; with strides that have no flat view, or not."""
    found, first = [], 0
    for shape in SHAPES:
        size = int(np.prod(shape))
        one = torch.from_numpy(np.array(vector[first : first + size])).reshape(shape)
        one = one.to(kind or torch.float64)
        first += size
        if not flat and one.dim():
            one = torch.stack([one, one], dim=-1)[..., 0]
        found.append(torch.nn.Parameter(one))
    return found


def joined(tensors: list[Any]) -> FloatArray:
    return np.concatenate([one.detach().numpy().reshape(-1) for one in tensors])


def run(
    of: GLM,
    make: Callable[[list[Any]], Any],
    *,
    flat: bool = True,
    kind: Any = None,
    steps: int = STEPS,
) -> Iterator[Point]:
    """The torch optimiser on the draws of `reference`."""
    told = of.loss_star + of.guard
    params = pieces(np.zeros(DIM), flat=flat, kind=kind)
    optimiser = make(params)
    for i in draws(of, steps):
        x = joined(params).astype(np.float64)
        losses, grads = of.component(np.array([i]), x[None])
        for x_part, g in zip(params, pieces(grads[0], kind=kind), strict=True):
            x_part.grad = g.detach()
        optimiser.step(loss=float(losses[0]), target_loss=float(told[i]))
        z = [optimiser.state.get(p, {}).get("z", p) for p in params]
        last = {name: float(value) for name, value in optimiser.last.items()}
        eta, norm_sq = last["eta"], last["grad_norm_sq"]
        yield Point(joined(params), joined(z), eta, last["numerator"], norm_sq)


def assert_alike(found: Iterator[Point], wanted: Iterator[Point], by: float) -> None:
    """All states and steps agree, relative to the size of x."""
    for one, other in zip(found, wanted, strict=True):
        for name in ("x", "z", "eta", "numerator", "norm_sq"):
            a, b = getattr(one, name), getattr(other, name)
            np.testing.assert_allclose(a, b, rtol=by, atol=by, err_msg=name)


ADAM = metrics.adam(beta2=0.9, epsilon=1e-3)


def iam_adam(params: Any, **options: Any) -> IAMAdam:
    return IAMAdam(params, lam="t", beta2=ADAM.factor, eps=ADAM.epsilon, **options)
