r"""Small models: $\varphi_x(a) = W_L\,\rho(W_{L-1} \cdots \rho(W_1 a))$, no biases.

Parameters x are all entries of $W_1, \dots, W_L$ in that order, row by row, (..., P);
inputs (..., d), outputs (..., k). Leading axes broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

Array = NDArray[Any]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Activation:
    r"""$\rho$ with $\rho(0) = 0$, 1-Lipschitz.

    Attributes:
        name: In words.
        value: $\rho(z)$, analytic: z may be complex.
        slope: $\rho'(z)$, real z.
        bend: A Lipschitz constant of the slope, away from kinks.
        has_kink: At 0?

    """

    name: str
    value: Callable[[Array], Array]
    slope: Callable[[FloatArray], FloatArray]
    bend: float
    has_kink: bool = False

    def __reduce__(self) -> tuple[Callable[[str], Activation], tuple[str]]:
        """Pickle by name: processes of one run share the table below."""
        return _by_name, (self.name,)


def _by_name(name: str) -> Activation:
    return ACTIVATIONS[name]


IDENTITY = Activation("identity", lambda z: z, np.ones_like, 0.0)
RELU = Activation(
    "ReLU",
    lambda z: np.asarray(z * (z.real > 0)),
    lambda z: np.asarray(1.0 * (z > 0)),
    0.0,
    has_kink=True,
)
TANH = Activation(
    "tanh",
    lambda z: np.asarray(np.tanh(z)),
    lambda z: np.asarray(1.0 - np.tanh(z) ** 2),
    1.0,
)
ACTIVATIONS = {one.name: one for one in (IDENTITY, RELU, TANH)}
"""Every activation, by name."""


@dataclass(frozen=True)
class Model:
    """One architecture.

    Attributes:
        name: What settings call it.
        widths: Of the input, the hidden layers, the output.
        activation: Between the layers.

    """

    name: str
    widths: tuple[int, ...]
    activation: Activation = IDENTITY

    def __post_init__(self) -> None:
        """Refuse what is no model."""
        if len(self.widths) < 2 or min(self.widths) < 1:
            msg = f"{self.name}: need two or more widths >= 1, got {self.widths}."
            raise InputError(msg)

    @cached_property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(out, in) of each matrix."""
        return tuple((after, before) for before, after in pairwise(self.widths))

    @property
    def num_parameters(self) -> int:
        """P."""
        return sum(out * into for out, into in self.shapes)

    @property
    def is_linear(self) -> bool:
        """Are the outputs linear in the parameters?"""
        return len(self.shapes) == 1

    @property
    def is_product(self) -> bool:
        """Are they a product of several matrices times the input?"""
        return not self.is_linear and self.activation is IDENTITY

    @property
    def end_to_end(self) -> Model:
        """The linear model of the product."""
        return Model(f"{self.name}, end to end", (self.widths[0], self.widths[-1]))

    def matrices(self, parameters: Array) -> list[Array]:
        """$W_1$ to $W_L$, each (..., out, in)."""
        found, begin = [], 0
        for out, into in self.shapes:
            part = parameters[..., begin : begin + out * into]
            found.append(part.reshape(*parameters.shape[:-1], out, into))
            begin += out * into
        return found

    def outputs(self, parameters: Array, inputs: Array) -> Array:
        r"""$\varphi_x(a)$, (..., P), (..., d) -> (..., k), also for complex x."""
        first, *later = self.matrices(parameters)
        z = _apply(first, inputs)
        for matrix in later:
            z = _apply(matrix, self.activation.value(z))
        return z

    def pull(
        self, parameters: FloatArray, inputs: FloatArray, cotangent: FloatArray
    ) -> FloatArray:
        r"""$J_x^T r$ by backpropagation, (..., P), (..., d), (..., k) -> (..., P)."""
        matrices = self.matrices(parameters)
        before, slopes = [inputs], []
        for matrix in matrices[:-1]:
            z = _apply(matrix, before[-1])
            before.append(np.asarray(self.activation.value(z)))
            slopes.append(self.activation.slope(z))
        return _backwards(matrices, before, slopes, cotangent)

    def magnitude(
        self, parameters: FloatArray, inputs: FloatArray, cotangent: FloatArray
    ) -> FloatArray:
        r"""What `pull` adds up, all terms positive: its roundoff is in units of this.

        A relative error of each operation reaches the result at most in proportion to
        the sum of absolute values; the slope of a bent activation moves with its input.
        """
        matrices = [np.abs(matrix) for matrix in self.matrices(parameters)]
        before, slopes = [np.abs(inputs)], []
        for matrix in matrices[:-1]:
            before.append(_apply(matrix, before[-1]))
            slopes.append(1.0 + self.activation.bend * before[-1])
        own = cotangent + _apply(matrices[-1], before[-1])
        return _backwards(matrices, before, slopes, own)

    def jacobian(self, parameters: FloatArray, inputs: FloatArray) -> FloatArray:
        """$J_x$, (..., k, P), one pull for each output."""
        outputs = self.widths[-1]
        unit = np.broadcast_to(np.eye(outputs), (*inputs.shape[:-1], outputs, outputs))
        return self.pull(parameters[..., None, :], inputs[..., None, :], unit)

    def product(self, parameters: FloatArray) -> FloatArray:
        r"""$W_L \cdots W_1$ row by row, (..., P) -> (..., k d)."""
        first, *later = self.matrices(parameters)
        for matrix in later:
            first = matrix @ first
        return np.asarray(first.reshape(*parameters.shape[:-1], -1))

    def pull_product(
        self, parameters: FloatArray, end_gradient: FloatArray
    ) -> FloatArray:
        r"""$A_l^T G B_l^T$ of every layer, (..., P), (..., k d) -> (..., P)."""
        matrices = self.matrices(parameters)
        outputs, inputs = self.widths[-1], self.widths[0]
        shape = (*parameters.shape[:-1], outputs, inputs)
        after = [np.broadcast_to(np.eye(outputs), (*shape[:-2], outputs, outputs))]
        for matrix in reversed(matrices[1:]):
            after.insert(0, after[0] @ matrix)  # A_l = A_{l+1} W_{l+1}
        before = np.broadcast_to(np.eye(inputs), (*shape[:-2], inputs, inputs))
        parts = []
        for matrix, left in zip(matrices, after, strict=True):
            layer = _turned(left) @ end_gradient.reshape(shape) @ _turned(before)
            parts.append(layer.reshape(*shape[:-2], -1))
            before = matrix @ before  # B_{l+1} = W_l B_l
        return np.concatenate(parts, axis=-1)

    def clearance(self, parameters: FloatArray, inputs: FloatArray) -> float:
        """The smallest distance of a hidden unit from a kink; `inf` without kinks.

        Units behind a layer that is silent stay at 0 whatever x does nearby: no kink.
        """
        if not self.activation.has_kink:
            return float("inf")
        smallest, z = float("inf"), inputs
        for matrix in self.matrices(parameters)[:-1]:
            heard = np.any(z != 0, axis=-1, keepdims=True)
            z = _apply(matrix, z)
            away = np.where(heard, np.abs(z), np.inf)
            smallest = min(smallest, float(np.min(away)))
            z = self.activation.value(z)
        return smallest


