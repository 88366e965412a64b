r"""Distillation with convex components: the optimum moves, the noise there is known.

$x_\lambda$ minimises $f - \lambda\langle g, \cdot\rangle$, $g = \nabla f(\theta)$;
$x_0 = x_\star$, $x_1 = \theta$. $S_\lambda = E\|\nabla f_\xi(x_\lambda) - \lambda
h_\xi\|^2$, $S_1 = 0$.
"""

from typing import Any

import numpy as np

from theory import distillation_formulas as formulas
from theory.claim import Claim, FloatArray
from theory.claims.kd_common import DIST, KD, decaying, dist_sq, sqc_loss
from theory.distillation import DistillationConstants
from theory.distillation_assumptions import (
    CONVEX_COMPONENTS,
    STEP_LMAX,
    STEP_LMAX_HALF,
    WEIGHT_ONE,
)
from theory.references import PROJECT

Constants = DistillationConstants


def shift_floor(c: Constants) -> Any:
    r"""$(2\gamma/\mu) S_\lambda$."""
    return formulas.sqc_plain_floor(c.step, c.mu, c.shift_noise)


around_shifted = decaying(lambda c: c.start_shifted_sq, sqc_loss, shift_floor)


def around_star(c: Constants, t: FloatArray) -> FloatArray:
    r"""$(|\lambda|\|g\|/\mu + \sqrt{\cdot})^2$ of `around_shifted`."""
    shift = np.abs(c.weight) * np.sqrt(c.G2) / c.mu
    return np.asarray((shift + np.sqrt(around_shifted(c, t))) ** 2)


SHIFTED = Claim(
    id="kd.sc.shifted",
    title="Distillation converges around a shifted optimum, with its own noise",
    reference=PROJECT,
    families=KD,
    statement=(
        r"$E\|x_t-x_\lambda\|^2 \le (1-\gamma\mu)^t\|x_0-x_\lambda\|^2 + (1-(1-\gamma"
        r"\mu)^t)\frac{2\gamma}\mu S_\lambda$"
    ),
    assumes=(CONVEX_COMPONENTS, STEP_LMAX_HALF),
    proof=(
        "f - lambda<g, .> is mu-strongly convex with stochastic gradient grad f_xi - "
        "lambda h_xi; co-coercivity of the convex f_xi is A3 for it with cL = L_max; "
        "kd.unbiased.sqc at lambda = 0."
    ),
    quantity=lambda tr: tr.shifted_dist_sq,
    bound=around_shifted,
    needs=frozenset({"shifted_dist_sq"}),
)

SHIFTED_STAR = Claim(
    id="kd.sc.shifted_star",
    title="and so around the minimiser, up to the shift",
    reference=PROJECT,
    families=KD,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le (|\lambda|\|g\|/\mu + \sqrt{B_t})^2$, $B_t$ the "
        r"bound of kd.sc.shifted"
    ),
    assumes=(CONVEX_COMPONENTS, STEP_LMAX_HALF),
    proof="kd.sc.shifted, kd.sc.shift and Minkowski's inequality.",
    quantity=dist_sq,
    bound=around_star,
    needs=DIST,
)

LAMBDA_ONE = Claim(
    id="kd.sc.lambda_one",
    title="lambda = 1 converges to the teacher, linearly and without noise",
    reference=PROJECT,
    families=KD,
    statement=(
        r"$\lambda = 1$: $E\|x_t-\theta\|^2 \le (1-\gamma\mu(2-\gamma L_{\max}))^t"
        r"\|x_0-\theta\|^2$"
    ),
    assumes=(CONVEX_COMPONENTS, STEP_LMAX, WEIGHT_ONE),
    proof=(
        "With u = x - theta, v = grad f_xi(x) - grad f_xi(theta): ||u - gamma v||^2 <= "
        "||u||^2 - gamma(2 - gamma L_max)<v, u>, and E<v, u> >= mu ||u||^2."
    ),
    quantity=lambda tr: tr.teacher_dist_sq,
    bound=lambda c, t: np.asarray(
        formulas.contraction(c.step, c.mu, c.L_max) ** t * c.start_teacher_sq
    ),
    needs=frozenset({"teacher_dist_sq"}),
    tight="1 on equal Hessians I",
)

CLAIMS = (SHIFTED, SHIFTED_STAR, LAMBDA_ONE)
