r"""Least absolute deviations, $\sum_i w_i |\langle a_i, x\rangle - b_i|$, and a ridge.

**The certificate.** Let $z = Ax - b$ and $q = A^\top y$ for a y with $|y_i| \le w_i$.
Each $x'$ has $f(x') \ge \langle y, Ax' - b\rangle + \frac r2 \|x' - c\|^2$, hence
$$f(x) - f(x') \le \sum_i (w_i |z_i| - y_i z_i) + \langle q, x - x'\rangle
  + \tfrac r2 \|x - c\|^2 - \tfrac r2 \|x' - c\|^2.$$
With a ridge the supremum of the last three terms over $x'$ is
$\frac r2 \|x - c + q / r\|^2$. Without, let $x'$ be a minimiser. As
$\|W A (x - x')\| \le f(x) + f(x') \le 2 f(x)$ for $W = \mathrm{diag}(w)$, they are at
most $2 f(x) \|(WA)^{+\top} q\|$: rounding, for a y that was projected on
$A^\top y = 0$. No term of the sum is negative, so nothing cancels.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np

from synthetic.losses import Array, FloatArray
from synthetic.objective import (
    EPS,
    FINE_EPS,
    INFLATE,
    Extended,
    Objective,
    doubles,
    extended,
    norm,
    whitened_norm,
)
from theory.errors import InputError

TOLERANCES = (1e-12, 1e-9)  # of the solver; the certificate says what came of them

Candidate = tuple[FloatArray, Extended, str]  # point, dual point, method


def l1_duality_gap(f: Objective, point: FloatArray, dual: Array) -> float:
    r"""Bound $f(x) - \inf f$ by any dual point, which is made feasible first."""
    y = extended(dual)
    if f.ridge == 0:
        left, whiten = _root(f)
        for _ in range(2):  # the second time removes the rounding of the first
            y = y - f.weights * (left @ (whiten @ doubles(f.features.T @ y)))
        y = y / max(1.0, np.max(np.abs(y) / f.weights))
    y = np.clip(y, -f.weights, f.weights)
    z, z_error = f.features @ point - f.target, f.residual_error(point)
    summing = len(y) * FINE_EPS  # times the moduli: the rounding of a sum
    misfit = (1 + summing) * np.sum(f.weights * np.abs(z) - y * z)
    misfit += 2 * f.weights @ (z_error + FINE_EPS * np.abs(z))
    q = f.features.T @ y
    q_error = extended(summing * (np.abs(f.features).T @ np.abs(y)))
    if f.ridge:
        sizes = norm(point) + norm(f.center) + norm(q) / f.ridge
        pull = norm(point - f.center + q / f.ridge) + 4 * FINE_EPS * sizes
        pull += norm(q_error) / f.ridge
        return float(misfit + 0.5 * f.ridge * pull * pull) * INFLATE
    pull = whitened_norm(whiten, q, q_error)
    return float(misfit + 2 * f.value(point) * pull) * INFLATE


def _root(f: Objective) -> tuple[FloatArray, FloatArray]:
    r"""Return U and $S^{-1} V^\top$ of $WA = U S V^\top$ and of its numerical rank.

    The latter is enlarged for its rounding, as in `synthetic.objective.whitener`.
    """
    a = doubles(f.weights[:, None] * f.features)
    left, values, right = np.linalg.svd(a, full_matrices=False)
    error = max(a.shape) * EPS * float(np.linalg.norm(values))
    keep = values > error
    shrunk = values[keep] * (1 - error / np.min(values[keep], initial=np.inf))
    return left[:, keep], right[keep] / shrunk[:, None]


def candidates(f: Objective) -> list[Candidate]:
    """Return the solver's point with its dual, and the two polished."""
    point, dual = _solved(f)
    method = f"CLARABEL {version('clarabel')} through cvxpy"
    return [(point, dual, method), _polished(f, point, dual, method)]


def _solved(f: Objective) -> tuple[FloatArray, Extended]:
    r"""Solve for $v = (x - c) / s$ with $|z| / s$ of order 1, whatever the units."""
    cp: Any = import_module("cvxpy")  # here because it is slow to import
    right = doubles(f.target - f.features @ f.center)
    scale = float(np.max(np.abs(right))) or 1.0
    n, d = f.features.shape
    basis = np.eye(d)
    if f.ridge == 0 and np.any(f.features):
        basis = _root(f)[1].T / np.sqrt(n)  # orthogonal columns: much easier to solve
    v, z = cp.Variable(basis.shape[1]), cp.Variable(n)
    residual = z == doubles(f.features) @ basis @ v - right / scale
    cost = cp.sum(cp.multiply(doubles(n * f.weights), cp.abs(z)))
    if f.ridge:
        cost += n * scale * f.ridge / 2 * cp.sum_squares(v)
    problem = cp.Problem(cp.Minimize(cost), [residual])
    status = "not solved"
    for tolerance in TOLERANCES:
        names = ("tol_gap_abs", "tol_gap_rel", "tol_feas")
        options = dict.fromkeys(names, tolerance)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "may be inaccurate": status says it
                problem.solve(solver="CLARABEL", **options)
        except cp.error.SolverError as error:
            status = str(error)
            continue
        status = problem.status
        if status == "optimal":
            point = doubles(f.center) + scale * (basis @ v.value)
            return point, extended(-residual.dual_value / n)
    msg = (
        f"CLARABEL found no least absolute deviations ({status}): standardise the "
        "columns, drop those that repeat others, or add a ridge"
    )
    raise InputError(msg)


def _polished(f: Objective, point: FloatArray, dual: Array, method: str) -> Candidate:
    r"""Solve for the point and the multipliers of the rows at their kink.

    These have $|z_i|$ near 0 and $|y_i| < w_i$, the others the reverse. Newton's
    equations for the former, $B\,dx = -z$ and $r\,dx + B^\top dy = p$ with the rows B
    and $p = -A^\top y - r (x - c)$, are solved by the pseudo-inverse of B.
    """
    x = extended(point)
    z = f.features @ x - f.target
    scale = max(f.weights @ np.abs(z), 1e-8 * np.max(np.abs(f.target)))
    kink = np.abs(z) * f.weights <= scale * (f.weights - np.abs(dual))
    y = extended(np.where(kink, dual, f.weights * np.sign(z)))
    b = doubles(f.features[kink])
    inverse = np.linalg.pinv(b)
    for _ in range(3):  # one step solves, the others refine
        z = f.features @ x - f.target
        p = doubles(-(f.features.T @ y) - f.ridge * (x - f.center))
        dx = inverse @ doubles(-z[kink])
        if f.ridge:
            dx += (p - inverse @ (b @ p)) / f.ridge
        x = x + dx
        y[kink] += inverse.T @ (p - f.ridge * dx)
    return doubles(x), y, f"{method}, polished on {int(kink.sum())} rows"
