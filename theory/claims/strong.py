r"""SPS* under quadratic growth, $f(x) - f_\star \ge \frac\mu2\|x - x_\star\|^2$.

Most speak of $e_t = E\|x_t - x_\star\|^2$. With guarded targets $e_t$ stops at a floor
of order guard / mu, which the bounds add (2 guard / mu where the proof's factor is
3/(2L), 4 guard / mu elsewhere).
"""

import numpy as np

from theory.assumptions import (
    CONVEX,
    EXACT_TARGET,
    GROWS_QUADRATICALLY,
    IID,
    INTERPOLATION,
    LIPSCHITZ_ON_BALL,
    MINIMISER,
    NOISE_SPANS,
    SMOOTH,
)
from theory.claim import Claim, Unit, distance_support, sampled_support
from theory.claims.sps import SPS
from theory.constants import Constants
from theory.references import PROJECT, SPS_STAR_PAPER
from theory.trace import FloatArray, Trace

BASE = (CONVEX, IID, EXACT_TARGET, MINIMISER)
STRONG = (*BASE, GROWS_QUADRATICALLY)
DISTANCE = frozenset({"point_dist_sq"})


def relative_distance(tr: Trace) -> FloatArray:
    r"""$\|x_t - u\|^2 / D^2$."""
    return np.asarray(tr.point_dist_sq / tr.dist0**2)


