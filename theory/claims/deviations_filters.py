r"""Matched on one direction, the student is behind on every lower one.

Channels are signs of $S_j - A_j(t^*)$, $A_k(t^*) = S_k$.
"""

from typing import Any

from theory.cases import Enclosed, of_cases
from theory.claims.deviations_common import (
    deviation_claim,
    largest,
    sign,
    violations,
    widest,
)
from theory.filters import Descent, Flow, Ridge
from theory.method import Family

FILTER = (Family.DEVIATIONS_FILTER,)
STEPS = (Family.DEVIATIONS_STEPS,)

STABLE = of_cases(
    "eta lambda_1 < 1",
    r"$\eta\lambda_1 < 1$",
    lambda c: c.fastest < 1,
    lambda c: f"eta lambda_1 = {float(c.fastest):.6g} is not below 1",
)
ONE_FAMILY = of_cases(
    "one family",
    "all flows, or all descents of one step size",
    lambda c: (
        c.all_are(Flow) or (c.all_are(Descent) and len({m.step for m in c.models}) == 1)
    ),
)
SHORT_STEPS = of_cases(
    "the direct model's step is no longer",
    r"$\eta_{ref} \le \min(\eta_T, \eta_S)$",
    lambda c: (
        c.all_are(Descent) and c.direct.step <= min(c.teacher.step, c.student.step)
    ),
    lambda c: "no descents" if not c.all_are(Descent) else f"{c.direct} is longer",
)
ALL_RIDGE = of_cases("ridge", "all three are ridge", lambda c: c.all_are(Ridge))
STOPPED = of_cases(
    "the teacher is stopped", r"$n_T < \infty$", lambda c: c.teacher is not None
)
INTERPOLATING = of_cases(
    "the teacher fits the labels", r"$n_T = \infty$", lambda c: c.teacher is None
)


def behind(c: Any, order: tuple[int | None, ...]) -> Enclosed:
    """Pairs whose sign is not that of lambda_j - lambda_k; 0 where lambda_j = 0."""
    expected = [sign(c.lams[j] - c.lams[k]) if c.lams[j] else 0 for k, j in c.pairs]
    return violations(order, expected)


def _behind_in_steps(_c: Any, order: tuple[tuple[int, int], ...]) -> Enclosed:
    """Lower directions (of positive eigenvalue) in which the student is not behind."""
    lower = [off for side, off in order if side < 0]
    return violations(lower, [-1] * len(lower))


def _carried(_c: Any, carried: tuple[Enclosed, ...]) -> Enclosed:
    return widest(carried)


def _same(_c: Any, direct: tuple[Any, ...]) -> Any:
    return largest(direct)


def _ratio(_c: Any, ratios: tuple[int | None, ...]) -> Enclosed:
    return violations(ratios, [-1] * len(ratios))


CHEBYSHEV = (
    "A_j = phi_r(A_k) with r = lambda_j/lambda_k, or log(1 - eta lambda_j)/log(1 - eta "
    "lambda_k), below 1 exactly for lower j. With p = A_k(t), q = A_k(T): A_j(t*) = "
    "phi_r(pq) and S_j = phi_r(p) phi_r(q): deviations.eigen.supermultiplicative."
)

EXPONENT = deviation_claim(
    "eigen.exponent",
    "Progress in one direction is a function of that in another, at any time",
    r"$A_j = \varphi_r(A_k)$, $r = \lambda_j/\lambda_k$ (flow), $\log(1-\eta\lambda_j)/"
    r"\log(1-\eta\lambda_k)$ (descent); $\rho_j = \psi_r(\rho_k)$ (ridge): to 1e-40",
    "1 - A_j = (1 - A_k)^r for both; rho_j = lambda_j/(lambda_j + mu) with mu = "
    "lambda_k (1 - rho_k)/rho_k.",
    FILTER,
    _carried,
    ("carried",),
    assumes=(STABLE,),
    at_most_one=True,
)

