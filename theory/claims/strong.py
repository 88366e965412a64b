r"""SPS* under quadratic growth, $f(x) - f_\star \ge \frac\mu2\|x - x_\star\|^2$.

Most speak of $e_t = E\|x_t - x_\star\|^2$. With guarded targets $e_t$ stops at a floor
of order guard / mu, which the bounds add (2 guard / mu where the proof's factor is
3/(2L), 4 guard / mu elsewhere).
"""

from functools import partial

import numpy as np

from theory.assumptions import (
    CONVEX,
    EXACT_TARGET,
    GROWS_QUADRATICALLY,
    GROWTH,
    IID,
    INTERPOLATION,
    LIPSCHITZ_ON_BALL,
    MINIMISER,
    NOISE_LEAKS,
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


def growth_rate(slope: float, offset: float, c: Constants, t: FloatArray) -> FloatArray:
    r"""$1/(1 + t \mu^2 D^2/(2 A \mu D^2 + 4 B))$, relative to $D^2$.

    What phi(r) = $r^2/(A r + B)$ with $r \ge \mu e/2$ makes of $e_{t+1} \le e_t -
    \phi(r)$ where $e_t \le D^2$ is used in its denominator.
    """
    d_sq = c.D**2
    speed = c.mu**2 * d_sq / (2.0 * slope * c.mu * d_sq + 4.0 * offset)
    return np.asarray(1.0 / (1.0 + t * speed) + floor(c, 4.0))


def iterated_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$E_t/D^2$: $E_{s+1} = E_s - \mu^2 E_s^2/(2L\mu E_s + 4\sigma^2)$ from $D^2$."""
    level, levels = c.D**2, []
    for _ in range(int(np.max(t, initial=0.0)) + 1):
        levels.append(level / c.D**2)
        level -= (c.mu * level) ** 2 / (2.0 * c.L * c.mu * level + 4.0 * c.sigma**2)
    return np.array(levels)[t.astype(np.int64)] + floor(c, 4.0)


def leaking_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$(1 - \kappa^2/(L \kappa D + \sigma^2))^t$ and what the guard leaves."""
    share = c.kappa**2 / (c.L * c.kappa * c.D + c.sigma**2)
    return np.asarray((1.0 - share) ** t + 2.0 * c.guard / (c.kappa * c.D))


def two_phase_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\max\{(1-\mu/(4L))^{t/2}, 16\sigma^2/(\mu^2 t D^2)\}$."""
    fast = (1.0 - c.mu / (4.0 * c.L)) ** (t / 2.0)
    slow = 16.0 * c.sigma**2 / (c.mu**2 * t * c.D**2)
    return np.asarray(np.maximum(fast, slow) + floor(c, 4.0))


distance_claim = partial(
    Claim,
    families=SPS,
    quantity=relative_distance,
    needs=DISTANCE,
    unit=Unit.RELATIVE,
    support=distance_support,
    first=1,
)
"""A claim on $E\\|x_t - u\\|^2 / D^2$ from t = 1 on."""

LIPSCHITZ = distance_claim(
    id="sps.strong.lipschitz",
    title="SPS* with quadratic growth and bounded gradients: 1/t",
    reference=SPS_STAR_PAPER,
    statement=r"$E\|x_t-x_\star\|^2 \le 1/(1/D^2 + \mu^2 t/(4G^2)) \le 4G^2/(\mu^2 t)$",
    assumes=(*STRONG, LIPSCHITZ_ON_BALL),
    proof=(
        "e_{t+1} <= e_t - E r(x_t)^2/G^2 <= e_t - (mu^2/(4 G^2)) e_t^2, and 1/(e - x) "
        ">= 1/e + x/e^2."
    ),
    bound=lambda c, t: growth_rate(0.0, c.G**2, c, t),
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

SMOOTH_INTERP = distance_claim(
    id="sps.strong.smooth_interp",
    title="SPS* under interpolation with quadratic growth is linear",
    reference=PROJECT,
    statement=r"$E\|x_t-x_\star\|^2 \le (1 - 3\mu/(4L))^t D^2$",
    assumes=(*STRONG, SMOOTH, INTERPOLATION),
    proof="The progress is at least 3 Delta/(2L) (S1 and S2), and r >= mu e/2.",
    bound=lambda c, t: (1.0 - 0.75 * c.mu / c.L) ** t + floor(c, 2.0),
    tight="1 on COORD-QUAD with equal L (mu = L/n)",
)

SMOOTH_INTERP_LOCAL = distance_claim(
    id="sps.strong.smooth_interp_local",
    title="The same from S1 alone, L on the ball only",
    reference=PROJECT,
    statement=r"$E\|x_t-x_\star\|^2 \le (1 - \mu/(4L))^t D^2$",
    assumes=(*STRONG, SMOOTH, INTERPOLATION),
    proof="The progress is at least Delta/(2L) (S1 on the ball), and r >= mu e/2.",
    bound=lambda c, t: (1.0 - 0.25 * c.mu / c.L) ** t + floor(c, 4.0),
    origin="paper",
)

SMOOTH_NOISE = distance_claim(
    id="sps.strong.smooth_noise",
    title="SPS* on smooth losses with quadratic growth and noise: 1/t",
    reference=PROJECT,
    statement=(r"$E\|x_t-x_\star\|^2 \le 1/(1/D^2 + t\mu^2/(2L\mu D^2 + 4\sigma^2))$"),
    assumes=(*STRONG, SMOOTH),
    proof=(
        "sps.smooth.sharp with r >= mu e/2: e_{t+1} <= e_t - mu^2 e_t^2/(2 L mu e_t + "
        "4 sigma^2), an increasing map; e_t <= D^2 in the denominator; invert."
    ),
    bound=lambda c, t: growth_rate(c.L, c.sigma**2, c, t),
    slope=-1.0,
)

SMOOTH_NOISE_ITERATED = distance_claim(
    id="sps.strong.smooth_noise_recursion",
    title="The same, with the recursion of its proof run exactly",
    reference=PROJECT,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le E_t$, $E_0 = D^2$, $E_{s+1} = E_s - "
        r"\mu^2E_s^2/(2L\mu E_s + 4\sigma^2)$"
    ),
    assumes=(*STRONG, SMOOTH),
    proof=(
        "sps.strong.smooth_noise before e_t <= D^2 is used. Its map e -> e - mu^2 "
        "e^2/(2 L mu e + 4 sigma^2) increases and is concave: Jensen, then induct."
    ),
    bound=iterated_rate,
)

GROWING = distance_claim(
    id="sps.strong.growth",
    title="SPS* with quadratic growth under the master's condition: 1/t",
    reference=SPS_STAR_PAPER,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le 1/(1/D^2 + t\mu^2/(2A\mu D^2 + 4B))$; on smooth "
        r"losses $A = 2L$, $B = 2L\Delta_\star$"
    ),
    assumes=(*STRONG, GROWTH),
    proof=(
        "sps.master before the sum: e_{t+1} <= e_t - phi(r) with phi(r) = r^2/(A r + "
        "B), r >= mu e/2; on as in sps.strong.smooth_noise."
    ),
    bound=lambda c, t: growth_rate(c.A, c.B + c.A * c.guard, c, t),
    slope=-1.0,
    origin="paper",
)

TWO_PHASE = distance_claim(
    id="sps.strong.two_phase",
    title="The same in two phases: first linear, then 1/t",
    reference=PROJECT,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le \max\{(1-\frac{\mu}{4L})^{t/2} D^2, "
        r"16\sigma^2/(\mu^2 t)\}$, $t \ge 1$"
    ),
    assumes=(*STRONG, SMOOTH),
    proof=(
        "While 2 L mu e >= 4 sigma^2 a step multiplies e by at most 1 - mu/(4L); once "
        "it is less, the denominator is at most 8 sigma^2. One of the two took t/2."
    ),
    bound=two_phase_rate,
)

NOISE_LINEAR = distance_claim(
    id="sps.noise_linear",
    title="Noise makes SPS* linear: the targets leak the minimiser",
    reference=PROJECT,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le (1-q)^t D^2$, "
        r"$q \le \min_{\|v\|=1} E (\langle h_\xi, v\rangle)_+^2/G_\xi^2$"
    ),
    assumes=(*BASE, LIPSCHITZ_ON_BALL, NOISE_SPANS),
    proof=(
        "Delta_xi(x) >= <h_xi, x - x*>, so the expected progress is at least "
        "q ||x - x*||^2. Neither smoothness nor strong convexity is used."
    ),
    bound=lambda c, t: (1.0 - c.q) ** t + 2.0 * c.guard_max / (c.G * c.D * c.q),
    tight="1 on |x - s|, |x + s| with s > D: e_t = 2^{-t} D^2, q = 1/2",
)

NOISE_LINEAR_SMOOTH = distance_claim(
    id="sps.noise_linear.smooth",
    title="Noise makes SPS* linear on smooth losses, without a bound on gradients",
    reference=PROJECT,
    statement=(
        r"$E\|x_t-x_\star\|^2 \le (1-\frac{\kappa^2}{L\kappa D+\sigma^2})^t D^2$, "
        r"$\kappa \le \min_{\|v\|=1} E \langle h_\xi, v\rangle_+$"
    ),
    assumes=(*BASE, SMOOTH, NOISE_LEAKS),
    proof=(
        "By convexity E(Delta)_+ >= kappa delta, delta = ||x - x*|| <= D; the expected "
        "progress of sps.smooth.sharp is at least u^2/(L u + sigma^2) there, u = kappa "
        "delta."
    ),
    bound=leaking_rate,
    tight="0.64 on (x -+ 1)^2/2 from 1, at t = 1",
)

CLAIMS = (
    LIPSCHITZ,
    SUFFIX,
    SMOOTH_INTERP,
    SMOOTH_INTERP_LOCAL,
    GROWING,
    SMOOTH_NOISE,
    SMOOTH_NOISE_ITERATED,
    TWO_PHASE,
    NOISE_LINEAR,
    NOISE_LINEAR_SMOOTH,
)
