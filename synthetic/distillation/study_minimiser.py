r"""The minimiser of a ridge-regularised linear student, with its certificate.

$f$ is $\nu$-strongly convex, so that any point certifies itself:

$$ f(x) - f_\star \le \frac{\|\nabla f(x)\|^2}{2\nu}, \qquad
   \|x - x_\star\| \le \frac{\|\nabla f(x)\|}\nu. $$
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.sparse.linalg import LinearOperator, cg

from synthetic.distillation.students import FloatArray, Linear
from synthetic.distillation.study_data import Part

ENOUGH = 1e-12
"""A gradient norm at which Newton's method stops."""

_NEWTON_STEPS = 40


@dataclass(frozen=True, eq=False)
class Minimiser:
    r"""A point, and how far from the true minimiser it can be.

    Attributes:
        x: Shape (p,).
        value: $f(x)$.
        gradient_norm: $\|\nabla f(x)\|$, as computed in double precision.
        gap: $\|\nabla f(x)\|^2 / (2\nu) \ge f(x) - f_\star$.
        distance: $\|\nabla f(x)\| / \nu \ge \|x - x_\star\|$.

    """

    x: FloatArray
    value: float
    gradient_norm: float
    gap: float
    distance: float


def minimise(student: Linear, rows: Part) -> Minimiser:
    """Quasi-Newton to come near, then Newton steps by conjugate gradients."""

    def value_and_gradient(x: FloatArray) -> tuple[float, FloatArray]:
        return value(x), gradient(x)

    def value(x: FloatArray) -> float:
        return float(student.objective(x, rows.a, rows.b))

    def gradient(x: FloatArray) -> FloatArray:
        return full_gradient(student, rows, x)

    start = np.zeros(student.num_parameters)
    options = {"maxiter": 2000, "ftol": 0.0, "gtol": 1e-7}
    near = minimize(
        value_and_gradient, start, jac=True, method="L-BFGS-B", options=options
    )
    x = np.asarray(near.x)
    g = gradient(x)
    for _ in range(_NEWTON_STEPS):
        size = float(np.linalg.norm(g))
        if size <= ENOUGH:
            break
        step, _ = cg(_hessian(student, rows, x), -g, rtol=1e-6, maxiter=2000)
        moved = x + step
        g_moved = gradient(moved)
        while np.linalg.norm(g_moved) >= size and np.any(moved != x):
            step = 0.5 * step
            moved = x + step
            g_moved = gradient(moved)
        if np.linalg.norm(g_moved) >= size:  # roundoff lets it go no lower
            break
        x, g = moved, g_moved
    size = float(np.linalg.norm(g))
    nu = student.ridge
    return Minimiser(x, value(x), size, size**2 / (2.0 * nu), size / nu)


def full_gradient(student: Linear, rows: Part, x: FloatArray) -> FloatArray:
    r"""$\nabla f(x)$, shape (p,)."""
    a, b = rows.a[None, None], rows.b[None, None]
    return np.asarray(student.gradient(x[None, None], a, b)[0, 0])


def _hessian(student: Linear, rows: Part, x: FloatArray) -> LinearOperator:
    a = rows.a[None, None]
    z, _ = student.outputs(x[None, None], a)

    def times(v: FloatArray) -> FloatArray:
        v = v.reshape(1, 1, -1)
        dz, _ = student.outputs(v, a)  # the outputs are linear in the parameters
        pulled = student.pull_back(v, a, student.residual_slope(z, dz), dz)
        return np.asarray((pulled + student.ridge * v)[0, 0])

    p = student.num_parameters
    return LinearOperator((p, p), matvec=times, dtype=np.float64)
