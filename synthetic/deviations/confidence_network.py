r"""Stacked classifiers: one network a seed, all of one shape, S in front.

Linear softmax $z = xW + b$, or one hidden layer $z = \max(0, xW_1 + b_1)W_2 + b_2$.
The parameters of a seed are one row, so that a momentum step is one line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]


@dataclass(frozen=True)
class Shape:
    """Sizes of a classifier.

    Attributes:
        inputs: d.
        hidden: ReLU neurons; 0 for a linear classifier.
        classes: K.

    """

    inputs: int
    hidden: int
    classes: int

    @property
    def layers(self) -> tuple[tuple[int, int], ...]:
        """(inputs, outputs) of every layer."""
        if not self.hidden:
            return ((self.inputs, self.classes),)
        return ((self.inputs, self.hidden), (self.hidden, self.classes))

    @property
    def num_parameters(self) -> int:
        """Weights and biases of one network."""
        return sum((inputs + 1) * outputs for inputs, outputs in self.layers)


def layers_of(parameters: Array, shape: Shape) -> Layers:
    """Views: weights (S, inputs, outputs) and biases (S, 1, outputs) of each layer."""
    found, at, num = [], 0, len(parameters)
    for inputs, outputs in shape.layers:
        end = at + inputs * outputs
        weights = parameters[:, at:end].reshape(num, inputs, outputs)
        at = end + outputs
        found.append((weights, parameters[:, None, end:at]))
    return found


def initial(uniforms: Array, shape: Shape) -> Array:
    r"""Uniform on $\pm 1/\sqrt{\text{inputs}}$, weights and biases: torch's `Linear`.

    Args:
        uniforms: In [0, 1), shape (S, `num_parameters`).
        shape: Of the networks.

    """
    spread = np.concatenate(
        [
            np.full((inputs + 1) * outputs, inputs**-0.5)
            for inputs, outputs in shape.layers
        ]
    )
    return np.asarray((2.0 * uniforms - 1.0) * spread)


def activations(layers: Layers, x: Array) -> list[Array]:
    """The input of every layer, (S, B, .), and at the end the logits, (S, B, K)."""
    found = [x]
    for k, (weights, biases) in enumerate(layers, 1):
        z = found[-1] @ weights
        z += biases
        found.append(np.maximum(z, 0.0, out=z) if k < len(layers) else z)
    return found


def softmax(z: Array) -> Array:
    """Probabilities along the last axis."""
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def backward(layers: Layers, inputs: list[Array], signal: Array, out: Layers) -> None:
    r"""Write the gradient of $\sum_{b,k} z_{bk} s_{bk}$ in the parameters into `out`.

    Args:
        layers: Of the networks.
        inputs: Of every layer, as `activations` returns them.
        signal: $s = \partial \ell / \partial z$, held fixed, shape (S, B, K).
        out: Views of the gradient, as `layers_of` makes them.

    """
    for k in reversed(range(len(layers))):
        np.matmul(inputs[k].swapaxes(1, 2), signal, out=out[k][0])
        signal.sum(axis=1, keepdims=True, out=out[k][1])
        if k:
            signal = signal @ layers[k][0].swapaxes(1, 2)
            signal *= inputs[k] > 0.0
