r"""What the master argument of SPS* sums: the expected progress of every step.

$E_t(\Delta_t)_+ \ge r(x_t) = f(x_t) - f(u)$ and Cauchy-Schwarz bound the expected
progress from below by a convex function of $r(x_t)$, path by path. By Jensen the same
sums with $E f(x_s) - f(u)$ in place of $f(x_s) - f(u)$ are no larger: what is checked
here is the stronger of the two.
"""

import numpy as np

from theory.assumptions import CONVEX, EXACT_TARGET, GROWTH, IID
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

CLAIMS = (GROWTH_SUM,)
