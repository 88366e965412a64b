r"""Diagonal preconditioners: $z^+ = z - \eta D^{-1} g$, $\eta = N_+/\|g\|^2_{D^{-1}}$.

A fixed metric is a change of variable: every claim holds with $\|\cdot\|_M$ for points
and $\|\cdot\|_{M^{-1}}$ for gradients. A metric that moves keeps the inequality of each
step in its own norm; what telescopes is another matter.
"""

from functools import partial
from operator import attrgetter

import numpy as np

from theory.assumptions import (
    ADAPTIVE_METRIC,
    ANY_METRIC,
    CONVEX,
    EXACT_TARGET,
    FALLING_METRIC,
    FIXED_METRIC,
    IID,
    LIPSCHITZ_ON_BALL,
    SHRINKING_METRIC,
    SMOOTH,
)
from theory.bounds import lipschitz_rate, master_rate
from theory.claim import Claim, Kind, Unit, sampled_support
from theory.claims.iam import EVERY, P
from theory.claims.sps import SPS
from theory.constants import Constants
from theory.formulas import progress
from theory.judge import Status
from theory.references import PROJECT
from theory.trace import FloatArray, Trace

METRIC = frozenset(
    {"numerator", "grad_norm_sq", "preconditioned_before", "preconditioned_next"}
)


def metric_change(tr: Trace) -> FloatArray:
    r"""$(\|z^+-u\|^2_{D_t} - \|z-u\|^2_{D_t} + N_+^2/\|g\|^2_{D_t^{-1}})/D^2$."""
    change = tr.preconditioned_next - tr.preconditioned_before
    gain = progress(tr.numerator, tr.grad_norm_sq)
    return np.asarray((change + gain) / tr.dist0**2)


def telescoped(tr: Trace) -> FloatArray:
    r"""Left-hand side minus right-hand side of the summed inequality, over $D^2$."""
    gains = np.cumsum(progress(tr.numerator, tr.grad_norm_sq), axis=0)
    drift = np.zeros_like(gains)
    drift[1:] = np.cumsum(
        tr.preconditioned_before[1:] - tr.preconditioned_next[:-1], axis=0
    )
    start = tr.preconditioned_before[:1]
    return np.asarray((gains + tr.preconditioned_next - start - drift) / tr.dist0**2)


def summed(tr: Trace) -> FloatArray:
    r"""$\sum_{s\le t} N_+^2/\|g\|^2_{D_s^{-1}}$ over $\|z_0-u\|^2_{D_0}$."""
    gains = np.cumsum(progress(tr.numerator, tr.grad_norm_sq), axis=0)
    return np.asarray(gains / tr.preconditioned_before[:1])


def discounted(tr: Trace) -> FloatArray:
    r"""Progress of step s over $P_s$, summed, and what is left over $P_t$.

    $\sum_{s \le t} N_+^2/(P_s \|g\|^2_{D_s^{-1}}) + \|z_{t+1}-u\|^2_{D_t}/P_t$, all
    over $\|z_0-u\|^2_{D_0}$.
    """
    growth = np.cumprod(tr.metric_growth, axis=0)
    gains = progress(tr.numerator, tr.grad_norm_sq) / growth
    left = np.cumsum(gains, axis=0) + tr.preconditioned_next / growth
    return np.asarray(left / tr.preconditioned_before[:1])


FIXED = Claim(
    id="sps.precond.fixed",
    title="SPS* in a fixed metric M, at the Lipschitz rate of that metric",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le "
        r"G_{M^{-1}} \|x_0-u\|_M/\sqrt{t+1}$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL, FIXED_METRIC),
    proof="Change of variable y = M^{1/2} x; sps.lipschitz.average.",
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    slope=-0.5,
)

metric_claim = partial(
    Claim,
    reference=PROJECT,
    families=SPS | EVERY,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    any_metric=True,
)
"""A claim on the steps of each path, measured in the metrics that they use."""

PATHWISE = metric_claim(
    id="iam.precond.pathwise",
    title="Each step comes closer in its own metric, however that was chosen",
    statement=(
        r"$\|z_{t+1}-u\|^2_{D_t} \le \|z_t-u\|^2_{D_t} - "
        r"(N_t)_+^2/\|g_t\|^2_{D_t^{-1}}$"
    ),
    assumes=(CONVEX, EXACT_TARGET, ANY_METRIC),
    proof="iam.fejer in the norm of D_t: the same D_t in step, norm and update.",
    quantity=metric_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=METRIC,
)

