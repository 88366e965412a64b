r"""Steps capped at $\gamma_b$, under targets with errors $e_\xi$ of any sign.

$c = D^2/T + 2\gamma_b E(e_\xi)_-$ takes the place of $D^2/T$; without underestimates a
cap costs nothing once T is large. With them the run may leave the ball: constants are
those of the radius $\sqrt{D^2 + 2\gamma_b \epsilon T}$ (`Constants.reach`).
"""

from operator import attrgetter

import numpy as np

from theory.assumptions import CAPPED, CONVEX, IID, LIPSCHITZ_ON_BALL, SMOOTH
from theory.claim import Claim, sampled_support
from theory.claims.iam import bregman_support, last_with_bregman
from theory.constants import Constants
from theory.method import Family
from theory.references import PROJECT
from theory.trace import FloatArray

AVERAGE = r"\frac{1}{t+1}\sum_{s\le t} E f(x_s) - f(u)"
LAST = r"E f(x_t) - f(u) + \frac{1}{t+1}\sum_{s=1}^{t} s\,E B_s"
LIPSCHITZ_RIGHT = (
    r"E e_\xi + \Psi(c)$, $\Psi(c) = G\sqrt c$ if $c \le \gamma_b^2G^2/4$, else "
    r"$c/\gamma_b + \gamma_b G^2/4$; $c = D^2/(t+1) + 2\gamma_b E(e_\xi)_-$"
)
SMOOTH_RIGHT = (
    r"E e_\xi + \frac12(c/\alpha + \sqrt{c^2/\alpha^2 + 4\sigma^2c})$, "
    r"$\alpha = \min(\gamma_b, 1/L)$, $c = D^2/(t+1) + 2\gamma_b E(e_\xi)_-$"
)


def budget(c: Constants, t: FloatArray) -> FloatArray:
    r"""$c = D^2/T + 2\gamma_b E(e_\xi)_-$."""
    return np.asarray(c.D**2 / (t + 1.0) + 2.0 * c.cap * c.error_neg)


def lipschitz_right(c: Constants, t: FloatArray) -> FloatArray:
    r"""$E e_\xi + \Psi(c)$."""
    room = budget(c, t)
    small = room <= (c.cap * c.G) ** 2 / 4.0
    psi = np.where(small, c.G * np.sqrt(room), room / c.cap + c.cap * c.G**2 / 4.0)
    return np.asarray(c.error_mean + psi)


def smooth_right(c: Constants, t: FloatArray) -> FloatArray:
    r"""$E e_\xi + \frac12 (c/\alpha + \sqrt{c^2/\alpha^2 + 4\sigma^2 c})$."""
    ratio = budget(c, t) / min(c.cap, 1.0 / c.L)
    root = np.sqrt(ratio * ratio + 4.0 * c.sigma**2 * budget(c, t))
    return np.asarray(c.error_mean + 0.5 * (ratio + root))


LIPSCHITZ_PROOF = (
    "With u = (Delta - e)_+: gamma ||g||^2 <= u and Delta = u + e where u > 0, so the "
    "change is at most -gamma u + 2 gamma_b e_-. gamma u = min(gamma_b u, u^2/s) >= "
    "sup_{tau <= gamma_b} (tau u - tau^2 s/4), jointly convex in (u, s): Jensen."
)
SMOOTH_PROOF = (
    "S2 adds -gamma ||g - h||^2/L; the progress is at least min(gamma_b u, u^2/(L u + "
    "||h||^2)) >= u^2/(u/alpha + ||h||^2): Jensen, E u >= r - E e."
)

SPS_LIPSCHITZ = Claim(
    id="sps.capped.lipschitz",
    title="Capped SPS* under signed target errors",
    reference=PROJECT,
    families=frozenset({Family.SPS_CAPPED}),
    statement=rf"${AVERAGE} \le {LIPSCHITZ_RIGHT}",
    assumes=(CONVEX, IID, LIPSCHITZ_ON_BALL, CAPPED),
    proof=LIPSCHITZ_PROOF,
    quantity=attrgetter("average_gap"),
    bound=lipschitz_right,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
)

SPS_SMOOTH = Claim(
    id="sps.capped.smooth",
    title="Capped SPS* on smooth losses under signed target errors",
    reference=PROJECT,
    families=frozenset({Family.SPS_CAPPED}),
    statement=rf"${AVERAGE} \le {SMOOTH_RIGHT}",
    assumes=(CONVEX, IID, SMOOTH, CAPPED),
    proof=SMOOTH_PROOF,
    quantity=attrgetter("average_gap"),
    bound=smooth_right,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
)

IAM_LIPSCHITZ = Claim(
    id="iam.capped.lipschitz",
    title="The last iterate of capped IAM under signed target errors",
    reference=PROJECT,
    families=frozenset({Family.IAM_CAPPED}),
    statement=rf"${LAST} \le {LIPSCHITZ_RIGHT}",
    assumes=(CONVEX, IID, LIPSCHITZ_ON_BALL, CAPPED),
    proof=LIPSCHITZ_PROOF + " With N for Delta, then iam.identity.",
    quantity=last_with_bregman,
    bound=lipschitz_right,
    needs=frozenset({"gap", "bregman"}),
    support=bregman_support,
)

IAM_SMOOTH = Claim(
    id="iam.capped.smooth",
    title="The last iterate of capped IAM on smooth losses",
    reference=PROJECT,
    families=frozenset({Family.IAM_CAPPED}),
    statement=rf"${LAST} \le {SMOOTH_RIGHT}",
    assumes=(CONVEX, IID, SMOOTH, CAPPED),
    proof=SMOOTH_PROOF + " With N for Delta, then iam.identity.",
    quantity=last_with_bregman,
    bound=smooth_right,
    needs=frozenset({"gap", "bregman"}),
    support=bregman_support,
)

CLAIMS = (SPS_LIPSCHITZ, SPS_SMOOTH, IAM_LIPSCHITZ, IAM_SMOOTH)
