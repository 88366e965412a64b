r"""IAM, with momentum: $z_{t+1} = z_t - \eta_t g_t$, $\eta_t = (N_t)_+/\|g_t\|^2$.

$N_t = f_\xi(x_t) - f_\xi(u) + \langle g_t, z_t - x_t \rangle$ and
$x_{t+1} = (\lambda_{t+1} x_t + z_{t+1}) / (1 + \lambda_{t+1})$. Conventions: P
($\lambda_t = t$, the paper), C ($\lambda_t = t - 1$) and K (constant), the last two of
public code.
"""

from operator import attrgetter

import numpy as np

from theory.assumptions import (
    CONVEX,
    EXACT_TARGET,
    IID,
    LIPSCHITZ_ON_BALL,
    MINIMISER,
)
from theory.bounds import lipschitz_rate
from theory.claim import Claim, Kind, Unit, gap_support
from theory.claims.sps import (
    FEJER_PROOF,
    STEP_CHANNELS,
    farthest,
    fejer_change,
    fejer_sum,
)
from theory.constants import Constants
from theory.judge import Status
from theory.method import Family
from theory.references import PROJECT, SPS_STAR_PAPER
from theory.trace import FloatArray, Trace

P = frozenset({Family.IAM_P})
C = frozenset({Family.IAM_C})
K = frozenset({Family.IAM_K})
EVERY = P | C | K | {Family.IAM_OTHER}


def telescoped(tr: Trace) -> FloatArray:
    r"""What $\sum_{s \le t} d_s$ is by `iam.identity`, from gaps and Bregman terms.

    $(1+\lambda_t) r_t + \sum_{s<t} (1 + \lambda_s - \lambda_{s+1}) r_s +
    \sum_{s=1}^{t} \lambda_s B_s$ with the declared schedule.
    """
    lam = tr.lam
    middle = np.zeros_like(tr.gap)
    middle[1:] = np.cumsum((1.0 + lam[:-1] - lam[1:]) * tr.gap[:-1], axis=0)
    return np.asarray((1.0 + lam) * tr.gap + middle + np.cumsum(lam * tr.bregman, 0))


def identity_residual(tr: Trace) -> FloatArray:
    r"""$|\sum_{s \le t} d_s - \text{its telescoped form}| / (t + 1)$."""
    left = np.cumsum(tr.dual_gap, axis=0)
    return np.asarray(np.abs(left - telescoped(tr)) / tr.num_points)


def last_with_bregman(tr: Trace) -> FloatArray:
    r"""$r_{T-1} + \frac1T \sum_{s=1}^{T-1} s B_s$ at $T = t + 1$ (P-convention)."""
    weighted = np.cumsum(tr.times[:, None] * tr.bregman, axis=0)
    return np.asarray(tr.gap + weighted / tr.num_points)


def last_with_bregman_c(tr: Trace) -> FloatArray:
    r"""$r_t + \frac1t \sum_{s=2}^{t} (s-1) B_s$, $t \ge 1$ (C-convention)."""
    t = tr.times[:, None].astype(np.float64)
    weighted = np.cumsum(np.maximum(t - 1.0, 0.0) * tr.bregman, axis=0)
    return np.asarray(tr.gap + weighted / np.maximum(t, 1.0))


def bregman_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Sure range of a gap plus its averaged Bregman terms (P and C).

    By iam.identity it is the mean of $d_s \le \langle \bar g_s, z_s - u\rangle$, at
    most $G_f D$; and it is no less than the gap, as $B_s \ge 0$.
    """
    low, _ = gap_support(c, t)
    return low, np.full_like(t, c.G_f * c.reach)


def sharp_c_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\sqrt{(G^2 D^2 - r_0^2)/t}$, rounded outward: the difference may cancel."""
    start = max(c.gap0 - c.guard, 0.0)
    room = (c.G * c.D) ** 2 * (1.0 + ROUNDING) - start**2
    return np.asarray(np.sqrt(np.maximum(room, 0.0) / t) + c.guard)


ROUNDING = 2.0**-48
"""Sixteen units in the last place."""

RATE_ASSUMES = (CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL)

