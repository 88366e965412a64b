r"""What the distillation scaling law says, whatever its coefficients, and at them."""

import math

import numpy as np

from theory.claims.scaling_common import printed, scaling_claim, where
from theory.scaling import FloatArray, Limits, ScalingTrace
from theory.scaling_law import transition_ratio

HALF_A_DIGIT = 5e-5

AT_TRANSITION = where(
    "r at the transition",
    r"$r = d_1(2^{1/(c_1 f_1)} - 1)^{f_1}$",
    lambda c: np.isclose(c["ratio"], transition_ratio(c.law.distilled), rtol=1e-14),
)
AT_D1 = where(
    "r = d1",
    "$r = d_1$",
    lambda c: np.isclose(c["ratio"], np.exp(c.law.distilled.log_d1), rtol=1e-14),
)


def _ceiling(tr: ScalingTrace) -> Limits:
    r"""$\log((L_S - L_T)/(L_T^{-c_0}\cdot$ last factor$))$: of the bracket."""
    log_teacher = np.log(tr.column("L_T"))
    shift = tr.law.distilled.c0 * log_teacher
    rest = tr["log_excess"].minus(tr["log_capacity"])
    return Limits(rest.low + shift, rest.high + shift)


def _infinite_student(tr: ScalingTrace) -> Limits:
    return _ceiling(tr).map(np.exp)


def _random_teacher(tr: ScalingTrace) -> Limits:
    r"""The bracket over $(L_T/(\tilde L d_1))^{-c_1}$."""
    q = tr.law.distilled
    log_teacher = np.log(tr.column("L_T"))

    def power(own: FloatArray) -> FloatArray:
        return np.asarray(q.c1 * (np.log(own) + q.log_d1 - log_teacher))

    return _ceiling(tr).minus(tr["own"].map(power)).map(np.exp)


def _above(tr: ScalingTrace) -> Limits:
    loss = tr["loss"]
    return Limits(tr.column("L_T") / loss.high, tr.column("L_T") / loss.low)


def _below(tr: ScalingTrace) -> Limits:
    loss = tr["loss"]
    return Limits(loss.low / tr.column("L_T"), loss.high / tr.column("L_T"))


def _monotone(tr: ScalingTrace) -> Limits:
    grown = tr["grown_excess"].minus(tr["grown_capacity"])
    return grown.minus(tr["log_excess"].minus(tr["log_capacity"])).map(np.exp)


def _half(tr: ScalingTrace) -> Limits:
    return tr["log_bracket"].map(np.exp).off(0.5)


def _towards_exponential(tr: ScalingTrace) -> Limits:
    factor = math.e * tr.column("c1") * tr.law.distilled.f1
    return Limits(tr["spread"].low * factor, tr["spread"].high * factor)


def _exponent_of_tokens(tr: ScalingTrace) -> Limits:
    """Distance from the printed exponent of D, over its tolerance."""
    distance = tr["exponent"].off(1.0 - tr.column("printed"))
    return Limits(distance.low / 1e-3, distance.high / 1e-3)


FLOPS = scaling_claim(
    "flops.table13",
    "FLOPs a token of the smallest and the largest model, as printed",
    r"$F(N) = 2N(1 + s_1 N^{-1/3} + s_2 N^{-2/3})$ is within 0.27 % of the printed "
    "numbers, whose N is rounded",
    "2N for the layers, 2 n_ctx d n_layers for attention, 2 n_vocab d for the output; "
    "N = omega d^2 n_layers and d = rho n_layers. Evaluated.",
    printed("forward", 0.0027, relative=True),
    ("forward",),
    of_paper=True,
)

LOSSES = scaling_claim(
    "sane_losses",
    "Losses of the published coefficients, to four decimals",
    "L, and L_S of a teacher of 7.75e9 parameters, to half of the last digit",
    "Evaluated. With 20 tokens a parameter 1.82e9 parameters reach 2.2509 alone and "
    "2.1833 of that teacher.",
    printed("loss", HALF_A_DIGIT),
    ("loss", "printed"),
)

INFINITE_STUDENT = scaling_claim(
    "infinite_student",
    "A student without limits becomes its teacher",
    r"$L_S - L_T \le L_T^{-c_0}(A'/N_S^{\alpha'} + B'/D_S^{\beta'})^{\gamma'}$, which "
    "falls to 0",
    "The bracket is 1 + something positive, to a negative power.",
    _infinite_student,
    ("log_excess", "log_capacity"),
    of_paper=True,
    tight="equality as L_T/Lt falls",
)