def _apply(matrix: Array, vector: Array) -> Array:
    """(..., out, in), (..., in) -> (..., out)."""
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _turned(matrix: Array) -> Array:
    return np.swapaxes(matrix, -1, -2)


def _backwards(
    matrices: list[Array],
    before: list[FloatArray],
    slopes: list[FloatArray],
    cotangent: FloatArray,
) -> FloatArray:
    """The gradient of each matrix, from the last to the first, then side by side."""
    parts: list[Array] = []
    for layer in reversed(range(len(matrices))):
        outer = cotangent[..., :, None] * before[layer][..., None, :]
        parts.insert(0, outer.reshape(*outer.shape[:-2], -1))
        if layer:
            cotangent = _apply(_turned(matrices[layer]), cotangent) * slopes[layer - 1]
    return np.concatenate(parts, axis=-1)


def linear(inputs: int, outputs: int) -> Model:
    """One matrix."""
    return Model("linear", (inputs, outputs))


def deep_linear(inputs: int, outputs: int) -> Model:
    """Three matrices."""
    return Model("deep linear", (inputs, 4, 3, outputs))


def relu(inputs: int, outputs: int) -> Model:
    """Three matrices with ReLU between."""
    return Model("ReLU", (inputs, 5, 4, outputs), RELU)


def tanh(inputs: int, outputs: int) -> Model:
    """Three matrices with tanh between."""
    return Model("tanh", (inputs, 4, 3, outputs), TANH)


MODELS: tuple[Callable[[int, int], Model], ...] = (linear, deep_linear, relu, tanh)