def suffix_average(tr: Trace) -> FloatArray:
    r"""Mean gap of the second half $T/2 \le s < T$ of $T = t + 1$ points (T even).

    At odd T it is that of $T - 1$; T = 1 has no half and is not spoken of.
    """
    even = 2 * ((tr.times + 1) // 2)
    total = np.concatenate([np.zeros((1, tr.gap.shape[1])), np.cumsum(tr.gap, axis=0)])
    half = np.maximum(even // 2, 1)[:, None]
    return np.asarray((total[even] - total[even // 2]) / half)


def floor(c: Constants, factor: float) -> float:
    """What the guard leaves of the squared distance, relative to D^2."""
    return factor * c.guard / (c.mu * c.D**2)


def noise_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$1/(1 + t \mu^2 D^2/(2 L \mu D^2 + 4\sigma^2))$, relative to $D^2$."""
    d_sq = c.D**2
    speed = c.mu**2 * d_sq / (2.0 * c.L * c.mu * d_sq + 4.0 * c.sigma**2)
    return np.asarray(1.0 / (1.0 + t * speed) + floor(c, 4.0))


def two_phase_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\max\{(1-\mu/(4L))^{t/2}, 16\sigma^2/(\mu^2 t D^2)\}$."""
    fast = (1.0 - c.mu / (4.0 * c.L)) ** (t / 2.0)
    slow = 16.0 * c.sigma**2 / (c.mu**2 * t * c.D**2)
    return np.asarray(np.maximum(fast, slow) + floor(c, 4.0))


LIPSCHITZ = Claim(
    id="sps.strong.lipschitz",
    title="SPS* with quadratic growth and bounded gradients: 1/t",
    reference=SPS_STAR_PAPER,
    families=SPS,
    statement=r"$E\|x_t-x_\star\|^2 \le 1/(1/D^2 + \mu^2 t/(4G^2)) \le 4G^2/(\mu^2 t)$",
    assumes=(*STRONG, LIPSCHITZ_ON_BALL),
    proof=(
        "e_{t+1} <= e_t - E r(x_t)^2/G^2 <= e_t - (mu^2/(4 G^2)) e_t^2, and 1/(e - x) "
        ">= 1/e + x/e^2."
    ),
    quantity=relative_distance,
    bound=lambda c, t: (
        1.0 / (1.0 + t * (c.mu * c.D / (2.0 * c.G)) ** 2) + floor(c, 4.0)
    ),
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
    slope=-1.0,
    origin="paper",
)

SUFFIX = Claim(
    id="sps.strong.suffix",
    title="The mean gap of the second half of SPS*: 1/T",
    reference=PROJECT,
    families=SPS,
    statement=r"$\frac2T\sum_{T/2\le s<T} E f(x_s)-f_\star \le 4G^2/(\mu T)$, T even",
    assumes=(*STRONG, LIPSCHITZ_ON_BALL),
    proof="sum_{s >= T/2} r_s^2 <= G^2 e_{T/2}; sps.strong.lipschitz; Cauchy-Schwarz.",
    quantity=suffix_average,
    bound=lambda c, t: 4.0 * c.G**2 / (c.mu * 2.0 * ((t + 1) // 2)) + c.guard,
    needs=frozenset({"gap"}),
    support=sampled_support,
    dense=True,
    first=1,
    slope=-1.0,
)

SMOOTH_INTERP = Claim(
    id="sps.strong.smooth_interp",
    title="SPS* under interpolation with quadratic growth is linear",
    reference=PROJECT,
    families=SPS,
    statement=r"$E\|x_t-x_\star\|^2 \le (1 - 3\mu/(4L))^t D^2$",
    assumes=(*STRONG, SMOOTH, INTERPOLATION),
    proof="The progress is at least 3 Delta/(2L) (S1 and S2), and r >= mu e/2.",
    quantity=relative_distance,
    bound=lambda c, t: (1.0 - 0.75 * c.mu / c.L) ** t + floor(c, 2.0),
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
    tight="1 on COORD-QUAD with equal L (mu = L/n)",
)

SMOOTH_INTERP_LOCAL = Claim(
    id="sps.strong.smooth_interp_local",
    title="The same from S1 alone, L on the ball only",
    reference=PROJECT,
    families=SPS,
    statement=r"$E\|x_t-x_\star\|^2 \le (1 - \mu/(4L))^t D^2$",
    assumes=(*STRONG, SMOOTH, INTERPOLATION),
    proof="The progress is at least Delta/(2L) (S1 on the ball), and r >= mu e/2.",
    quantity=relative_distance,
    bound=lambda c, t: (1.0 - 0.25 * c.mu / c.L) ** t + floor(c, 4.0),
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
    origin="paper",
)

SMOOTH_NOISE = Claim(
    id="sps.strong.smooth_noise",
    title="SPS* on smooth losses with quadratic growth and noise: 1/t",
    reference=PROJECT,
    families=SPS,
    statement=(r"$E\|x_t-x_\star\|^2 \le 1/(1/D^2 + t\mu^2/(2L\mu D^2 + 4\sigma^2))$"),
    assumes=(*STRONG, SMOOTH),
    proof=(
        "sps.smooth.sharp with r >= mu e/2: e_{t+1} <= e_t - mu^2 e_t^2/(2 L mu e_t + "
        "4 sigma^2), an increasing map; e_t <= D^2 in the denominator; invert."
    ),
    quantity=relative_distance,
    bound=noise_rate,
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
    slope=-1.0,
)

TWO_PHASE = Claim(
    id="sps.strong.two_phase",
    title="The same in two phases: first linear, then 1/t",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le \max\{(1-\frac{\mu}{4L})^{t/2} D^2, "
        r"16\sigma^2/(\mu^2 t)\}$, $t \ge 1$"
    ),
    assumes=(*STRONG, SMOOTH),
    proof=(
        "While 2 L mu e >= 4 sigma^2 a step multiplies e by at most 1 - mu/(4L); once "
        "it is less, the denominator is at most 8 sigma^2. One of the two took t/2."
    ),
    quantity=relative_distance,
    bound=two_phase_rate,
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
)

NOISE_LINEAR = Claim(
    id="sps.noise_linear",
    title="Noise makes SPS* linear: the targets leak the minimiser",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le (1-q)^t D^2$, "
        r"$q \le \min_{\|v\|=1} E (\langle h_\xi, v\rangle)_+^2/G_\xi^2$"
    ),
    assumes=(*BASE, LIPSCHITZ_ON_BALL, NOISE_SPANS),
    proof=(
        "Delta_xi(x) >= <h_xi, x - x*>, so the expected progress is at least "
        "q ||x - x*||^2. Neither smoothness nor strong convexity is used."
    ),
    quantity=relative_distance,
    bound=lambda c, t: (1.0 - c.q) ** t + 2.0 * c.guard_max / (c.G * c.D * c.q),
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
    tight="1 on |x - s|, |x + s| with s > D: e_t = 2^{-t} D^2, q = 1/2",
)

CLAIMS = (
    LIPSCHITZ,
    SUFFIX,
    SMOOTH_INTERP,
    SMOOTH_INTERP_LOCAL,
    SMOOTH_NOISE,
    TWO_PHASE,
    NOISE_LINEAR,
)
