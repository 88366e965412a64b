r"""Distillation under Polyak-Lojasiewicz and smoothness: gaps, every $\lambda$."""

from functools import partial
from typing import Any

from theory import distillation_formulas as formulas
from theory.claims.kd_common import (
    INDEPENDENT,
    UNBIASED,
    independent_noise,
    noise,
    pl_loss,
    rate_claim,
    start_gap,
    unbiased_noise,
)
from theory.distillation import DistillationConstants
from theory.distillation_assumptions import (
    BEST_PL,
    BEST_UNBIASED,
    EXPECTED_SMOOTH,
    NO_TEACHER,
    PL,
    STEP_PL_BELOW,
    STEP_PL_HALF,
    STEP_PL_MASTER,
    STEP_PL_QUARTER,
)
from theory.formulas import smaller
from theory.references import KD_PAPER

Constants = DistillationConstants


_claim = partial(
    rate_claim,
    hypotheses=(PL, EXPECTED_SMOOTH),
    channel="gap",
    start=start_gap,
    loss=pl_loss,
)


def relative_step(c: Constants) -> Any:
    r"""$x = \gamma L\,cL/\mu$."""
    return formulas.pl_step(c.step, c.mu_pl, c.L, c.cL)


def master_slack(c: Constants) -> Any:
    r"""$r = 2 - b - Ax$."""
    return 2.0 - c.b - c.young * relative_step(c)


def master_loss(c: Constants) -> Any:
    r"""$1 - q = \gamma\mu r$."""
    return c.step * c.mu_pl * master_slack(c)


def master_floor(c: Constants) -> Any:
    """See `formulas.pl_master`."""
    return formulas.pl_master(
        c.step, c.weight, c.mu_pl, c.L, c.G2, noise(c), c.young, c.b, master_slack(c)
    )


def floor(c: Constants) -> Any:
    """See `formulas.pl_floor`."""
    return formulas.pl_floor(c.step, c.weight, c.mu_pl, c.L, c.cL, c.G2, noise(c))


def simple_floor(c: Constants) -> Any:
    """See `formulas.pl_simple_floor`."""
    return formulas.pl_simple_floor(c.step, c.weight, c.mu_pl, c.L, c.G2, noise(c))


def independent_floor(c: Constants) -> Any:
    """See `formulas.pl_floor`, with the noise of independent samples."""
    return formulas.pl_floor(
        c.step, c.weight, c.mu_pl, c.L, c.cL, c.G2, independent_noise(c)
    )


def min_form(c: Constants) -> Any:
    """See `formulas.pl_min_form`."""
    return formulas.pl_min_form(c.step, c.mu_pl, c.L, c.cL, c.S2, c.teacher_gap)


def unbiased_floor(c: Constants) -> Any:
    """See `formulas.pl_plain_floor`."""
    return formulas.pl_plain_floor(c.step, c.mu_pl, c.L, unbiased_noise(c))


def unbiased_min_form(c: Constants) -> Any:
    r"""$(\gamma L/\mu)\min\{S_2, 2cL\Delta\}$."""
    least = smaller(c.S2 + 0.0 * c.teacher_gap, 2.0 * c.cL * c.teacher_gap)
    return formulas.pl_plain_floor(c.step, c.mu_pl, c.L, least)


def sharp_loss(c: Constants) -> Any:
    """See `formulas.pl_sharp_loss`."""
    return formulas.pl_sharp_loss(c.step, c.mu_pl, relative_step(c))


def sharp_floor(c: Constants) -> Any:
    """See `formulas.pl_sharp_floor`."""
    return formulas.pl_sharp_floor(
        c.step, c.mu_pl, c.L, relative_step(c), unbiased_noise(c)
    )


MASTER = _claim(
    "pl.master",
    "Distillation, Polyak-Lojasiewicz: every split of the proof",
    r"$E f(x_t)-f_\star \le q^t(f(x_0)-f_\star) + (1-q^t)N$, $q = 1-\gamma\mu r$, "
    r"$N = [\frac{\lambda^2G_2}{2b} + \frac{\gamma L}2\frac A{A-1}D_2(\lambda)]/(\mu "
    r"r)$, $x = \gamma L\,cL/\mu$, $r = 2-b-Ax$",
    "Smoothness: E f(x+) <= f - g<grad f, grad f - l g_theta> + (L g^2/2) E||.||^2 (g "
    "the step, l lambda); g l<grad f, g_theta> <= (g/2)(b||grad f||^2 + l^2 G2/b); "
    "Young with A and A3; Polyak-Lojasiewicz with the coefficient -g(1 - b/2) <= 0.",
    STEP_PL_MASTER,
    master_floor,
    loss=master_loss,
)

