r"""Scaling laws of supervised and of distilled language models, in logarithms.

$L(N, D) = E + (A/N^\alpha + B/D^\beta)^\gamma$ is the cross-entropy, in nats a token,
of N non-embedding parameters after D tokens of supervised training. A student of a
teacher with cross-entropy $L_T$ has

$L_S = L_T + L_T^{-c_0}[1 + (\frac{L_T}{\tilde L d_1})^{1/f_1}]^{-c_1 f_1}
(A'/N_S^{\alpha'} + B'/D_S^{\beta'})^{\gamma'}$, $\tilde L = L(N_S, D_S)$.

Busbridge et al., arXiv 2502.08606, equations 1 and 8. What transcends arithmetic is one
function, `logaddexp`, of the array module `xp`: the same source runs on NumPy arrays
and, with `xp=torch`, on tensors with gradients. Nothing raises and nothing branches;
what users give is checked elsewhere.
"""

from typing import Any, NamedTuple

import numpy as np

Number = Any
Module = Any
"""Of arrays: whatever has a `logaddexp`."""


class Supervised(NamedTuple):
    """Coefficients of L(N, D), in the order of the published fits."""

    log_A: Number
    log_B: Number
    log_E: Number
    alpha: Number
    beta: Number
    gamma: Number


class Distilled(NamedTuple):
    """Coefficients of the student's law, in the order of the published fits."""

    log_A: Number
    log_B: Number
    alpha: Number
    beta: Number
    gamma: Number
    c0: Number
    c1: Number
    f1: Number
    log_d1: Number


class Law(NamedTuple):
    """Both laws: that of the student contains that of its supervised training."""

    supervised: Supervised
    distilled: Distilled


def log_supervised(
    p: Supervised, log_N: Number, log_D: Number, xp: Module = np
) -> Number:
    r"""$\log L(N, D)$."""
    return xp.logaddexp(p.log_E, p.gamma * _log_terms(p, log_N, log_D, xp))


def _log_terms(
    p: Supervised | Distilled, log_N: Number, log_D: Number, xp: Module
) -> Number:
    r"""$\log(A/N^\alpha + B/D^\beta)$."""
    return xp.logaddexp(p.log_A - p.alpha * log_N, p.log_B - p.beta * log_D)


def log_bracket(q: Distilled, log_ratio: Number, xp: Module = np) -> Number:
    r"""$-c_1 f_1\log(1 + (r/d_1)^{1/f_1})$ at $\log r$, $r = L_T/\tilde L$.

    At most 0, near it for teachers much better than the student would be alone.
    """
    u = (log_ratio - q.log_d1) / q.f1
    return -q.c1 * q.f1 * xp.logaddexp(0.0 * u, u)


def log_capacity(q: Distilled, log_N: Number, log_D: Number, xp: Module = np) -> Number:
    r"""$\gamma'\log(A'/N_S^{\alpha'} + B'/D_S^{\beta'})$: the last factor."""
    return q.gamma * _log_terms(q, log_N, log_D, xp)


def log_excess(
    law: Law, log_N: Number, log_D: Number, log_teacher: Number, xp: Module = np
) -> Number:
    r"""$\log(L_S - L_T)$: accurate also where the student is as good as its teacher."""
    q = law.distilled
    log_own = log_supervised(law.supervised, log_N, log_D, xp)
    capacity = log_capacity(q, log_N, log_D, xp)
    return -q.c0 * log_teacher + log_bracket(q, log_teacher - log_own, xp) + capacity


def log_student(
    law: Law, log_N: Number, log_D: Number, log_teacher: Number, xp: Module = np
) -> Number:
    r"""$\log L_S(N_S, D_S, L_T)$.

    Args:
        law: Coefficients, numbers or tensors.
        log_N: Of the student's non-embedding parameters.
        log_D: Of its distillation tokens.
        log_teacher: $\log L_T$, L_T > 0; a realisable teacher has L_T > E.
        xp: `numpy`, `torch`.

    """
    return xp.logaddexp(log_teacher, log_excess(law, log_N, log_D, log_teacher, xp))


def supervised_loss(law: Law, N: Number, D: Number) -> Number:
    """L(N, D) in nats a token, of numbers or NumPy arrays."""
    return np.exp(log_supervised(law.supervised, np.log(N), np.log(D)))


def student_loss(law: Law, N: Number, D: Number, teacher: Number) -> Number:
    """L_S of a teacher with cross-entropy `teacher`, of numbers or NumPy arrays."""
    return np.exp(log_student(law, np.log(N), np.log(D), np.log(teacher)))


def transition_ratio(q: Distilled) -> Number:
    r"""$d_1(2^{1/(c_1 f_1)} - 1)^{f_1}$: the L_T/Lt at which the bracket is 1/2."""
    return np.exp(q.log_d1) * (2.0 ** (1.0 / (q.c1 * q.f1)) - 1.0) ** q.f1


def kappa(q: Distilled) -> Number:
    r"""$\kappa = c_1 f_1 d_1^{-1/f_1}$: the bracket is near $e^{-\kappa r^{1/f_1}}$."""
    return q.c1 * q.f1 * np.exp(-q.log_d1 / q.f1)


def compute_exponents(alpha: Number, beta: Number) -> tuple[Number, Number]:
    r"""$N \propto C^a$, $D \propto C^b$ at the optimum of $C \propto ND$.

    $a = \beta/(\alpha+\beta)$, $b = \alpha/(\alpha+\beta)$.
    """
    return beta / (alpha + beta), alpha / (alpha + beta)
