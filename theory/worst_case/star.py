r"""Runs of Polyak steps by inequalities with the minimiser alone, in a modelling layer.

Unknown are the Gram matrix of $(x_0, s_0, \dots, s_{T-1})$, $s_t = \gamma_t g_t$, and
the numbers $\Delta_t$, $N_t$, $\|g_t\|^2$ and $u_t = \langle s_t, g_t\rangle$, at least
$(N_t)_+$:

- $\|x_0\|^2 \le D^2$ and $\langle s_t, z_t\rangle \ge \|s_t\|^2$, plus
  $\frac{u_t}{2L}$ on smooth functions;
- $u_t^2 \le \|g_t\|^2 \|s_t\|^2$ (a rotated cone) with $\|g_t\|^2 \le G^2$, or
  $\|g_t\|^2 \le 2 L \Delta_t$ on smooth functions, and
  $\Delta_t \le 2 L \|s_t\|^2$ for SPS* on them;
- SPS*: $N_t = \Delta_t$. IAM, $\lambda_t = t$: $N_0 = \Delta_0$ and the Bregman term
  $\Delta_{t-1} - \Delta_t + (N_t - \Delta_t) / t \ge 0$.

For SPS* the bound holds for samples in any order that share the minimiser. Units:
$L = 1$ or $G = 1$, and $D^2 = T$, as in `lift`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from theory.errors import InputError
from theory.schedules import NONE, P_CONVENTION
from theory.worst_case.lift import Class, Measure, Run
from theory.worst_case.solution import NoBoundError

if TYPE_CHECKING:
    import cvxpy

GAP = 1e-6
SIZE = 1e3
CLARABEL = "CLARABEL"


@dataclass(frozen=True)
class Modelled:
    """A value by the modelling layer.

    Attributes:
        primal: The objective.
        dual: The multipliers times the right-hand sides, the upper bound.
        status: In cvxpy's words.
        solver: Its name.

    """

    primal: float
    dual: float
    status: str
    solver: str

    def __str__(self) -> str:
        return (
            f"{self.dual:.9g} (primal {self.primal:.9g}; {self.solver}: {self.status})"
        )


def star(run: Run, solver: str = CLARABEL) -> Modelled:
    r"""The value of the module's program: an upper bound of the worst case.

    Args:
        run: SPS* with the average, or IAM with $\lambda_t = t$ and the last point.
        solver: As cvxpy names it.

    Raises:
        NoBoundError: If the solver's result may not be believed.

    """
    import cvxpy as cp

    known = (NONE, Measure.AVERAGE), (P_CONVENTION, Measure.LAST)
    if (run.schedule, run.measure) not in known:
        msg = (
            "Need the average of SPS*, or the last point of IAM with lambda_t = t, got "
            f"{run.title()}."
        )
        raise InputError(msg)
    if solver not in cp.installed_solvers():
        msg = f"Need a solver of {cp.installed_solvers()}, got {solver!r}."
        raise InputError(msg)
    model = _model(run)
    model.problem.solve(solver=solver)
    value, status = model.problem.value, str(model.problem.status)
    if value is None or not np.isfinite(value):
        msg = f"No bound for {run.title()}: {solver} ended with {status!r}."
        raise NoBoundError(msg)
    dual = run.points * float(model.start.dual_value)
    if run.functions is Class.LIPSCHITZ:  # there the slopes are at most 1
        dual += float(np.sum(model.steep.dual_value))
    found = Modelled(float(value), dual, status, solver)
    size = max(float(np.max(np.abs(v.value))) for v in model.problem.variables())
    gap = abs(found.primal - dual) / (1 + abs(dual))
    if status != "optimal" or not gap <= GAP or not size <= SIZE:
        msg = f"No bound for {run.title()}: {found}, gap {gap:.1e}, size {size:.1e}."
        raise NoBoundError(msg)
    return found


class _Model(NamedTuple):
    """The program, and its two rows that are not homogeneous."""

    problem: "cvxpy.Problem"
    start: "cvxpy.Constraint"
    steep: "cvxpy.Constraint"


def _model(run: Run) -> _Model:
    import cvxpy as cp

    p, is_smooth = run.points, run.functions is Class.SMOOTH
    gram = cp.Variable((p + 1, p + 1), PSD=True)
    delta, along, slopes = (cp.Variable(p, nonneg=True) for _ in range(3))
    early = delta if run.schedule == NONE else cp.Variable(p)
    lengths = cp.diag(gram)[1:]
    # <s_t, z_t> = <s_t, x_0> - sum_{i<t} <s_t, s_i>.
    inner = gram[1:, 0] - cp.sum(cp.multiply(np.tri(p, k=-1), gram[1:, 1:]), axis=1)
    start = gram[0, 0] <= p
    steep = (slopes - 2 * delta <= 0) if is_smooth else (slopes <= 1)
    rows = [start, steep, along >= early]
    rows += [inner >= lengths + (0.5 * along if is_smooth else 0)]
    rows += [cp.quad_over_lin(along[t], slopes[t]) <= lengths[t] for t in range(p)]
    if run.schedule == NONE and is_smooth:
        rows += [delta <= 2 * lengths]
    if run.schedule == P_CONVENTION:
        rows += [early[0] == delta[0]]
        excess = cp.multiply(1 / np.arange(1, p), early[1:] - delta[1:])
        rows += [delta[:-1] - delta[1:] + excess >= 0] if p > 1 else []
    objective = cp.sum(delta) / p if run.measure is Measure.AVERAGE else delta[p - 1]
    return _Model(cp.Problem(cp.Maximize(objective), rows), start, steep)
