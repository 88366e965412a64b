r"""IAM on smooth losses: the last iterate, with and without a logarithm."""

from operator import attrgetter

import numpy as np
from scipy.special import gammaln

from theory.assumptions import (
    AT_LEAST_ONE,
    CONVEX,
    EXACT_TARGET,
    GROWTH,
    IID,
    INTERPOLATION,
    QUADRATIC,
    SELF_BOUNDING_ONLY,
    SMOOTH,
)
from theory.bounds import master_rate
from theory.claim import Claim, Kind, Unit
from theory.claims.iam import (
    EVERY,
    C,
    K,
    P,
    bregman_support,
    last_with_bregman,
    last_with_bregman_c,
)
from theory.claims.iam_constant import (
    weighted_average_bregman,
    weighted_bregman_support,
)
from theory.claims.smooth import SHARP_PROOF, sharp_rate, smooth_fejer_change
from theory.claims.sps import STEP_CHANNELS
from theory.constants import Constants
from theory.judge import Status
from theory.references import PROJECT, SPS_STAR_PAPER
from theory.trace import FloatArray

RATE = (CONVEX, IID, EXACT_TARGET, SMOOTH)
BREGMAN = frozenset({"gap", "bregman"})
LEFT = r"E f(x_t) - f(u) + \frac{1}{t+1}\sum_{s=1}^{t} s\,E B_s"


def harmonic(num_points: FloatArray) -> FloatArray:
    r"""$H_T = \sum_{k \le T} 1/k$ for whole T."""
    longest = int(np.max(num_points, initial=1.0))
    table = np.concatenate([[0.0], np.cumsum(1.0 / np.arange(1, longest + 1))])
    return np.asarray(table[num_points.astype(np.int64)])


def log_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$a H_T + b + \sqrt{2ab}$ with $a = A D^2/T$, $b = \sqrt B D/\sqrt T$."""
    steps = t + 1.0
    a, b = c.A * c.D**2 / steps, np.sqrt(c.B) * c.D / np.sqrt(steps)
    return np.asarray(a * harmonic(steps) + b + np.sqrt(2.0 * a * b) + c.guard)


def recursion_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$(D/T) \sqrt{A S_T + B T}$; $S_t$ is the larger root y of a quadratic.

    $t^2 (y - S_{t-1})^2 = D^2 (A y + B t)$ with $S_0 = 0$ bounds $\sum_{s<t} r_s$.
    """
    longest = int(np.max(t, initial=0.0)) + 1
    sums, d_sq = [0.0], c.D**2
    for k in range(1, longest + 1):
        half = sums[-1] + d_sq * c.A / (2.0 * k * k)
        rest = sums[-1] ** 2 - d_sq * c.B / k
        sums.append(half + np.sqrt(max(half * half - rest, 0.0)))
    steps = t + 1.0
    total = np.array(sums)[steps.astype(np.int64)]
    return np.asarray(c.D / steps * np.sqrt(c.A * total + c.B * steps) + c.guard)


def gamma_form(t: FloatArray) -> FloatArray:
    r"""$(\Gamma(t + 3/2) / (\Gamma(3/2) \Gamma(t + 2)))^2 = (x_t / D)^2$."""
    return np.asarray(np.exp(2.0 * (gammaln(t + 1.5) - gammaln(1.5) - gammaln(t + 2))))


def constant_lambda_smooth(c: Constants, t: FloatArray) -> FloatArray:
    r"""$(T M(L, \sigma^2; T) + (\lambda - 1) r_0) / (T + \lambda - 1)$."""
    steps = t + 1.0
    rate = steps * (master_rate(c.L, c.sigma**2, c.D, steps) + c.guard)
    return np.asarray((rate + (c.lam - 1.0) * c.gap0) / (steps + c.lam - 1.0))


