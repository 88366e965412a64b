r"""The same models and losses in PyTorch, with the gradient by autograd, in float64.

An independent reading of the formulas: every loss is one of `torch.nn.functional`.
Needs the extra `torch`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from synthetic.distillation.canonical import BINARY, SQUARED
from synthetic.distillation.model_bench import ModelBench
from synthetic.distillation.models import RELU, TANH, FloatArray, Model

Tensor = Any
ACTIVATIONS = {RELU.name: torch.relu, TANH.name: torch.tanh}


def outputs(model: Model, parameters: Tensor, inputs: Tensor) -> Tensor:
    r"""$\varphi_x(a)$, (P,), (d,) -> (k,)."""
    sizes = [out * into for out, into in model.shapes]
    matrices = [
        part.view(shape)
        for part, shape in zip(parameters.split(sizes), model.shapes, strict=True)
    ]
    value = inputs
    activation = ACTIVATIONS.get(model.activation.name, torch.nn.Identity())
    for matrix in matrices[:-1]:
        value = activation(functional.linear(value, matrix))
    return functional.linear(value, matrices[-1])


def loss(bench: ModelBench, index: int, student: Tensor) -> Tensor:
    """The distillation loss of one configuration, a number."""
    theta, inputs, target = (
        torch.from_numpy(np.ascontiguousarray(array[index]))
        for array in (bench.teacher, bench.inputs, bench.target)
    )
    weight, ridge = float(bench.weight[index]), float(bench.ridge[index])
    z = outputs(bench.model, student, inputs)
    told = outputs(bench.model, theta, inputs)
    centre = theta if bench.objective.is_proximal else torch.zeros_like(theta)
    hard = _hard(bench, z, target) + 0.5 * ridge * student.square().sum()
    soft = _soft(bench, z, told, float(bench.temperature[index]))
    soft = soft + 0.5 * ridge * (student - centre).square().sum()
    return (1.0 - weight) * hard + weight * soft


def _hard(bench: ModelBench, z: Tensor, target: Tensor) -> Tensor:
    """The loss at the label."""
    kind = bench.objective.loss
    if kind is SQUARED:
        return 0.5 * functional.mse_loss(z, target, reduction="sum")
    if kind is BINARY:
        return functional.binary_cross_entropy_with_logits(z, target, reduction="sum")
    return functional.cross_entropy(z, target)


def _soft(bench: ModelBench, z: Tensor, told: Tensor, temperature: float) -> Tensor:
    """$T^2$ times the divergence from the teacher at temperature T."""
    kind = bench.objective.loss
    if bench.objective.on_logits or kind is SQUARED:
        return 0.5 * functional.mse_loss(z, told, reduction="sum")
    cold, reference = z / temperature, told / temperature
    if kind is BINARY:  # the softmax of (0, z) is that of two classes
        cold, reference = (functional.pad(v, (1, 0)) for v in (cold, reference))
    logs = functional.log_softmax(cold, dim=0), functional.log_softmax(reference, dim=0)
    return temperature**2 * functional.kl_div(*logs, reduction="sum", log_target=True)


def gradient(bench: ModelBench) -> FloatArray:
    """The gradient of the distillation loss in every student, (B, P)."""
    rows = []
    for index in range(bench.count):
        student = torch.from_numpy(bench.student[index].copy()).requires_grad_()
        (row,) = torch.autograd.grad(loss(bench, index, student), student)
        rows.append(row.numpy())
    return np.array(rows)