NEIGHBOURHOOD = _claim(
    "pl.neighbourhood",
    "Distillation, Polyak-Lojasiewicz: bias and noise of every lambda",
    r"$E f(x_t)-f_\star \le (1-\gamma\mu)^t(f(x_0)-f_\star) + (1-(1-\gamma\mu)^t)N_2$, "
    r"$N_2 = \frac{\lambda^2G_2}{2b\mu} + \frac{\gamma L}\mu D_2(\lambda)$, "
    r"$b = 1-2\gamma L\,cL/\mu$",
    "kd.pl.master with A = 2, b = 1 - 2x, r = 1.",
    STEP_PL_BELOW,
    floor,
    reference=KD_PAPER,
    tight="0.99 as the step vanishes, theta along the flattest direction, lambda = 1",
)

SIMPLE = _claim(
    "pl.neighbourhood_simple",
    "The same for short steps, with a constant in front of the bias",
    r"$N_2 \le N_2' = \lambda^2G_2/\mu + \frac{\gamma L}\mu D_2(\lambda)$",
    "1/(2b) <= 1 in kd.pl.neighbourhood.",
    STEP_PL_QUARTER,
    simple_floor,
)

MIN_FORM = _claim(
    "pl.min_form",
    "With the bound's best lambda: the smaller of the noise and the teacher's error",
    r"at $\lambda^\star$ of $N_2'$: floor $\le \min\{\gamma L S_2/\mu, "
    r"\frac{2L}\mu(1+\gamma cL)\Delta\}$",
    "N2'(lambda*) <= min(N2'(0), N2'(1)) and N2'(1) <= 2 L Delta/mu + (gamma L/mu) 2 "
    "cL Delta.",
    STEP_PL_QUARTER,
    min_form,
    also=(BEST_PL,),
    reference=KD_PAPER,
)

UNBIASED_PL = _claim(
    "unbiased.pl",
    "Unbiased distillation, Polyak-Lojasiewicz: noise and no bias",
    r"$E f(x_t)-f_\star \le (1-\gamma\mu)^t(f(x_0)-f_\star) + (1-(1-\gamma\mu)^t)"
    r"\frac{\gamma L}\mu D_{u2}(\lambda)$",
    "kd.pl.master without the bias: b -> 0, A = 2, and 2 - 2x >= 1.",
    STEP_PL_HALF,
    unbiased_floor,
    families=UNBIASED,
)

UNBIASED_MIN_FORM = _claim(
    "unbiased.pl_min_form",
    "With the best lambda of that bound: noise or the teacher's error",
    r"at $\lambda_u^\star = c/(H_2-G_2)$: floor $\le \frac{\gamma L}\mu\min\{S_2, "
    r"2cL\Delta\}$",
    "D_u2(lambda_u*) <= min(D_u2(0), D_u2(1)), and D_u2(1) <= D2(1) <= 2 cL Delta.",
    STEP_PL_HALF,
    unbiased_min_form,
    families=UNBIASED,
    also=(BEST_UNBIASED,),
)

UNBIASED_SHARP = _claim(
    "unbiased.pl_sharp",
    "Unbiased or no distillation: the sharp floor of gaps",
    r"$E f(x_t)-f_\star \le q^t(f(x_0)-f_\star) + (1-q^t)\frac{\gamma L D_{u2}}"
    r"{2\mu(\sqrt2-\sqrt x)^2}$, $q = 1-\gamma\mu(2-\sqrt{2x})$",
    "kd.pl.master with b -> 0 and A = sqrt(2/x).",
    STEP_PL_HALF,
    sharp_floor,
    families=UNBIASED,
    loss=sharp_loss,
    tight="1 as x -> 0 where L = mu",
)

PLAIN_SHARP = _claim(
    "pl.plain_sharp",
    "Plain SGD, Polyak-Lojasiewicz: the sharp floor",
    r"$\lambda = 0$: the bound of kd.unbiased.pl_sharp with $S_2$ for $D_{u2}$",
    "kd.unbiased.pl_sharp: at lambda = 0 the two methods are one.",
    STEP_PL_HALF,
    sharp_floor,
    loss=sharp_loss,
    also=(NO_TEACHER,),
)

INDEPENDENT_PL = _claim(
    "pl.independent",
    "A teacher on independent samples adds noise and takes none off: gaps",
    r"$N_2$ of kd.pl.neighbourhood with $S_2 + \lambda^2H_2$ for $D_2(\lambda)$",
    "E<s_xi, h_xi'> = <E s, E h> = 0.",
    STEP_PL_BELOW,
    independent_floor,
    families=INDEPENDENT,
)

CLAIMS = (
    MASTER,
    NEIGHBOURHOOD,
    SIMPLE,
    MIN_FORM,
    UNBIASED_PL,
    UNBIASED_MIN_FORM,
    UNBIASED_SHARP,
    PLAIN_SHARP,
    INDEPENDENT_PL,
)
