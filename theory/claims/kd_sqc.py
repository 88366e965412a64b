r"""Distillation under strong quasi-convexity: squared distances, every $\lambda$.

All unroll a one-step inequality $r^+ \le q r + (1 - q) N$, so the bound is $q^t r_0 +
(1 - q^t) N$, a little sharper than $q^t r_0 + N$.
"""

from functools import partial
from typing import Any

from theory import distillation_formulas as formulas
from theory.claims.kd_common import (
    INDEPENDENT,
    UNBIASED,
    independent_noise,
    noise,
    rate_claim,
    sqc_loss,
    start_dist,
    unbiased_noise,
)
from theory.distillation import DistillationConstants
from theory.distillation_assumptions import (
    BEST_SQC,
    BEST_UNBIASED,
    EXPECTED_SMOOTH,
    NO_TEACHER,
    SQC,
    STEP_BELOW_HALF,
    STEP_EIGHTH,
    STEP_HALF,
    STEP_MASTER,
)
from theory.formulas import smaller
from theory.references import KD_PAPER

Constants = DistillationConstants


_claim = partial(
    rate_claim,
    hypotheses=(SQC, EXPECTED_SMOOTH),
    channel="dist_sq",
    start=start_dist,
    loss=sqc_loss,
)


def master_loss(c: Constants) -> Any:
    """See `formulas.sqc_loss`."""
    return formulas.sqc_loss(c.step, c.mu, c.p, c.z)


def master_floor(c: Constants) -> Any:
    """See `formulas.sqc_master`."""
    return formulas.sqc_master(c.step, c.weight, c.mu, c.cL, c.G2, noise(c), c.p, c.z)


def floor(c: Constants) -> Any:
    """See `formulas.sqc_floor`."""
    return formulas.sqc_floor(c.step, c.weight, c.mu, c.cL, c.G2, noise(c))


def simple_floor(c: Constants) -> Any:
    """See `formulas.sqc_simple_floor`."""
    return formulas.sqc_simple_floor(c.step, c.weight, c.mu, c.G2, noise(c))


def independent_floor(c: Constants) -> Any:
    """See `formulas.sqc_floor`, with the noise of independent samples."""
    return formulas.sqc_floor(c.step, c.weight, c.mu, c.cL, c.G2, independent_noise(c))


def min_form(c: Constants) -> Any:
    """See `formulas.sqc_min_form`, with the smaller of cL and L."""
    steepness = smaller(c.cL, c.L)
    return formulas.sqc_min_form(c.step, c.mu, c.cL, steepness, c.S2, c.teacher_gap)


def unbiased_floor(c: Constants) -> Any:
    """See `formulas.sqc_plain_floor`."""
    return formulas.sqc_plain_floor(c.step, c.mu, unbiased_noise(c))


def unbiased_min_form(c: Constants) -> Any:
    r"""$(2\gamma/\mu)\min\{S_2, 2cL\Delta\}$."""
    least = smaller(c.S2 + 0.0 * c.teacher_gap, 2.0 * c.cL * c.teacher_gap)
    return formulas.sqc_plain_floor(c.step, c.mu, least)


def sharp_loss(c: Constants) -> Any:
    """See `formulas.sqc_sharp_loss`."""
    return formulas.sqc_sharp_loss(c.step, c.mu, c.cL)


def sharp_floor(c: Constants) -> Any:
    """See `formulas.sqc_sharp_floor`."""
    return formulas.sqc_sharp_floor(c.step, c.mu, c.cL, unbiased_noise(c))


MASTER = _claim(
    "sqc.master",
    "Distillation, strongly quasi-convex: every split of the proof",
    r"$E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 + (1-q^t)N$, $q = "
    r"1-\gamma\mu(1+p-z)$, $N = [\frac{\lambda^2 G_2}{z\mu} + \gamma\frac{1-p}"
    r"{1-p-\gamma cL} D_2(\lambda)]/(\mu(1+p-z))$",
    "With R = ||x - x*||^2: E||x+ - x*||^2 = R - 2g<grad f, x - x*> + 2g l<grad "
    "f(theta), x - x*> + g^2 E||grad f_xi(x) - l h||^2 (g the step, l lambda). A1: the "
    "second term is <= -2g(f - f*) - g mu R. Young: the third is <= g z mu R + g l^2 "
    "G2/(z mu). Young with A = (1-p)/(g cL) and A3: the fourth is <= 2g(1-p)(f - f*) + "
    "g^2 (1-p)/(1-p-g cL) D2. What is left of f - f* is -2gp, and f - f* >= mu R/2.",
    STEP_MASTER,
    master_floor,
    loss=master_loss,
)

NEIGHBOURHOOD = _claim(
    "sqc.neighbourhood",
    "Distillation, strongly quasi-convex: bias and noise of every lambda",
    r"$E\|x_t-x_\star\|^2 \le (1-\gamma\mu)^t\|x_0-x_\star\|^2 + (1-(1-\gamma\mu)^t)"
    r"N_1$, $N_1 = \frac{\lambda^2G_2}{\mu^2(1-2\gamma cL)} + \frac{2\gamma}\mu "
    r"D_2(\lambda)$",
    "kd.sqc.master with p = z = 1 - 2 gamma cL.",
    STEP_BELOW_HALF,
    floor,
    reference=KD_PAPER,
    tight="0.99 as the step vanishes, theta along the flattest direction, lambda = 1",
)

