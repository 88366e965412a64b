r"""SPS*: $x^+ = x - \gamma g$ with $\gamma = (f_\xi(x) - f_\xi(u))_+ / \|g\|^2$.

$u$ is any comparator unless a claim asks for the true minimiser: the proofs use only
convexity and $E(\cdot)_+ \ge (E\,\cdot)_+$. A computed point needs no error analysis.
"""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from theory.assumptions import (
    CONVEX,
    EXACT_TARGET,
    GROWTH,
    IID,
    LIPSCHITZ_ON_BALL,
    MINIMISER,
    RESISTING,
)
from theory.bounds import lipschitz_rate, master_rate
from theory.claim import Claim, Kind, Support, Unit, gap_support, sampled_support
from theory.constants import Constants
from theory.formulas import progress
from theory.judge import Status
from theory.method import POLYAK, Family
from theory.references import PROJECT, SPS_STAR_PAPER
from theory.trace import FloatArray, Trace

SPS = frozenset({Family.SPS})
STEP_CHANNELS = frozenset({"numerator", "grad_norm_sq", "dist_sq", "dist_sq_next"})


def fejer_change(tr: Trace) -> FloatArray:
    r"""$(\|z_{t+1} - u\|^2 - \|z_t - u\|^2 + (N_t)_+^2 / \|g_t\|^2) / D^2$ per step."""
    steps = tr.numerator.shape[0]
    change = tr.dist_sq_next - tr.dist_sq[:steps]
    gain = progress(tr.numerator, tr.grad_norm_sq)
    return np.asarray((change + gain) / tr.dist0**2)


def fejer_sum(tr: Trace) -> FloatArray:
    r"""$(\sum_{s \le t} (N_s)_+^2 / \|g_s\|^2 + \|z_{t+1} - u\|^2) / D^2$ per step."""
    gains = np.cumsum(progress(tr.numerator, tr.grad_norm_sq), axis=0)
    return np.asarray((gains + tr.dist_sq_next) / tr.dist0**2)


def farthest(tr: Trace) -> FloatArray:
    r"""$\max(\|x_t - u\|, \|z_t - u\|) / D$ per point."""
    return np.asarray(np.sqrt(np.maximum(tr.point_dist_sq, tr.dist_sq)) / tr.dist0)


FEJER_PROOF = (
    "If N_t <= 0 nothing moves (in particular if g_t = 0, since then x_t minimises "
    "f_xi). Otherwise convexity gives <g_t, z_t - u> >= Delta_t + <g_t, z_t - x_t> = "
    "N_t, so the change of ||z - u||^2 is at most -2 eta N_t + eta^2 ||g_t||^2 = "
    "-N_t^2 / ||g_t||^2 at eta = N_t / ||g_t||^2."
)

FEJER = Claim(
    id="sps.fejer.pathwise",
    title="Every step of SPS* comes closer, by its own progress",
    reference=SPS_STAR_PAPER,
    families=SPS,
    statement=r"$\|x_{t+1}-u\|^2 \le \|x_t-u\|^2 - (\Delta_t)_+^2/\|g_t\|^2$",
    assumes=(CONVEX, EXACT_TARGET),
    proof=FEJER_PROOF,
    quantity=fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="equality where f_xi is linear between x_t and x_{t+1}",
    origin="paper",
)

FEJER_SUM = Claim(
    id="sps.fejer.sum",
    title="The progress of all steps of SPS* adds up to at most D^2",
    reference=SPS_STAR_PAPER,
    families=SPS,
    statement=r"$\sum_{s\le t} (\Delta_s)_+^2/\|g_s\|^2 + \|x_{t+1}-u\|^2 \le D^2$",
    assumes=(CONVEX, EXACT_TARGET),
    proof="Telescope sps.fejer.pathwise.",
    quantity=fejer_sum,
    bound=lambda c, t: np.ones_like(t),
    needs=STEP_CHANNELS,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 on |x|",
    origin="paper",
)

BALL = Claim(
    id="sps.ball",
    title="SPS* never leaves the ball around the comparator",
    reference=SPS_STAR_PAPER,
    families=SPS,
    statement=r"$\|x_t - u\| \le D$",
    assumes=(CONVEX, EXACT_TARGET),
    proof="Drop the progress from sps.fejer.pathwise.",
    quantity=farthest,
    bound=lambda c, t: np.ones_like(t),
    needs=frozenset({"point_dist_sq", "dist_sq"}),
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 at t = 0",
    origin="paper",
)

MASTER_PROOF = (
    "Cauchy-Schwarz: E_t(Delta)_+ <= sqrt(E_t[(Delta)_+^2/||g||^2] E_t||g||^2), and "
    "E_t(Delta)_+ >= r(x_t). So the expected progress is at least phi(r(x_t)) with "
    "phi(r) = r^2/(A r + B), convex and increasing on r >= 0. Sum the Fejer "
    "inequality, take expectations, use Jensen twice: phi(rbar_T) <= D^2/T. Invert."
)


