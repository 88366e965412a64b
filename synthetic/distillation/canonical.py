r"""Canonical losses, $\nabla_z\ell(z, y) = m(z) - y$, analytic in z.

Values take complex z, so that a derivative can be taken from them alone; the mean map
$m$ is what formulas use. Shapes are (..., k) for k outputs, values (...).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

Array = NDArray[Any]


@dataclass(frozen=True)
class Canonical:
    r"""One loss.

    Attributes:
        name: What settings call it.
        value: $\ell(z, y)$, (..., k), (..., k) -> (...), also for complex z.
        mean: $m(z)$ for real z, 1-Lipschitz.
        is_squared: Is m the identity?

    """

    name: str
    value: Callable[[Array, Array], Array]
    mean: Callable[[Array], Array]
    is_squared: bool = False


def _squared(z: Array, y: Array) -> Array:
    r"""$\frac12\|z - y\|^2$, the square without conjugation."""
    return np.asarray(0.5 * np.sum((z - y) ** 2, axis=-1))


def _binary(z: Array, y: Array) -> Array:
    r"""$\log(1 + e^z) - y z$, one output, labels 0 and 1 or between."""
    side = np.where(z.real > 0, z, 0.0)
    softplus = side + np.log(np.exp(-side) + np.exp(z - side))
    return np.asarray(np.sum(softplus - y * z, axis=-1))


def _softmax(z: Array, y: Array) -> Array:
    r"""$\log\sum_j e^{z_j} - \langle y, z\rangle$, labels in the simplex."""
    top = np.max(z.real, axis=-1, keepdims=True)
    total = np.log(np.sum(np.exp(z - top), axis=-1)) + top[..., 0]
    return np.asarray(total - np.sum(y * z, axis=-1))


def _same(z: Array) -> Array:
    """Return z."""
    return z


def _softmax_mean(z: Array) -> Array:
    return np.asarray(softmax(z, axis=-1))


SQUARED = Canonical("squared", _squared, _same, is_squared=True)
BINARY = Canonical("binary cross-entropy", _binary, expit)
SOFTMAX = Canonical("softmax cross-entropy", _softmax, _softmax_mean)
