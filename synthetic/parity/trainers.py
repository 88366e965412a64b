"""Two ways to train a student: plain SGD in the compiled kernel, the rest in NumPy."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from synthetic.loss_formulas import sigmoid
from synthetic.parity.network import Network
from synthetic.parity.plan import Plan
from synthetic.parity.recipe import Training
from synthetic.parity.stream import Stream
from synthetic.parity.train import Targets, train
from theory.errors import InputError

Arrays = dict[str, NDArray[Any]]
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # torch's Adam


class Trainer(Protocol):
    """A network with its optimiser's state."""

    def network(self) -> Network:
        """The network as it is now."""
        ...

    def advance(self, num_steps: int, targets: Targets | None) -> None:
        """Take steps on the next samples of the stream."""
        ...


class Kernel:
    """Plain SGD, compiled.

    Args:
        network: Changed in place.
        stream: Inputs and labels.
        training: Rate and batch.

    """

    def __init__(self, network: Network, stream: Stream, training: Training) -> None:
        self._network, self._stream = network, stream
        self._rates, self._plan = training.rates(), Plan(batch=training.batch)

    def network(self) -> Network:
        return self._network

    def advance(self, num_steps: int, targets: Targets | None) -> None:
        train(self._network, self._stream, self._rates, num_steps, targets, self._plan)


class Batches:
    r"""SGD with momentum, Adam, weight decay: torch's updates, in float64.

    The loss is $-t \log p - (1 - t) \log(1 - p)$, $p = \sigma(f_1 - f_0)$. Decay is
    added to the gradient of SGD and decoupled from Adam's, as in torch.SGD and AdamW.

    Args:
        network: Read once.
        stream: Inputs and labels.
        training: Optimiser, rate, batch, momentum, decay.

    """

    def __init__(self, network: Network, stream: Stream, training: Training) -> None:
        self._stream, self._training = stream, training
        tensors = network.tensors()
        self._weights = {k: v.astype(np.float64) for k, v in tensors.items()}
        self._dtype, self._step = network.dtype, network.step
        self._first = {k: np.zeros_like(v) for k, v in self._weights.items()}
        self._second = {k: np.zeros_like(v) for k, v in self._weights.items()}

    def network(self) -> Network:
        weights = self._weights
        return Network.from_tensors(weights, dtype=self._dtype, step=self._step)

    def advance(self, num_steps: int, targets: Targets | None) -> None:
        batch = self._training.batch
        for _ in range(num_steps):
            start = self._step * batch
            words = self._stream.words(start, batch)
            if targets is None:
                wanted = self._stream.labels(start, batch, words)
            else:
                wanted = np.asarray(targets(start, batch), dtype=np.float64)
            signs = self._stream.signs(start, batch).astype(np.float64)
            gradients = _gradients(self._weights, signs, wanted)
            (rate,) = self._training.rates()(np.array([self._step]))
            self._step += 1
            for name, gradient in gradients.items():
                self._update(name, gradient, rate)
            if not np.all(np.isfinite(self._weights["readout.bias"])):
                msg = f"The network diverged at step {self._step}. Take a smaller rate."
                raise InputError(msg)

    def _update(self, name: str, gradient: NDArray[np.float64], rate: float) -> None:
        training, weight = self._training, self._weights[name]
        first, second = self._first[name], self._second[name]
        if training.optimiser == "adam":
            weight *= 1.0 - rate * training.decay
            first += (1.0 - BETA1) * (gradient - first)
            second += (1.0 - BETA2) * (gradient**2 - second)
            size = np.sqrt(second / (1.0 - BETA2**self._step)) + EPSILON
            weight -= rate / (1.0 - BETA1**self._step) * first / size
            return
        momentum = training.momentum if training.optimiser == "momentum" else 0.0
        first *= momentum
        first += gradient + training.decay * weight
        weight -= rate * first


def _gradients(
    weights: Arrays, signs: NDArray[np.float64], wanted: NDArray[np.float64]
) -> Arrays:
    """Of the mean loss of a batch: signs (batch, d), wanted (batch,)."""
    hidden = signs @ weights["hidden.weight"].T + weights["hidden.bias"]
    active = np.maximum(hidden, 0.0)
    scores = active @ weights["readout.weight"].T + weights["readout.bias"]
    two = scores.shape[1] == 2
    margin = scores[:, 1] - scores[:, 0] if two else scores[:, 0]
    slope = (np.asarray(sigmoid(margin)) - wanted) / len(signs)
    slopes = np.stack((-slope, slope), axis=1) if two else slope[:, None]
    back = (slopes @ weights["readout.weight"]) * (hidden > 0.0)
    return {
        "hidden.weight": back.T @ signs,
        "hidden.bias": back.sum(axis=0),
        "readout.weight": slopes.T @ active,
        "readout.bias": slopes.sum(axis=0),
    }


def trainer_of(network: Network, stream: Stream, training: Training) -> Trainer:
    """The kernel for plain SGD, else NumPy."""
    if training.optimiser == "sgd" and training.decay == 0.0:
        return Kernel(network, stream, training)
    return Batches(network, stream, training)
