r"""The hypotheses of the theorems on distillation.

Each looks at every configuration: `meets` is a mask, `failure` a sentence about the
first configuration that does not meet it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from theory.assumptions import Assumption, of_configurations as _condition
from theory.distillation import DistillationConstants
from theory.distillation_formulas import (
    best_weight,
    compressed_factor,
    compressed_growth,
    contractive_growth,
    optimal_weight,
    pl_simple_kappa,
    safe_weight,
    sparse_growth,
    sqc_simple_kappa,
)
from theory.formulas import smaller

Constants = DistillationConstants

SAME = 1e-11
"""Weights that differ by that share are one: the error of its square is no digit."""


def _step_limit(
    name: str,
    statement: str,
    limit: Callable[[Constants], Any],
    *,
    strict: bool = False,
    open_without_teacher: bool = False,
) -> Assumption:
    """A largest step; `open_without_teacher`: at lambda = 0 the limit itself counts."""

    def meets(c: Constants) -> Any:
        largest = limit(c)
        if not strict:
            return c.step <= largest
        below = c.step < largest
        if open_without_teacher:
            below = below | ((c.weight == 0) & (c.step <= largest))
        return below

    return _condition(
        name,
        statement,
        meets,
        lambda c: f"gamma = {c.step:.6g}, and the limit is {float(limit(c)):.6g}",
    )


SQC = _condition(
    "strongly quasi-convex (A1)",
    r"$f_\star \ge f(x) + \langle\nabla f(x), x_\star-x\rangle + \frac\mu2\|x-x_\star"
    r"\|^2$, $\mu > 0$",
    lambda c: c.mu > 0,
    lambda c: f"mu = {c.mu:g}",
)
PL = _condition(
    "Polyak-Lojasiewicz and smooth (A2)",
    r"$\|\nabla f\|^2 \ge 2\mu(f - f_\star)$, $\mu > 0$, $\nabla f$ L-Lipschitz",
    lambda c: (c.mu_pl > 0) & np.isfinite(c.L),
    lambda c: f"mu = {c.mu_pl:.3g}, L = {c.L:.3g}",
)
EXPECTED_SMOOTH = _condition(
    "expected smoothness (A3)",
    r"$E\|\nabla f_\xi(x) - s_\xi\|^2 \le 2\,cL\,(f(x) - f_\star)$",
    lambda c: np.isfinite(c.cL),
    lambda c: f"cL = {c.cL:g}",
)
CONVEX_COMPONENTS = _condition(
    "convex components",
    r"every $f_\xi$ is convex and $L_{\max}$-smooth, f strongly convex",
    lambda c: np.isfinite(c.L_max) & (c.mu > 0),
    lambda c: f"L_max = {c.L_max:g} and mu = {c.mu:g}",
)
QUADRATIC = _condition(
    "quadratic components",
    r"$\nabla f_\xi(x) = H_\xi(x - x_\star) + s_\xi$, $H_\xi \succeq 0$",
    lambda c: c.quadratic,
    lambda c: f"quadratic is {c.quadratic}",
)
FULL_RANK = _condition(
    "H positive definite",
    r"$H = E H_\xi \succ 0$",
    lambda c: c.full_rank,
    lambda c: f"mu = {c.mu:g}, and quadratic is {c.quadratic}",
)
NO_TEACHER = _condition(
    "no distillation",
    r"$\lambda = 0$",
    lambda c: c.weight == 0,
    lambda c: f"lambda = {c.weight:g}",
)
WEIGHT_ONE = _condition(
    "lambda = 1",
    r"$\lambda = 1$",
    lambda c: c.weight == 1,
    lambda c: f"lambda = {c.weight:g}",
)
NOT_ONE = _condition(
    "lambda is not 1",
    r"$\lambda \ne 1$",
    lambda c: c.weight != 1,
    lambda c: f"lambda = {c.weight:g}",
)
EQUAL_HESSIANS = _condition(
    "equal Hessians",
    r"$H_\xi = H$: the noise is additive",
    lambda c: c.equal_hessians,
    lambda c: f"equal Hessians: {c.equal_hessians}",
)
STEP_MASTER = _condition(
    "step and parameters of the master bound",
    r"$\gamma < 1/cL$, $0 \le p < 1 - \gamma cL$, $0 < z < 1 + p$",
    lambda c: (
        (c.step * c.cL < 1)
        & (c.p >= 0)
        & (c.p < 1 - c.step * c.cL)
        & (c.z > 0)
        & (c.z < 1 + c.p)
    ),
    lambda c: f"gamma cL = {c.step * c.cL:.4g}, p = {c.p:.4g}, z = {c.z:.4g}",
)
STEP_PL_MASTER = _condition(
    "step and parameters of the master bound for gaps",
    r"$A > 1$, $0 < b < 2 - A x$, $x = \gamma L\,cL/\mu$",
    lambda c: (
        (c.young > 1) & (c.b > 0) & (c.b < 2 - c.young * c.step * c.L * c.cL / c.mu_pl)
    ),
    lambda c: (
        f"A = {c.young:.4g}, b = {c.b:.4g}, x = {c.step * c.L * c.cL / c.mu_pl:.4g}"
    ),
)
STEP_BELOW_HALF = _step_limit(
    "gamma < 1/(2 cL)",
    r"$\gamma < 1/(2cL)$ ($\le$ if $\lambda = 0$)",
    lambda c: 1.0 / (2.0 * c.cL),
    strict=True,
    open_without_teacher=True,
)
STEP_HALF = _step_limit(
    "gamma <= 1/(2 cL)", r"$\gamma \le 1/(2cL)$", lambda c: 1.0 / (2.0 * c.cL)
)
STEP_EIGHTH = _step_limit(
    "gamma <= 1/(8 cL)", r"$\gamma \le 1/(8cL)$", lambda c: 1.0 / (8.0 * c.cL)
)
STEP_ONE = _step_limit("gamma <= 1/cL", r"$\gamma \le 1/cL$", lambda c: 1.0 / c.cL)
STEP_STABLE = _step_limit(
    "gamma < 2/cL", r"$\gamma < 2/cL$", lambda c: 2.0 / c.cL, strict=True
)
STEP_PL_BELOW = _step_limit(
    "gamma < mu/(2 L cL)",
    r"$\gamma < \mu/(2L\,cL)$ ($\le$ if $\lambda = 0$)",
    lambda c: c.mu_pl / (2.0 * c.L * c.cL),
    strict=True,
    open_without_teacher=True,
)
STEP_PL_HALF = _step_limit(
    "gamma <= mu/(2 L cL)",
    r"$\gamma \le \mu/(2L\,cL)$",
    lambda c: c.mu_pl / (2.0 * c.L * c.cL),
)
STEP_PL_QUARTER = _step_limit(
    "gamma <= mu/(4 L cL)",
    r"$\gamma \le \mu/(4L\,cL)$",
    lambda c: c.mu_pl / (4.0 * c.L * c.cL),
)
STEP_LMAX_HALF = _step_limit(
    "gamma <= 1/(2 L_max)", r"$\gamma \le 1/(2L_{\max})$", lambda c: 0.5 / c.L_max
)
STEP_LMAX = _step_limit(
    "gamma <= 1/L_max", r"$\gamma \le 1/L_{\max}$", lambda c: 1.0 / c.L_max
)


def _at_weight(
    name: str, statement: str, best: Callable[[Constants], Any]
) -> Assumption:
    """The weight is a given function of the constants, to eleven digits."""
    return _condition(
        name,
        statement,
        lambda c: np.abs(c.weight - best(c)) <= SAME * np.abs(best(c)),
        lambda c: f"lambda = {c.weight:.6g}, and that weight is {float(best(c)):.6g}",
    )


def best_sqc(c: Constants) -> Any:
    r"""$\lambda^\star$ of $N_1'$."""
    return best_weight(c.cross, c.H2, c.G2, sqc_simple_kappa(c.step, c.mu))