SIMPLE = _claim(
    "sqc.neighbourhood_simple",
    "The same for short steps, with a constant in front of the bias",
    r"$N_1 \le N_1' = \frac43\lambda^2G_2/\mu^2 + \frac{2\gamma}\mu D_2(\lambda)$",
    "1/(1 - 2 gamma cL) <= 4/3 in kd.sqc.neighbourhood.",
    STEP_EIGHTH,
    simple_floor,
)

MIN_FORM = _claim(
    "sqc.min_form",
    "With the bound's best lambda: the smaller of the noise and the teacher's error",
    r"at $\lambda = \lambda^\star$ of $N_1'$, or the better of 0 and 1: floor $\le "
    r"\min\{2\gamma S_2/\mu, (\frac{8L_b}{3\mu^2} + \frac{4\gamma cL}\mu)\Delta\}$, "
    r"$L_b = \min(cL, L)$",
    "N1'(lambda*) <= min(N1'(0), N1'(1)), and the simple choice takes one of the two; "
    "D2(1) = E||s - h||^2 <= 2 cL Delta by A3 at theta, and G2 <= 2 L_b Delta.",
    STEP_EIGHTH,
    min_form,
    also=(BEST_SQC,),
    reference=KD_PAPER,
)

UNBIASED_SQC = _claim(
    "unbiased.sqc",
    "Unbiased distillation, strongly quasi-convex: noise and no bias",
    r"$E\|x_t-x_\star\|^2 \le (1-\gamma\mu)^t\|x_0-x_\star\|^2 + (1-(1-\gamma\mu)^t)"
    r"\frac{2\gamma}\mu D_{u2}(\lambda)$, $D_{u2} = D_2 - \lambda^2G_2$",
    "kd.sqc.master without the bias, z -> 0, p = 1 - 2 gamma cL (then drop p). E<s, h "
    "- g> = c since E s = 0.",
    STEP_HALF,
    unbiased_floor,
    families=UNBIASED,
)

UNBIASED_MIN_FORM = _claim(
    "unbiased.sqc_min_form",
    "With the best lambda of that bound: noise or the teacher's error",
    r"at $\lambda_u^\star = c/(H_2-G_2)$: floor $\le \frac{2\gamma}\mu\min\{S_2, "
    r"2cL\Delta\}$",
    "D_u2(lambda_u*) <= min(D_u2(0), D_u2(1)), and D_u2(1) <= D2(1) <= 2 cL Delta.",
    STEP_HALF,
    unbiased_min_form,
    families=UNBIASED,
    also=(BEST_UNBIASED,),
)

UNBIASED_SHARP = _claim(
    "unbiased.sqc_sharp",
    "Unbiased or no distillation: the sharp floor",
    r"$E\|x_t-x_\star\|^2 \le q^t\|x_0-x_\star\|^2 + (1-q^t)\frac{\gamma D_{u2}}"
    r"{\mu(\sqrt2-\sqrt{\gamma cL})^2}$, $q = 1-\gamma\mu(2-\sqrt{2\gamma cL})$",
    "In kd.sqc.master with z = 0 the floor is gamma D y/((y - u)(2 - y)) / mu, y = 1 - "
    "p, u = gamma cL; y = sqrt(2u) minimises it.",
    STEP_HALF,
    sharp_floor,
    families=UNBIASED,
    loss=sharp_loss,
    tight="(sqrt2 - sqrt u)^2/(2 - u) on equal Hessians, u = gamma cL: 1 as u -> 0",
)

PLAIN_SHARP = _claim(
    "sqc.plain_sharp",
    "Plain SGD, strongly quasi-convex: the sharp floor",
    r"$\lambda = 0$: the bound of kd.unbiased.sqc_sharp with $S_2$ for $D_{u2}$",
    "kd.unbiased.sqc_sharp: at lambda = 0 the two methods are one.",
    STEP_HALF,
    sharp_floor,
    loss=sharp_loss,
    also=(NO_TEACHER,),
)

INDEPENDENT_SQC = _claim(
    "sqc.independent",
    "A teacher on independent samples adds noise and takes none off",
    r"$N_1$ of kd.sqc.neighbourhood with $S_2 + \lambda^2H_2$ for $D_2(\lambda)$",
    "E<s_xi, h_xi'> = <E s, E h> = 0.",
    STEP_BELOW_HALF,
    independent_floor,
    families=INDEPENDENT,
)

CLAIMS = (
    MASTER,
    NEIGHBOURHOOD,
    SIMPLE,
    MIN_FORM,
    UNBIASED_SQC,
    UNBIASED_MIN_FORM,
    UNBIASED_SHARP,
    PLAIN_SHARP,
    INDEPENDENT_SQC,
)