def _on_parabola(suffix: str, title: str, sign: float) -> Claim:
    """One side of the Gamma form, above (1) or below (-1)."""
    relation = r"\le" if sign > 0 else r"\ge"
    return Claim(
        id=f"iam.smooth.quadratic_{suffix}",
        title=title,
        reference=PROJECT,
        families=P,
        statement=(
            rf"$f(x_t) - f_\star {relation} \frac L2 D^2 (\Gamma(t+\frac32)/"
            r"(\Gamma(\frac32)\Gamma(t+2)))^2$ on a parabola"
        ),
        assumes=(QUADRATIC, EXACT_TARGET),
        proof="z_{t+1} = x_t/2, so x_{t+1}/x_t = (t + 3/2)/(t + 2).",
        quantity=lambda tr: sign * tr.gap,
        bound=lambda c, t: sign * c.gap0 * gamma_form(t) + (t + 1.0) * c.guard,
        needs=frozenset({"gap"}),
        kind=Kind.PATHWISE,
        tight="an identity: T r_{T-1} / (L D^2) increases to 2/pi",
        slope=-1.0 if sign > 0 else None,
    )


LOG_PROOF = (
    "sum (d_t)_+^2/(A r_t + B) <= D^2 is jointly convex: Jensen, then Cauchy-Schwarz "
    "sum d_t <= D sqrt(A S_T + B T) with S_T = sum_{t<T} r_t; and T(S_T - S_{T-1}) <= "
    "that by iam.identity. "
)

FEJER = Claim(
    id="iam.smooth.fejer",
    title="Every step of IAM on smooth losses gains N^2/(L N + noise)",
    reference=PROJECT,
    families=EVERY,
    statement=(
        r"$\|z_{t+1}-u\|^2 \le \|z_t-u\|^2 - (N_t)_+^2/(L(N_t)_+ + \|h_{\xi_t}\|^2)$"
    ),
    assumes=(CONVEX, EXACT_TARGET, SMOOTH),
    proof=SHARP_PROOF + " With <g, z - u> >= N + ||g - h||^2/(2L) for S2.",
    quantity=smooth_fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS | {"slope_u_sq"},
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
)

