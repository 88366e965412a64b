r"""Which weight the bounds prefer, and what folklore makes of it.

$\lambda^\star = c/(H_2 + \kappa G_2)$ minimises a floor; that makes the *bound* small,
not the error.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from theory import distillation_formulas as formulas
from theory.assumptions import Assumption
from theory.claim import Bound, Claim, FloatArray
from theory.claims.kd_common import KD, differs, gap, noise, zero
from theory.claims.kd_exact import LAW, end_dist, end_gap
from theory.distillation import DistillationConstants, DistillationTrace
from theory.distillation_assumptions import (
    AT_BEST_SQC,
    BEST_PL,
    EXPECTED_SMOOTH,
    FAR_TEACHER,
    ON_RAY,
    OPTIMAL_GAP_WEIGHT,
    OPTIMAL_WEIGHT,
    PL,
    POSITIVE_CROSS,
    QUADRATIC,
    SQC,
    STEP_BELOW_HALF,
    STEP_EIGHTH,
    STEP_PL_BELOW,
    STEP_PL_QUARTER,
    UP_TO_TWICE_BEST,
    WEIGHT_ONE,
)
from theory.formulas import ratio
from theory.judge import Status
from theory.references import PROJECT

Constants = DistillationConstants
Trace = DistillationTrace


def _claim(  # noqa: PLR0913, PLR0917 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    assumes: tuple[Assumption, ...],
    quantity: Callable[[Trace], FloatArray],
    bound: Bound,
    needs: str,
    expected: Status = Status.HOLDS,
    tight: str = "",
    *,
    nonlinear: bool = False,
) -> Claim:
    return Claim(
        id=f"kd.{name}",
        title=title,
        reference=PROJECT,
        families=KD,
        statement=statement,
        assumes=assumes,
        proof=proof,
        quantity=quantity,
        bound=bound,
        needs=frozenset({needs}),
        expected=expected,
        tight=tight,
        nonlinear=nonlinear,
    )


def _least(scale: Callable[[Constants], Any], kappa: Callable[[Constants], Any]) -> Any:
    r"""$\mathrm{scale}\,S_2(1 - \rho^2\beta)$."""
    return lambda c: (
        scale(c)
        * c.S2
        * (1.0 - formulas.reduction(c.S2, c.H2, c.G2, c.cross, kappa(c)))
    )


def _sqc_scale(c: Constants) -> Any:
    return 2.0 * c.step / c.mu


def _pl_scale(c: Constants) -> Any:
    return c.step * c.L / c.mu_pl


NOISE = _claim(
    "noise",
    "The noise of distillation is a parabola in lambda",
    r"$E\|s_\xi-\lambda h_\xi\|^2 = S_2 - 2\lambda c + \lambda^2H_2$; 0 for a perfect "
    r"teacher at $\lambda = 1$",
    "Expand the square.",
    (),
    differs("direct_noise", noise),
    zero,
    "direct_noise",
)

SQC_STAR = _claim(
    "sqc.lambda_star",
    "The least N1 over lambda",
    r"$\min_\lambda N_1 = \frac{2\gamma S_2}\mu(1-\rho^2\beta)$ at $\lambda^\star = "
    r"c/(H_2+\kappa G_2)$, $\kappa = 1/(2\gamma\mu(1-2\gamma cL))$, $\rho^2\beta = "
    r"c^2/(S_2(H_2+\kappa G_2))$",
    "A convex parabola in lambda.",
    (SQC, EXPECTED_SMOOTH, STEP_BELOW_HALF),
    differs(
        "least_sqc_floor",
        _least(_sqc_scale, lambda c: formulas.sqc_kappa(c.step, c.mu, c.cL)),
    ),
    zero,
    "least_sqc_floor",
)

SQC_SIMPLE_STAR = _claim(
    "sqc.lambda_star_simple",
    "The least N1' over lambda",
    r"$\min_\lambda N_1' = \frac{2\gamma S_2}\mu(1-\rho^2\beta)$, $\kappa = "
    r"2/(3\gamma\mu)$",
    "A convex parabola in lambda.",
    (SQC, EXPECTED_SMOOTH, STEP_EIGHTH),
    differs(
        "least_sqc_simple_floor",
        _least(_sqc_scale, lambda c: formulas.sqc_simple_kappa(c.step, c.mu)),
    ),
    zero,
    "least_sqc_simple_floor",
)

PL_STAR = _claim(
    "pl.lambda_star",
    "The least N2 over lambda",
    r"$\min_\lambda N_2 = \frac{\gamma LS_2}\mu(1-\rho^2\beta)$, $\kappa = "
    r"1/(2b\gamma L)$",
    "A convex parabola in lambda.",
    (PL, EXPECTED_SMOOTH, STEP_PL_BELOW),
    differs(
        "least_pl_floor",
        _least(_pl_scale, lambda c: formulas.pl_kappa(c.step, c.mu_pl, c.L, c.cL)),
    ),
    zero,
    "least_pl_floor",
)

PL_SIMPLE_STAR = _claim(
    "pl.lambda_star_simple",
    "The least N2' over lambda",
    r"$\min_\lambda N_2' = \frac{\gamma LS_2}\mu(1-\rho^2\beta)$, $\kappa = 1/(\gamma "
    r"L)$",
    "A convex parabola in lambda.",
    (PL, EXPECTED_SMOOTH, STEP_PL_QUARTER),
    differs(
        "least_pl_simple_floor",
        _least(_pl_scale, lambda c: formulas.pl_simple_kappa(c.step, c.L)),
    ),
    zero,
    "least_pl_simple_floor",
)

INTERVAL = _claim(
    "sqc.lambda_interval",
    "Up to twice lambda* the bound is no worse than without a teacher",
    r"$N_1'(\lambda) \le N_1'(0)$ for $\lambda$ between 0 and $2\lambda^\star$",
    "The parabola takes the value at 0 again at 2 lambda*.",
    (SQC, EXPECTED_SMOOTH, STEP_EIGHTH, UP_TO_TWICE_BEST),
    lambda tr: formulas.sqc_simple_floor(
        tr.constants.step,
        tr.constants.weight,
        tr.constants.mu,
        tr.constants.G2,
        tr.direct_noise,
    ),
    lambda c, t: formulas.sqc_plain_floor(c.step, c.mu, c.S2) + np.zeros((1, len(t))),
    "direct_noise",
    tight="1 at lambda = 0 and at 2 lambda*",
)


def _share(kappa: Callable[[Constants], Any]) -> Callable[[Trace], FloatArray]:
    r"""$\beta H_2$-form: $\beta = H_2/(H_2+\kappa G_2)$ times the noise's size."""

    def quantity(tr: Trace) -> FloatArray:
        c = tr.constants
        beta = ratio(c.H2, c.H2 + kappa(c) * c.G2)
        return np.asarray(beta + 0.0 * tr.direct_noise)

    return quantity


