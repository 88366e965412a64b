r"""What training costs: FLOPs a token, and who pays for the teacher.

$F(N) = 2N(1 + s_1 N^{-1/3} + s_2 N^{-2/3})$ for one forward pass of N non-embedding
parameters: attention over $n_{ctx}$ tokens is $s_1 = n_{ctx}/(\rho\omega^2)^{1/3}$, the
output layer over $n_{vocab}$ words $s_2 = n_{vocab}(\rho/\omega)^{1/3}$, for layers
with $\omega d^2$ parameters and a width of $\rho$ times the depth. A backward pass is
two forward ones. Busbridge et al., arXiv 2502.08606, appendix H.1. Arithmetic alone:
the same source runs on numbers, arrays and tensors, and nothing raises.
"""

from dataclasses import dataclass
from typing import Any

Number = Any


@dataclass(frozen=True)
class Architecture:
    r"""A family of transformers of one shape.

    Attributes:
        context: Tokens a sequence, $n_{ctx}$.
        vocabulary: $n_{vocab}$.
        aspect: $\rho = d/n_{layers}$.
        per_layer: $\omega$, parameters of a layer over $d^2$.
        is_crude: Count F = 2N: neither attention nor the output layer.

    """

    context: float = 4096
    vocabulary: float = 32168
    aspect: float = 128
    per_layer: float = 12
    is_crude: bool = False

    @property
    def attention(self) -> float:
        r"""$s_1 = n_{ctx}/(\rho\omega^2)^{1/3}$."""
        exact = self.context / (self.aspect * self.per_layer**2) ** (1 / 3)
        return 0.0 if self.is_crude else exact

    @property
    def readout(self) -> float:
        r"""$s_2 = n_{vocab}(\rho/\omega)^{1/3}$."""
        exact = self.vocabulary * (self.aspect / self.per_layer) ** (1 / 3)
        return 0.0 if self.is_crude else exact

    def width(self, N: Number) -> Number:
        r"""$d = (\rho N/\omega)^{1/3}$, from $N = \omega d^2 n_{layers}$."""
        return (self.aspect * N / self.per_layer) ** (1 / 3)

    def embedding(self, N: Number) -> Number:
        r"""$n_{vocab} d$: parameters of one embedding, shared by input and output."""
        return self.vocabulary * self.width(N)

    def without_embedding(self, total: Number) -> Number:
        r"""N of $N + n_{vocab} d(N) =$ `total`, one embedding shared by both ends.

        Newton's iteration for the cube root of N from above, where the cubic is
        convex: it falls to the root, and 40 steps leave roundoff alone.
        """
        linear = self.vocabulary * (self.aspect / self.per_layer) ** (1 / 3)
        x = total ** (1 / 3)
        for _ in range(40):
            x = (2.0 * x**3 + total) / (3.0 * x**2 + linear)
        return x**3


CORRECTED = Architecture()
"""The published family: 4096 tokens of context, 32168 words, rho = 128."""

CRUDE = Architecture(is_crude=True)
"""F = 2N, so 6ND to train and 2N a token to ask a teacher."""


@dataclass(frozen=True)
class Scenario:
    """Whether the teacher's logits, and its training, count.

    Attributes:
        name: For tables and the command line.
        inference: 1 if the teacher's forward passes count, else 0.
        pretraining: 1 if the teacher's training counts, else 0.

    """

    name: str
    inference: float
    pretraining: float


BEST_CASE = Scenario("best", 0.0, 0.0)
INFERENCE = Scenario("inference", 1.0, 0.0)
PRETRAINING = Scenario("pretraining", 0.0, 1.0)
BOTH = Scenario("both", 1.0, 1.0)
SCENARIOS = (BEST_CASE, INFERENCE, PRETRAINING, BOTH)


def forward(N: Number, a: Architecture = CORRECTED) -> Number:
    """F(N), FLOPs a token of one forward pass."""
    return 2.0 * N + 2.0 * a.attention * N ** (2 / 3) + 2.0 * a.readout * N ** (1 / 3)


def training(N: Number, D: Number, a: Architecture = CORRECTED) -> Number:
    """3 F(N) D: forward and backward over D tokens."""
    return 3.0 * forward(N, a) * D


def distillation(
    student: tuple[Number, Number],
    teacher: tuple[Number, Number],
    scenario: Scenario,
    a: Architecture = CORRECTED,
) -> Number:
    r"""$3F(N_S)D_S + F(N_T)(\delta_{inf}D_S + 3\delta_{pre}D_T)$.

    Args:
        student: N_S and D_S.
        teacher: N_T and D_T.
        scenario: The two deltas; fractions share a teacher among several students.
        a: The family of both.

    """
    (N_S, D_S), (N_T, D_T) = student, teacher
    tokens = scenario.inference * D_S + 3.0 * scenario.pretraining * D_T
    return training(N_S, D_S, a) + forward(N_T, a) * tokens