LOG = Claim(
    id="iam.smooth.log",
    title="The last iterate of IAM under a growth condition, with a logarithm",
    reference=SPS_STAR_PAPER,
    families=P,
    statement=(
        rf"${LEFT} \le a H_T + b + \sqrt{{2ab}}$, $a = A D^2/T$, "
        r"$b = \sqrt B D/\sqrt T$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, GROWTH),
    proof=LOG_PROOF + "Induct on sqrt S_T.",
    quantity=last_with_bregman,
    bound=log_rate,
    needs=BREGMAN,
    support=bregman_support,
    slope=-0.5,
    origin="paper",
)

LOG_RECURSION = Claim(
    id="iam.smooth.log_recursion",
    title="The same, with the recursion of its proof run exactly",
    reference=PROJECT,
    families=P,
    statement=(
        rf"${LEFT} \le \frac DT \sqrt{{A S_T + B T}}$, $S_t$ the larger root of "
        r"$t^2(y - S_{t-1})^2 = D^2(A y + B t)$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, GROWTH),
    proof=LOG_PROOF,
    quantity=last_with_bregman,
    bound=recursion_rate,
    needs=BREGMAN,
    support=bregman_support,
    slope=-0.5,
)

LOG_INTERP = Claim(
    id="iam.smooth.log_interp",
    title="The logarithm with its constant, where B = 0",
    reference=PROJECT,
    families=P,
    statement=r"$T\,(E f(x_t) - f(u)) \le A D^2 (H_T/2 + 0.561)$, $T = t + 1$",
    assumes=(CONVEX, IID, EXACT_TARGET, GROWTH, SELF_BOUNDING_ONLY),
    proof=LOG_PROOF + "At B = 0, s_T = (k/T + sqrt(k^2/T^2 + 4 s_{T-1}^2))/2.",
    quantity=attrgetter("gap"),
    bound=lambda c, t: (
        c.A * c.D**2 * (0.5 * harmonic(t + 1) + 0.561) / (t + 1) + c.guard
    ),
    needs=frozenset({"gap"}),
    slope=-1.0,
)

SHARP = Claim(
    id="iam.smooth.sharp",
    title="The last iterate of IAM on smooth losses, without a logarithm",
    reference=PROJECT,
    families=P,
    statement=rf"${LEFT} \le M(L, \sigma^2; t+1)$",
    assumes=RATE,
    proof=SHARP_PROOF + " phi(mean of d_t) <= D^2/T by Jensen; iam.identity.",
    quantity=last_with_bregman,
    bound=sharp_rate,
    needs=BREGMAN,
    support=bregman_support,
    tight="0.7267 in the limit on x^2/2 with its Bregman terms (sigma = 0)",
    slope=-0.5,
)

SHARP_GAP = Claim(
    id="iam.smooth.last",
    title="The same for the gap alone",
    reference=PROJECT,
    families=P,
    statement=r"$E f(x_t) - f(u) \le M(L, \sigma^2; t+1)$",
    assumes=RATE,
    proof="iam.smooth.sharp without its nonnegative terms.",
    quantity=attrgetter("gap"),
    bound=sharp_rate,
    needs=frozenset({"gap"}),
    tight="2/pi in the limit on x^2/2 (sigma = 0)",
    slope=-0.5,
)

SHARP_C = Claim(
    id="iam.smooth.sharp_c",
    title="Convention C on smooth losses, one step later",
    reference=PROJECT,
    families=C,
    statement=(
        r"$E f(x_t) - f(u) + \frac1t\sum_{s=2}^t (s-1) E B_s \le M(L, \sigma^2; t)$, "
        r"$t \ge 1$"
    ),
    assumes=RATE,
    proof="x_1 = z_1: the run is P's from z_1 on, and ||z_1 - u|| <= D.",
    quantity=last_with_bregman_c,
    bound=lambda c, t: master_rate(c.L, c.sigma**2, c.D, t) + c.guard,
    needs=BREGMAN,
    support=bregman_support,
    first=1,
    slope=-0.5,
)

SHARP_K = Claim(
    id="iam.smooth.constant_lambda",
    title="Constant lambda on smooth losses: the weighted average",
    reference=PROJECT,
    families=K,
    statement=(
        r"$\frac{(1+\lambda) r_t + \sum_{1\le s<t} r_s + \lambda\sum_{s\le t} E B_s}"
        r"{T+\lambda-1} \le \frac{T M(L, \sigma^2; T) + (\lambda-1) r_0}"
        r"{T+\lambda-1}$, $t \ge 1$"
    ),
    assumes=(*RATE, AT_LEAST_ONE),
    proof=SHARP_PROOF + " Jensen; iam.identity with constant lambda.",
    quantity=weighted_average_bregman,
    bound=constant_lambda_smooth,
    needs=frozenset({"gap", "average_gap", "bregman"}),
    support=weighted_bregman_support,
    first=1,
)

INTERP = Claim(
    id="iam.smooth.interp",
    title="The last iterate of IAM under interpolation",
    reference=PROJECT,
    families=P,
    statement=rf"${LEFT} \le L D^2/(t+1)$",
    assumes=(*RATE, INTERPOLATION),
    proof="iam.smooth.sharp with sigma = 0.",
    quantity=last_with_bregman,
    bound=lambda c, t: c.L * c.D**2 / (t + 1) + c.guard,
    needs=BREGMAN,
    support=bregman_support,
    tight="at most 0.8065 at T = 100 by the proof's own optimum; 0.7267 on x^2/2",
    slope=-1.0,
)

CLOSED = _on_parabola(
    "closed_form", "IAM on a parabola is no slower than a Gamma function says", 1.0
)
CLOSED_BELOW = _on_parabola(
    "from_below", "IAM on a parabola is no faster: 1/T, never linear", -1.0
)

LINEAR = Claim(
    id="iam.smooth.linear_rate",
    title="FALSE: IAM converges linearly on strongly convex quadratics, like SPS*",
    reference=PROJECT,
    families=P,
    statement=r"$E f(x_t) - f_\star \le 4^{-t} (f(x_0) - f_\star)$ on a parabola",
    assumes=(QUADRATIC, EXACT_TARGET),
    proof="iam.smooth.quadratic_closed_form: T r_{T-1} increases to (2/pi) L D^2.",
    quantity=attrgetter("gap"),
    bound=lambda c, t: c.gap0 * 0.25**t + c.guard,
    needs=frozenset({"gap"}),
    expected=Status.REFUTED,
)

CLAIMS = (
    FEJER,
    LOG,
    LOG_RECURSION,
    LOG_INTERP,
    SHARP,
    SHARP_GAP,
    SHARP_C,
    SHARP_K,
    INTERP,
    CLOSED,
    CLOSED_BELOW,
    LINEAR,
)
