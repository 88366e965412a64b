r"""The dual program in Clarabel's own form, without a modelling layer.

Variables $\lambda$; zero cone $B^T \lambda = e$; nonnegative cone $\lambda_k \ge 0$;
positive semidefinite cone $S = \sum_k \lambda_k A_k - C$, as the upper triangle column
by column with off-diagonal entries times $\sqrt 2$. Clarabel's own multipliers are $F$,
the slacks of the rows, and $G$.
"""

import numpy as np
from scipy import sparse

from theory.worst_case.program import FloatArray, Program
from theory.worst_case.solution import NoBoundError, Solution, assemble

NAME = "Clarabel"
UNBOUNDED = ("PrimalInfeasible", "AlmostPrimalInfeasible")


def solve(program: Program, tolerance: float = 1e-10) -> Solution:
    """Solve by Clarabel; not yet checked.

    Raises:
        NoBoundError: If no multipliers exist, so that no bound follows from the rows.

    """
    import clarabel

    rows = program.rows
    m, n = len(rows.names), len(program.form)
    k = len(program.weights)
    lower = np.tril_indices(n)  # row by row: the upper triangle column by column
    scale = np.where(lower[0] == lower[1], 1.0, np.sqrt(2.0))
    signed = np.flatnonzero(~rows.is_equality)
    signs = np.zeros((m, len(signed)))
    signs[signed, np.arange(len(signed))] = -1.0
    by_column = np.concatenate(
        [rows.values, signs, -rows.forms[:, lower[0], lower[1]] * scale], axis=1
    )
    at = -program.form[lower] * scale
    target = np.concatenate([program.weights, np.zeros(len(signed)), at])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_iter = 200
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = tolerance
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((m, m)),
        rows.limits,
        _compressed(by_column),
        target,
        [
            clarabel.ZeroConeT(k),
            clarabel.NonnegativeConeT(len(signed)),
            clarabel.PSDTriangleConeT(n),
        ],
        settings,
    )
    found = solver.solve()
    status = str(found.status)
    if status in UNBOUNDED:
        msg = (
            f"No bound for {program.name}: the rows allow an unbounded value, no "
            f"multipliers exist ({NAME}: {status} of the dual)."
        )
        raise NoBoundError(msg)
    z = np.asarray(found.z)
    packed = z[k + len(signed) :] / scale
    gram = np.zeros((n, n))
    gram[lower] = packed
    gram.T[lower] = packed
    point = (np.asarray(found.x), gram, -z[:k])
    return assemble(program, point, status, NAME, int(found.iterations))


def _compressed(by_column: FloatArray) -> sparse.csc_matrix:
    """The transpose as compressed columns; quicker than SciPy's own conversion."""
    columns, entries = np.nonzero(by_column)
    starts = np.zeros(len(by_column) + 1, dtype=np.int64)
    np.cumsum(np.bincount(columns, minlength=len(by_column)), out=starts[1:])
    return sparse.csc_matrix(
        (by_column[columns, entries], entries, starts), shape=by_column.shape[::-1]
    )
