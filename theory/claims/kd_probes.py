r"""The hypotheses and lemmas behind the theorems, at single points."""

from collections.abc import Callable
from typing import Any

import numpy as np

from theory.claim import Bound, Claim, FloatArray
from theory.claims.kd_common import KD, noise, zero
from theory.distillation import DistillationConstants, DistillationTrace
from theory.distillation_assumptions import (
    CONVEX_COMPONENTS,
    EXPECTED_SMOOTH,
    PL,
    SQC,
    YOUNG,
)
from theory.references import PROJECT

Constants = DistillationConstants
Trace = DistillationTrace


def _probe(  # noqa: PLR0913, PLR0917 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    assumes: tuple[Any, ...],
    quantity: Callable[[Trace], FloatArray],
    needs: tuple[str, ...],
    bound: Bound = zero,
    tight: str = "",
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
        needs=frozenset(needs),
        tight=tight,
    )


SQC_PROBE = _probe(
    "assume.sqc",
    "A1 with the mu that is used",
    r"$f(x)-f_\star + \frac\mu2\|x-x_\star\|^2 \le \langle\nabla f(x), "
    r"x-x_\star\rangle$",
    "The hypothesis itself, at random points.",
    (SQC,),
    lambda tr: tr.probe_gap + 0.5 * tr.constants.mu * tr.probe_dist_sq - tr.descent,
    ("probe_gap", "probe_dist_sq", "descent"),
)

PL_PROBE = _probe(
    "assume.pl",
    "A2 with the mu that is used",
    r"$2\mu(f(x)-f_\star) \le \|\nabla f(x)\|^2$",
    "The hypothesis itself, at random points.",
    (PL,),
    lambda tr: 2.0 * tr.constants.mu_pl * tr.probe_gap - tr.slope_sq,
    ("probe_gap", "slope_sq"),
)

SMOOTH_PROBE = _probe(
    "assume.expected_smoothness",
    "A3 with the cL that is used",
    r"$E\|\nabla f_\xi(x)-s_\xi\|^2 \le 2\,cL\,(f(x)-f_\star)$",
    "The hypothesis itself, at random points.",
    (EXPECTED_SMOOTH,),
    lambda tr: tr.spread - 2.0 * tr.constants.cL * tr.probe_gap,
    ("spread", "probe_gap"),
)

GROWTH = _probe(
    "lemma.qg",
    "Strong quasi-convexity gives quadratic growth",
    r"$f(x)-f_\star \ge \frac\mu2\|x-x_\star\|^2$",
    "phi(u) = f(x* + u(x - x*)) - f*: A1 gives (phi/u)' >= mu r^2/2; integrate over "
    "(0, 1].",
    (SQC,),
    lambda tr: 0.5 * tr.constants.mu * tr.probe_dist_sq - tr.probe_gap,
    ("probe_dist_sq", "probe_gap"),
)

ORDER = _probe(
    "lemma.order",
    "The mean gradient is no larger than expected smoothness allows",
    r"$2\mu(f-f_\star) \le \|\nabla f\|^2 \le 2cL(f-f_\star)$, so $\mu \le cL$",
    "Jensen with E s = 0: ||grad f||^2 <= E||grad f_xi - s||^2.",
    (PL, EXPECTED_SMOOTH),
    lambda tr: tr.slope_sq - 2.0 * tr.constants.cL * tr.probe_gap,
    ("slope_sq", "probe_gap"),
)

SMOOTH_ORDER = _probe(
    "lemma.smooth",
    "nor than smoothness allows",
    r"$\|\nabla f\|^2 \le 2L(f-f_\star)$",
    "f(x - grad f/L) >= f*.",
    (PL,),
    lambda tr: tr.slope_sq - 2.0 * tr.constants.L * tr.probe_gap,
    ("slope_sq", "probe_gap"),
)

YOUNG_LEMMA = _probe(
    "lemma.young",
    "A step's length, split into progress and noise",
    r"$E\|\nabla f_\xi(x)-\lambda h_\xi\|^2 \le 2A\,cL\,(f(x)-f_\star) + \frac A{A-1}"
    r"D_2(\lambda)$ for every A > 1",
    "||a + b||^2 <= A||a||^2 + A/(A-1) ||b||^2 with a = grad f_xi - s, b = s - lambda "
    "h.",
    (EXPECTED_SMOOTH, YOUNG),
    lambda tr: (
        tr.direction_sq - 2.0 * tr.constants.young * tr.constants.cL * tr.probe_gap
    ),
    ("direction_sq", "probe_gap"),
    bound=lambda c, t: c.young / (c.young - 1.0) * noise(c) + np.zeros((1, len(t))),
)

SHIFT = _probe(
    "sc.shift",
    "How far distillation shifts the optimum",
    r"$\|x_\lambda-x_\star\|^2 \le \lambda^2\|\nabla f(\theta)\|^2/\mu^2$",
    "mu ||x_l - x*|| <= ||grad f(x_l) - grad f(x*)|| = |lambda| ||grad f(theta)||.",
    (CONVEX_COMPONENTS,),
    lambda tr: tr.shift_sq,
    ("shift_sq",),
    bound=lambda c, t: (c.weight / c.mu) ** 2 * c.G2 + np.zeros((1, len(t))),
    tight="1 for theta along the flattest direction of a quadratic",
)

CLAIMS = (
    SQC_PROBE,
    PL_PROBE,
    SMOOTH_PROBE,
    GROWTH,
    ORDER,
    SMOOTH_ORDER,
    YOUNG_LEMMA,
    SHIFT,
)
