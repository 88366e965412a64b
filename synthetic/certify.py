r"""A minimiser with a certificate: bounds on $f(x) - \inf f$ and $\|x - x_\star\|$.

Nothing is believed because a solver said so. The bounds are computed from the point
that is returned: for smooth losses from its gradient and curvature (below), for
$|u - b|$ from a dual point (`synthetic.least_absolute`).

**The smooth certificate.** Let $H = \nabla^2 f(x)$ with least eigenvalue $\lambda$, let
$r = \|\nabla f(x)\|_{H^{-1}}$ (the Newton decrement) and $|h'''| \le \kappa h''$:
$\kappa = 0$ for the square, 1 for the logistic loss, as
$\sigma'' = \sigma' (1 - 2\sigma)$, and for Poisson's, as $h''' = h'' = e^u$. With
$R = \kappa \max_i \|a_i\|_{H^{-1}}$ put $m = 1 - R r$. If $m > 0$, f has a minimiser,
and
$$f(x) - \inf f \le r^2 / 2m, \qquad \|x - x_\star\| \le r / m \sqrt\lambda.$$
*Proof.* Choose coordinates in which $H = I$. The second derivative q along $x + tv$ has
$|q'| \le R \|v\| q$ (after Bach 2010, Prop. 1), so $q(t) \ge e^{-R\|v\|t} \|v\|^2$: in
the ball of radius $\rho$ around x, f is $e^{-R\rho}$-strongly convex. If
$\|v\| = \rho$, the outward slope at $x + v$ is at least $-r + (1 - e^{-R\rho}) / R$,
which is 0 where $e^{-R\rho} = 1 - Rr = m$; f is convex, so that ball holds a minimiser.
Strong convexity with modulus m gives $r^2 / 2m$, and $r / m$ in these coordinates.

If that fails, the ridge is a modulus too. Without ridge and of deficient rank, all of
this holds in the row space: f does not change across it, and distance means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.optimize import linprog

from synthetic.least_absolute import candidates, l1_duality_gap
from synthetic.losses import SQUARED, Array, FloatArray, Loss
from synthetic.objective import (
    EPS,
    INFLATE,
    TINY,
    Objective,
    doubles,
    norm,
    objective,
    spectrum,
    whitened_norm,
    whitener,
)
from theory.errors import InputError

DEPENDENT = 1e-11  # ratio of singular values below which directions count as lost
PATIENCE = 25  # Newton steps: more are taken if it is sure that there is a minimiser
MAX_STEPS = 200
MIN_STEP = 1e-10


@dataclass(frozen=True, eq=False)
class Minimiser:
    r"""A point and how far it can be from a minimiser.

    Attributes:
        point: $x$, shape (d,).
        gap: $f(x) - \inf f \le$ gap, first-order rounding included; `inf` if unknown.
        distance: $\|x - x_\star\| \le$ distance; `inf` if f is not strongly convex.
        method: How the point was found.
        certificate: Why the bounds hold: one sentence with its numbers.

    """

    point: FloatArray
    gap: float
    distance: float
    method: str
    certificate: str


def minimise(
    features: ArrayLike,
    target: ArrayLike,
    loss: Loss,
    *,
    ridge: float = 0.0,
    center: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Minimiser:
    r"""Minimise $\sum_i w_i h(\langle a_i, x\rangle; b_i) + \frac r2 \|x - c\|^2$.

    Args:
        features: $a_i$, shape (n, d).
        target: $b_i$, shape (n,).
        loss: $h$.
        ridge: $r \ge 0$. With 0 a minimiser can be one of many, and the logistic loss
            may have none.
        center: $c$, the origin by default.
        weights: Probabilities $w_i$, $1/n$ by default.

    Returns:
        A minimiser with its certificate. Where there are many, and the loss is squared
        or logistic, it is the one nearest to $c$.

    Raises:
        InputError: The data are malformed or separable, or the solver failed.

    """
    f = objective(features, target, loss, ridge=ridge, center=center, weights=weights)
    found = _solve(f, loss, ridge)
    if ridge == 0 and _is_nearly_dependent(np.asarray(features, dtype=np.float64)):
        why = (
            "none: columns are (nearly) linearly dependent, so far-off points that "
            "floats cannot tell from these may be lower; drop a column, or add a ridge"
        )
        return replace(found, gap=inf, distance=inf, certificate=why)
    return found


def _is_nearly_dependent(features: FloatArray) -> bool:
    """Are columns dependent, beyond those that are equal to another or 0?"""
    distinct = np.unique(features, axis=1)
    distinct = distinct[:, np.any(distinct != 0, axis=0)]
    if distinct.shape[1] == 0:
        return False
    if distinct.shape[0] < distinct.shape[1]:
        return True
    values = np.linalg.svd(distinct, compute_uv=False)
    return bool(values[-1] <= DEPENDENT * values[0])


def _solve(f: Objective, loss: Loss, ridge: float) -> Minimiser:
    """The point and what is certified of it, columns being as floats see them."""
    if loss.curvature is None:
        certified = [certify_l1(f, *candidate) for candidate in candidates(f)]
        return min(certified, key=lambda minimiser: minimiser.gap)
    if loss is SQUARED:
        point, steps = _newton(f, _least_squares(f), MAX_STEPS)
        return certify_smooth(f, point, f"least squares, refined {steps} times")
    point, steps = _newton(f, doubles(f.center), PATIENCE)
    if ridge == 0 and certify_smooth(f, point).gap == inf:  # else there is a minimiser
        _refuse_separable(f)
    if steps == PATIENCE:
        point, more = _newton(f, point, MAX_STEPS)
        steps += more
    return certify_smooth(f, point, f"Newton, {steps} steps")


def certify_l1(
    f: Objective, point: FloatArray, dual: Array, method: str = "given"
) -> Minimiser:
    """Certify a point of an l1 objective by a dual point, whatever their origin."""
    gap = l1_duality_gap(f, point, dual)
    distance = sqrt(2 * gap / f.ridge) * INFLATE if f.ridge else inf
    certificate = (
        f"a dual point, made feasible, has a value {gap:.3g} below f(x) = "
        f"{f.value(point):.6g}, and no value of f is lower than a dual one"
    )
    if f.ridge:
        certificate += f"; f is {f.ridge:g}-strongly convex"
    return Minimiser(point, gap, distance, method, certificate)


def certify_smooth(f: Objective, point: FloatArray, method: str = "given") -> Minimiser:
    """Certify a point of a smooth objective by its gradient and curvature."""
    gradient, error = f.gradient(point)
    steepness = norm(gradient) + norm(error)
    rank, least, whiten = whitener(f, point)
    r = whitened_norm(whiten, gradient, error)
    m = (1 - _bend(f, whiten) * r) / INFLATE
    bounds = [(inf, inf, "no curvature is certified there")]
    if steepness == 0:
        bounds = [(0.0, inf, "f is convex")]
    if f.ridge > 0:
        distance = steepness / f.ridge * INFLATE
        why = f"f is {f.ridge:.3g}-strongly convex"
        bounds.append((0.5 * steepness * distance, distance, why))
    if least > 0 and m > 0:
        distance = r / (m * sqrt(least)) * INFLATE if rank == len(point) else inf
        why = f"{r:.3g} in the norm of 1/H, where H >= {least:.3g}"
        bounds.append((r * r / (2 * m) * INFLATE, distance, why))
    gap, distance, why = min(bounds)
    gap = max(gap, TINY) if steepness > 0 else gap  # squares can underflow
    if rank < len(point):
        why += f" on the row space (numerical rank {rank} of {len(point)})"
    certificate = (
        f"||grad f(x)|| <= {steepness:.3g} and {why}, so f(x) - inf f <= {gap:.3g} and "
        f"||x - x*|| <= {distance:.3g}"
    )
    return Minimiser(point, gap, distance, method, certificate)


def _bend(f: Objective, whiten: FloatArray) -> float:
    r"""$R = \kappa \max_i \|a_i\|_{H^{-1}}$."""
    if f.loss is SQUARED:
        return 0.0
    a = doubles(f.features)
    rounding = len(f.center) * EPS * np.abs(a) @ np.abs(whiten).T
    lengths = np.linalg.norm(a @ whiten.T, axis=1) + np.linalg.norm(rounding, axis=1)
    return float(np.max(lengths)) * INFLATE


def _least_squares(f: Objective) -> FloatArray:
    """Solve the square, with its ridge as d more rows; the shift has least norm."""
    d = len(f.center)
    root = np.sqrt(f.weights)
    rows = np.vstack([root[:, None] * f.features, np.sqrt(f.ridge) * np.eye(d)])
    right = np.append(root * (f.target - f.features @ f.center), np.zeros(d))
    shift = np.linalg.lstsq(doubles(rows), doubles(right), rcond=None)[0]
    return doubles(f.center + shift)


def _newton_step(f: Objective, x: FloatArray) -> tuple[FloatArray, float]:
    r"""Return $-H^+ \nabla f$ and the decrement squared, $\|\nabla f\|^2_{H^+}$."""
    values, rows, error = spectrum(f.root_hessian(x))
    along = rows @ doubles(f.gradient(x)[0])
    inverse = np.zeros_like(values)
    steep = (values > error) | (f.ridge > 0)
    inverse[steep] = 1 / (values[steep] ** 2 + f.ridge)
    return -(along * inverse) @ rows, float(along**2 @ inverse)


def _newton(f: Objective, x: FloatArray, limit: int) -> tuple[FloatArray, int]:
    """Take damped Newton steps until f is flat in doubles and the decrement stays.

    The last steps refine: a fine gradient through a coarse Hessian.
    """
    slack = 1e-15 * abs(f.value(f.center))  # f's own rounding: a few units in 1e16
    step, decrement = _newton_step(f, x)
    for count in range(limit):
        t, highest = 1.0, f.value(x) + slack
        while f.value(x + t * step) > highest - 1e-4 * t * decrement and t > MIN_STEP:
            t /= 2
        trial = x + t * step
        next_step, next_decrement = _newton_step(f, trial)
        if decrement <= slack and next_decrement >= decrement / 4:
            return x, count
        x, step, decrement = trial, next_step, next_decrement
    return x, limit


def _refuse_separable(f: Objective) -> None:
    r"""Raise if some w has $y_i \langle a_i, w\rangle \ge 0$ for all i, > 0 for one.

    Then f decreases along w for ever. With $y_i = \pm 1$ for classes, and
    $\langle a_i, w\rangle = 0$ for targets inside (0, 1), maximise $\sum_i s_i$ over
    $s_i \le y_i \langle a_i, w\rangle$, $0 \le s_i \le 1$: it is 0, or at least 1.
    """
    a, b = doubles(f.features), doubles(f.target)
    scale = np.max(np.abs(a), axis=0)
    a = a / np.where(scale > 0, scale, 1.0)
    is_hard = (b == 0) | (b == 1)
    num_hard, d = int(is_hard.sum()), a.shape[1]
    if num_hard == 0:
        return
    signed = (1 - 2 * b[is_hard])[:, None] * a[is_hard]
    soft = np.linalg.qr(a[~is_hard], mode="r")
    solution = linprog(
        np.append(np.zeros(d), -np.ones(num_hard)),
        A_ub=sparse.hstack([sparse.csr_array(signed), sparse.eye_array(num_hard)]),
        b_ub=np.zeros(num_hard),
        A_eq=np.hstack([soft, np.zeros((len(soft), num_hard))]) if len(soft) else None,
        b_eq=np.zeros(len(soft)) if len(soft) else None,
        bounds=[(None, None)] * d + [(0, 1)] * num_hard,
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10},
    )
    if solution.status == 0 and -solution.fun > 0.5:
        msg = (
            "the classes are linearly separable (in part, at least), so the logistic "
            "loss has no minimiser; add a ridge: --ridge 0.01"
        )
        raise InputError(msg)
