r"""When a student no longer needs a teacher."""

import numpy as np

from theory.claims.scaling_common import (
    Quantity,
    printed,
    ratio_of,
    scaling_claim,
    where,
)
from theory.scaling import Limits, ScalingTrace

WITHIN = (3e8, 1e10)

IN_RANGE = where(
    "3e8 <= N <= 1e10",
    r"$3\cdot10^8 \le N \le 10^{10}$",
    lambda c: (c["N"] >= WITHIN[0]) & (c["N"] <= WITHIN[1]),
)
MODEST = where("D < 1e11", "$D < 10^{11}$", lambda c: c["D"] < 1e11)
AT_TWO = where("2 %", "tolerance 2 %", lambda c: np.isclose(c["tolerance"], 0.02))
AT_ONE = where("1 %", "tolerance 1 %", lambda c: np.isclose(c["tolerance"], 0.01))
EXACT = where("exact", "tolerance 0", lambda c: c["tolerance"] == 0)
FINITE = where("N <= 3e9", r"$N \le 3\cdot10^9$", lambda c: c["N"] <= 3e9)


def _catches_up(tolerance: float) -> Quantity:
    def quantity(tr: ScalingTrace) -> Limits:
        share = 1.0 + tolerance
        return Limits(tr["closest"].low / share, tr["closest"].high / share)

    return quantity


CATCHES_UP = scaling_claim(
    "supervised_catches_up",
    "With enough data a student of 3e8 to 1e10 parameters does as well by itself",
    r"$\min_D \tilde L/\min_{L_T} L_S \le 1$ for $3\cdot10^8 \le N \le 10^{10}$",
    "Seen at D = 3.8e13, 3.0e12, 4.6e12, 2.9e13.",
    _catches_up(0.0),
    ("closest",),
    assumes=(IN_RANGE,),
    of_paper=True,
)

ALWAYS_CATCHES_UP = scaling_claim(
    "supervised_catches_up.every_size",
    "False: it does at every size",
    r"$\min_D \tilde L/\min_{L_T} L_S \le 1$ for all N",
    "At N = 1e8, 3e10, 1e11 the law keeps distillation 0.0124, 0.0009 and 0.0122 nats "
    "ahead at any D up to 1e20.",
    _catches_up(0.0),
    ("closest",),
    is_false=True,
    of_paper=True,
)

NEARLY_CATCHES_UP = scaling_claim(
    "supervised_catches_up.one_percent",
    "At every size it comes within 1 %",
    r"$\min_D \tilde L/\min_{L_T} L_S \le 1.01$ for N from 1e8 to 1e11",
    "Evaluated.",
    _catches_up(0.01),
    ("closest",),
)

CROSSOVER_GROWS = scaling_claim(
    "crossover_grows",
    "Larger students need a teacher up to more compute, within 2 %",
    r"the compute from which on $\tilde L \le 1.02\min L_S$ grows with N",
    "Bisection in D at N = 1e8 to 1e11.",
    ratio_of("crossover", "next_crossover"),
    ("crossover", "next_crossover"),
    assumes=(AT_TWO,),
    of_paper=True,
)

CROSSOVER_GROWS_LARGE = scaling_claim(
    "crossover_grows.one_percent_large",
    "And within 1 % from 3e8 parameters on",
    r"the same within 1 %, $N \ge 3\cdot10^8$",
    "Bisection in D.",
    ratio_of("crossover", "next_crossover"),
    ("crossover", "next_crossover"),
    assumes=(AT_ONE, where("N >= 3e8", r"$N \ge 3\cdot10^8$", lambda c: c["N"] >= 3e8)),
)

CROSSOVER_GROWS_ONE = scaling_claim(
    "crossover_grows.one_percent",
    "False: within 1 % at every size",
    "the same within 1 %",
    "7.1e20 FLOPs at 1e8 parameters, 4.9e20 at 3e8.",
    ratio_of("crossover", "next_crossover"),
    ("crossover", "next_crossover"),
    assumes=(AT_ONE,),
    is_false=True,
)

CROSSOVER_GROWS_EXACT = scaling_claim(
    "crossover_grows.exact",
    "False: exactly",
    "the same with no tolerance, where there is a crossover",
    "9.4e22 FLOPs at 3e8 parameters, 2.2e22 at 1e9.",
    ratio_of("crossover", "next_crossover"),
    ("crossover", "next_crossover"),
    assumes=(EXACT, IN_RANGE, FINITE),
    is_false=True,
)

CROSSOVER_FLOPS = scaling_claim(
    "crossover_flops",
    "Compute up to which a student of a given size needs a teacher, within 2 %",
    r"the compute from which on $\tilde L \le 1.02\min L_S$ is within 3 % of the "
    "tabulated one: 7.1e19 FLOPs at 1e8 parameters to 7.7e24 at 1e11",
    "Bisection in D; FLOPs are 3 F(N) D, attention and output layer included.",
    printed("crossover_flops", 0.03, relative=True),
    ("crossover_flops",),
)

CROSSOVER_FIXED = scaling_claim(
    "crossover_fixed",
    "Tokens from which on a given teacher no longer helps",
    "within 5 % of the tabulated crossovers, which have two digits",
    "Bisection in D. Not monotone: with 7.75e9 parameters as a teacher the crossover "
    "is largest at a tenth of its size.",
    printed("crossover", 0.05, relative=True),
    ("crossover", "printed"),
)

MODEST_TOKENS = scaling_claim(
    "modest_tokens_favour_distillation",
    "With fewer than 1e11 tokens the best teacher helps at every size",
    r"$\min_{L_T} L_S < \tilde L$ for $D < 10^{11}$, N from 1e8 to 1e11",
    "Enclosed at each (N, D).",
    ratio_of("best", "own"),
    ("best", "own"),
    assumes=(MODEST,),
    of_paper=True,
)

CLAIMS = (
    CATCHES_UP,
    ALWAYS_CATCHES_UP,
    NEARLY_CATCHES_UP,
    CROSSOVER_GROWS,
    CROSSOVER_GROWS_LARGE,
    CROSSOVER_GROWS_ONE,
    CROSSOVER_GROWS_EXACT,
    CROSSOVER_FLOPS,
    CROSSOVER_FIXED,
    MODEST_TOKENS,
)