SMALL_STEPS_SQC = _claim(
    "sqc.small_steps",
    "Short steps leave the bound little to save",
    r"$\beta = H_2/(H_2+\kappa G_2) \le 2\gamma\mu H_2/G_2$, $\kappa = 2/(3\gamma\mu)$",
    "beta <= H2/(kappa G2), and 1/kappa = 3 gamma mu/2.",
    (SQC, FAR_TEACHER),
    _share(lambda c: formulas.sqc_simple_kappa(c.step, c.mu)),
    lambda c, t: 2.0 * c.step * c.mu * c.H2 / c.G2 + np.zeros((1, len(t))),
    "direct_noise",
)

SMALL_STEPS_PL = _claim(
    "pl.small_steps",
    "Short steps leave the bound for gaps little to save",
    r"$\beta = H_2/(H_2+\kappa G_2) \le 2\gamma L H_2/G_2$, $\kappa = 1/(\gamma L)$",
    "beta <= H2/(kappa G2), and 1/kappa = gamma L.",
    (PL, FAR_TEACHER),
    _share(lambda c: formulas.pl_simple_kappa(c.step, c.L)),
    lambda c, t: 2.0 * c.step * c.L * c.H2 / c.G2 + np.zeros((1, len(t))),
    "direct_noise",
)

