r"""Distillation on least squares, exactly: paths, moments, the stationary law.

$f_\xi$ is quadratic with Hessian $H_\xi \succeq 0$, $H = E H_\xi$, $d = \theta -
x_\star$; V and F are the stationary $E\|x-x_\star\|^2$ and $Ef-f_\star$ of plain SGD.
"""

from typing import Any

import numpy as np

from theory import distillation_formulas as formulas
from theory.assumptions import Assumption
from theory.claim import Bound, Claim, FloatArray, Kind
from theory.claims.kd_common import (
    ALL_SAMPLES,
    INDEPENDENT,
    KD,
    UNBIASED,
    Of,
    differs,
    zero,
)
from theory.distillation import DistillationConstants, DistillationTrace
from theory.distillation_assumptions import (
    BELOW_TWICE_OPTIMAL,
    BEYOND_TWICE_OPTIMAL,
    EQUAL_HESSIANS,
    FULL_RANK,
    NO_TEACHER,
    NOT_ONE,
    OPTIMAL_GAP_WEIGHT,
    OPTIMAL_WEIGHT,
    QUADRATIC,
    SAFE_WEIGHT,
    STEP_ONE,
    STEP_STABLE,
    WEIGHT_ONE,
)
from theory.formulas import ratio, smaller
from theory.judge import Status
from theory.method import Family
from theory.references import PROJECT

Constants = DistillationConstants
Trace = DistillationTrace

LAW = (QUADRATIC, FULL_RANK, STEP_STABLE)
END = frozenset({"limit_dist_sq"})
END_GAP = frozenset({"limit_gap"})


def _law(  # noqa: PLR0913, PLR0917 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    quantity: Any,
    bound: Bound,
    needs: frozenset[str],
    *,
    also: tuple[Assumption, ...] = (),
    families: frozenset[Family] = KD,
    tight: str = "",
    expected: Status = Status.HOLDS,
) -> Claim:
    return Claim(
        id=f"kd.ls.{name}",
        title=title,
        reference=PROJECT,
        families=families,
        statement=statement,
        assumes=(*LAW, *also),
        proof=proof,
        quantity=quantity,
        bound=bound,
        needs=needs,
        tight=tight,
        expected=expected,
    )


def end_dist(tr: Trace) -> FloatArray:
    r"""$\lim E\|x_t - x_\star\|^2$."""
    return tr.limit_dist_sq


def end_gap(tr: Trace) -> FloatArray:
    r"""$\lim E f(x_t) - f_\star$."""
    return tr.limit_gap


def stationary_dist(c: Constants) -> Any:
    r"""$\lambda^2\|d\|^2 + (1-\lambda)^2V$."""
    return formulas.stationary(c.weight, c.teacher_dist_sq, c.V)


def stationary_gap(c: Constants) -> Any:
    r"""$\lambda^2\Delta + (1-\lambda)^2F$."""
    return formulas.stationary(c.weight, c.teacher_gap, c.F)


def best_dist(c: Constants) -> Any:
    r"""$V\|d\|^2/(V + \|d\|^2)$."""
    return formulas.optimal_error(c.teacher_dist_sq, c.V)


def best_gap(c: Constants) -> Any:
    r"""$F\Delta/(F + \Delta)$."""
    return formulas.optimal_error(c.teacher_gap, c.F)


def above(channel: str, formula: Of) -> Any:
    """How far a formula stands above a channel: at most 0 if it is a lower bound."""
    return lambda tr: formula(tr.constants) - tr.channels[channel]


def noise_gap(c: Constants) -> Any:
    r"""$\gamma S_2/(2(2-\gamma cL))$."""
    return c.step * c.S2 / (2.0 * (2.0 - c.step * c.cL))


def noise_dist(c: Constants) -> Any:
    r"""$\gamma S_2/(\mu(2-\gamma cL))$."""
    return c.step * c.S2 / (c.mu * (2.0 - c.step * c.cL))


def over_time(formula: Of) -> Bound:
    """A bound that does not depend on t."""
    return lambda c, t: np.asarray(formula(c) + 0.0 * t)