RANDOM_TEACHER = scaling_claim(
    "random_teacher",
    "A student of a hopeless teacher is as bad as it",
    r"$L_S - L_T \le L_T^{-c_0}(L_T/(\tilde L d_1))^{-c_1}(A'/N_S^{\alpha'} + B'/"
    r"D_S^{\beta'})^{\gamma'}$, which falls to 0 like $L_T^{-c_0-c_1}$",
    "Drop the 1 in the bracket.",
    _random_teacher,
    ("log_excess", "log_capacity", "own"),
    of_paper=True,
    tight="equality as L_T/Lt grows",
)

ABOVE = scaling_claim(
    "student_above_teacher",
    "Under this law no student is better than its teacher",
    "$L_S > L_T$",
    "The second term is positive. So the law cannot represent students that surpass "
    "weak teachers, which the paper's own runs show.",
    _above,
    ("loss", "L_T"),
    tight="equality as L_T grows",
)

BEATS = scaling_claim(
    "student_beats_teacher",
    "False: a strong student surpasses a weak teacher",
    r"$L_S \le L_T$ for some student",
    "scaling.student_above_teacher.",
    _below,
    ("loss", "L_T"),
    is_false=True,
)

MONOTONE = scaling_claim(
    "monotone_student",
    "More parameters or tokens: the excess falls at least like the last factor",
    r"$\frac{L_S' - L_T}{L_S - L_T} \le (\frac{A'/N'^{\alpha'} + B'/D'^{\beta'}}"
    r"{A'/N^{\alpha'} + B'/D^{\beta'}})^{\gamma'} < 1$ for $N' \ge N$, $D' \ge D$",
    "A larger student has a smaller Lt, hence a larger L_T/Lt and a smaller bracket.",
    _monotone,
    ("log_excess", "grown_excess", "log_capacity", "grown_capacity"),
    tight="equality as L_T/Lt falls",
)

TRANSITION = scaling_claim(
    "transition_ratio",
    "Where the transition happens: the bracket is 1/2 at a ratio of 0.9003",
    r"$[1 + (r/d_1)^{1/f_1}]^{-c_1 f_1} = \frac12$ at $r = d_1(2^{1/(c_1 f_1)} - "
    "1)^{f_1}$",
    "Solve for r.",
    _half,
    ("log_bracket",),
    assumes=(AT_TRANSITION,),
    is_identity=True,
)

TRANSITION_AT_D1 = scaling_claim(
    "transition_ratio.d1",
    "False: d1 is where the transition happens",
    "the bracket is 1/2 at $r = d_1$",
    "It is 2^(-c1 f1) = 2^-47.03 there.",
    _half,
    ("log_bracket",),
    assumes=(AT_D1,),
    is_false=True,
    is_identity=True,
)

IDENTIFIABILITY = scaling_claim(
    "identifiability",
    "c1 and d1 one by one are hardly seen: only kappa = c1 f1 d1^(-1/f1) is",
    r"$0 \le [1 + (r/d_1)^{1/f_1}]^{-p} - e^{-\kappa r^{1/f_1}} \le \frac1{e p}$, "
    r"$p = c_1 f_1$, at fixed $\kappa$",
    "With v = kappa r^(1/f1) the bracket is (1 + v/p)^-p, above e^-v since log(1+x) "
    "<= x. Where the difference is largest its derivative vanishes: (1 + v/p)^(-p-1) = "
    "e^-v, so it is v e^-v/p there, at most 1/(e p).",
    _towards_exponential,
    ("spread",),
    tight="0.2707/p to first order: 2 e^-2 at v = 2",
)

EXPONENTS = scaling_claim(
    "compute_exponents",
    "Compute-optimal sizes and tokens grow as printed",
    r"$a = \beta/(\alpha+\beta)$ is within $10^{-3}$ of the printed exponent of N",
    "Minimise A/N^alpha + B/D^beta at fixed N D. Printed 0.513 and 0.664 from "
    "coefficients with more digits.",
    printed("exponent", 1e-3),
    ("exponent",),
    of_paper=True,
)

EXPONENT_OF_TOKENS = scaling_claim(
    "compute_exponents.caption",
    r"False: the caption's exponent of the tokens, $\beta/(\alpha+\beta)$",
    r"$b = \beta/(\alpha+\beta)$ is within $10^{-3}$ of the printed exponent of D",
    "A misprint: that is a. b = alpha/(alpha+beta).",
    _exponent_of_tokens,
    ("exponent",),
    is_false=True,
)

CLAIMS = (
    FLOPS,
    LOSSES,
    INFINITE_STUDENT,
    RANDOM_TEACHER,
    ABOVE,
    BEATS,
    MONOTONE,
    TRANSITION,
    TRANSITION_AT_D1,
    IDENTIFIABILITY,
    EXPONENTS,
    EXPONENT_OF_TOKENS,
)