RATE_PROOF = (
    "E_t(N)_+ >= d_t; Cauchy-Schwarz with iam.fejer.sum gives sum E(d_t)_+^2 <= "
    "G^2 D^2, so sum_{t<T} E d_t <= sqrt(T) G D. "
)

FEJER = Claim(
    id="iam.fejer",
    title="Every step of IAM brings z closer, whatever the momentum schedule",
    reference=SPS_STAR_PAPER,
    families=EVERY,
    statement=r"$\|z_{t+1}-u\|^2 \le \|z_t-u\|^2 - (N_t)_+^2/\|g_t\|^2$",
    assumes=(CONVEX, EXACT_TARGET),
    proof=FEJER_PROOF,
    quantity=fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="equality where f_xi is linear between x_t and u",
    origin="paper",
)

FEJER_SUM = Claim(
    id="iam.fejer.sum",
    title="The progress of all steps of IAM adds up to at most D^2",
    reference=SPS_STAR_PAPER,
    families=EVERY,
    statement=r"$\sum_{s\le t} (N_s)_+^2/\|g_s\|^2 + \|z_{t+1}-u\|^2 \le D^2$",
    assumes=(CONVEX, EXACT_TARGET),
    proof="Telescope iam.fejer.",
    quantity=fejer_sum,
    bound=lambda c, t: np.ones_like(t),
    needs=STEP_CHANNELS,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 on |x|",
    origin="paper",
)

BALL = Claim(
    id="iam.ball",
    title="Neither x nor z leaves the ball around the comparator",
    reference=SPS_STAR_PAPER,
    families=EVERY,
    statement=r"$\max(\|x_t - u\|, \|z_t - u\|) \le D$",
    assumes=(CONVEX, EXACT_TARGET),
    proof="z_t by iam.fejer; x_t is a convex combination of z_0, ..., z_t.",
    quantity=farthest,
    bound=lambda c, t: np.ones_like(t),
    needs=frozenset({"point_dist_sq", "dist_sq"}),
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 at t = 0",
    origin="paper",
)

IDENTITY = Claim(
    id="iam.identity",
    title="The identity behind the last-iterate rate, for any schedule",
    reference=PROJECT,
    families=EVERY,
    statement=(
        r"$\sum_{s\le t} d_s = (1+\lambda_t) r_t + \sum_{s<t} "
        r"(1+\lambda_s-\lambda_{s+1}) r_s + \sum_{s=1}^{t} \lambda_s B_s$, "
        r"$\lambda_0 = 0$, $d_s = f(x_s)-f(u)+\langle \bar g_s, z_s - x_s\rangle$"
    ),
    assumes=(),
    proof=(
        "z_t - x_t = lambda_t (x_t - x_{t-1}) and the definition of B_t give d_t = "
        "r_t + lambda_t (r_t - r_{t-1} + B_t). Sum by parts. Algebra only: it sees "
        "every wrong lambda_t, to which the Fejer inequality is blind."
    ),
    quantity=identity_residual,
    bound=lambda c, t: np.zeros_like(t),
    needs=frozenset({"gap", "dual_gap", "bregman"}),
    kind=Kind.PATHWISE,
    tight="an identity",
)

AVERAGING = Claim(
    id="iam.averaging",
    title="x_t is the mean of z_0..z_t (P) or of z_1..z_t (C)",
    reference=SPS_STAR_PAPER,
    families=P | C,
    statement=r"$x_t = \mathrm{mean}(z_0,\dots,z_t)$, without $z_0$ in convention C",
    assumes=(),
    proof="x_{t+1} = (lambda x_t + z_{t+1})/(1 + lambda) at lambda = t + 1, or t.",
    quantity=lambda tr: tr.mean_residual / tr.dist0,
    bound=lambda c, t: np.zeros_like(t),
    needs=frozenset({"mean_residual"}),
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="an identity",
    origin="paper",
)

