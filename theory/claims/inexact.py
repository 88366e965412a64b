r"""SPS* and IAM told too large a value: $v_\xi = f_\xi(u) + e_\xi$ with $e_\xi \ge 0$.

Overestimates are safe: the Fejer inequality survives with the algorithm's own
numerators, the ball is kept without a cap, and the rates gain a floor of
$\bar e = E e_\xi$. Underestimates are another matter (they can diverge).
"""

from operator import attrgetter

import numpy as np

from theory import formulas
from theory.assumptions import (
    BOUNDED_ON_BALL,
    CONVEX,
    GROWTH,
    IID,
    LIPSCHITZ_ON_BALL,
    OVERESTIMATE,
    SMOOTH,
    STRICT_OVERESTIMATE,
)
from theory.bounds import lipschitz_rate, master_rate
from theory.claim import Claim, Kind, Unit, gap_support, sampled_support
from theory.claims.iam import (
    EVERY as EVERY_IAM,
    P,
    bregman_support,
    last_with_bregman,
)
from theory.claims.sps import SPS, STEP_CHANNELS, farthest, fejer_change
from theory.constants import Constants
from theory.references import PROJECT
from theory.trace import FloatArray, Trace

OVER = (CONVEX, STRICT_OVERESTIMATE)


def fejer_change_sharp(tr: Trace) -> FloatArray:
    r"""Per step, $(\|z^+ - u\|^2 - \|z - u\|^2 + (N-e)_+ (N+e) / \|g\|^2) / D^2$.

    `tr.numerator` is written with the declared targets, so it is the $N - e$ here.
    """
    steps = tr.numerator.shape[0]
    change = tr.dist_sq_next - tr.dist_sq[:steps]
    part = formulas.positive_part(tr.numerator)
    gain = formulas.ratio(part * (tr.numerator + 2 * tr.target_error), tr.grad_norm_sq)
    return np.asarray((change + gain) / tr.dist0**2)


def over_lipschitz(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\bar e + G D / \sqrt{t+1}$."""
    return np.asarray(c.error_mean + lipschitz_rate(c.G, c.D, t + 1))


def over_smooth(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\bar e + M(L, \sigma^2; t+1)$."""
    return np.asarray(c.error_mean + master_rate(c.L, c.sigma**2, c.D, t + 1))


FEJER_PROOF = (
    "With N' = N - e the step is (N')_+/||g||^2. Where N' > 0 the change is at most "
    "-2 eta N + eta^2 ||g||^2 = -(N')(2N - N')/||g||^2 = -(N - e)(N + e)/||g||^2 <= "
    "-(N - e)^2/||g||^2, as e >= 0."
)

FEJER = Claim(
    id="sps.over.fejer",
    title="Overestimated targets keep the Fejer inequality, written with them",
    reference=PROJECT,
    families=SPS,
    statement=r"$\|x_{t+1}-u\|^2 \le \|x_t-u\|^2 - (\Delta_t-e_t)_+^2/\|g_t\|^2$",
    assumes=OVER,
    proof=FEJER_PROOF,
    quantity=fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
)

FEJER_SHARP = Claim(
    id="sps.over.fejer_sharp",
    title="The same, with what the true value adds",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\|x_{t+1}-u\|^2 \le \|x_t-u\|^2 - "
        r"(\Delta_t-e_t)_+(\Delta_t+e_t)/\|g_t\|^2$"
    ),
    assumes=OVER,
    proof=FEJER_PROOF,
    quantity=fejer_change_sharp,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS | {"target_error"},
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="equality where f_xi is linear between x_t and u",
)

BALL = Claim(
    id="sps.over.ball",
    title="Overestimated targets keep the ball without a cap",
    reference=PROJECT,
    families=SPS | EVERY_IAM,
    statement=r"$\max(\|x_t - u\|, \|z_t - u\|) \le D$",
    assumes=OVER,
    proof="Drop the progress from the Fejer inequality.",
    quantity=farthest,
    bound=lambda c, t: np.ones_like(t),
    needs=frozenset({"point_dist_sq", "dist_sq"}),
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 at t = 0",
)