def limit_bound(formula: Of) -> Bound:
    """A bound of a limit: t plays no part."""
    return lambda c, t: np.asarray(formula(c) + np.zeros((1, len(t))))


PATHWISE = Claim(
    id="kd.ls.pathwise",
    title="Distillation is plain SGD seen through an affine map, path by path",
    reference=PROJECT,
    families=KD,
    statement=(
        r"$x_t = \lambda\theta + (1-\lambda)y_t$ on every path, for any steps and "
        r"heavy-ball momentum, y plain SGD from $y_0 = (x_0-\lambda\theta)/(1-\lambda)$"
    ),
    assumes=(QUADRATIC, NOT_ONE),
    proof=(
        "H(x - l theta) - (1 - l) q = (1 - l)(H y - q) with l = lambda: grad f_xi(x) - "
        "l grad f_xi(theta) = (1 - l) grad f_xi(y). Updates are affine-equivariant."
    ),
    quantity=lambda tr: tr.path_residual,
    bound=zero,
    needs=frozenset({"path_residual"}),
    kind=Kind.PATHWISE,
)

MOMENTS = Claim(
    id="kd.ls.moments",
    title="The recursion of second moments is the mean over all paths",
    reference=PROJECT,
    families=ALL_SAMPLES,
    statement=(
        r"$M_{t+1} = E[A_\xi M_tA_\xi] + E[A_\xi m_tw^T + wm_t^TA_\xi] + Eww^T$, "
        r"$E\|x_t-x_\star\|^2 = \mathrm{tr} M_t$"
    ),
    assumes=(QUADRATIC,),
    proof="e+ = A e + w with (A, w) independent of e; expand e+ e+^T.",
    quantity=lambda tr: tr.tree_residual,
    bound=zero,
    needs=frozenset({"tree_residual"}),
)

STATIONARY = _law(
    "stationary",
    "The stationary error of every lambda, exactly",
    r"$\lim E\|x_t-x_\star\|^2 = \lambda^2\|d\|^2 + (1-\lambda)^2V$",
    "kd.ls.pathwise: x = x* + lambda d + (1 - lambda)(y - x*), and E y_inf = x*.",
    differs("limit_dist_sq", stationary_dist),
    zero,
    END,
)

STATIONARY_GAP = _law(
    "stationary_gap",
    "The stationary gap of every lambda, exactly",
    r"$\lim E f(x_t)-f_\star = \lambda^2\Delta + (1-\lambda)^2F$",
    "As kd.ls.stationary, in the norm of H.",
    differs("limit_gap", stationary_gap),
    zero,
    END_GAP,
)

BIAS = _law(
    "bias",
    "Where the stationary law is centred",
    r"$\lim E x_t - x_\star = \lambda(\theta-x_\star)$",
    "The mean obeys m+ = (I - gamma H) m + gamma lambda H d.",
    differs("limit_bias_sq", lambda c: c.weight**2 * c.teacher_dist_sq),
    zero,
    frozenset({"limit_bias_sq"}),
)

OPTIMAL = _law(
    "lambda_opt",
    "The best lambda, and what it leaves",
    r"at $\lambda = V/(V+\|d\|^2)$: $\lim E\|x_t-x_\star\|^2 = V\|d\|^2/(V+\|d\|^2)$",
    "Minimise the parabola of kd.ls.stationary.",
    differs("limit_dist_sq", best_dist),
    zero,
    END,
    also=(OPTIMAL_WEIGHT,),
)

OPTIMAL_GAP = _law(
    "lambda_opt_gap",
    "The best lambda for the gap, and what it leaves",
    r"at $\lambda = F/(F+\Delta)$: $\lim E f-f_\star = F\Delta/(F+\Delta)$",
    "Minimise the parabola of kd.ls.stationary_gap.",
    differs("limit_gap", best_gap),
    zero,
    END_GAP,
    also=(OPTIMAL_GAP_WEIGHT,),
)

