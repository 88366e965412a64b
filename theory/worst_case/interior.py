r"""An interior-point method for few multipliers and a large Gram matrix.

The multipliers that satisfy $B^T \lambda = e$ are $\lambda = \lambda_0 + Z y$ with $y
\in \mathbb R^q$, $q = m - \operatorname{rank} B$; so the dual is $\min d \cdot y$ with
$S(y) = S_0 + \sum_j y_j S_j \succeq 0$ and $\ell(y) = \lambda_0 + Z y \ge 0$ on the
inequalities. Mehrotra's predictor and corrector in the direction of Helmberg, Rendl,
Vanderbei and Wolkowicz (SIAM J. Optim. 6, 1996): the Schur complement $M_{ij} = \langle
S_i, G S_j S^{-1}\rangle + \sum_k Z_{ki} Z_{kj} w_k / \ell_k$ is $q \times q$, where a
general solver factors a system of the order $n^2 / 2$.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtri

from theory.worst_case.program import FloatArray, Program
from theory.worst_case.solution import SOLVED, Solution, assemble

NAME = "interior point"
MOST_ITERATIONS = 60
SHIFTS = (0.0, 1e-15, 1e-13)
_Roots = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class _Reduced:
    r"""The dual without its equations: shapes (n, n), (q, n, n), (p,), (p, q), (q,)."""

    S0: FloatArray
    S: FloatArray
    l0: FloatArray
    Z: FloatArray
    cost: FloatArray

    def apply(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        r"""$\sum_j y_j S_j$ and $Z y$."""
        return np.tensordot(y, self.S, 1), self.Z @ y

    def adjoint(self, gram: FloatArray, w: FloatArray) -> FloatArray:
        r"""$\langle S_j, G\rangle + (Z^T w)_j$."""
        return self.S.reshape(len(self.S), -1) @ gram.ravel() + w @ self.Z


@dataclass(frozen=True, eq=False)
class _Iterate:
    r"""$y$, $S$ and $\ell$ of the dual, $G$ and the slacks $w$ of the primal."""

    y: FloatArray
    S: FloatArray
    l: FloatArray  # noqa: E741 -- the letter of the module's formula
    G: FloatArray
    w: FloatArray

    def gap(self) -> float:
        """What complementarity lacks in all."""
        return float(np.vdot(self.G, self.S) + self.w @ self.l)


def solve(program: Program, tolerance: float = 1e-10) -> Solution:
    r"""Solve by this method; not yet checked.

    Args:
        program: With an interior on both sides, which programs of worst cases have.
        tolerance: On the relative gap and on both residuals.

    """
    rows = program.rows
    free = ~rows.is_equality
    Q, R = np.linalg.qr(rows.values, mode="complete")
    k = rows.values.shape[1]
    base = Q[:, :k] @ solve_triangular(R[:k], program.weights, trans="T")
    Z = Q[:, k:]
    reduced = _Reduced(
        S0=np.tensordot(base, rows.forms, 1) - program.form,
        S=np.tensordot(Z.T, rows.forms, 1),
        l0=base[free],
        Z=Z[free],
        cost=rows.limits @ Z,
    )
    state, iterations, status = _iterate(reduced, tolerance, float(base @ rows.limits))
    slack = np.zeros(len(free))
    slack[free] = state.w
    flat = rows.forms.reshape(len(free), -1)
    remainder = rows.limits - flat @ state.G.ravel() - slack
    values = solve_triangular(R[:k], Q[:, :k].T @ remainder)
    point = (base + Z @ state.y, state.G, values)
    return assemble(program, point, status, NAME, iterations)


def _iterate(
    p: _Reduced, tolerance: float, constant: float
) -> tuple[_Iterate, int, str]:
    n, scale = len(p.S0), 1.0 + float(np.max(np.abs(p.S0)))
    state = _Iterate(
        y=np.zeros(len(p.cost)),
        S=scale * np.eye(n),
        l=np.full(len(p.l0), scale),
        G=np.eye(n),
        w=np.ones(len(p.l0)),
    )
    for iteration in range(MOST_ITERATIONS):
        moved = p.apply(state.y)
        dual = (p.S0 + moved[0] - state.S, p.l0 + moved[1] - state.l)
        primal = p.cost - p.adjoint(state.G, state.w)
        misses = (np.max(np.abs(dual[0])), np.max(np.abs(dual[1])))
        value = abs(constant + float(p.cost @ state.y))
        if (
            state.gap() <= tolerance * (1 + value)
            and max(misses) <= tolerance * scale
            and np.max(np.abs(primal)) <= tolerance * (1 + np.max(np.abs(p.cost)))
        ):
            return state, iteration, SOLVED
        try:
            state = _step(p, state, dual)
        except np.linalg.LinAlgError:
            return state, iteration, "NumericalError"
    return state, MOST_ITERATIONS, "MaxIterations"


def _step(p: _Reduced, at: _Iterate, dual: tuple[FloatArray, FloatArray]) -> _Iterate:
    n, q = len(at.S), len(p.cost)
    roots = _root(at.G), _root(at.S)
    inverse = roots[1].T @ roots[1]
    left = (p.S.reshape(q * n, n) @ at.G).reshape(q, n * n)
    right = (p.S.reshape(q * n, n) @ inverse).reshape(q, n, n)
    ratio = at.w / at.l
    schur = left @ right.transpose(0, 2, 1).reshape(q, n * n).T
    schur += (p.Z.T * ratio) @ p.Z
    factor = _factor(0.5 * (schur + schur.T))
    known = (at.G @ dual[0] @ inverse, ratio * dual[1])

    def direction(target: float, bend: tuple[FloatArray, FloatArray]) -> _Iterate:
        # G + dG = target S^-1 - (G dS + bend) S^-1, symmetrised; w + dw alike.
        to_G = target * inverse - bend[0] @ inverse
        to_w = (target - bend[1]) / at.l
        rhs = p.adjoint(_sym(to_G - known[0]), to_w - known[1]) - p.cost
        dy, _ = dpotrs(factor, rhs, lower=1)
        dS, dl = p.apply(dy)
        dS, dl = dS + dual[0], dl + dual[1]
        dG = _sym(to_G - at.G @ dS @ inverse) - at.G
        return _Iterate(dy, dS, dl, dG, to_w - at.w - ratio * dl)

    size = n + len(at.l)
    none = (np.zeros_like(at.S), np.zeros_like(at.l))
    first = direction(0.0, none)
    steps = _lengths(at, first, roots)
    mu = at.gap() / size
    ahead = _move(at, first, steps).gap() / size
    reached = min(1.0, *steps)
    # After a short prediction: back to the centre, and well clear of the boundary.
    centring = min(1.0, (ahead / mu) ** max(1.0, 3.0 * reached**2))
    second = direction(centring * mu, (first.G @ first.S, first.w * first.l))
    primal, dual_length = _lengths(at, second, roots)
    keep = 0.9 + 0.09 * reached
    return _move(at, second, (keep * primal, keep * dual_length))


def _move(at: _Iterate, by: _Iterate, steps: tuple[float, float]) -> _Iterate:
    a, b = min(1.0, steps[0]), min(1.0, steps[1])
    return _Iterate(
        at.y + b * by.y,
        at.S + b * by.S,
        at.l + b * by.l,
        at.G + a * by.G,
        at.w + a * by.w,
    )


def _lengths(at: _Iterate, by: _Iterate, roots: _Roots) -> tuple[float, float]:
    """How far G and w may go, then S and l, to the boundary of their cones."""
    return (
        min(_to_edge(roots[0], by.G), _to_zero(at.w, by.w)),
        min(_to_edge(roots[1], by.S), _to_zero(at.l, by.l)),
    )


def _to_zero(at: FloatArray, by: FloatArray) -> float:
    return 1.0 / max(float(np.max(-by / at, initial=0.0)), 1e-3)


def _to_edge(root: FloatArray, by: FloatArray) -> float:
    least = float(np.linalg.eigvalsh(root @ by @ root.T)[0])
    return 1.0 / max(-least, 1e-3)


def _root(matrix: FloatArray) -> FloatArray:
    """The inverse of the lower Cholesky factor."""
    lower, info = dpotrf(matrix, lower=1, clean=1)
    if info == 0:
        lower, info = dtrtri(lower, lower=1)
    if info:
        msg = "an iterate is not positive definite"
        raise np.linalg.LinAlgError(msg)
    return np.asarray(lower)


def _factor(schur: FloatArray) -> FloatArray:
    """Cholesky; where many rows meet at the optimum, with a little added (relative)."""
    largest = float(np.max(np.diag(schur)))
    for shift in SHIFTS:
        moved = schur + shift * largest * np.eye(len(schur)) if shift else schur
        factor, info = dpotrf(moved, lower=1)
        if info == 0:
            return np.asarray(factor)
    msg = "the Schur complement is not positive definite"
    raise np.linalg.LinAlgError(msg)


def _sym(matrix: FloatArray) -> FloatArray:
    return 0.5 * (matrix + matrix.T)
