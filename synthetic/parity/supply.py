r"""The probabilities that students learn, made once for each source and shared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import entr

from synthetic.loss_formulas import sigmoid
from synthetic.parity.forward import logits
from synthetic.parity.labels import TeacherLabels
from synthetic.parity.probes import Sample
from synthetic.parity.sources import checkpoint_of
from synthetic.parity.stream import Stream
from synthetic.parity.teacher import Teacher
from synthetic.parity.train import Targets
from theory.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Supply:
    """Targets of all sources on one stream.

    Args:
        stream: The students' data.
        support: S.
        folder: For the teacher's logits.
        teacher: If there is one.
        threads: For its logits.

    """

    stream: Stream
    support: tuple[int, ...]
    folder: Path
    teacher: Teacher | None = None
    threads: int = 1
    _open: dict[int, TeacherLabels] = field(default_factory=dict, repr=False)

    def targets(
        self, source: str, temperature: float = 1.0, label_weight: float = 0.0
    ) -> Targets | None:
        """Of a resolved source; `None` for the data's own labels.

        Args:
            source: What `sources.resolve` gave.
            temperature: Divides the teacher's logits; 0 is its argmax.
            label_weight: Of the data's own labels: the loss is linear in the mixture.

        """
        if source == "labels":
            return None
        found = self._pure(source, temperature)
        if label_weight == 0.0:
            return found
        stream = self.stream

        def mixed(first: int, num: int) -> Array:
            own = stream.labels(first, num)
            return label_weight * own + (1.0 - label_weight) * found(first, num)

        return mixed

    def _pure(self, source: str, temperature: float) -> Targets:
        step = checkpoint_of(source)
        if step is not None:
            return self._labels(step).targets(temperature)
        if source == "oracle":
            return replace(self.stream, noise=0.0).labels
        if source == "smoothed":
            return self._smoothed(temperature)
        return self._degree1

    def _labels(self, step: int) -> TeacherLabels:
        if self.teacher is None:
            msg = f"The source checkpoint:{step} needs a teacher."
            raise InputError(msg)
        if step not in self._open:
            network = self.teacher.load(step)
            self._open[step] = TeacherLabels(
                network, self.stream, self.folder, self.threads
            )
        return self._open[step]

    def _smoothed(self, temperature: float) -> Targets:
        """Labels with the entropy of the final teacher's, on its probe samples."""
        if self.teacher is None:
            msg = "Smoothing to a teacher's entropy needs a teacher."
            raise InputError(msg)
        amount = smoothing(self.teacher, temperature)
        stream = self.stream

        def smoothed(first: int, num: int) -> Array:
            return amount + (1.0 - 2.0 * amount) * stream.labels(first, num)

        return smoothed

    def _degree1(self, first: int, num: int) -> Array:
        """$1/2 + (c/2) sum over S of x_i, c = 1/k: the correlations are 1/(2k)."""
        signs = self.stream.signs(first, num)[:, list(self.support)]
        return np.asarray(0.5 + 0.5 * signs.mean(axis=1))


def binary_entropy(p: Array) -> Array:
    """In nats; 0 log 0 = 0."""
    return np.asarray(entr(p) + entr(1.0 - p))


def smoothing(teacher: Teacher, temperature: float) -> float:
    """The e in [0, 1/2] whose entropy is the mean of the final checkpoint's labels."""
    if temperature == 0.0:
        return 0.0
    recipe = teacher.recipe
    stream = recipe.task.stream("probe", teacher.seed)
    sample = Sample.of(stream, min(recipe.probe_samples, 8192))
    z = logits(teacher.load(teacher.final), sample.words)
    wanted = float(np.mean(binary_entropy(np.asarray(sigmoid(z / temperature)))))

    def excess(e: float) -> float:
        return float(binary_entropy(np.array(e))) - wanted

    if excess(0.5) <= 0.0:
        return 0.5
    return float(brentq(excess, 0.0, 0.5, xtol=1e-15))
