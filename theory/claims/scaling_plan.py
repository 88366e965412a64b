r"""What one budget buys: with and without the teacher's costs."""

import numpy as np

from theory.claims.scaling_common import scaling_claim, where
from theory.claims.scaling_kernel import CLAIMS as KERNEL
from theory.scaling import Limits, ScalingTrace

COUNTED = where(
    "training counted", r"$\delta_{pre} = 1$", lambda c: c["pretraining"] == 1
)
NOT_THE_CORNERS = where(
    "not a corner",
    r"not $(10^{10}, 10^{20})$, nor $(3\cdot10^8, 10^{22})$ without inference",
    lambda c: (
        ~(
            ((c["N"] == 1e10) & (c["C"] <= 1e20))
            | (
                (c["N"] == 3e8)
                & (c["C"] > 1e21)
                & (c["C"] < 1e23)
                & (c["inference"] == 0)
            )
        )
    ),
)
MOSTLY = where("a row of table 3", "a majority", lambda c: c["kept"] == 1)
NOT_MOSTLY = where("the other row", "a majority", lambda c: c["kept"] == 0)


def _pays(tr: ScalingTrace) -> Limits:
    return tr["supervised"].over(tr["least"])


def _order(tr: ScalingTrace) -> Limits:
    cheap, dear = tr["cheap"], tr["dear"]
    return Limits(cheap.low / (dear.high + 1e-7), cheap.high / (dear.low + 1e-7))


def _majority(tr: ScalingTrace) -> Limits:
    """The row's least share over the share found."""
    floor = tr.column("floor")
    return Limits(floor / tr["share"].high, floor / tr["share"].low)


def _plateau(tr: ScalingTrace) -> Limits:
    r"""$N_T/N_S$ over 5, or 1/5 of its inverse from 10^22 FLOPs on."""
    ratio, late = tr["size_ratio"], tr.column("C") >= 1e22
    low = np.maximum(ratio.low / 5.0, np.where(late, 1.0 / ratio.high, 0.0))
    high = np.maximum(ratio.high / 5.0, np.where(late, 1.0 / ratio.low, 0.0))
    return Limits(low, high)


NEVER_PAYS = scaling_claim(
    "teacher_training_never_pays",
    "Who has to train the teacher does better without, but for two corners",
    r"$\min L_S \ge L(N_S, D)$ at the same compute and $N_S$, if the teacher's "
    r"training counts: N_S = 3e8..1e10, C = 1e20..1e26, without two corners",
    "Branch and bound over the teacher's size and share.",
    _pays,
    ("least", "supervised"),
    assumes=(COUNTED, NOT_THE_CORNERS),
)

NEVER_PAYS_ANYWHERE = scaling_claim(
    "teacher_training_never_pays.anywhere",
    "False: without exception",
    r"$\min L_S \ge L(N_S, D)$ at the same compute and $N_S$",
    "(1e10, 1e20): 2.5668 < 2.6708, a student of 0.2 tokens a parameter; (3e8, 1e22) "
    "without inference: 2.3168 < 2.3198, which is within the law's error.",
    _pays,
    ("least", "supervised"),
    assumes=(COUNTED,),
    is_false=True,
    of_paper=True,
)

ORDER = scaling_claim(
    "order_of_scenarios",
    "The more of the teacher counts, the worse the best plan",
    r"$\min L_S$ (best case) $\le$ (inference), (pretraining) $\le$ (both)",
    "A plan that pays for more is affordable where it pays for less, with tokens to "
    "spare, and more tokens lower L_S (scaling.monotone_student). Of what the planner "
    "finds, to 1e-7 nats: a check of its search.",
    _order,
    ("cheap", "dear"),
)

TABLE3 = scaling_claim(
    "allocation_table3",
    "Where the compute goes: three of four rows of the printed summary",
    "small student, little compute: mostly the teacher's training; small student, "
    "much compute: mostly student and inference; large, much: in equal parts",
    "(3e8, 1e20): .55 to the teacher's training; (3e8, 1e25): .57, .42, .02; (1e10, "
    "1e25): .31, .45, .23.",
    _majority,
    ("share",),
    assumes=(MOSTLY,),
    of_paper=True,
)

TABLE3_LAST = scaling_claim(
    "allocation_table3.large_student",
    "False under these coefficients: a large student with little compute gets most",
    "N_S = 1e10, C = 1e20 and 1e21: at least half goes to the student",
    "(1e10, 1e21): .42 to the student, .55 to training the teacher; 1e20: .18, .81.",
    _majority,
    ("share",),
    assumes=(NOT_MOSTLY,),
    is_false=True,
    of_paper=True,
)

PLATEAU = scaling_claim(
    "teacher_size_plateau",
    "The best teacher stays within five times the student's size",
    r"$N_T \le 5 N_S$ for all C, and $N_T \ge N_S$ from 1e22 FLOPs on",
    "Planned for N_S = 3e8, 1e9, 3e9 and C = 1e20 to 1e26: a rise to 3.5 to 3.7, then "
    "a slow fall to 2.4 to 2.9. The shape is the paper's; the factor is ours.",
    _plateau,
    ("size_ratio",),
)

CLAIMS = (
    NEVER_PAYS,
    NEVER_PAYS_ANYWHERE,
    ORDER,
    TABLE3,
    TABLE3_LAST,
    PLATEAU,
    *KERNEL,
)
