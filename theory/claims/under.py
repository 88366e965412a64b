r"""SPS* told too small a value, or one value for all: what survives of it."""

from operator import attrgetter

import numpy as np

from theory import formulas
from theory.assumptions import (
    CONVEX,
    EQUAL_NORMS,
    IID,
    NORM_RANGE,
    POOLED,
    SMOOTH,
    UNDERESTIMATE,
)
from theory.bounds import lipschitz_rate, master_rate
from theory.claim import Claim, Kind, Unit, sampled_support
from theory.claims.inexact import fejer_change_sharp
from theory.claims.sps import SPS, STEP_CHANNELS
from theory.judge import Status
from theory.references import PROJECT
from theory.trace import FloatArray, Trace

AVERAGE = r"\frac{1}{t+1}\sum_{s\le t} E f(x_s) - f(u)"
BASE = (CONVEX, IID, UNDERESTIMATE)


def true_fejer_change(tr: Trace) -> FloatArray:
    r"""The Fejer change of `sps.fejer.pathwise` with the true $f_\xi(u)$."""
    steps = tr.numerator.shape[0]
    change = tr.dist_sq_next - tr.dist_sq[:steps]
    gain = formulas.progress(tr.numerator + tr.target_error, tr.grad_norm_sq)
    return np.asarray((change + gain) / tr.dist0**2)


FEJER = Claim(
    id="sps.under.fejer",
    title="Underestimates: what each step gains, or loses",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\|x_{t+1}-u\|^2 \le \|x_t-u\|^2 - (\Delta_t^2-e_t^2)"
        r"1\{\Delta_t > e_t\}/\|g_t\|^2$, $e_t \le 0$"
    ),
    assumes=(CONVEX, UNDERESTIMATE),
    proof=(
        "The algebra of sps.over.fejer_sharp needs no sign of e: the change is at most "
        "-(Delta - e)(Delta + e)/||g||^2 where Delta > e, else 0. It may be as large "
        "as e^2/||g||^2, which nothing bounds where gradients vanish."
    ),
    quantity=fejer_change_sharp,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS | {"target_error"},
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="equality where f_xi is linear between x_t and u",
)

EQUAL = Claim(
    id="sps.under.equal_norms",
    title="Underestimates by eps where all subgradients are of one length",
    reference=PROJECT,
    families=SPS,
    statement=rf"${AVERAGE} \le \sqrt{{\epsilon^2 + G^2D^2/(t+1)}}$",
    assumes=(*BASE, EQUAL_NORMS),
    proof=(
        "The change is at most -(Delta^2 - eps^2)/G^2 where Delta > -eps, and 0 "
        "elsewhere; both are at most -((Delta)_+^2 - eps^2)/G^2. Jensen."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: (
        np.sqrt(c.error_min**2 + lipschitz_rate(c.G_max, c.D, t + 1) ** 2) + c.guard
    ),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    tight="near 1 on |x|: the run oscillates at +-eps",
)

RANGE = Claim(
    id="sps.under.norm_range",
    title="Underestimates by eps where subgradients are bounded below",
    reference=PROJECT,
    families=SPS,
    statement=(
        rf"${AVERAGE} \le \sqrt{{G_{{\max}}^2D^2/(t+1) + "
        r"\epsilon^2 (G_{\max}/G_{\min})^2}$"
    ),
    assumes=(*BASE, NORM_RANGE),
    proof="As sps.under.equal_norms, with G_max under Delta and G_min under eps.",
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: (
        np.sqrt(
            (c.error_min * c.G_max / c.G_min) ** 2
            + lipschitz_rate(c.G_max, c.D, t + 1) ** 2
        )
        + c.guard
    ),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
)

DIVERGES = Claim(
    id="sps.under.smooth_diverges",
    title="FALSE: underestimates by eps cost about eps on smooth losses",
    reference=PROJECT,
    families=SPS,
    statement=rf"${AVERAGE} \le \epsilon + M(L, \sigma^2; t+1)$",
    assumes=(*BASE, SMOOTH),
    proof=(
        "On x^2/2, x_{t+1} = x_t/2 - eps/x_t: with x = sqrt(2 eps) cot(theta) it is "
        "theta -> 2 theta, whose invariant law is Cauchy: E x^2 is infinite."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: (
        -c.error_min + master_rate(c.L, c.sigma**2, c.D, t + 1) + c.guard
    ),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    expected=Status.REFUTED,
)

MEAN_TARGET = Claim(
    id="sps.mean_target",
    title="FALSE: one target f* for all keeps the Fejer inequality",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\|x_{t+1}-u\|^2 \le \|x_t-u\|^2 - (\Delta_t)_+^2/\|g_t\|^2$ where every "
        r"$v_\xi = f(u)$"
    ),
    assumes=(CONVEX, POOLED),
    proof="f(u) - f_xi(u) is an error of mean zero: half of the samples overshoot.",
    quantity=true_fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS | {"target_error"},
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    expected=Status.REFUTED,
)

CLAIMS = (FEJER, EQUAL, RANGE, DIVERGES, MEAN_TARGET)