NONE_BETTER = _law(
    "none_better",
    "No lambda does better than lambda_opt",
    r"$\lim E\|x_t-x_\star\|^2 \ge V\|d\|^2/(V+\|d\|^2)$ for every $\lambda$",
    "The least value of the parabola of kd.ls.stationary.",
    above("limit_dist_sq", best_dist),
    zero,
    END,
)

HELPS = _law(
    "helps",
    "Distillation helps for lambda up to twice lambda_opt",
    r"$0\le\lambda\le 2V/(V+\|d\|^2)$: $\lim E\|x_t-x_\star\|^2 \le V$",
    "The parabola of kd.ls.stationary takes the value V at 0 and at 2 lambda_opt.",
    end_dist,
    limit_bound(lambda c: c.V),
    END,
    also=(BELOW_TWICE_OPTIMAL,),
    tight="1 at lambda = 0",
)

HURTS = _law(
    "hurts",
    "and hurts beyond",
    r"otherwise $\lim E\|x_t-x_\star\|^2 \ge V$",
    "The same parabola.",
    above("limit_dist_sq", lambda c: c.V),
    zero,
    END,
    also=(BEYOND_TWICE_OPTIMAL,),
)

BEATS_BOTH = _law(
    "beats_both",
    "With its best lambda distillation beats plain SGD and its teacher",
    r"at $\lambda_{opt}$: $\lim E\|x_t-x_\star\|^2 \le \min(V, \|d\|^2)$",
    "V d^2/(V + d^2) is below both.",
    end_dist,
    limit_bound(lambda c: smaller(c.V, c.teacher_dist_sq)),
    END,
    also=(OPTIMAL_WEIGHT,),
)

NO_MORE_THAN_HALF = _law(
    "no_more_than_half",
    "but by no more than a factor of two",
    r"at $\lambda_{opt}$: $\lim E\|x_t-x_\star\|^2 \ge \frac12\min(V, \|d\|^2)$",
    "A harmonic mean is at least half the minimum.",
    above("limit_dist_sq", lambda c: 0.5 * smaller(c.V, c.teacher_dist_sq)),
    zero,
    END,
    also=(OPTIMAL_WEIGHT,),
)

UPPER_GAP = _law(
    "sandwich_gap",
    "Plain SGD's stationary gap, from above",
    r"$F \le \gamma S_2/(2(2-\gamma cL))$",
    "Trace of the Lyapunov equation: 2 tr(H S) = gamma tr(E[H_xi^2] S) + gamma S2, and "
    "tr(E[H_xi^2] S) <= cL tr(H S).",
    end_gap,
    limit_bound(noise_gap),
    END_GAP,
    also=(NO_TEACHER,),
    tight="1 on equal Hessians I and on one-hot rows",
)

LOWER_GAP = _law(
    "sandwich_gap_below",
    "and from below",
    r"$F \ge \gamma S_2/4$",
    "The same trace: tr(E[H_xi^2] S) >= 0.",
    above("limit_gap", lambda c: c.step * c.S2 / 4.0),
    zero,
    END_GAP,
    also=(NO_TEACHER,),
)

UPPER_DIST = _law(
    "sandwich_dist",
    "Plain SGD's stationary error, from above",
    r"$V \le \gamma S_2/(\mu(2-\gamma cL))$",
    "kd.ls.sandwich_gap and mu V <= 2 F.",
    end_dist,
    limit_bound(noise_dist),
    END,
    also=(NO_TEACHER,),
    tight="1 on equal Hessians I and on one-hot rows",
)

LOWER_DIST = _law(
    "sandwich_dist_below",
    "and from below",
    r"$V \ge \gamma S_2/(2L)$",
    "kd.ls.sandwich_gap_below and L V >= 2 F.",
    above("limit_dist_sq", lambda c: c.step * c.S2 / (2.0 * c.L)),
    zero,
    END,
    also=(NO_TEACHER,),
)

