r"""The generalised Lyapunov equation $M = E[A_\xi M A_\xi] + Q$, matrix-free.

With $A_i = I - aH_i$ the operator $T(M) = a(HM + MH) - a^2E[H_iMH_i]$ is self-adjoint
for the trace product and positive definite for $a < 2/cL$, so conjugate gradients solve
$T(M) = Q$; the eigenbasis of H preconditions. Nothing larger than n d^2 is formed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synthetic.distillation.problems import FloatArray, Quadratic

MOST_ITERATIONS = 400
EPS = float(np.finfo(np.float64).eps)


def squeezed(problem: Quadratic, m: FloatArray) -> FloatArray:
    r"""$E[F_i^TF_i M F_i^TF_i]$, (B, d, d) -> (B, d, d)."""
    n, rank, dim = problem.factors.shape
    rows = problem.factors.reshape(n * rank, dim)
    seen = (rows @ m).reshape(-1, n, rank, dim)  # F M
    if rank == 1:
        inner = np.einsum("bnd,nd->bn", seen[:, :, 0], problem.factors[:, 0])
        out = (inner * problem.weights)[:, :, None] * rows
    else:
        gram = np.einsum("bnrd,nsd->bnrs", seen, problem.factors, optimize=True)
        gram *= problem.weights[:, None, None]
        out = np.einsum("bnrs,nsd->bnrd", gram, problem.factors, optimize=True)
        out = out.reshape(-1, n * rank, dim)
    return np.asarray(rows.T @ out)


def mean_of_products(problem: Quadratic, m: FloatArray) -> FloatArray:
    r"""$E[H_i M H_i]$ for symmetric M, (B, d, d) -> (B, d, d)."""
    nu = problem.ridge
    out = squeezed(problem, m)
    if nu:
        bare = problem.hessian - nu * np.eye(problem.dim)
        half = bare @ m
        out = out + nu * (half + half.transpose(0, 2, 1)) + nu**2 * m
    return np.asarray(out)


def operator(problem: Quadratic, a: FloatArray, m: FloatArray) -> FloatArray:
    r"""$T(M) = a(HM + MH) - a^2E[H_iMH_i]$ for symmetric M and a of shape (B,)."""
    half = problem.hessian @ m
    scale = a[:, None, None]
    both = half + half.transpose(0, 2, 1)
    return np.asarray(scale * both - scale**2 * mean_of_products(problem, m))


def solve(
    problem: Quadratic, a: FloatArray, q: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""M with $T(M) = Q$, and the trace norm of what is left over.

    $\mathrm{tr} M$ is then off by at most $\|R\|_{tr}/(a\mu(2 - a\,cL))$ and
    $\mathrm{tr}(HM)$ by $\|R\|_{tr}/(a(2 - a\,cL))$.

    Args:
        problem: With H positive definite.
        a: Steps below $2/cL$, shape (B,).
        q: Symmetric right-hand sides, (B, d, d).

    """
    spectrum, basis = np.linalg.eigh(problem.hessian)
    pairs = (spectrum[:, None] + spectrum[None, :]) * a[:, None, None]

    def precondition(r: FloatArray) -> FloatArray:
        return np.asarray(basis @ ((basis.T @ r @ basis) / pairs) @ basis.T)

    m = precondition(q)
    for _ in range(2):  # the second round takes off what the first one rounded
        m = m + _gradients(problem, a, q - operator(problem, a, m), precondition)
    rest = q - operator(problem, a, m)
    size = np.abs(np.linalg.eigvalsh(rest)).sum(axis=1)
    scale = a * np.abs(np.linalg.eigvalsh(m)).sum(axis=1) * 4.0 * problem.L
    return m, size + EPS * (8.0 + problem.dim**0.5) * scale


def _gradients(
    problem: Quadratic,
    a: FloatArray,
    r: FloatArray,
    precondition: Callable[[FloatArray], FloatArray],
) -> FloatArray:
    """Conjugate gradients from 0, all right-hand sides at once, each of size 1."""
    size = np.sqrt((r * r).sum(axis=(1, 2)))[:, None, None]
    r = r / np.where(size > 0, size, 1.0)
    r = 0.5 * (r + r.transpose(0, 2, 1))  # roundoff's skew part has no solution
    m = np.zeros_like(r)
    y = precondition(r)
    direction, rho = y, np.einsum("bij,bij->b", r, y)
    first = rho
    for _ in range(MOST_ITERATIONS):
        image = operator(problem, a, direction)
        curvature = np.einsum("bij,bij->b", direction, image)
        alive = (rho > EPS**2 * first) & (curvature > 0)
        if not np.any(alive):
            break
        length = np.where(alive, rho / np.where(alive, curvature, 1.0), 0.0)
        m = m + length[:, None, None] * direction
        r = r - length[:, None, None] * image
        y = precondition(r)
        fresh = np.einsum("bij,bij->b", r, y)
        turn = np.where(alive, fresh / np.where(alive, rho, 1.0), 0.0)
        direction, rho = y + turn[:, None, None] * direction, fresh
    return np.asarray(size * m)