SUM = metric_claim(
    id="iam.precond.sum",
    title="Summed over steps, the drift of the metric enters",
    statement=(
        r"$\sum_{s\le t} (N_s)_+^2/\|g_s\|^2_{D_s^{-1}} + \|z_{t+1}-u\|^2_{D_t} "
        r"\le \|z_0-u\|^2_{D_0} + \sum_{s=1}^{t} \|z_s-u\|^2_{D_s-D_{s-1}}$"
    ),
    assumes=(CONVEX, EXACT_TARGET, ANY_METRIC),
    proof="Telescope iam.precond.pathwise.",
    quantity=telescoped,
    bound=lambda c, t: np.zeros_like(t),
    needs=METRIC,
)

NONINCREASING = metric_claim(
    id="iam.precond.nonincreasing",
    title="Nonincreasing metrics keep the sum of progress below that of the start",
    statement=(
        r"$\sum_{s\le t} (N_s)_+^2/\|g_s\|^2_{D_s^{-1}} \le \|z_0-u\|^2_{D_0}$ if "
        r"$D_{s+1} \preceq D_s$"
    ),
    assumes=(CONVEX, EXACT_TARGET, SHRINKING_METRIC),
    proof="iam.precond.sum: the drift is not positive.",
    quantity=summed,
    bound=lambda c, t: np.ones_like(t),
    needs=METRIC - {"preconditioned_next"},
    tight="1 on |x| with the identity",
)

MULTIPLICATIVE = metric_claim(
    id="iam.precond.multiplicative",
    title="Metrics that grow by a factor a step: progress, discounted by the growth",
    statement=(
        r"$\sum_{s\le t} \frac{(N_s)_+^2}{P_s\|g_s\|^2_{D_s^{-1}}} + "
        r"\frac{1}{P_t}\|z_{t+1}-u\|^2_{D_t} \le \|z_0-u\|^2_{D_0}$ with "
        r"$P_t = \prod_{s=1}^t (1+\delta_s)$, $D_s \preceq (1+\delta_s) D_{s-1}$, "
        r"$\delta_s \ge 0$"
    ),
    assumes=(CONVEX, EXACT_TARGET, ANY_METRIC),
    proof=(
        "With e_t = ||z_t - u||^2 in D_t, iam.precond.pathwise gives e_{t+1} <= (1 + "
        "delta_{t+1})(e_t - progress_t). Divide by P_{t+1} and telescope. As P_s <= "
        "P_t, the plain sum of progress is at most P_t ||z_0 - u||^2 in D_0. delta_s "
        "may depend on the run: here it is the least that serves on each path."
    ),
    quantity=discounted,
    bound=lambda c, t: np.ones_like(t),
    needs=METRIC | {"metric_growth"},
    tight="1 at every t on LINF(d) with D_t = 1.1^t I",
)

LAST = Claim(
    id="iam.precond.fixed",
    title="The last iterate of IAM in a fixed metric M",
    reference=PROJECT,
    families=P,
    statement=r"$E f(x_t)-f(u) \le G_{M^{-1}} \|x_0-u\|_M/\sqrt{t+1}$",
    assumes=(CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL, FIXED_METRIC),
    proof="Change of variable y = M^{1/2} x; iam.lipschitz.last.",
    quantity=attrgetter("gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap"}),
    slope=-0.5,
)

FALLING_PROOF = (
    "iam.precond.nonincreasing bounds the sum of progress by ||x_0 - u||^2_{D_0}, and "
    "||g||^2_{D_s^{-1}} <= ||g||^2/d; Cauchy-Schwarz as without a metric. G is that of "
    "the ball of radius ||x_0 - u||_{D_0}/sqrt d, which holds the run. "
)


def falling_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$G \|x_0-u\|_{D_0} / \sqrt{d (t+1)}$, d the smallest entry of any $D_s$."""
    start, least = c.metric_start, c.metric_least
    return np.asarray(lipschitz_rate(c.G, start, least * (t + 1)) + c.guard)


FALLING_ASSUMES = (CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL, FALLING_METRIC)

FALLING = Claim(
    id="sps.precond.falling",
    title="SPS* in metrics that shrink, at the rate of their smallest entry",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le G\,\|x_0-u\|_{D_0}/"
        r"\sqrt{d(t+1)}$ if every entry of every $D_s$ is at least d"
    ),
    assumes=FALLING_ASSUMES,
    proof=FALLING_PROOF + "sps.lipschitz.average.",
    quantity=attrgetter("average_gap"),
    bound=falling_rate,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    any_metric=True,
    slope=-0.5,
)

FALLING_LAST = Claim(
    id="iam.precond.falling",
    title="The last iterate of IAM in metrics that shrink",
    reference=PROJECT,
    families=P,
    statement=(
        r"$E f(x_t)-f(u) \le G\,\|x_0-u\|_{D_0}/\sqrt{d(t+1)}$ if every entry of "
        r"every $D_s$ is at least d"
    ),
    assumes=FALLING_ASSUMES,
    proof=FALLING_PROOF + "iam.lipschitz.last: its identity knows no metric.",
    quantity=attrgetter("gap"),
    bound=falling_rate,
    needs=frozenset({"gap"}),
    any_metric=True,
    slope=-0.5,
)


def falling_smooth_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$M(L/d, \sigma^2/d; t + 1)$ with $\|x_0-u\|_{D_0}$ for D."""
    slope, offset = c.L / c.metric_least, c.sigma**2 / c.metric_least
    return np.asarray(master_rate(slope, offset, c.metric_start, t + 1) + c.guard)