MIN_LAW = _law(
    "min_law",
    "The law of the smaller: noise or the teacher's error",
    r"at $\lambda = F/(F+\Delta)$: $\lim E f-f_\star \le \min\{\gamma S_2/"
    r"(2(2-\gamma cL)), \Delta\}$",
    "kd.ls.lambda_opt_gap and kd.ls.sandwich_gap.",
    end_gap,
    limit_bound(lambda c: smaller(noise_gap(c) + 0.0 * c.teacher_gap, c.teacher_gap)),
    END_GAP,
    also=(OPTIMAL_GAP_WEIGHT,),
)

MIN_LAW_BELOW = _law(
    "min_law_below",
    "is tight up to a constant",
    r"at $\lambda = F/(F+\Delta)$: $\lim E f-f_\star \ge \frac12\min\{\gamma S_2/4, "
    r"\Delta\}$",
    "kd.ls.lambda_opt_gap and kd.ls.sandwich_gap_below.",
    above(
        "limit_gap",
        lambda c: (
            0.5 * smaller(c.step * c.S2 / 4.0 + 0.0 * c.teacher_gap, c.teacher_gap)
        ),
    ),
    zero,
    END_GAP,
    also=(OPTIMAL_GAP_WEIGHT,),
)

SAFE = _law(
    "safe_lambda",
    "A lambda from S2, the teacher's gap and the step alone never hurts",
    r"$\lambda = \gamma S_2/(\gamma S_2+4\Delta)$, $\gamma\le 1/cL$: "
    r"$\lim E f-f_\star \le \min(F, \Delta)$",
    "It is at most F/(F + Delta) by kd.ls.sandwich_gap_below, so the parabola is below "
    "F and, F being at most gamma S2/2, below Delta.",
    end_gap,
    limit_bound(lambda c: smaller(c.F, c.teacher_gap)),
    END_GAP,
    also=(STEP_ONE, SAFE_WEIGHT),
)

SAFE_RATIO = _law(
    "safe_lambda_ratio",
    "and is at most an eighth above what the best lambda leaves",
    r"the same $\lambda$: $\lim E f-f_\star \le (1+\frac{(k-1)^2}{4k})\frac{F\Delta}"
    r"{F+\Delta}$, $k = 1/(1-\gamma cL/2)$",
    "F = k' F0, F0 = gamma S2/4, 1 <= k' <= k: the ratio is 1 + (k'-1)^2 F0 "
    "Delta/(k'(F0 + Delta)^2).",
    end_gap,
    limit_bound(lambda c: formulas.safe_excess(c.step, c.cL) * best_gap(c)),
    END_GAP,
    also=(STEP_ONE, SAFE_WEIGHT),
    tight="1 (at 1.125 times the best) on H = I, gamma = 1, Delta = S2/4",
)

SMALL_STEPS = _law(
    "small_steps",
    "Short steps leave little to gain",
    r"at $\lambda_{opt}$: $\lim E\|x_t-x_\star\|^2 \ge (1-\frac{\gamma S_2}{\mu"
    r"(2-\gamma cL)\|d\|^2})V$",
    "d^2/(V + d^2) >= 1 - V/d^2, and kd.ls.sandwich_dist.",
    above(
        "limit_dist_sq",
        lambda c: c.V * (1.0 - noise_dist(c) / np.maximum(c.teacher_dist_sq, 1e-200)),
    ),
    zero,
    END,
    also=(OPTIMAL_WEIGHT,),
)

RATE = Claim(
    id="kd.ls.rate",
    title="lambda = 1 converges to the teacher without noise",
    reference=PROJECT,
    families=KD,
    statement=(
        r"$\lambda = 1$: $E\|x_t-\theta\|^2 \le (1-\gamma\mu(2-\gamma cL))^t"
        r"\|x_0-\theta\|^2$"
    ),
    assumes=(*LAW, WEIGHT_ONE),
    proof="x+ - theta = (I - gamma H_xi)(x - theta), E[H_xi^2] <= cL H, H >= mu.",
    quantity=lambda tr: tr.teacher_dist_sq,
    bound=lambda c, t: np.asarray(
        formulas.contraction(c.step, c.mu, c.cL) ** t * c.start_teacher_sq
    ),
    needs=frozenset({"teacher_dist_sq"}),
    tight="1 on equal Hessians I and on one-hot rows",
)