LIPSCHITZ = Claim(
    id="sps.over.lipschitz",
    title="The Lipschitz rate of SPS*, down to the mean overestimate",
    reference=PROJECT,
    families=SPS,
    statement=r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le \bar e + GD/\sqrt{t+1}$",
    assumes=(*OVER, IID, LIPSCHITZ_ON_BALL),
    proof="E(Delta - e)_+ >= r - ebar; then as in sps.lipschitz.average.",
    quantity=attrgetter("average_gap"),
    bound=over_lipschitz,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    tight="on |x| with v = eps the run stops at |x| = eps",
)

MASTER = Claim(
    id="sps.over.master",
    title="The master bound of SPS*, down to the mean overestimate",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le "
        r"\bar e + M(A, B + A\bar e; t+1)$"
    ),
    assumes=(*OVER, IID, GROWTH),
    proof=(
        "With s = (r - ebar)_+, E||g||^2 <= A r + B <= A s + (B + A ebar); then as in "
        "sps.master with s for r."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: (
        c.error_mean + master_rate(c.A, c.B + c.A * c.error_mean, c.D, t + 1)
    ),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
)

SMOOTH_AVERAGE = Claim(
    id="sps.over.smooth",
    title="The sharp smooth rate of SPS*, down to the mean overestimate",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le "
        r"\bar e + M(L, \sigma^2; t+1)$"
    ),
    assumes=(*OVER, IID, SMOOTH),
    proof=(
        "By S2 the change is at most -n^2/s^2 - n ||g - h||^2/(L s^2) with n = "
        "(Delta - e)_+, s = ||g|| (the term -2 gamma e <= 0 is dropped), hence at most "
        "-n^2/(L n + ||h||^2), jointly convex in (n, ||h||^2): Jensen, then invert."
    ),
    quantity=attrgetter("average_gap"),
    bound=over_smooth,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
)

BOUNDED = Claim(
    id="sps.over.bounded",
    title="Bounded overestimates: errors and rate add in squares",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$\frac{1}{t+1}\sum_{s\le t} E f(x_s)-f(u) \le "
        r"\sqrt{\epsilon^2 + G_{\max}^2 D^2/(t+1)}$, $0 \le e_\xi \le \epsilon$"
    ),
    assumes=(*OVER, IID, BOUNDED_ON_BALL),
    proof=(
        "The progress is at least ((Delta)_+^2 - e^2)/||g||^2 where Delta > e, and "
        "there ||g|| <= G_max; elsewhere (Delta)_+^2 - eps^2 <= 0. Sum, Jensen."
    ),
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: np.sqrt(
        (c.error_max + c.guard_max) ** 2 + lipschitz_rate(c.G_max, c.D, t + 1) ** 2
    ),
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    tight="tends to 1 on |x| with v = eps",
)

TEACHER = Claim(
    id="sps.over.teacher",
    title="A student reaches its teacher's mean loss (averaged SPS*)",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$E f(\bar x_{t+1}) - E v_\xi \le G\,\|x_0 - u\|/\sqrt{t+1}$ for any $u$ "
        r"with $f_\xi(u) \le v_\xi$ for every $\xi$"
    ),
    assumes=(CONVEX, OVERESTIMATE, IID, LIPSCHITZ_ON_BALL),
    proof=(
        "Such a u makes every v_xi an overestimate e_xi = v_xi - f_xi(u) >= 0; "
        "sps.over.lipschitz with the comparator u, and f(u) + ebar = E v_xi."
    ),
    quantity=attrgetter("iterate_gap"),
    bound=over_lipschitz,
    needs=frozenset({"iterate_gap"}),
    support=gap_support,
)

IAM_FEJER = Claim(
    id="iam.over.fejer",
    title="Overestimated targets keep IAM's Fejer inequality, written with them",
    reference=PROJECT,
    families=EVERY_IAM,
    statement=r"$\|z_{t+1}-u\|^2 \le \|z_t-u\|^2 - (N_t-e_t)_+^2/\|g_t\|^2$",
    assumes=OVER,
    proof=FEJER_PROOF,
    quantity=fejer_change,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS,
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
)