MATCHED_PROGRESS = deviation_claim(
    "eigen.matched_progress",
    "A student is behind a direct model of equal top progress in every lower direction",
    r"finite times, $A_k(t^*) = S_k$: $S_j < A_j(t^*)$ for $0 < \lambda_j < "
    r"\lambda_k$, $S_j > A_j(t^*)$ for $\lambda_j > \lambda_k$",
    CHEBYSHEV,
    FILTER,
    behind,
    ("order",),
    assumes=(STABLE, ONE_FAMILY),
)

MATCHED_STEPS = deviation_claim(
    "eigen.matched_progress.steps",
    "The same in whole steps, as one can run them",
    r"gradient descent, $S_k \le A_k(n^*)$, whole $n^*$: $S_j < A_j(n^*)$ for $0 < "
    r"\lambda_j < \lambda_k$",
    "t* <= n* and A_j increases: deviations.eigen.matched_progress. The least n* is "
    "tried, which implies the others.",
    STEPS,
    _behind_in_steps,
    ("order",),
    assumes=(STABLE, STOPPED),
)

STEP_SIZES = deviation_claim(
    "eigen.step_sizes",
    "With three step sizes too, if the direct model's is not the longest",
    r"$\eta_{ref} \le \min(\eta_T, \eta_S)$, $\eta\lambda_1 < 1$, $A_k(t^*) = S_k$: "
    "the order of deviations.eigen.matched_progress",
    "r(eta) = log(1 - eta lambda_j)/log(1 - eta lambda_k) falls in eta for lower j, "
    "and phi_r increases in r: with r = r(eta_ref) the factors are at most phi_r(p) "
    "and phi_r(q). For higher j exchange the directions.",
    FILTER,
    behind,
    ("order",),
    assumes=(STABLE, SHORT_STEPS),
)

RIDGE = deviation_claim(
    "eigen.ridge",
    "Ridge from a ridge teacher is behind ridge in every lower direction",
    r"any $\mu, \mu' > 0$, $\rho_k(\mu^*) = S_k$: the order of deviations.eigen."
    "matched_progress",
    "rho_j = psi_r(rho_k) with r = lambda_j/lambda_k: deviations.eigen."
    "supermultiplicative.ridge.",
    FILTER,
    behind,
    ("order",),
    assumes=(ALL_RIDGE,),
)

RATIO = deviation_claim(
    "eigen.ratio",
    "A student is more top-heavy than its own teacher, whatever that is",
    r"any $q_k > 0$, $\eta\lambda_1 < 1$: $S_j/S_k < q_j/q_k$ for $\lambda_j < "
    r"\lambda_k$ and finite time",
    "S_j/S_k = (q_j/q_k)(A_j(t)/A_k(t)), and A_j(t) < A_k(t).",
    STEPS,
    _ratio,
    ("ratios",),
    assumes=(STABLE,),
)

INTERPOLATING_TEACHER = deviation_claim(
    "eigen.interpolating_teacher",
    "A teacher that fits the labels changes nothing",
    r"$T = \infty$: $S_k = A_k(t)$ for every k",
    "q_k = 1 where lambda_k > 0, and A_k = 0 where lambda_k = 0.",
    STEPS,
    _same,
    ("direct",),
    assumes=(INTERPOLATING,),
)

NOWHERE_AHEAD = deviation_claim(
    "eigen.nowhere_ahead",
    "False: the student is behind in every other direction, higher ones too",
    r"$A_k(t^*) = S_k$: $S_j < A_j(t^*)$ for every j with another eigenvalue $> 0$",
    "deviations.eigen.matched_progress: it is ahead in higher directions.",
    FILTER,
    lambda c, order: violations(order, [-1 if c.lams[j] else 0 for _, j in c.pairs]),
    ("order",),
    assumes=(STABLE, ONE_FAMILY),
    is_false=True,
)

CLAIMS = (
    EXPONENT,
    MATCHED_PROGRESS,
    MATCHED_STEPS,
    STEP_SIZES,
    RATIO,
    RIDGE,
    INTERPOLATING_TEACHER,
    NOWHERE_AHEAD,
)