UNBIASED_LAW = _law(
    "unbiased",
    "The stationary error of unbiased distillation, exactly",
    r"$\lim E\|x_t-x_\star\|^2 = \langle s,s\rangle_T - 2\lambda\langle s,h-g\rangle_T "
    r"+ \lambda^2\langle h-g,h-g\rangle_T$",
    "Linear recursion with the noise s - lambda(h - g); T is the Lyapunov operator.",
    differs(
        "limit_dist_sq",
        lambda c: c.V - 2.0 * c.weight * c.V_cross + c.weight**2 * c.V_unbiased,
    ),
    zero,
    END,
    families=UNBIASED,
)

UNBIASED_BEST = _law(
    "unbiased_best",
    "What the best lambda of unbiased distillation leaves",
    r"$\lim E\|x_t-x_\star\|^2 \ge V - \langle s,h-g\rangle_T^2/\langle h-g,h-g"
    r"\rangle_T$ for every $\lambda$",
    "Minimise the parabola of kd.ls.unbiased.",
    above(
        "limit_dist_sq",
        lambda c: c.V - ratio(c.V_cross * c.V_cross, c.V_unbiased),
    ),
    zero,
    END,
    families=UNBIASED,
)

UNBIASED_MEAN = _law(
    "unbiased_mean",
    "Unbiased distillation is centred at the minimiser",
    r"$\lim E x_t = x_\star$",
    "The mean obeys m+ = (I - gamma H) m.",
    differs("limit_bias_sq", lambda c: 0.0 * c.weight),
    zero,
    frozenset({"limit_bias_sq"}),
    families=UNBIASED,
)

INDEPENDENT_LAW = _law(
    "independent",
    "A teacher on independent samples, equal Hessians: exactly",
    r"$\lim E\|x_t-x_\star\|^2 = \lambda^2\|d\|^2 + (1+\lambda^2)V$: worse for every "
    r"$\lambda\ne0$",
    "The noise is s - lambda s' with s' an independent copy, and the mean is lambda d.",
    differs(
        "limit_dist_sq",
        lambda c: c.weight**2 * c.teacher_dist_sq + (1.0 + c.weight**2) * c.V,
    ),
    zero,
    END,
    families=INDEPENDENT,
    also=(EQUAL_HESSIANS,),
)

ALWAYS_WORSE = Claim(
    id="kd.ls.independent_always_worse",
    title="A teacher on independent samples is worse at every t",
    reference=PROJECT,
    families=INDEPENDENT,
    statement=r"$E\|x_t-x_\star\|^2 \ge E\|y_t-x_\star\|^2$, y plain SGD",
    assumes=(*LAW, EQUAL_HESSIANS),
    proof=(
        "False at finite t: H = 1, gamma = 0.1, S2 = 0.01, theta - x* = 1, x_0 - x* = "
        "-1, lambda = 0.3 has 0.2191 < 0.3490 at t = 5. The teacher pulls the right "
        "way."
    ),
    quantity=lambda tr: tr.plain_dist_sq - tr.dist_sq,
    bound=zero,
    needs=frozenset({"plain_dist_sq", "dist_sq"}),
    expected=Status.REFUTED,
)

CLAIMS = (
    PATHWISE,
    MOMENTS,
    STATIONARY,
    STATIONARY_GAP,
    BIAS,
    OPTIMAL,
    OPTIMAL_GAP,
    NONE_BETTER,
    HELPS,
    HURTS,
    BEATS_BOTH,
    NO_MORE_THAN_HALF,
    UPPER_GAP,
    LOWER_GAP,
    UPPER_DIST,
    LOWER_DIST,
    MIN_LAW,
    MIN_LAW_BELOW,
    SAFE,
    SAFE_RATIO,
    SMALL_STEPS,
    RATE,
    UNBIASED_LAW,
    UNBIASED_BEST,
    UNBIASED_MEAN,
    INDEPENDENT_LAW,
    ALWAYS_WORSE,
)
