r"""What the master argument of SPS* sums: the expected progress of every step.

$E_t(\Delta_t)_+ \ge r(x_t) = f(x_t) - f(u)$ and Cauchy-Schwarz bound the expected
progress from below by a convex function of $r(x_t)$, path by path. By Jensen the same
sums with $E f(x_s) - f(u)$ in place of $f(x_s) - f(u)$ are no larger: what is checked
here is the stronger of the two.
"""

import numpy as np

from theory.assumptions import CONVEX, EXACT_TARGET, GROWTH, IID, SINGLE
from theory.claim import Claim, Unit
from theory.claims.sps import SPS
from theory.constants import Constants
from theory.formulas import positive_part, ratio
from theory.references import PROJECT
from theory.trace import FloatArray, Trace


def growth_sum(tr: Trace) -> FloatArray:
    r"""$\sum_{s \le t} \phi(r(x_s)) / D^2$, $\phi(r) = r_+^2/(A r_+ + B)$.

    $r(x_s)$ less the guard: that is what guarded targets leave of it.
    """
    part = positive_part(tr.gap - tr.guard)
    gains = ratio(part * part, tr.A * part + tr.B)
    return np.asarray(np.cumsum(gains, axis=0) / tr.dist0**2)


def growth_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""From 0 to $(t + 1) \phi(\mathrm{gap\_max}) / D^2$, as $\phi$ increases."""
    most = ratio(c.gap_max**2, c.A * c.gap_max + c.B)
    return np.zeros_like(t), (t + 1.0) * most / c.D**2


def active_sum(tr: Trace) -> FloatArray:
    r"""$\sum_{s \le t} r(x_s)_+^2 / m(x_s) / D^2$, the gap less the guard."""
    part = positive_part(tr.gap - tr.guard)
    gains = ratio(part * part, tr.active_moment)
    return np.asarray(np.cumsum(gains, axis=0) / tr.dist0**2)


def active_support(c: Constants, t: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""From 0 to t + 1, as $r_+^2 \le (E(\Delta)_+)^2 \le m\, E (\Delta)_+^2/\|g\|^2$.

    The last factor is at most the squared reach, by convexity.
    """
    return np.zeros_like(t), (t + 1.0) * (c.reach / c.D) ** 2


GROWTH_SUM = Claim(
    id="sps.lastiterate.sum",
    title="The gaps of SPS*'s iterates have a finite sum of squares, or nearly so",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$E\sum_{s\le t} \phi(f(x_s) - f(u)) \le D^2$, "
        r"$\phi(r) = r_+^2/(A r_+ + B)$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, GROWTH),
    proof=(
        "The first half of sps.master, before Jensen: E_t[progress] >= phi(r(x_t)). "
        "Sum the Fejer inequality and take expectations. By Jensen phi(E r(x_s)) has "
        "no larger a sum, so E f(x_t) -> f(u) if u minimises f, though at no rate."
    ),
    quantity=growth_sum,
    bound=lambda c, t: np.ones_like(t),
    needs=frozenset({"gap"}),
    unit=Unit.RELATIVE,
    support=growth_support,
    dense=True,
    nonlinear=True,
    tight="1 on LINF(d) at t + 1 = d (A = 0, B = G^2)",
)

ACTIVE_SUM = Claim(
    id="sps.master.active",
    title="Only the samples whose loss has risen count in the second moment",
    reference=PROJECT,
    families=SPS,
    statement=(
        r"$E\sum_{s\le t} (f(x_s) - f(u))_+^2/m(x_s) \le D^2$, $m(x) = "
        r"E\|g_\xi(x)\|^2 1\{f_\xi(x) > f_\xi(u)\}$"
    ),
    assumes=(CONVEX, IID, EXACT_TARGET, SINGLE),
    proof=(
        "Cauchy-Schwarz over the samples with Delta > 0 only, the others adding "
        "nothing to E_t(Delta)_+: r(x_t)_+^2 <= m(x_t) E_t[(Delta)_+^2/||g||^2]. Sum "
        "the Fejer inequality. So wherever m <= A r + B on the ball sps.master holds "
        "with these A and B; m is at most E||g||^2, and less where losses fall."
    ),
    quantity=active_sum,
    bound=lambda c, t: np.ones_like(t),
    needs=frozenset({"gap", "active_moment"}),
    unit=Unit.RELATIVE,
    support=active_support,
    dense=True,
    nonlinear=True,
    sampled=False,
    tight="1 - (1-p)^T on SPARSE-ABS(p), 1 on LINF(d) at t + 1 = d",
)

CLAIMS = (GROWTH_SUM, ACTIVE_SUM)