IAM_FEJER_SHARP = Claim(
    id="iam.over.fejer_sharp",
    title="The same for IAM, with what the true value adds",
    reference=PROJECT,
    families=EVERY_IAM,
    statement=(r"$\|z_{t+1}-u\|^2 \le \|z_t-u\|^2 - (N_t-e_t)_+(N_t+e_t)/\|g_t\|^2$"),
    assumes=OVER,
    proof=FEJER_PROOF,
    quantity=fejer_change_sharp,
    bound=lambda c, t: np.zeros_like(t),
    needs=STEP_CHANNELS | {"target_error"},
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="equality where f_xi is linear between x_t and u",
)

IAM_LIPSCHITZ = Claim(
    id="iam.over.lipschitz",
    title="The last iterate of IAM, down to the mean overestimate",
    reference=PROJECT,
    families=P,
    statement=r"$E f(x_t)-f(u) \le \bar e + GD/\sqrt{t+1}$",
    assumes=(*OVER, IID, LIPSCHITZ_ON_BALL),
    proof="E(N - e)_+ >= d - ebar; then as in iam.lipschitz.last.",
    quantity=attrgetter("gap"),
    bound=over_lipschitz,
    needs=frozenset({"gap"}),
)

IAM_LIPSCHITZ_BREGMAN = Claim(
    id="iam.over.lipschitz_bregman",
    title="The same, with its Bregman terms",
    reference=PROJECT,
    families=P,
    statement=(
        r"$E f(x_t)-f(u) + \frac{1}{t+1}\sum_{s=1}^{t} s\,E B_s "
        r"\le \bar e + GD/\sqrt{t+1}$"
    ),
    assumes=(*OVER, IID, LIPSCHITZ_ON_BALL),
    proof="E(N - e)_+ >= d - ebar; then as in iam.lipschitz.last_bregman.",
    quantity=last_with_bregman,
    support=bregman_support,
    bound=over_lipschitz,
    needs=frozenset({"gap", "bregman"}),
)

IAM_SMOOTH = Claim(
    id="iam.over.smooth",
    title="The sharp smooth last-iterate rate, down to the mean overestimate",
    reference=PROJECT,
    families=P,
    statement=r"$E f(x_t)-f(u) \le \bar e + M(L, \sigma^2; t+1)$",
    assumes=(*OVER, IID, SMOOTH),
    proof="As sps.over.smooth with (N - e)_+, then iam.identity with lambda_t = t.",
    quantity=attrgetter("gap"),
    bound=over_smooth,
    needs=frozenset({"gap"}),
)

IAM_SMOOTH_BREGMAN = Claim(
    id="iam.over.smooth_bregman",
    title="The same, with its Bregman terms",
    reference=PROJECT,
    families=P,
    statement=(
        r"$E f(x_t)-f(u) + \frac{1}{t+1}\sum_{s=1}^{t} s\,E B_s "
        r"\le \bar e + M(L, \sigma^2; t+1)$"
    ),
    assumes=(*OVER, IID, SMOOTH),
    proof="As sps.over.smooth with (N - e)_+, then iam.identity with lambda_t = t.",
    quantity=last_with_bregman,
    bound=over_smooth,
    needs=frozenset({"gap", "bregman"}),
    support=bregman_support,
)

IAM_TEACHER = Claim(
    id="iam.over.teacher",
    title="A student reaches its teacher's mean loss (last iterate of IAM)",
    reference=PROJECT,
    families=P,
    statement=(
        r"$E f(x_t) - E v_\xi \le G\,\|x_0 - u\|/\sqrt{t+1}$ for any $u$ with "
        r"$f_\xi(u) \le v_\xi$ for every $\xi$"
    ),
    assumes=(CONVEX, OVERESTIMATE, IID, LIPSCHITZ_ON_BALL),
    proof="iam.over.lipschitz with the comparator u, and f(u) + ebar = E v_xi.",
    quantity=attrgetter("gap"),
    bound=over_lipschitz,
    needs=frozenset({"gap"}),
)

CLAIMS = (
    FEJER,
    FEJER_SHARP,
    BALL,
    LIPSCHITZ,
    MASTER,
    SMOOTH_AVERAGE,
    BOUNDED,
    TEACHER,
    IAM_FEJER,
    IAM_FEJER_SHARP,
    IAM_LIPSCHITZ,
    IAM_LIPSCHITZ_BREGMAN,
    IAM_SMOOTH,
    IAM_SMOOTH_BREGMAN,
    IAM_TEACHER,
)
