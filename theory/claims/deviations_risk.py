r"""The risk of students: its formula, and in which directions distillation helps."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from theory import spectrum
from theory.cases import Enclosed, of_cases
from theory.claims.deviations_common import deviation_claim, violations
from theory.method import Family

RISK = (Family.DEVIATIONS_RISK,)

Pairs = Sequence[tuple[int | None, int | None]]

SAME_DESIGN = of_cases(
    "one design", "the student sees the labels' inputs", lambda c: c.fresh is None
)
STRICT_LOWER = of_cases(
    "a lower direction",
    r"some $0 < \lambda_k < \lambda_1$ with $\lambda_k\theta_k^2 + \sigma^2/n > 0$",
    lambda c: bool(c.lower),
)
BETWEEN = of_cases(
    "the best progress is within reach",
    r"$A^*_2 \in [\varphi_r(\sqrt{A^*_1})^2, \varphi_r(A^*_1))$",
    lambda c: c.within,
)


def _risk(c: Any, risk: Fraction) -> Any:
    """The difference to the formula in the eigenbasis."""
    taught = c.fresh or c.design
    product = filters(taught, c.student) @ filters(c.design, c.teacher)
    formula = spectrum.prediction_risk(
        product,
        c.design.inverse(),
        c.weights(),
        c.covariance(),
        c.variance / c.design.n,
    )
    return abs(risk - formula)


def filters(design: Any, model: Any) -> Any:
    r"""$V\mathrm{diag}(A)V^\top$."""
    return design.function(lambda lam: 1 - model.complement(lam))


def in_sample(c: Any) -> Any:
    """The sum over directions of positive eigenvalue."""
    noise = c.variance / c.design.n
    total = Fraction(0)
    for lam, theta in zip(c.design.lams, c.thetas(), strict=True):
        left = spectrum.student_complement(
            c.teacher.complement(lam), c.student.complement(lam)
        )
        signal = spectrum.signal_of(lam, theta)
        total += spectrum.risk(signal, noise * (lam > 0), left)
    return total


def _in_sample(c: Any, in_sample_risk: Fraction) -> Any:
    return abs(in_sample_risk - in_sample(c))


def _change(c: Any, change: Fraction) -> Any:
    formula = spectrum.risk_change(c.signal, c.noise, c.student, c.direct)
    return abs(change - formula)


def _criterion(_c: Any, changes: Pairs) -> Enclosed:
    """Directions where the risk falls and (S+A)/2 is not above A*, or conversely."""
    seen = [None if None in pair else _product(pair) for pair in changes]
    # Both signs 0, on the edge between the two, is as it should be.
    seen = [-1 if pair == (0, 0) else s for s, pair in zip(seen, changes, strict=True)]
    return violations(seen, [-1] * len(seen))


def _product(pair: tuple[int | None, int | None]) -> int:
    change, mean = pair
    assert change is not None
    assert mean is not None
    return change * mean


def _total(_c: Any, total: int | None, sides: Pairs) -> Enclosed:
    """Does the total go the way that all directions go, where they agree?"""
    ahead = all(student in {0, 1} for student, _ in sides)
    behind = all(direct in {0, 1} for _, direct in sides)
    if ahead == behind:
        return Enclosed(Fraction(0), Fraction(0), Fraction(0))
    return violations([total], [-1 if ahead else 1])


def _oracle(
    _c: Any, ends: tuple[int | None, ...], cells: tuple[int | None, ...]
) -> Enclosed:
    apart, equal = ends
    reached = -1 if equal == 0 else equal  # at its least value exactly, too
    signs = [apart, reached, *cells]
    return violations(signs, [1, -1, *[1] * len(cells)])


FORMULA = deviation_claim(
    "risk.formula",
    "The risk of a student under any covariance, on the labels' inputs or fresh ones",
    r"$R = (Mw^*-w^*)^\top\Sigma(Mw^*-w^*) + \frac{\sigma^2}n\mathrm{tr}(\Sigma MC^+"
    r"M^\top)$, M the student's filter times the teacher's, each in its own eigenbasis",
    "w_S = M X^+ y and X^+ X M = M on the row space: the mean of w_S is M w*, its "
    "covariance sigma^2 M X^+ X^{+T} M^T = (sigma^2/n) M C^+ M^T. The null space of X "
    "counts as bias.",
    RISK,
    _risk,
    ("risk",),
)

IN_SAMPLE = deviation_claim(
    "risk.in_sample",
    "In-sample the directions add up",
    r"$R = \sum_{\lambda_k > 0}[\lambda_k\theta_k^2(1 - S_k)^2 + \frac{\sigma^2}nS_k^2]"
    r"$, $\theta_k = v_k^\top w^*$, at any rank",
    "deviations.risk.formula with Sigma = C, in the basis of eigenvectors.",
    RISK,
    _in_sample,
    ("in_sample",),
    assumes=(SAME_DESIGN,),
)

CHANGE = deviation_claim(
    "risk.change",
    "By how much two filters differ in the risk of one direction",
    r"$R(S) - R(A) = (\lambda\theta^2 + \frac{\sigma^2}n)[(S - A^*)^2 - (A - A^*)^2]$, "
    r"$A^* = \lambda\theta^2/(\lambda\theta^2 + \sigma^2/n)$",
    "Complete the square in S.",
    RISK,
    _change,
    ("change",),
)

CRITERION = deviation_claim(
    "risk.criterion",
    "Distillation helps a lower direction exactly if it was learnt too far on average",
    r"flows, $A_1(t^*) = S_1$, $0 < \lambda_k < \lambda_1$: $R_k(S) < R_k(A)$ iff "
    r"$(S_k + A_k)/2 > A^*_k$, > iff <",
    "deviations.risk.change: (S - A)(S + A - 2 A*) times a positive number, and S < A "
    "by deviations.eigen.matched_progress.",
    RISK,
    _criterion,
    ("changes",),
    assumes=(STRICT_LOWER,),
)

TOTAL = deviation_claim(
    "risk.criterion.total",
    "Where it provably helps or hurts altogether",
    r"flows, $A_1(t^*) = S_1$: $R(S) < R(A)$ if $A^*_k \le S_k$ for every lower k "
    r"(no signal there), $R(S) > R(A)$ if $A^*_k \ge A_k$ for every lower k (no noise)",
    "Every term of deviations.risk.criterion has that sign; direction 1 and its ties "
    "contribute 0.",
    RISK,
    _total,
    ("total", "sides"),
    assumes=(STRICT_LOWER,),
)

ALWAYS_HELPS = deviation_claim(
    "risk.always_helps",
    "False: distillation lowers the risk of the direct model it is matched with",
    r"flows, $A_1(t^*) = S_1$: $R(S) < R(A)$",
    "lambda = (1, .3, .1), theta = (1, 1, 1), T = t = 2, sigma^2/n = .05: .37758 > "
    ".30543.",
    RISK,
    lambda _c, total: violations([total], [-1]),
    ("total",),
    assumes=(STRICT_LOWER,),
    is_false=True,
)

ALWAYS_HURTS = deviation_claim(
    "risk.always_hurts",
    "False: distillation raises the risk of the direct model it is matched with",
    r"flows, $A_1(t^*) = S_1$: $R(S) > R(A)$",
    "The same with theta = (1, 0, 0): .09376 < .09818.",
    RISK,
    lambda _c, total: violations([total], [1]),
    ("total",),
    assumes=(STRICT_LOWER,),
    is_false=True,
)

BEATS_EARLY_STOPPING = deviation_claim(
    "risk.beats_all_early_stopping",
    "Some students have the best shrinkage of all, which no early stopping has",
    r"two directions, $A^*_2 \in [\varphi_r(\sqrt{A^*_1})^2, \varphi_r(A^*_1))$: some "
    r"(t, T) has $S = A^*$, and $R(A(t)) > R(A^*)$ at every t",
    "deviations.eigen.interval at x = A*_1. A direct run with A_1 = A*_1 has A_2 = "
    "phi_r(A*_1) > A*_2, and the excess over R(A*) is a sum of squares.",
    RISK,
    _oracle,
    ("ends", "cells"),
    assumes=(BETWEEN,),
)

CLAIMS = (
    FORMULA,
    IN_SAMPLE,
    CHANGE,
    CRITERION,
    TOTAL,
    ALWAYS_HELPS,
    ALWAYS_HURTS,
    BEATS_EARLY_STOPPING,
)
