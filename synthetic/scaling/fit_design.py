"""Runs made from a known law, with noise: what fits are tried on.

The sizes are those of the published models, 143 million to 12.6 billion parameters;
which of them were trained on how many tokens is as described by Busbridge et al., arXiv
2502.08606, sections 4.1 and 4.2, and in detail this project's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_law import Runs
from theory.scaling_coefficients import MOST_TOKENS, PUBLISHED
from theory.scaling_flops import forward
from theory.scaling_law import Law, log_student, log_supervised

FloatArray = NDArray[np.float64]

SIZES = np.array(
    [143e6, 198e6, 266e6, 340e6, 546e6, 975e6, 1.82e9, 2.72e9, 4.82e9, 7.75e9, 12.6e9]
)
"""Non-embedding parameters."""

TEACHERS = np.array([198e6, 546e6, 975e6, 1.82e9, 2.72e9, 4.82e9, 7.75e9])
"""Those that teach, on 20 tokens a parameter."""


def supervised_runs(seed: int, noise: float = 0.005, law: Law = PUBLISHED) -> Runs:
    """73 runs: all sizes at 20 tokens a parameter, six long ones, four profiles."""
    pairs = [(N, 20 * N) for N in SIZES]
    pairs += [(N, MOST_TOKENS) for N in SIZES[[1, 4, 6, 7, 8, 9]]]
    for compute in (3e19, 1e20, 3e20, 1e21):
        sizes = SIZES[0] * (SIZES[8] / SIZES[0]) ** (np.arange(14) / 13)
        pairs += [(N, compute / (3.0 * float(forward(N)))) for N in sizes]
    N, D = np.array(pairs).T
    log_N, log_D = np.log(N), np.log(D)
    exact = log_supervised(law.supervised, log_N, log_D)
    none = np.empty(0)
    return Runs(log_N, log_D, _noisy(exact, noise, seed), none, none)


def distilled_runs(seed: int, noise: float = 0.005, law: Law = PUBLISHED) -> Runs:
    """567 runs: 7 teachers, 9 students, 9 ratios of tokens to the student's size."""
    N_T, N_S, ratio = np.meshgrid(
        TEACHERS, SIZES[:9], np.geomspace(5, 1280, 9), indexing="ij"
    )
    log_N = np.log(N_S.ravel())
    log_D = np.minimum(log_N + np.log(ratio.ravel()), np.log(MOST_TOKENS))
    log_T = np.log(N_T.ravel())
    log_teacher = log_supervised(law.supervised, log_T, log_T + np.log(20))
    exact = log_student(law, log_N, log_D, log_teacher)
    own = log_supervised(law.supervised, log_N, log_D)
    return Runs(log_N, log_D, _noisy(exact, noise, seed), log_teacher, own)


def _noisy(log_loss: FloatArray, noise: float, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return log_loss + noise * rng.standard_normal(log_loss.shape)
