r"""IAM with any schedule $\lambda_t \ge 0$ at the Lipschitz rate.

The identity of the last iterate holds for every schedule, so the mean of its right-hand
side has the rate; the weights of its gaps add up to T. They are not negative where
$\lambda_{t+1} \le 1 + \lambda_t$, and then the last iterate has a rate of its own.
"""

import numpy as np

from theory.assumptions import MINIMISER, SLOW_MOMENTUM
from theory.bounds import lipschitz_rate
from theory.claim import Claim, gap_support
from theory.claims.iam import EVERY, RATE_ASSUMES, RATE_PROOF, telescoped
from theory.constants import Constants
from theory.formulas import positive_part
from theory.references import PROJECT
from theory.schedules import Schedule
from theory.trace import FloatArray, Trace


def scheduled_mean(tr: Trace) -> FloatArray:
    r"""The telescoped form of $\sum_{s \le t} d_s$, over $t + 1$."""
    return np.asarray(telescoped(tr) / tr.num_points)


def scheduled_last(tr: Trace) -> FloatArray:
    r"""$((1 + \lambda_t) r_t - (\lambda_1 - 1)_+ r_0) / (t + 1)$."""
    excess = positive_part(tr.schedule(1.0) - 1.0)
    return np.asarray(((1.0 + tr.lam) * tr.gap - excess * tr.gap0) / tr.num_points)


def mean_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""From the least gap less $2 G_f$ reach to $G_f$ reach, as for every $d_s$.

    $d_s \le \langle\bar g_s, z_s - u\rangle$, and $\|z_s - x_s\|$ is at most twice the
    reach.
    """
    low, _ = gap_support(c, t)
    return low - 2.0 * c.G_f * c.reach, np.full_like(t, c.G_f * c.reach)


def last_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""The range of a gap, scaled and moved as in `scheduled_last`."""
    schedule = Schedule(c.momentum_slope, c.momentum_intercept)
    scale = (1.0 + schedule(t)) / (t + 1.0)
    excess = positive_part(schedule(1.0) - 1.0) * c.gap0 / (t + 1.0)
    low, high = gap_support(c, t)
    return scale * low - excess, scale * high - excess


MEAN = Claim(
    id="iam.lipschitz.schedule",
    title="Whatever the momentum schedule, the mean that it weighs has the rate",
    reference=PROJECT,
    families=EVERY,
    statement=(
        r"$\frac{1}{t+1}[(1+\lambda_t) r_t + \sum_{s<t} (1+\lambda_s-\lambda_{s+1}) "
        r"r_s + \sum_{s=1}^t \lambda_s E B_s] \le G D/\sqrt{t+1}$, $\lambda_0 = 0$, "
        r"$r_s = E f(x_s) - f(u)$"
    ),
    assumes=RATE_ASSUMES,
    proof=RATE_PROOF + "iam.identity. The weights of the gaps add up to t + 1.",
    quantity=scheduled_mean,
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap", "bregman"}),
    support=mean_support,
    tight="1 on LINF(d) at t + 1 = d, lambda_t = t/2, t, t + 1 and constant",
    slope=-0.5,
)

LAST = Claim(
    id="iam.lipschitz.schedule_last",
    title="Momentum that grows by at most 1 a step: the last iterate",
    reference=PROJECT,
    families=EVERY,
    statement=(
        r"$\frac{(1+\lambda_t) r_t - (\lambda_1-1)_+ r_0}{t+1} \le G D/\sqrt{t+1}$ if "
        r"$\lambda_{s+1} \le 1 + \lambda_s$ for $s \ge 1$"
    ),
    assumes=(*RATE_ASSUMES, MINIMISER, SLOW_MOMENTUM),
    proof=(
        "iam.lipschitz.schedule: no weight from s = 1 on is negative and no gap is, so "
        "only r_0 can count against it, with the weight 1 - lambda_1."
    ),
    quantity=scheduled_last,
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard + c.minimiser_gap,
    needs=frozenset({"gap"}),
    support=last_support,
    tight="1 on LINF(d) at t + 1 = d for lambda_t = t and t + 1",
    slope=-0.5,
)

CLAIMS = (MEAN, LAST)