def best_pl(c: Constants) -> Any:
    r"""$\lambda^\star$ of $N_2'$."""
    return best_weight(c.cross, c.H2, c.G2, pl_simple_kappa(c.step, c.L))


def best_unbiased(c: Constants) -> Any:
    r"""$\lambda_u^\star = c/(H_2 - G_2)$."""
    return best_weight(c.cross, c.H2 - c.G2, 0.0 * c.G2, 0.0)


def _simple_choice(c: Constants) -> Any:
    r"""0 if $\gamma S_2 \le (4L_b/(3\mu) + 2\gamma cL)\Delta$, else 1."""
    reach = 4.0 * smaller(c.cL, c.L) / (3.0 * c.mu) + 2.0 * c.step * c.cL
    return 1.0 * (c.step * c.S2 > reach * c.teacher_gap)


BEST_SQC = _condition(
    "lambda = lambda* of N1', or the simple choice",
    r"$\lambda = c/(H_2 + \frac{2}{3\gamma\mu}G_2)$; or 0 if $\gamma S_2 \le "
    r"(\frac{4L_b}{3\mu} + 2\gamma cL)\Delta$, else 1",
    lambda c: (
        (np.abs(c.weight - best_sqc(c)) <= SAME * np.abs(best_sqc(c)))
        | (c.weight == _simple_choice(c))
    ),
    lambda c: f"lambda = {c.weight:.6g}, lambda* = {float(best_sqc(c)):.6g}",
)
BEST_PL = _at_weight(
    "lambda = lambda* of N2'", r"$\lambda = c/(H_2 + G_2/(\gamma L))$", best_pl
)
BEST_UNBIASED = _at_weight(
    "lambda = lambda_u*", r"$\lambda = c/(H_2 - G_2)$", best_unbiased
)
SAFE_WEIGHT = _at_weight(
    "the safe lambda",
    r"$\lambda = \gamma S_2/(\gamma S_2 + 4\Delta)$",
    lambda c: safe_weight(c.step, c.S2, c.teacher_gap),
)
OPTIMAL_WEIGHT = _at_weight(
    "lambda_opt for distances",
    r"$\lambda = V/(V + \|\theta - x_\star\|^2)$",
    lambda c: optimal_weight(c.teacher_dist_sq, c.V),
)
OPTIMAL_GAP_WEIGHT = _at_weight(
    "lambda_opt for gaps",
    r"$\lambda = F/(F + \Delta)$",
    lambda c: optimal_weight(c.teacher_gap, c.F),
)
BELOW_TWICE_OPTIMAL = _condition(
    "0 <= lambda <= 2 lambda_opt",
    r"$0 \le \lambda \le 2V/(V + \|\theta-x_\star\|^2)$",
    lambda c: (
        (c.weight >= 0) & (c.weight <= 2.0 * optimal_weight(c.teacher_dist_sq, c.V))
    ),
    lambda c: f"lambda = {c.weight:.6g}",
)
BEYOND_TWICE_OPTIMAL = _condition(
    "lambda outside [0, 2 lambda_opt]",
    r"$\lambda < 0$ or $\lambda > 2V/(V + \|\theta-x_\star\|^2)$",
    lambda c: (
        (c.weight < 0) | (c.weight > 2.0 * optimal_weight(c.teacher_dist_sq, c.V))
    ),
    lambda c: f"lambda = {c.weight:.6g}",
)
POSITIVE_CROSS = _condition(
    "c >= 0",
    r"$E\langle s_\xi, h_\xi\rangle \ge 0$",
    lambda c: c.cross >= 0,
    lambda c: f"c = {c.cross:.4g}",
)

