r"""IAM with a constant $\lambda$, the default of public code ($\lambda = 9$).

The identity of the last iterate then bounds a weighted average; the last iterate alone
does not obey the rate of the paper's schedule.
"""

from operator import attrgetter

import numpy as np

from theory.assumptions import AT_LEAST_ONE, MINIMISER
from theory.bounds import lipschitz_rate
from theory.claim import Claim, gap_support
from theory.claims.iam import RATE_ASSUMES, RATE_PROOF, K
from theory.constants import Constants
from theory.judge import Status
from theory.references import PROJECT
from theory.trace import FloatArray, Trace


def weighted_average(tr: Trace) -> FloatArray:
    r"""$((1+\lambda) r_{T-1} + \sum_{s=1}^{T-2} r_s) / (T+\lambda-1)$, $T \ge 2$."""
    lam = float(tr.schedule(1.0))
    total = tr.num_points * tr.average_gap - tr.gap0 + lam * tr.gap
    return np.asarray(total / (tr.num_points + lam - 1.0))


def weighted_average_bregman(tr: Trace) -> FloatArray:
    r"""The weighted average of the gaps plus $\lambda \sum B_s / (T + \lambda - 1)$."""
    lam = float(tr.schedule(1.0))
    extra = lam * np.cumsum(tr.bregman, axis=0) / (tr.num_points + lam - 1.0)
    return weighted_average(tr) + extra


def weighted_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Sure range of the weighted average, from those of its two channels."""
    steps = t + 1.0
    norm = steps + c.lam - 1.0
    low_gap, high_gap = gap_support(c, t)
    low = (steps * c.excess_low - c.gap0 + c.lam * low_gap) / norm
    return low, (steps * c.excess_high - c.gap0 + c.lam * high_gap) / norm


def weighted_bregman_support(
    c: Constants, t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""The same, $\lambda$ constant: to $(T G_f D + (\lambda-1) r_0)/(T+\lambda-1)$."""
    low, _ = weighted_support(c, t)
    steps = t + 1.0
    top = steps * c.G_f * c.reach + (c.lam - 1.0) * c.gap0
    return low, top / (steps + c.lam - 1.0)


def constant_lambda_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$(G D \sqrt T + (\lambda - 1) r_0) / (T + \lambda - 1)$, plus the guard."""
    steps = t + 1.0
    top = c.G * c.D * np.sqrt(steps) + (c.lam - 1.0) * c.gap0 + steps * c.guard
    return np.asarray(top / (steps + c.lam - 1.0))


CONSTANT = Claim(
    id="iam.lipschitz.constant_lambda",
    title="Constant lambda bounds a weighted average, not the last iterate",
    reference=PROJECT,
    families=K,
    statement=(
        r"$\frac{(1+\lambda) r_t + \sum_{1\le s<t} r_s}{t+\lambda} \le "
        r"\frac{G D\sqrt{t+1} + (\lambda-1) r_0}{t+\lambda}$, $t \ge 1$"
    ),
    assumes=(*RATE_ASSUMES, AT_LEAST_ONE),
    proof=RATE_PROOF + "iam.identity with lambda_t = lambda for t >= 1.",
    quantity=weighted_average,
    bound=constant_lambda_rate,
    needs=frozenset({"gap", "average_gap"}),
    support=weighted_support,
    tight="1 on LINF(d) at t + 1 = d",
    first=1,
)

CONSTANT_BREGMAN = Claim(
    id="iam.lipschitz.constant_lambda_bregman",
    title="The same, with its Bregman terms",
    reference=PROJECT,
    families=K,
    statement=(
        r"$\frac{(1+\lambda) r_t + \sum_{1\le s<t} r_s + \lambda\sum_{s\le t} E B_s}"
        r"{t+\lambda} \le \frac{G D\sqrt{t+1} + (\lambda-1) r_0}{t+\lambda}$, $t\ge 1$"
    ),
    assumes=(*RATE_ASSUMES, AT_LEAST_ONE),
    proof=RATE_PROOF + "iam.identity with lambda_t = lambda for t >= 1.",
    quantity=weighted_average_bregman,
    support=weighted_bregman_support,
    bound=constant_lambda_rate,
    needs=frozenset({"gap", "average_gap", "bregman"}),
    tight="1 on LINF(d) at t + 1 = d",
    first=1,
)

CONSTANT_LAST = Claim(
    id="iam.lipschitz.constant_lambda_last",
    title="FALSE: with constant lambda = 9 the last iterate obeys G D / sqrt(T)",
    reference=PROJECT,
    families=K,
    statement=r"$E f(x_t) - f_\star \le G D/\sqrt{t+1}$",
    assumes=(*RATE_ASSUMES, MINIMISER),
    proof=(
        "Counterexample f = |x|, x_0 = D: z_1 = 0 and x_t = D (lambda/(1+lambda))^t, "
        "but x_1 = 9 D/10; at t = 4 the ratio is 0.9^4 sqrt 5 = 1.467."
    ),
    quantity=attrgetter("gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap"}),
    expected=Status.REFUTED,
    slope=-0.5,
)

CLAIMS = (CONSTANT, CONSTANT_BREGMAN, CONSTANT_LAST)