FALLING_SMOOTH_PROOF = (
    "S2 with ||g - h||^2 >= d ||g - h||^2_{D_s^{-1}} is S2 of that norm with L/d, and "
    "||h||^2_{D_s^{-1}} <= ||h||^2/d; iam.precond.nonincreasing for the sum. Then as "
)

FALLING_SMOOTH_ASSUMES = (CONVEX, IID, EXACT_TARGET, SMOOTH, FALLING_METRIC)

FALLING_SMOOTH = Claim(
    id="sps.precond.falling_smooth",
    title="SPS* on smooth losses in metrics that shrink",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le M(L/d, \sigma^2/d; t+1)$ with "
        r"$\|x_0-u\|_{D_0}$ for D, if every entry of every $D_s$ is at least d"
    ),
    assumes=FALLING_SMOOTH_ASSUMES,
    proof=FALLING_SMOOTH_PROOF + "sps.smooth.sharp.",
    quantity=attrgetter("average_gap"),
    bound=falling_smooth_rate,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    any_metric=True,
    slope=-0.5,
)

FALLING_SMOOTH_LAST = Claim(
    id="iam.precond.falling_smooth",
    title="The last iterate of IAM on smooth losses in metrics that shrink",
    reference=PROJECT,
    families=P,
    statement=(
        r"$E f(x_t)-f(u) \le M(L/d, \sigma^2/d; t+1)$ with $\|x_0-u\|_{D_0}$ for D, if "
        r"every entry of every $D_s$ is at least d"
    ),
    assumes=FALLING_SMOOTH_ASSUMES,
    proof=FALLING_SMOOTH_PROOF + "iam.smooth.sharp.",
    quantity=attrgetter("gap"),
    bound=falling_smooth_rate,
    needs=frozenset({"gap"}),
    any_metric=True,
    slope=-0.5,
)

START_NORMS = Claim(
    id="sps.precond.start_norms",
    title="FALSE: for shrinking metrics the norms of D_0 are enough",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le G D/\sqrt{t+1}$ with the "
        r"norms of $D_0 = I$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL, FALLING_METRIC),
    proof=(
        "Counterexample: f = max(|cos(0.1) x_1 + sin(0.1) x_2|, |x_2|, |x_3|), x_0 = "
        "(1, 0, 1), D_0 = I, D_t = diag(1, 1e-4, 1) from t = 1 on: the second step "
        "throws x_2 to -9.9, and the mean of three gaps is 4.84 G D/sqrt 3."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    any_metric=True,
    expected=Status.REFUTED,
)

ADAM = metric_claim(
    id="iam.precond.adam_summed",
    title="FALSE: Adam's metric keeps the sum of progress below that of the start",
    statement=(
        r"$\sum_{s\le t} (N_s)_+^2/\|g_s\|^2_{D_s^{-1}} \le \|z_0-u\|^2_{D_0}$ for "
        r"Adam's $D_s$ or its running maximum"
    ),
    assumes=(CONVEX, EXACT_TARGET, ADAPTIVE_METRIC),
    proof=(
        "D_s grows where gradients grow: the drift in iam.precond.sum is positive. A "
        "rate for IAM-Adam is empirical only."
    ),
    quantity=summed,
    bound=lambda c, t: np.ones_like(t),
    needs=METRIC - {"preconditioned_next"},
    expected=Status.REFUTED,
)

CLAIMS = (
    FIXED,
    LAST,
    FALLING,
    FALLING_LAST,
    FALLING_SMOOTH,
    FALLING_SMOOTH_LAST,
    START_NORMS,
    PATHWISE,
    SUM,
    NONINCREASING,
    MULTIPLICATIVE,
    ADAM,
)
