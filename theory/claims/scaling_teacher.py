r"""How good a teacher should be."""

import numpy as np

from theory.claims.scaling_common import (
    Quantity,
    printed,
    ratio_of,
    scaling_claim,
    where,
)
from theory.scaling import Limits, ScalingTrace
from theory.scaling_coefficients import SIZES

ALL_DATA = where("all data", r"$D = \infty$", lambda c: np.isinf(c["D"]))
FEW_TOKENS = where("20 tokens", "20 tokens a parameter", lambda c: c["M"] == 20)
MANY_TOKENS = where(
    "80 tokens or more, N <= 546e6",
    r"at least 80 tokens for each of at most $546\cdot10^6$ parameters",
    lambda c: (c["M"] >= 80) & (c["N"] <= 5.5e8),
)


def _gap(tr: ScalingTrace) -> Limits:
    """Twice L_S at the best over the smaller L_S at two extremes."""
    ends = np.minimum(tr["loss_of_worse"].low, tr["loss_of_better"].low)
    return tr["best_of_all"].over(Limits.exact(0.5 * ends))


def _realisable(tr: ScalingTrace) -> Limits:
    """E over the best realisable teacher: above 1 - 1e-4 if that is E itself."""
    floor = np.exp(tr.law.supervised.log_E) * (1.0 + 1e-4)
    return Limits(floor / tr["best_teacher"].high, floor / tr["best_teacher"].low)


def _turns(tr: ScalingTrace) -> Limits:
    return tr["turns"]


def _visible(tr: ScalingTrace) -> Limits:
    return Limits(tr["turn_size"].low / SIZES[1], tr["turn_size"].high / SIZES[1])


def _falls(tr: ScalingTrace) -> Limits:
    """0.06 over the steepness of the fall; negative slopes alone pass."""
    slope = tr["slope"]
    return Limits(slope.low / 0.06 + 2.0, slope.high / 0.06 + 2.0)


def _power(tr: ScalingTrace) -> Limits:
    """Distance of the slope from that of the smallest students, over a tenth of it."""
    first = 0.072
    distance = tr["slope"].off(-first)
    return Limits(distance.low / (0.1 * first), distance.high / (0.1 * first))


def _consistent(tolerance: float) -> Quantity:
    def quantity(tr: ScalingTrace) -> Limits:
        distance = tr["best"].over(tr["own"]).off(1.0)
        return Limits(distance.low / tolerance, distance.high / tolerance)

    return quantity


CURVE = ("best_of_all", "loss_of_worse", "loss_of_better")

CAPACITY_GAP = scaling_claim(
    "capacity_gap",
    "There is a best teacher: both a much better and a much worse one do harm",
    r"$\min_{L_T > 0} L_S \le \frac12\min(L_S(0.01), L_S(60))$",
    "L_S >= L_T grows without limit as L_T does, and so does L_T^-c0 as L_T falls to "
    "0, where the bracket tends to 1. Uniqueness is scaling.capacity_gap.one_turn.",
    _gap,
    CURVE,
    of_paper=True,
)

ONE_TURN = scaling_claim(
    "capacity_gap.one_turn",
    "Among realisable teachers the student's loss turns at most once (numerically)",
    r"$L_S(L_T)$ has at most one turning point on $(E, 8]$",
    "Not proved: counted at 4000 losses of the teacher, of random students.",
    _turns,
    ("turns",),
)

BETTER_THAN_ALONE = scaling_claim(
    "capacity_gap.better_than_alone",
    "The best teacher is better than the student would be by itself (numerically)",
    r"$L_T^\star < \tilde L$",
    "Not proved: seen in 0.447 to 0.939 of Lt.",
    ratio_of("best_anywhere", "own"),
    ("best_anywhere", "own"),
)

ALWAYS_A_GAP = scaling_claim(
    "capacity_gap.realisable",
    "False: every student has a best teacher that is not the best there can be",
    r"$\arg\min_{L_T \ge E} L_S > E$",
    "With few tokens the minimiser is L_T = E: about 1.4 % of students with N, D "
    "log-uniform in 1e8..1e11 and 1e9..3e13.",
    _realisable,
    ("best_teacher",),
    is_false=True,
)

TURN_SIZES = scaling_claim(
    "capacity_gap_size",
    "How large the best teacher is, at 20 tokens for each of its parameters",
    "the N_T of least L_S with D_T = 20 N_T is within 3 % of the tabulated one",
    "Minimised: the optimum is flat, and sizes are compared to 3 %.",
    printed("turn_size", 0.03, relative=True),
    ("turn_size", "printed"),
)

TURN_VISIBLE = scaling_claim(
    "capacity_gap_size.visible",
    "The turn lies among the published teachers, for small students with much data",
    r"$N_T^\star \le 12.6\cdot10^9$ for $D_S \ge 80 N_S$, $N_S \le 546\cdot10^6$",
    "Evaluated at 198e6 and 546e6 parameters.",
    _visible,
    ("turn_size",),
    assumes=(MANY_TOKENS,),
)

TURN_ALWAYS_VISIBLE = scaling_claim(
    "capacity_gap_size.few_tokens",
    "False: it does with 20 tokens a parameter",
    r"$N_T^\star \le 12.6\cdot10^9$ for $D_S = 20 N_S$",
    "198e6 parameters: 19.7e9; larger students want still larger teachers.",
    _visible,
    ("turn_size",),
    assumes=(FEW_TOKENS,),
    is_false=True,
)

TREND = scaling_claim(
    "optimal_teacher_trend",
    "Larger students want better teachers, by at least the power 0.06",
    r"$d\log L_T^\star/d\log N_S \le -0.06$ at D = 250e9, 1e12, 4e12, 16e12",
    "Minimised at 28 sizes from 2e8 to 1e11.",
    _falls,
    ("slope",),
)

POWER_LAW = scaling_claim(
    "optimal_teacher_trend.power",
    "False: the best teacher's loss is a power of the student's size",
    r"$d\log L_T^\star/d\log N_S$ stays within a tenth of -0.072",
    "It steepens to -0.24, and flattens again.",
    _power,
    ("slope",),
    is_false=True,
)

INFINITE_DATA = scaling_claim(
    "infinite_data",
    "With all data, the best distilled student is the supervised one, to 1 %",
    r"$|\min_{L_T} L_S(N, \infty, L_T)/L(N, \infty) - 1| \le 0.01$",
    "Evaluated: from -0.77 % to 0.51 % for N from 1e8 to 1e11.",
    _consistent(0.01),
    ("best", "own"),
    assumes=(ALL_DATA,),
    of_paper=True,
)

INFINITE_DATA_EXACT = scaling_claim(
    "infinite_data.exact",
    "False: to 0.1 %",
    r"$|\min_{L_T} L_S(N, \infty, L_T)/L(N, \infty) - 1| \le 0.001$",
    "scaling.infinite_data: the authors did not impose it.",
    _consistent(0.001),
    ("best", "own"),
    assumes=(ALL_DATA,),
    is_false=True,
)

CLAIMS = (
    CAPACITY_GAP,
    ONE_TURN,
    BETTER_THAN_ALONE,
    ALWAYS_A_GAP,
    TURN_SIZES,
    TURN_VISIBLE,
    TURN_ALWAYS_VISIBLE,
    TREND,
    POWER_LAW,
    INFINITE_DATA,
    INFINITE_DATA_EXACT,
)