SMALL_STEPS_PL_MU = _claim(
    "pl.small_steps_mu",
    "The same with mu in place of L",
    r"$\beta \le 2\gamma\mu H_2/G_2$ for $\kappa = 1/(\gamma L)$",
    "False: L = 1, mu = 0.1, gamma = 0.025, H2 = 2, G2 = 1 gives beta = 0.0476 > "
    "0.0100.",
    (PL, FAR_TEACHER),
    _share(lambda c: formulas.pl_simple_kappa(c.step, c.L)),
    lambda c, t: 2.0 * c.step * c.mu_pl * c.H2 / c.G2 + np.zeros((1, len(t))),
    "direct_noise",
    Status.REFUTED,
)

NOT_SAFE = _claim(
    "lambda_star_not_safe",
    "The bound's best lambda never does harm",
    r"at $\lambda^\star$ of $N_1'$: $\lim E\|x_t-x_\star\|^2 \le V$",
    "False: H = diag(1, 0.01), s = +-(1, 0), theta - x* = (0, sqrt(18.75)), gamma = "
    "1/8 has 70.43 V. The bound overstates noise more than bias.",
    (*LAW, STEP_EIGHTH, AT_BEST_SQC),
    end_dist,
    lambda c, t: c.V + np.zeros((1, len(t))),
    "limit_dist_sq",
    Status.REFUTED,
    "70.4313 there",
)

NOT_SAFE_GAP = _claim(
    "lambda_star_not_safe_gap",
    "The best lambda of the bound for gaps never does harm",
    r"at $\lambda^\star$ of $N_2'$: $\lim E f(x_t)-f_\star \le F$",
    "False: the same H and s, theta - x* = (0, 5), gamma = 0.0025 has 50.06 F.",
    (*LAW, STEP_PL_QUARTER, BEST_PL),
    end_gap,
    lambda c, t: c.F + np.zeros((1, len(t))),
    "limit_gap",
    Status.REFUTED,
    "50.0635 there",
)

EXCESS = _claim(
    "lambda_star_excess",
    "The harm of the bound's best lambda is limited",
    r"at $\lambda^\star$ of $N_1'$: $\lim E\|x_t-x_\star\|^2 \le \frac{4L}\mu V$",
    "err(lambda*) <= N1'(lambda*) <= N1'(0) = 2 gamma S2/mu, and V >= gamma S2/(2L).",
    (*LAW, STEP_EIGHTH, AT_BEST_SQC),
    end_dist,
    lambda c, t: 4.0 * c.L / c.mu * c.V + np.zeros((1, len(t))),
    "limit_dist_sq",
)

EXCESS_GAP = _claim(
    "lambda_star_excess_gap",
    "The same for gaps",
    r"at $\lambda^\star$ of $N_2'$: $\lim E f(x_t)-f_\star \le \frac{4L}\mu F$",
    "err(lambda*) <= N2'(0) = gamma L S2/mu, and F >= gamma S2/4.",
    (*LAW, STEP_PL_QUARTER, BEST_PL),
    end_gap,
    lambda c, t: 4.0 * c.L / c.mu * c.F + np.zeros((1, len(t))),
    "limit_gap",
)

NEGATIVE = _claim(
    "lambda_star_negative",
    "The bound's best lambda is never negative",
    r"$E\langle s_\xi, h_\xi\rangle \ge 0$",
    "False: H = 1 or 3, s = 1 or -1, theta - x* = 2 has c = -1, so lambda* = -0.0081 "
    "while lambda_opt = 0.0033.",
    (),
    lambda tr: -tr.direct_cross,
    zero,
    "direct_cross",
    Status.REFUTED,
)


def falls(value: Any, key: Any) -> Callable[[Trace], FloatArray]:
    """How much a value falls as a key grows, among configurations of one step.

    For each configuration: its value minus the least one of those whose key is at
    least as large, so at most 0 if the value does not decrease.
    """

    def quantity(tr: Trace) -> FloatArray:
        c = tr.constants
        v, k, step = value(tr), key(c)[:, 0], np.asarray(c.step)[:, 0]
        later = (k[None, :] >= k[:, None]) & (step[None, :] == step[:, None])
        least = np.where(later[:, :, None], v[None], np.inf).min(axis=1)
        return np.asarray(v - least)

    return quantity


