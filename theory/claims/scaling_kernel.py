r"""The capacity gap of a kernel model, where it is a theorem.

The student's squared error against m, the span of its teacher: columns hold
$a_m = |\alpha_{1:m}|$, $a_{m+1}$, $a_n$, $a_k$ with k = min(m, n), and $|\alpha|$.
"""

import numpy as np

from theory.claims.scaling_common import scaling_claim, where
from theory.method import Family
from theory.scaling import FloatArray, Limits, ScalingTrace

CHANNELS = ("error", "next_error")

FEWER = where("m < n", "$m < n$", lambda c: c["m"] < c["n"])
MORE = where("m >= n", r"$m \ge n$", lambda c: c["m"] >= c["n"])
LEVEL = where(
    "level",
    r"$a_n \ge D$ and $T a_n/a_{m+1} \ge D$, or $a_n < D$ and $a_{m+1} \le T$",
    lambda c: np.where(
        c["a_n"] >= c["D"],
        c["T"] * c["a_n"] >= c["D"] * c["a_next"],
        c["a_next"] <= c["T"],
    ),
)
BEYOND = where(
    "beyond",
    r"$a_n \ge D$ and $T a_n/a_{m+1} < D$, or $a_n < D$ and $a_{m+1} > T$",
    lambda c: np.where(
        c["a_n"] >= c["D"],
        c["T"] * c["a_n"] < c["D"] * c["a_next"],
        c["a_next"] > c["T"],
    ),
)


def student_error(
    a_m: FloatArray, a_k: FloatArray, total: FloatArray, T: FloatArray, D: FloatArray
) -> FloatArray:
    r"""$(s-1)^2 a_k^2 + |\alpha|^2 - a_k^2$ with $s = \min(1, T/a_m, D/a_k)$."""
    s = np.minimum(np.minimum(1.0, T / a_m), D / a_k)
    return np.asarray((s - 1.0) ** 2 * a_k**2 + total**2 - a_k**2)


def _formula(tr: ScalingTrace) -> Limits:
    names = ("a_m", "a_k", "total", "T", "D")
    formula = Limits.exact(student_error(*(tr.column(name) for name in names)))
    return tr["error"].over(formula).off(1.0)


def _falls(tr: ScalingTrace) -> Limits:
    return tr["next_error"].over(tr["error"])


def _level(tr: ScalingTrace) -> Limits:
    return tr["next_error"].over(tr["error"]).off(1.0)


def _not_rising(tr: ScalingTrace) -> Limits:
    """1 where the error does not rise by more than roundoff, else 0."""
    rises = tr["next_error"].low > tr["error"].high * (1.0 + 1e-13)
    return Limits.exact(np.where(rises, 0.0, 1.0))


FORMULA = scaling_claim(
    "kernel_ushape.formula",
    "A kernel model's student of a teacher of limited norm: its error",
    r"$e_m = (s-1)^2 a_k^2 + |\alpha|^2 - a_k^2$, $k = \min(m, n)$, $s = \min(C, D/"
    r"a_k)$, $C = \min(1, T/a_m)$",
    "The nearest function to the target in a ball of a span is its projection, scaled "
    "into the ball: the teacher is C times the first m coefficients, the student s "
    "times the first k.",
    _formula,
    CHANNELS,
    family=Family.SCALING_KERNEL,
    is_identity=True,
)

FALLS = scaling_claim(
    "kernel_ushape.falls",
    "Up to its own size, a larger teacher helps",
    "$e_{m+1} \\le e_m$ for $m < n$",
    "Since D <= T the student is the projection of the target on the ball of radius D "
    "in the span of the first m: these sets grow.",
    _falls,
    CHANNELS,
    family=Family.SCALING_KERNEL,
    assumes=(FEWER,),
    of_paper=True,
)

IS_LEVEL = scaling_claim(
    "kernel_ushape.level",
    "Beyond, it first changes nothing",
    r"$e_{m+1} = e_m$ for $m \ge n$ while $T a_n/a_{m+1} \ge D$, or $a_{m+1} \le T$ "
    "if $a_n < D$",
    "s is then D/a_n, or 1.",
    _level,
    CHANNELS,
    family=Family.SCALING_KERNEL,
    assumes=(MORE, LEVEL),
    is_identity=True,
)

RISES = scaling_claim(
    "kernel_ushape.rises",
    "And then it harms",
    r"$e_{m+1} > e_m$ for $m \ge n$ beyond",
    "s = T/a_{m+1} < 1 falls strictly as a_m grows.",
    _not_rising,
    CHANNELS,
    family=Family.SCALING_KERNEL,
    assumes=(MORE, BEYOND),
    is_identity=True,
    of_paper=True,
)

RISES_AT_ONCE = scaling_claim(
    "kernel_ushape.rises_at_once",
    "False: it harms from m = n + 1 on",
    r"$e_{m+1} > e_m$ for $m \ge n$",
    "scaling.kernel_ushape.level: with 1000 uniform coefficients, T = 5, D = 4.5 and "
    "n = 100 the error is the same from m = 100 to 122.",
    _not_rising,
    CHANNELS,
    family=Family.SCALING_KERNEL,
    assumes=(MORE,),
    is_false=True,
    is_identity=True,
)

CLAIMS = (FORMULA, FALLS, IS_LEVEL, RISES, RISES_AT_ONCE)
