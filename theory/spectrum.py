r"""Spectral filters of a teacher and of its student: branch-free formulas.

Linear least squares from zero, $\frac1{2n}\|Xw - y\|^2$, $C = X^\top X/n$ with
eigenvalues $\lambda_k$ (descending). A model's *progress* along $v_k$ is the share of
the least-squares coefficient that it has learnt; a teacher that was stopped has $q_k$,
and its student, trained on the teacher's outputs, $S_k = p_k q_k$.

Everything is said through *complements*, what is left to learn: $a = 1 - q$, and for
the student $a + b - ab$. Near full progress, where 1 - S has 78 digits, S itself is 1
in float64 and no order is left to be seen. Formulas take floats, arrays, and any number
with `exp`, `log`, ... as methods (NumPy calls those): intervals run the same lines.

After Nagarajan et al., arXiv 2301.12923; the statements are this project's.
"""

from typing import Any, NamedTuple

import numpy as np


def flow_complement(lam: Any, t: Any) -> Any:
    r"""$1 - A(t) = e^{-\lambda t}$, gradient flow at time t."""
    return np.exp(-lam * t)


def flow(lam: Any, t: Any) -> Any:
    r"""$A(t) = 1 - e^{-\lambda t}$."""
    return -np.expm1(-lam * t)


def flow_time(lam: Any, complement: Any) -> Any:
    r"""$t^* = -\log(1 - A)/\lambda$: when the flow has that progress."""
    return -np.log(complement) / lam


def descent_complement(x: Any, n: Any) -> Any:
    r"""$(1 - \eta\lambda)^n$ after n steps of gradient descent, $x = \eta\lambda$."""
    return (1 - x) ** n


def descent(x: Any, n: Any) -> Any:
    r"""$1 - (1 - \eta\lambda)^n$ for $\eta\lambda < 1$, without cancellation."""
    return -np.expm1(n * np.log1p(-x))


def descent_steps(x: Any, complement: Any) -> Any:
    r"""$n^* = \log(1 - A)/\log(1 - \eta\lambda)$, a real number of steps."""
    return np.log(complement) / np.log1p(-x)


def ridge_complement(lam: Any, mu: Any) -> Any:
    r"""$\mu/(\lambda + \mu)$, the minimiser with the penalty $\frac\mu2\|w\|^2$."""
    return mu / (lam + mu)


def ridge(lam: Any, mu: Any) -> Any:
    r"""$\rho = \lambda/(\lambda + \mu)$."""
    return lam / (lam + mu)


def ridge_strength(lam: Any, complement: Any) -> Any:
    r"""$\mu^* = \lambda(1 - A)/A$: the penalty that leaves that progress."""
    return lam * complement / (1 - complement)


def student_complement(teacher: Any, student: Any) -> Any:
    r"""$1 - S = a + b - ab$ for $S = (1 - a)(1 - b)$.

    Args:
        teacher: $a = 1 - q$, what the teacher has left to learn.
        student: $b$, what a direct run as long as the student's would have left.

    """
    return teacher + student - teacher * student


def log_student_complement(teacher: Any, student: Any) -> Any:
    r"""$\log(a + b - ab)$ from log a and log b, where both are too small for floats."""
    return np.logaddexp(teacher, student + np.log1p(-np.exp(teacher)))


def flow_exponent(low: Any, top: Any) -> Any:
    r"""$r = \lambda_j/\lambda_k$: $A_j = \varphi_r(A_k)$ at every time of a flow."""
    return low / top


def descent_exponent(low: Any, top: Any) -> Any:
    r"""$r = \log(1 - \eta\lambda_j)/\log(1 - \eta\lambda_k)$, of gradient descent."""
    return np.log1p(-low) / np.log1p(-top)


def phi(r: Any, x: Any) -> Any:
    r"""$\varphi_r(x) = 1 - (1 - x)^r$: progress in one direction from another's."""
    return -np.expm1(r * np.log1p(-x))


def phi_complement(r: Any, complement: Any) -> Any:
    r"""$1 - \varphi_r$ from $1 - x$: its power r."""
    return complement**r


def psi(r: Any, x: Any) -> Any:
    r"""$\psi_r(x) = rx/(1 - (1 - r)x)$, what $\varphi_r$ is for ridge."""
    return r * x / (1 - (1 - r) * x)


def psi_complement(r: Any, complement: Any) -> Any:
    r"""$1 - \psi_r$ from $1 - x$."""
    return complement / (r + (1 - r) * complement)


class Limits(NamedTuple):
    """The least value, which is taken, and the least upper bound, which is not."""

    least: Any
    beyond: Any