AT_BEST_SQC = _at_weight(
    "lambda = lambda* of N1'",
    r"$\lambda = c/(H_2 + \frac{2}{3\gamma\mu}G_2)$",
    best_sqc,
)
UP_TO_TWICE_BEST = _condition(
    "lambda between 0 and 2 lambda*",
    r"$0 \le \lambda\,\mathrm{sign}\,c$, $|\lambda| \le 2|\lambda^\star|$ of $N_1'$",
    lambda c: (
        (c.weight * best_sqc(c) >= 0) & (np.abs(c.weight) <= 2.0 * np.abs(best_sqc(c)))
    ),
    lambda c: f"lambda = {c.weight:.6g}, lambda* = {float(best_sqc(c)):.6g}",
)
ON_RAY = _condition(
    "teachers on a ray",
    r"$\theta = x_\star + \tau v$, one v for all teachers",
    lambda c: c.on_ray,
    lambda c: f"one ray: {c.on_ray}",
)
FAR_TEACHER = _condition(
    "a teacher that is not stationary",
    r"$\nabla f(\theta) \ne 0$",
    lambda c: c.G2 > 1e-20 * c.H2,
    lambda c: f"G2 = {c.G2:.3g}",
)
YOUNG = _condition(
    "A > 1", "$A > 1$", lambda c: c.young > 1, lambda c: f"A = {c.young}"
)