@dataclass(frozen=True)
class Average:
    """One of the three things that the averaging proofs bound.

    Attributes:
        suffix: Of the claims' ids.
        channel: Of the trace.
        title: In words.
        tex: Left-hand side with $T = t + 1$.
        why: What to add to the proof.
        support: Sure range.

    """

    suffix: str
    channel: str
    title: str
    tex: str
    why: str
    support: Support


AVERAGES = (
    Average(
        "average",
        "average_gap",
        "the average of the gaps",
        r"\frac{1}{t+1}\sum_{s\le t} E f(x_s) - f(u)",
        "",
        sampled_support,
    ),
    Average(
        "iterate",
        "iterate_gap",
        "the averaged iterate",
        r"E f(\bar x_{t+1}) - f(u)",
        " Convexity: f(mean of x_s) <= mean of f(x_s).",
        gap_support,
    ),
    Average(
        "best",
        "best_gap",
        "the best iterate",
        r"E \min_{s\le t} f(x_s) - f(u)",
        " The least of the gaps is at most their mean.",
        gap_support,
    ),
)


def guarded_master(c: Constants, t: FloatArray) -> FloatArray:
    r"""$M(A, B; T)$ for targets that are too high by the guard: sps.over.master."""
    offset = c.B + c.A * c.guard
    return np.asarray(master_rate(c.A, offset, c.D, t + 1) + c.guard)


def _master(average: Average) -> Claim:
    return Claim(
        id=f"sps.master.{average.suffix}",
        title=f"SPS* under a growth condition: {average.title}",
        reference=SPS_STAR_PAPER,
        families=SPS,
        statement=rf"${average.tex} \le M(A, B; t+1)$",
        assumes=(CONVEX, IID, EXACT_TARGET, GROWTH),
        proof=MASTER_PROOF + average.why,
        quantity=attrgetter(average.channel),
        bound=guarded_master,
        needs=frozenset({average.channel}),
        support=average.support,
        tight="1 on LINF(d) at t + 1 = d (A = 0, B = G^2)",
        origin="paper",
    )


def _lipschitz(average: Average) -> Claim:
    return Claim(
        id=f"sps.lipschitz.{average.suffix}",
        title=f"SPS* at the optimal Lipschitz rate: {average.title}",
        reference=SPS_STAR_PAPER,
        families=SPS,
        statement=rf"${average.tex} \le G D / \sqrt{{t+1}}$",
        assumes=(CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL),
        proof="sps.master with A = 0, B = G^2. " + MASTER_PROOF + average.why,
        quantity=attrgetter(average.channel),
        bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
        needs=frozenset({average.channel}),
        support=average.support,
        slope=-0.5,
        tight="1 on LINF(d) at t + 1 = d; SPARSE-ABS(p): 0.638 to 0.75",
        origin="paper",
    )


MINIMAX = Claim(
    id="sps.lipschitz.minimax",
    title="No method in the span of T - 1 answers beats G D / sqrt(T)",
    reference=PROJECT,
    families=POLYAK,
    statement=r"$G D/\sqrt{d} - (f(x_t) - f_\star) \le 0$ on LINF(d) for $t \le d-1$",
    assumes=(RESISTING, MINIMISER),
    proof=(
        "The resisting oracle of f = max_j |x_j| answers with the first maximal "
        "coordinate. x_t lies in x_0 plus the span of t <= d - 1 answers, so one "
        "coordinate still is c = G D / sqrt(d), whatever the method."
    ),
    quantity=lambda tr: -tr.gap,
    bound=lambda c, t: -lipschitz_rate(c.G, c.D, c.dim) + 0.0 * t,
    needs=frozenset({"gap"}),
    kind=Kind.PATHWISE,
    last=lambda c: c.dim - 1,
    tight="equality for SPS* and IAM at every t <= d - 1",
)

LAST_ITERATE = Claim(
    id="sps.lastiterate.refuted",
    title="FALSE: the last iterate of SPS* obeys G D / sqrt(T)",
    reference=PROJECT,
    families=SPS,
    statement=r"$E f(x_t) - f_\star \le G D/\sqrt{t+1}$",
    assumes=(CONVEX, IID, EXACT_TARGET, LIPSCHITZ_ON_BALL, MINIMISER),
    proof=(
        "Counterexample WEDGE(theta): f = max(|<w, x>|, |<u, x>|), w = (1, 0), u = "
        "(cos 2theta, sin 2theta), x_0 = (cos theta, sin theta), tie resolved to w. "
        "Then f(x_1) = 2 sin^2(theta) cos(theta) = 4/(3 sqrt 3) at cos(theta) = "
        "1/sqrt 3, above 1/sqrt 2: ratio 4 sqrt 2/(3 sqrt 3) = 1.0887."
    ),
    quantity=attrgetter("gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"gap"}),
    slope=-0.5,
    expected=Status.REFUTED,
)

CLAIMS = (
    FEJER,
    FEJER_SUM,
    BALL,
    *(_master(average) for average in AVERAGES),
    *(_lipschitz(average) for average in AVERAGES),
    MINIMAX,
    LAST_ITERATE,
)