QUALITY_GAP = _claim(
    "teacher_quality_gap",
    "A better teacher, by its gap, gives a better gap",
    r"at $\lambda = F/(F+\Delta)$: $\lim E f-f_\star$ increases with $\Delta$",
    "F Delta/(F + Delta) increases in Delta.",
    (*LAW, OPTIMAL_GAP_WEIGHT),
    falls(end_gap, lambda c: c.teacher_gap),
    zero,
    "limit_gap",
    nonlinear=True,
)

QUALITY_DIST = _claim(
    "teacher_quality",
    "A better teacher, by its distance, gives a smaller distance",
    r"at $\lambda_{opt}$: $\lim E\|x_t-x_\star\|^2$ increases with "
    r"$\|\theta-x_\star\|$",
    "V d^2/(V + d^2) increases in d.",
    (*LAW, OPTIMAL_WEIGHT),
    falls(end_dist, lambda c: c.teacher_dist_sq),
    zero,
    "limit_dist_sq",
    nonlinear=True,
)

QUALITY_ACROSS = _claim(
    "teacher_quality_across",
    "A better teacher, by its gap, gives a smaller distance",
    r"at $\lambda_{opt}$: $\lim E\|x_t-x_\star\|^2$ increases with $\Delta$",
    "False where Hessians are ill-conditioned: a flat direction has a small gap and a "
    "large distance.",
    (*LAW, OPTIMAL_WEIGHT),
    falls(end_dist, lambda c: c.teacher_gap),
    zero,
    "limit_dist_sq",
    Status.REFUTED,
    nonlinear=True,
)

QUALITY_BOUND = _claim(
    "teacher_quality_bound",
    "The best bound grows along a ray, while the gradients agree",
    r"$N_1'(\lambda^\star)$ does not fall along $\theta = x_\star+\tau v$ while $c \ge "
    r"0$",
    "Its derivative has the sign of c (S2 w - u^2), u = E<s, Hv>, w = E||H_xi v||^2 + "
    "kappa ||Hv||^2, and u^2 <= S2 w.",
    (QUADRATIC, ON_RAY, SQC, STEP_EIGHTH, POSITIVE_CROSS),
    falls(lambda tr: tr.least_sqc_simple_floor, lambda c: c.teacher_dist_sq),
    zero,
    "least_sqc_simple_floor",
    nonlinear=True,
)

QUALITY_BOUND_BEYOND = _claim(
    "teacher_quality_bound_beyond",
    "The best bound grows along every ray",
    r"$N_1'(\lambda^\star)$ does not fall along $\theta = x_\star+\tau v$",
    "False beyond the zero of c: H = 1 or 3, s = 1 or -1 has c = 1 - tau.",
    (QUADRATIC, ON_RAY, SQC, STEP_EIGHTH),
    falls(lambda tr: tr.least_sqc_simple_floor, lambda c: c.teacher_dist_sq),
    zero,
    "least_sqc_simple_floor",
    Status.REFUTED,
    nonlinear=True,
)

NONCONVEX = _claim(
    "nonconvex_teacher",
    "Without convexity lambda = 1 still comes down to the teacher",
    r"$\lambda = 1$: $f(x_t)-f_\star \le (1-\gamma\mu)^t(f(x_0)-f_\star) + \Delta$",
    "False under Polyak-Lojasiewicz alone: x^2 + 3 sin^2 x in two coordinates settles "
    "at another solution of grad f(x) = grad f(theta).",
    (PL, STEP_PL_QUARTER, WEIGHT_ONE),
    gap,
    lambda c, t: np.asarray(
        (1.0 - c.step * c.mu_pl) ** t * c.start_gap + c.teacher_gap
    ),
    "gap",
    Status.REFUTED,
)

CLAIMS = (
    NOISE,
    SQC_STAR,
    SQC_SIMPLE_STAR,
    PL_STAR,
    PL_SIMPLE_STAR,
    INTERVAL,
    SMALL_STEPS_SQC,
    SMALL_STEPS_PL,
    SMALL_STEPS_PL_MU,
    NOT_SAFE,
    NOT_SAFE_GAP,
    EXCESS,
    EXCESS_GAP,
    NEGATIVE,
    QUALITY_GAP,
    QUALITY_DIST,
    QUALITY_ACROSS,
    QUALITY_BOUND,
    QUALITY_BOUND_BEYOND,
    NONCONVEX,
)