def unbiased_factor(c: Constants) -> Any:
    r"""$q = (1 + \omega(1+\tau))(1-\gamma\mu)$."""
    return compressed_factor(compressed_growth(c.omega, c.tau), c.step, c.mu)


def contractive_factor(c: Constants) -> Any:
    r"""$q = (1 + s + 2\delta(1+1/s))(1-\gamma\mu)$."""
    return compressed_factor(contractive_growth(c.delta, c.free), c.step, c.mu)


def sparse_factor(c: Constants) -> Any:
    r"""$q = \nu(1-\gamma\mu)$."""
    growth = sparse_growth(c.keep, c.star_support, c.dim)
    return compressed_factor(growth, c.step, c.mu)


COMPRESSES_LITTLE = _condition(
    "q < 1 under unbiased compression",
    r"$\tau > 0$, $q = (1 + \omega(1+\tau))(1-\gamma\mu) < 1$",
    lambda c: (c.tau > 0) & (unbiased_factor(c) < 1),
    lambda c: (
        f"omega = {c.omega:.4g}, tau = {c.tau:.4g}, gamma mu = {c.step * c.mu:.4g}"
    ),
)
COMPRESSES_VERY_LITTLE = _condition(
    "omega <= gamma mu / 4",
    r"$\omega \le \gamma\mu/4$",
    lambda c: c.omega <= 0.25 * c.step * c.mu,
    lambda c: f"omega = {c.omega:.4g}, gamma mu / 4 = {0.25 * c.step * c.mu:.4g}",
)
LOSES_LITTLE = _condition(
    "q < 1 under contractive compression",
    r"$s > 0$, $q = (1 + s + 2\delta(1+1/s))(1-\gamma\mu) < 1$",
    lambda c: (c.free > 0) & (contractive_factor(c) < 1),
    lambda c: (
        f"delta = {c.delta:.4g}, s = {c.free:.4g}, gamma mu = {c.step * c.mu:.4g}"
    ),
)
SPARSE_STAR = _condition(
    "a sparse minimiser",
    r"$\|x_\star\|_0 \le k_\star < k$",
    lambda c: c.star_support < c.keep,
    lambda c: f"{c.star_support} coordinates of x* are not 0, and {c.keep} are kept",
)
KEEPS_ENOUGH = _condition(
    "q < 1 under hard thresholding",
    r"$q = \nu(1-\gamma\mu) < 1$",
    lambda c: sparse_factor(c) < 1,
    lambda c: f"q = {float(sparse_factor(c)):.4g}",
)
IN_SUBSPACE = _condition(
    "a start that the mask keeps",
    r"$Px_0 = x_0$",
    lambda c: c.in_subspace,
    lambda _: "a coordinate of x_0 is not 0 and not kept: mask the start too",
)
