r"""SPS* on smooth losses: rates in L, in the noise $\sigma$ at u, and interpolation.

Lemma S1 (self-bounding): $\|\nabla f_\xi\|^2 \le 2L(f_\xi - \inf f_\xi)$ where the
gradient is L-Lipschitz far enough. Lemma S2 (co-coercivity to u): $\langle g, x - u
\rangle \ge \Delta + \|g - h_\xi\|^2 / (2L)$ with $h_\xi = \nabla f_\xi(u)$; for a loss
of one score the ball suffices. L is the largest over $\xi$, never a mean.
"""

from operator import attrgetter

import numpy as np

from theory import formulas
from theory.assumptions import (
    CONVEX,
    EXACT_TARGET,
    EXPECTED_SMOOTH,
    IID,
    INTERPOLATION,
    MINIMISER,
    SMOOTH,
)
from theory.bounds import master_rate
from theory.claim import Claim, Kind, Unit, sampled_support
from theory.claims.sps import MASTER_PROOF, SPS, STEP_CHANNELS, guarded_master
from theory.constants import Constants
from theory.references import PROJECT, SPS_STAR_PAPER
from theory.trace import FloatArray, Trace

AVERAGE = r"\frac{1}{t+1}\sum_{s\le t} E f(x_s) - f(u)"


def smooth_fejer_change(tr: Trace) -> FloatArray:
    r"""$(\|z^+-u\|^2 - \|z-u\|^2 + N_+^2/(L N_+ + \|h_\xi\|^2))/D^2$ per step."""
    steps = tr.numerator.shape[0]
    change = tr.dist_sq_next - tr.dist_sq[:steps]
    part = formulas.positive_part(tr.numerator)
    gain = formulas.ratio(part * part, tr.L * part + tr.slope_u_sq)
    return np.asarray((change + gain) / tr.dist0**2)


def interpolation_sum(tr: Trace) -> FloatArray:
    r"""$\sum_{s \le t} (\Delta_s)_+ / (L D^2)$, with the guarded numerators."""
    total = np.cumsum(formulas.positive_part(tr.numerator), axis=0)
    return np.asarray(total / (tr.L * tr.dist0**2))


def local_rate(smoothness: float, c: Constants, t: FloatArray) -> FloatArray:
    r"""$(\frac12(a + \sqrt{a^2 + 4 \sigma D / \sqrt T}))^2$, $a = D \sqrt{2L/T}$."""
    steps = t + 1.0
    a = c.D * np.sqrt(2.0 * smoothness / steps)
    root = 0.5 * (a + np.sqrt(a * a + 4.0 * c.sigma * c.D / np.sqrt(steps)))
    return np.asarray(root * root + c.guard)


def sharp_rate(c: Constants, t: FloatArray) -> FloatArray:
    r"""$M(L, \sigma^2; t + 1)$ and the guard."""
    return np.asarray(master_rate(c.L, c.sigma**2, c.D, t + 1) + c.guard)


SHARP_PROOF = (
    "S2 gives change <= -N^2/s^2 - (N/(L s^2))||g - h||^2, N = (Delta)_+, s = ||g||. "
    "If s <= ||h|| the first term is at least N^2/||h||^2. Else ||g - h|| >= s - ||h||;"
    " "
    "with q = ||h||/s the progress is at least (N^2/||h||^2) q^2 + (N/L)(1 - q)^2 >= "
    "N^2/(L N + ||h||^2)."
)

RATE = (CONVEX, IID, EXACT_TARGET, SMOOTH)

MASTER = Claim(
    id="sps.smooth.master",
    title="SPS* on smooth losses, from the self-bounding property",
    reference=SPS_STAR_PAPER,
    families=SPS,
    statement=(
        rf"${AVERAGE} \le M(2L, 2L\Delta_\star; t+1)$, "
        r"$\Delta_\star = f(u) - E\inf f_\xi$"
    ),
    assumes=RATE,
    proof="S1 is the growth condition with A = 2L, B = 2L Delta*. " + MASTER_PROOF,
    quantity=attrgetter("average_gap"),
    bound=guarded_master,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    origin="paper",
    slope=-0.5,
)

