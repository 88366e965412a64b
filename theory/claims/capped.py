r"""Steps capped at $\gamma_b$, under targets with errors $e_\xi$ of any sign.

$c = D^2/T + 2\gamma_b E(e_\xi)_-$ takes the place of $D^2/T$; without underestimates a
cap costs nothing once T is large. With them the run may leave the ball: constants are
those of the radius $\sqrt{D^2 + 2\gamma_b \epsilon T}$ (`Constants.reach`).
"""

from dataclasses import dataclass
from operator import attrgetter

import numpy as np

from theory.assumptions import (
    CAPPED,
    CONVEX,
    IID,
    LIPSCHITZ_ON_BALL,
    SMOOTH,
    Assumption,
)
from theory.claim import Bound, Claim, Kind, Unit, sampled_support
from theory.claims.iam import bregman_support, last_with_bregman
from theory.claims.sps import farthest
from theory.constants import Constants
from theory.method import Family
from theory.references import PROJECT
from theory.trace import FloatArray

SPS = frozenset({Family.SPS_CAPPED})
IAM = frozenset({Family.IAM_CAPPED})

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
TUNED_RIGHT = (
    r"E|e_\xi| + D^2/(\gamma_b(t+1)) + \gamma_b G^2/4$, which is $GD/\sqrt{t+1} + "
    r"E|e_\xi|$ at $\gamma_b = 2D/(G\sqrt{t+1})$"
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

TUNED_PROOF = (
    "gamma u >= gamma_b u - gamma_b^2 s/4 alone, at the largest tau: no square root, "
    "and E e + 2 E e_- = E|e|."
)


def radius(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\sqrt{1 + 2\gamma_b \epsilon t/D^2}$ with $\epsilon = \max (e_\xi)_-$."""
    lowest = max(-c.error_min, 0.0)
    return np.asarray(np.sqrt(1.0 + 2.0 * c.cap * lowest * t / c.D**2))


def tuned_right(c: Constants, t: FloatArray) -> FloatArray:
    r"""$E|e_\xi| + D^2/(\gamma_b T) + \gamma_b G^2/4$."""
    return np.asarray(c.error_abs + c.D**2 / (c.cap * (t + 1.0)) + c.cap * c.G**2 / 4.0)


@dataclass(frozen=True)
class Rate:
    """One right-hand side, for the average of SPS* and the last iterate of IAM.

    Attributes:
        suffix: Of the claims' ids.
        title: In words, after who it is.
        tex: Right-hand side, closing its formula.
        bound: The same as a function.
        assumption: What it needs beyond convexity, independence and the cap.
        proof: For SPS*; IAM adds the identity.

    """

    suffix: str
    title: str
    tex: str
    bound: Bound
    assumption: Assumption
    proof: str


RATES = (
    Rate(
        "lipschitz",
        "under signed target errors",
        LIPSCHITZ_RIGHT,
        lipschitz_right,
        LIPSCHITZ_ON_BALL,
        LIPSCHITZ_PROOF,
    ),
    Rate(
        "tuned",
        "in the form that shows its best cap",
        TUNED_RIGHT,
        tuned_right,
        LIPSCHITZ_ON_BALL,
        TUNED_PROOF,
    ),
    Rate(
        "smooth",
        "on smooth losses under signed target errors",
        SMOOTH_RIGHT,
        smooth_right,
        SMOOTH,
        SMOOTH_PROOF,
    ),
)


def _average(rate: Rate) -> Claim:
    return Claim(
        id=f"sps.capped.{rate.suffix}",
        title=f"Capped SPS* {rate.title}",
        reference=PROJECT,
        families=SPS,
        statement=rf"${AVERAGE} \le {rate.tex}",
        assumes=(CONVEX, IID, rate.assumption, CAPPED),
        proof=rate.proof,
        quantity=attrgetter("average_gap"),
        bound=rate.bound,
        needs=frozenset({"average_gap"}),
        support=sampled_support,
    )


def _last(rate: Rate) -> Claim:
    return Claim(
        id=f"iam.capped.{rate.suffix}",
        title=f"The last iterate of capped IAM {rate.title}",
        reference=PROJECT,
        families=IAM,
        statement=rf"${LAST} \le {rate.tex}",
        assumes=(CONVEX, IID, rate.assumption, CAPPED),
        proof=rate.proof + " With N for Delta, then iam.identity.",
        quantity=last_with_bregman,
        bound=rate.bound,
        needs=frozenset({"gap", "bregman"}),
        support=bregman_support,
    )


BALL = Claim(
    id="sps.capped.ball",
    title="With a cap, underestimates leave the ball slowly",
    reference=PROJECT,
    families=SPS | IAM,
    statement=(
        r"$\max(\|x_t-u\|, \|z_t-u\|)^2 \le D^2 + 2\gamma_b\epsilon t$ if every "
        r"$e_\xi \ge -\epsilon$"
    ),
    assumes=(CONVEX, CAPPED),
    proof=(
        "A step changes ||z - u||^2 by at most -gamma (N - e)_+ + 2 gamma_b e_-. x_t "
        "is a convex combination of z_0, ..., z_t."
    ),
    quantity=farthest,
    bound=radius,
    needs=frozenset({"point_dist_sq", "dist_sq"}),
    kind=Kind.PATHWISE,
    unit=Unit.RELATIVE,
    tight="1 at t = 0",
)

CLAIMS = (BALL, *map(_average, RATES), *map(_last, RATES))