LAST = Claim(
    id="iam.lipschitz.last",
    title="The last iterate of IAM at the optimal Lipschitz rate",
    reference=SPS_STAR_PAPER,
    families=P,
    statement=r"$E f(x_t) - f(u) \le G D/\sqrt{t+1}$",
    assumes=RATE_ASSUMES,
    proof=RATE_PROOF + "iam.identity with lambda_t = t: sum d_t >= T r_{T-1}.",
    quantity=attrgetter("gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap"}),
    tight="1 on LINF(d) at t + 1 = d and on WEDGE(45 deg) at t = 1",
    origin="paper",
    slope=-0.5,
)

LAST_BREGMAN = Claim(
    id="iam.lipschitz.last_bregman",
    title="The same, with the Bregman terms that its proof leaves over",
    reference=PROJECT,
    families=P,
    statement=(
        r"$E f(x_t) - f(u) + \frac{1}{t+1}\sum_{s=1}^{t} s\,E B_s \le G D/\sqrt{t+1}$"
    ),
    assumes=RATE_ASSUMES,
    proof=RATE_PROOF + "iam.identity: sum d_t = T r_{T-1} + sum t B_t, B_t >= 0.",
    quantity=last_with_bregman,
    support=bregman_support,
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap", "bregman"}),
    tight="1 on LINF(d) at t + 1 = d",
    slope=-0.5,
)

LAST_C = Claim(
    id="iam.lipschitz.last_c_convention",
    title="Convention C has its own last-iterate rate, one step later",
    reference=PROJECT,
    families=C,
    statement=(
        r"$E f(x_t) - f(u) + \frac1t \sum_{s=2}^{t} (s-1)\,E B_s "
        r"\le G D/\sqrt{t}$, $t \ge 1$"
    ),
    assumes=RATE_ASSUMES,
    proof="x_1 = z_1, so the run is P's from z_1 on, and ||z_1 - u|| <= D.",
    quantity=last_with_bregman_c,
    support=bregman_support,
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t) + c.guard,
    needs=frozenset({"gap", "bregman"}),
    first=1,
    slope=-0.5,
)

LAST_C_GAP = Claim(
    id="iam.lipschitz.last_c_gap",
    title="The same for the gap alone",
    reference=PROJECT,
    families=C,
    statement=r"$E f(x_t) - f(u) \le G D/\sqrt{t}$, $t \ge 1$",
    assumes=RATE_ASSUMES,
    proof="iam.lipschitz.last_c_convention without its nonnegative terms.",
    quantity=attrgetter("gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t) + c.guard,
    needs=frozenset({"gap"}),
    first=1,
    slope=-0.5,
)

LAST_C_SHARP = Claim(
    id="iam.lipschitz.last_c_sharp",
    title="Convention C, with the first step's progress counted",
    reference=PROJECT,
    families=C,
    statement=r"$E f(x_t) - f_\star \le \sqrt{(G^2 D^2 - r_0^2)/t}$, $t \ge 1$",
    assumes=(*RATE_ASSUMES, MINIMISER),
    proof=(
        "E||z_1 - u||^2 <= D^2 - r_0^2/G^2 by Cauchy-Schwarz at t = 0; go on as in "
        "iam.lipschitz.last_c_convention from there."
    ),
    quantity=attrgetter("gap"),
    bound=sharp_c_rate,
    needs=frozenset({"gap"}),
    tight="1 on LINF(d) at t + 1 = d",
    first=1,
    slope=-0.5,
)

LAST_C_UNDER_P = Claim(
    id="iam.lipschitz.last_c_under_p",
    title="FALSE: convention C obeys the bound of convention P",
    reference=PROJECT,
    families=C,
    statement=r"$E f(x_t) - f_\star \le G D/\sqrt{t+1}$",
    assumes=(*RATE_ASSUMES, MINIMISER),
    proof=(
        "Counterexample WEDGE(54.74 deg) at t = 1: x_1 = z_1 is the SPS* point, ratio "
        "4 sqrt 2/(3 sqrt 3) = 1.0887."
    ),
    quantity=attrgetter("gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap"}),
    expected=Status.REFUTED,
    slope=-0.5,
)

CLAIMS = (
    FEJER,
    FEJER_SUM,
    BALL,
    IDENTITY,
    AVERAGING,
    LAST,
    LAST_BREGMAN,
    LAST_C,
    LAST_C_GAP,
    LAST_C_SHARP,
    LAST_C_UNDER_P,
)