def student_limits(r: Any, x: Any) -> Limits:
    r"""$[\varphi_r(\sqrt x)^2, \varphi_r(x))$: what $S_j$ may be where $S_k = x$.

    Over all pairs of times of two flows; for r > 1 the two ends are swapped in order.
    """
    return Limits(phi(r, np.sqrt(x)) ** 2, phi(r, x))


def generations(r: Any, x: Any, count: Any) -> Any:
    r"""$\varphi_r(x^{1/L})^L$: L equal filters in a chain whose top progress is x.

    L = 1 is the direct model, L = 2 a teacher and its student.
    """
    return phi(r, np.exp(np.log(x) / count)) ** count


def signal_of(lam: Any, theta: Any) -> Any:
    r"""$\lambda_k\theta_k^2$, $\theta_k = v_k^\top w^*$."""
    return lam * theta * theta


def oracle(signal: Any, noise: Any) -> Any:
    r"""$A^* = \lambda\theta^2/(\lambda\theta^2 + \sigma^2/n)$, the best progress."""
    return signal / (signal + noise)


def risk(signal: Any, noise: Any, complement: Any) -> Any:
    r"""$\lambda\theta^2(1 - S)^2 + \frac{\sigma^2}n S^2$: in-sample, one direction.

    Args:
        signal: $\lambda\theta^2$.
        noise: $\sigma^2/n$ where $\lambda > 0$, else 0.
        complement: $1 - S$.

    """
    return signal * complement * complement + noise * (1 - complement) ** 2


def risk_change(signal: Any, noise: Any, student: Any, direct: Any) -> Any:
    r"""$R(S) - R(A) = (\lambda\theta^2 + \frac{\sigma^2}n)[(S-A^*)^2 - (A-A^*)^2]$."""
    best = oracle(signal, noise)
    return (signal + noise) * ((student - best) ** 2 - (direct - best) ** 2)


def excess_of_mean(signal: Any, noise: Any, student: Any, direct: Any) -> Any:
    r"""$(S + A)/2 - A^*$: with S < A, distillation helps a direction iff positive."""
    return (student + direct) / 2 - oracle(signal, noise)


def mixture(q: Any, complement: Any, taught: Any) -> Any:
    r"""$G = 1 - e^{-\lambda t} - (1 - q)\int_0^t\lambda e^{-\lambda(t-u)}\kappa(u)du$.

    The loss is $(1 - \kappa)$ of the labels' and $\kappa$ of the teacher's.

    Args:
        q: The teacher's progress.
        complement: $e^{-\lambda t}$; for gradient descent $(1 - \eta\lambda)^n$.
        taught: The integral, or $\sum_u x(1 - x)^{n-1-u}\kappa_u$.

    """
    return 1 - complement - (1 - q) * taught


def hard_then_kd(q: Any, before: Any, after: Any) -> Any:
    r"""$q + e^{-\lambda(t-s)}(1 - e^{-\lambda s} - q)$: labels, from s on the teacher.

    Args:
        q: The teacher's progress.
        before: $e^{-\lambda s}$.
        after: $e^{-\lambda(t-s)}$.

    """
    return q + after * (1 - before - q)


def kd_then_hard(q: Any, before: Any, after: Any) -> Any:
    r"""$1 - e^{-\lambda(t-s)}[1 - (1 - e^{-\lambda s})q]$: the other order."""
    return 1 - after * (1 - (1 - before) * q)


def remembered(q: Any, before: Any, after: Any) -> Any:
    r"""$e^{-\lambda(t-s)}(1 - e^{-\lambda s})(1 - q)$: what labels first still add."""
    return after * (1 - before) * (1 - q)


def ramp_gain(q: Any, after: Any, half_width: Any) -> Any:
    r"""$(1 - q)e^{-\lambda(t-s)}(\frac{\sinh h}h - 1)$, $h = \lambda w/2$.

    What a linear ramp of width w from labels to teacher, centred at s, adds to G over
    a switch at s; about $(1 - q)e^{-\lambda(t-s)}(\lambda w)^2/24$.
    """
    return (1 - q) * after * (np.sinh(half_width) / half_width - 1)


def prediction_risk(
    filters: Any, inverse: Any, w_star: Any, sigma: Any, noise: Any
) -> Any:
    r"""$(Mw^*-w^*)^\top\Sigma(Mw^*-w^*) + \frac{\sigma^2}n\mathrm{tr}(\Sigma MC^+M^T)$.

    Args:
        filters: M, (p, p): on one design $V\mathrm{diag}(S)V^\top$, for a student on a
            fresh one the product of both models' filters.
        inverse: $C^+$, (p, p).
        w_star: (p,).
        sigma: $\Sigma$, (p, p); C itself is the in-sample risk.
        noise: $\sigma^2/n$.

    """
    off = filters @ w_star - w_star
    return off @ sigma @ off + noise * np.trace(sigma @ filters @ inverse @ filters.T)
