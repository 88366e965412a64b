"""One-shot distillation from hard labels, and cross-entropy: bit by bit.

A plain loop: single precision, fresh samples, constant step, PyTorch's initial law.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from synthetic.cases.setting import CaseSetting
from synthetic.desk import Options
from theory.evidence import Engine
from theory.method import Family
from theory.parity_network import parity_units

Singles = NDArray[np.float32]
Targets = Callable[[Singles], Singles]

STEP = np.float32(0.1)


@dataclass(frozen=True)
class StudentCase:
    """A student of width m on parities of the first k out of d coordinates.

    Attributes:
        d: Dimension.
        k: Size of S.
        m: Width.
        steps: Of SGD.
        batch: Fresh samples a step.
        tau: The teacher's temperature; 0 stands for its argmax.

    """

    d: int
    k: int
    m: int
    steps: int
    batch: int
    tau: float = 0.0

    def __str__(self) -> str:
        size = f"d = {self.d}, k = {self.k}, m = {self.m}, {self.steps} steps"
        return f"{size} of {self.batch}, tau = {self.tau:g}"


@dataclass(frozen=True, eq=False, kw_only=True)
class StudentSetting(CaseSetting):
    """Pairs of students with one start and one stream of samples.

    Attributes:
        wrong: Share of the samples on which the teacher errs, in a control.
        shift: By how much the distilled student's stream differs, in a control.

    """

    family = Family.PARITY_STUDENT
    offers = frozenset({"differing"})
    engine = Engine.PATHWISE
    wrong: float = 0.0
    shift: int = 0

    def measure(
        self,
        needs: frozenset[str],  # noqa: ARG002 -- there is one channel
        options: Options,
    ) -> Mapping[str, tuple[Any, ...]]:
        """See `CaseSetting.measure`."""
        differing = tuple(self._differing(case, options.seed) for case in self.cases)
        return {"differing": differing}

    def _differing(self, case: StudentCase, seed: int) -> int:
        labelled = train(case, seed, (seed, 1), lambda x: from_labels(x, case.k))
        errors = np.random.default_rng([seed, 2])

        def told(x: Singles) -> Singles:
            logits = oracle(x, case.k)
            flipped = errors.random(len(x)) < self.wrong
            return softened(np.where(flipped, -logits, logits), case.tau)

        taught = train(case, seed, (seed, 1 + self.shift), told)
        bits = (labelled.view(np.uint32), taught.view(np.uint32))
        return int(np.count_nonzero(bits[0] != bits[1]))

    @property
    def source(self) -> str:
        """See `CaseSetting.source`."""
        return f"{self.count}, all parameters compared bit by bit"

    @property
    def work(self) -> float:
        """See `CaseSetting.work`."""
        return float(sum(4 * c.steps * c.batch * c.d * c.m for c in self.cases))


def from_labels(x: Singles, k: int) -> Singles:
    """The probability of the label 1: 1 or 0."""
    return np.asarray((x[:, :k].prod(axis=1) + 1) / 2, dtype=np.float32)


def oracle(x: Singles, k: int) -> Singles:
    """The logits of a network that is the parity: its k + 1 ReLUs of one sum."""
    s = x[:, :k].sum(axis=1)
    logits = sum(u.a * np.maximum(s - np.float32(u.t), 0) for u in parity_units(k))
    return np.asarray(logits, dtype=np.float32)


def softened(logits: Singles, tau: float) -> Singles:
    r"""$\sigma(f_T/\tau)$, for tau = 0 whether $f_T > 0$."""
    if tau == 0:
        return np.asarray(logits > 0, dtype=np.float32)
    return np.asarray(expit(logits / np.float32(tau)), dtype=np.float32)


def train(
    case: StudentCase, start: int, stream: tuple[int, int], targets: Targets
) -> Singles:
    """All parameters after SGD on the cross-entropy of one logit with the targets.

    Args:
        case: Sizes.
        start: Seed of the initial parameters, uniform up to 1/sqrt(inputs).
        stream: Seed of the samples.
        targets: Probabilities of the label 1, from samples (B, d).

    """
    init, draws = np.random.default_rng([start, 0]), np.random.default_rng(stream)

    def uniform(inputs: int, *shape: int) -> Singles:
        width = inputs**-0.5
        return init.uniform(-width, width, shape).astype(np.float32)

    hidden, bias = uniform(case.d, case.m, case.d), uniform(case.d, case.m)
    out, last = uniform(case.m, case.m), uniform(case.m, 1)
    for _ in range(case.steps):
        bits = draws.integers(2, size=(case.batch, case.d), dtype=np.int8)
        x = (1 - 2 * bits).astype(np.float32)
        z = x @ hidden.T + bias
        h = np.maximum(z, 0)
        error = (expit(h @ out + last) - targets(x)) / np.float32(case.batch)
        back = error[:, None] * out * (z > 0)
        out -= STEP * (error @ h)
        last -= STEP * error.sum()
        hidden -= STEP * (back.T @ x)
        bias -= STEP * back.sum(axis=0)
    return np.concatenate([hidden.ravel(), bias, out, last])
