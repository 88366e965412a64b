r"""SGD with momentum on stacked networks: labels, a teacher, or a mix that moves.

The loss of step t is $(1 - \kappa_t) \text{CE}(y, p) + \kappa_t \tau^2
\text{CE}(p_T^\tau, p^\tau)$ with $p^\tau = \text{softmax}(z / \tau)$.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.deviations.confidence_draws import INIT, Draws, order
from synthetic.deviations.confidence_network import (
    Array,
    Shape,
    activations,
    backward,
    initial,
    layers_of,
    softmax,
)
from synthetic.parity.rates import Cosine
from theory.errors import InputError

MOMENTUM = 0.9
BATCH = 64
CHUNK = 2**22
"""Numbers at once where logits are computed."""


@dataclass(frozen=True)
class Training:
    """Of all networks of a stack alike.

    Attributes:
        steps: Of the cosine that ends in 0.
        rate: Where it starts.
        stop: Train that many steps of it only; `None` for all.

    """

    steps: int
    rate: float
    stop: int | None = None

    @property
    def taken(self) -> int:
        """Steps that are taken."""
        return self.steps if self.stop is None else min(self.stop, self.steps)


@dataclass(frozen=True)
class Mix:
    r"""$\kappa_t$: `before` until step `begin`, `after` from `end` on, linear between.

    Attributes:
        before: 0 is labels alone, 1 the teacher alone.
        after: Likewise.
        begin: In steps.
        end: In steps; `begin` for a sudden switch.

    """

    before: float
    after: float
    begin: int = 0
    end: int = 0

    def __call__(self, step: int) -> float:
        if step < self.begin:
            return self.before
        if step >= self.end:
            return self.after
        share = (step - self.begin) / (self.end - self.begin)
        return self.before + share * (self.after - self.before)


LABELS, TEACHER = Mix(0.0, 0.0), Mix(1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Rows:
    r"""Training data of S networks, each with rows of its own.

    Attributes:
        features: All rows, shared, (N, d).
        members: Which rows each network has, (S, n).
        centre: Subtracted from its inputs, (S, 1, d).
        scale: Multiplied with them afterwards, (S, 1, d); `None` for 1.
        labels: Classes that it is told, (S, n).
        num_classes: K.

    """

    features: Array
    members: NDArray[np.int64]
    centre: Array
    scale: Array | None
    labels: NDArray[np.int64]
    num_classes: int

    def inputs(self, at: NDArray[np.int64]) -> Array:
        """Rows `at`, (S, B), of each network's own, as its inputs (S, B, d)."""
        return self.prepared(np.take_along_axis(self.members, at, axis=1))

    def prepared(self, rows: NDArray[np.int64]) -> Array:
        """Rows (S, B) of the whole table, centred and scaled, (S, B, d)."""
        x = self.features[rows]
        x -= self.centre
        if self.scale is not None:
            x *= self.scale
        return x


@dataclass(frozen=True, eq=False)
class Lesson:
    r"""What a stack of networks is told beside its rows.

    Attributes:
        teacher: Logits of the teachers on each network's rows, (S, n, K).
        temperature: $\tau > 0$.
        mix: $\kappa$.

    """

    teacher: Array
    temperature: float
    mix: Mix


def train(
    shape: Shape,
    training: Training,
    rows: Rows,
    draws: Draws,
    lesson: Lesson | None = None,
) -> Array:
    r"""Train from a fresh start: $v \leftarrow .9 v + g$, $w \leftarrow w - \eta_t v$.

    Args:
        shape: Of every network.
        training: Steps and step sizes.
        rows: Inputs and labels.
        draws: Of starts and batches.
        lesson: The teacher; `None` for labels alone.

    Returns:
        Parameters (S, P); not finite where a run diverged.

    """
    taken = training.taken
    if taken < 1:
        msg = f"Need at least one step, got {training}."
        raise InputError(msg)
    parameters = initial(draws.uniforms(INIT, 0, shape.num_parameters), shape)
    velocity, gradient = np.zeros_like(parameters), np.empty_like(parameters)
    layers, out = layers_of(parameters, shape), layers_of(gradient, shape)
    at = order(draws, rows.members.shape[1], taken * BATCH)
    rates = Cosine(training.rate, num_steps=training.steps)(np.arange(taken))
    signal_of = _Signal(rows, lesson)
    with np.errstate(all="ignore"):  # a run that diverges is found at its end
        for step in range(taken):
            batch = at[:, step * BATCH : (step + 1) * BATCH]
            *inputs, z = activations(layers, rows.inputs(batch))
            backward(layers, inputs, signal_of(step, batch, z) / BATCH, out)
            velocity *= MOMENTUM
            velocity += gradient
            parameters -= rates[step] * velocity
    return parameters


class _Signal:
    r"""The gradient in z, $(1 - \kappa)(p - y) + \kappa \tau (p^\tau - p_T^\tau)$."""

    def __init__(self, rows: Rows, lesson: Lesson | None) -> None:
        self._labels = rows.labels
        self._told = np.eye(rows.num_classes)
        self._lesson = lesson
        if lesson is not None:
            self._taught = softmax(lesson.teacher / lesson.temperature)

    def __call__(self, step: int, batch: NDArray[np.int64], z: Array) -> Array:
        lesson = self._lesson
        kappa = 0.0 if lesson is None else lesson.mix(step)
        signal = np.zeros_like(z)
        if kappa < 1.0:
            labels = np.take_along_axis(self._labels, batch, axis=1)
            signal += (1.0 - kappa) * (softmax(z) - self._told[labels])
        if lesson is not None and kappa > 0.0:
            wanted = np.take_along_axis(self._taught, batch[:, :, None], axis=1)
            found = softmax(z / lesson.temperature)
            signal += kappa * lesson.temperature * (found - wanted)
        return signal


def logits_of(
    shape: Shape, parameters: Array, rows: Rows, asked: NDArray[np.int64]
) -> Array:
    """Logits (S, m, K) on rows `asked` (S, m) of the table."""
    layers = layers_of(parameters, shape)
    chunk = max(1, CHUNK // (len(asked) * (shape.inputs + shape.hidden)))
    with np.errstate(all="ignore"):
        pieces = [
            activations(layers, rows.prepared(asked[:, k : k + chunk]))[-1]
            for k in range(0, asked.shape[1], chunk)
        ]
    return np.concatenate(pieces, axis=1)