SIGMA_LOCAL = Claim(
    id="sps.smooth.sigma_local",
    title="SPS* with the gradient noise at the minimiser, L on the ball only",
    reference=PROJECT,
    families=SPS,
    statement=(
        rf"$\sqrt{{{AVERAGE}}} \le \frac12 (a + \sqrt{{a^2 + 4\sigma D/\sqrt{{T}}}})$, "
        r"$a = D\sqrt{2L/T}$, $T = t + 1$"
    ),
    assumes=(*RATE, MINIMISER),
    proof=(
        "S1 for f_xi - <h_xi, .>, whose gradient vanishes at x*: E||g||^2 <= (sqrt(2 L "
        "r) + sigma)^2. phi(r) = r^2/(sqrt(2 L r) + sigma)^2 is a supremum of convex "
        "increasing functions; the master argument gives phi(rbar) <= D^2/T."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: local_rate(c.L, c, t),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    slope=-0.5,
)

EXPECTED = Claim(
    id="sps.smooth.expected",
    title="The same from smoothness in expectation: no largest L, and batches help",
    reference=PROJECT,
    families=SPS,
    statement=(
        rf"$\sqrt{{{AVERAGE}}} \le \frac12 (a + \sqrt{{a^2 + 4\sigma D/\sqrt{{T}}}})$ "
        r"with $a = D\sqrt{2L_e/T}$, $T = t + 1$, if $E\|g_\xi(x) - h_\xi\|^2 \le "
        r"2L_e(f(x) - f_\star)$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, EXPECTED_SMOOTH, MINIMISER),
    proof=(
        "Minkowski: (E||g||^2)^{1/2} <= (E||g - h||^2)^{1/2} + sigma <= sqrt(2 L_e r) "
        "+ sigma, the growth that sps.smooth.sigma_local uses; go on as there. For a "
        "batch 2 L_e r splits like any second moment: L_f (1 - s) + L_e s, s the "
        "variance's share."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: local_rate(c.L_expected, c, t),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    tight="1/3 on x^2/2, as for every rate 2 L D^2/T under interpolation",
    slope=-0.5,
)

SHARP_STEP = Claim(
    id="sps.smooth.sharp.pathwise",
    title="Every step of SPS* on smooth losses gains Delta^2/(L Delta + noise)",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\|x_{t+1}-u\|^2 \le \|x_t-u\|^2 - (\Delta_t)_+^2/"
        r"(L(\Delta_t)_+ + \|h_{\xi_t}\|^2)$"
    ),
    assumes=(CONVEX, EXACT_TARGET, SMOOTH),
    proof=SHARP_PROOF,
    quantity=smooth_fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS | {"slope_u_sq"},
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
)

SHARP = Claim(
    id="sps.smooth.sharp",
    title="The sharp smooth rate of SPS*",
    reference=PROJECT,
    families=SPS,
    statement=rf"${AVERAGE} \le M(L, \sigma^2; t+1) \le L D^2/T + \sigma D/\sqrt T$",
    assumes=RATE,
    proof=SHARP_PROOF + " u^2/(L u + s) is jointly convex: Jensen; then invert.",
    quantity=attrgetter("average_gap"),
    bound=sharp_rate,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    slope=-0.5,
)

INTERPOLATING = (*RATE, INTERPOLATION)

INTERP = Claim(
    id="sps.smooth.interp",
    title="SPS* under interpolation, L on the ball only",
    reference=SPS_STAR_PAPER,
    families=SPS,
    statement=rf"${AVERAGE} \le 2 L D^2/(t+1)$",
    assumes=INTERPOLATING,
    proof=(
        "Along the gradient flow of f_xi the distance to x* does not grow, so S1 holds "
        "on the ball with f_xi(x*) as infimum: the progress is at least Delta/(2L)."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: 2.0 * c.L * c.D**2 / (t + 1) + c.guard,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    origin="paper",
    slope=-1.0,
)

INTERP_SHARP = Claim(
    id="sps.smooth.interp_sharp",
    title="SPS* under interpolation, with the best constant",
    reference=PROJECT,
    families=SPS,
    statement=rf"${AVERAGE} \le \frac23 L D^2/(t+1)$",
    assumes=INTERPOLATING,
    proof=(
        "S1 and S2 with h = 0: the progress is Delta^2/||g||^2 + Delta/L >= Delta/(2L) "
        "+ Delta/L. Sum."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: (2.0 / 3.0) * c.L * c.D**2 / (t + 1) + c.guard,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    tight="1 - 4^{-T} on x^2/2; tends to 1 on SPARSE-QUAD(p) and COORD-QUAD",
    slope=-1.0,
)

INTERP_SUM = Claim(
    id="sps.smooth.interp_sum",
    title="Under interpolation the excess losses of SPS* have a finite sum",
    reference=PROJECT,
    families=SPS,
    statement=r"$\sum_{s\le t} (f_{\xi_s}(x_s) - f_{\xi_s}(u))_+ \le \frac23 L D^2$",
    assumes=(CONVEX, EXACT_TARGET, SMOOTH, INTERPOLATION),
    proof="sps.smooth.interp_sharp before taking expectations.",
    quantity=interpolation_sum,
    bound=lambda c, t: np.full_like(t, 2.0 / 3.0),
    needs=frozenset({"numerator"}),
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 - 4^{-T} on x^2/2",
)

CLAIMS = (
    MASTER,
    SIGMA_LOCAL,
    EXPECTED,
    SHARP_STEP,
    SHARP,
    INTERP,
    INTERP_SHARP,
    INTERP_SUM,
)
