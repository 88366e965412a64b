r"""Mini-batches: SPS* on $f_S = \frac1b \sum_{i \in S} f_i$, told $\frac1b\sum f_i(u)$.

The constants of a batched setting are those of $f_S$: $G_b^2 = G_f^2 (1 - 1/b) + G^2/b$
with $G_f = \sup \|\bar g\|$, $A = 2(L_f(1 - 1/b) + L/b)$, $B = 2 L \Delta_\star / b$,
$\sigma_b^2 = \sigma^2/b$. Without replacement within a batch, $1/b$ becomes
$(n - b)/(b(n - 1))$.
"""

from operator import attrgetter

from theory.assumptions import (
    BATCHED,
    CONVEX,
    EXACT_TARGET,
    GROWTH,
    IID,
    LIPSCHITZ_ON_BALL,
    MINIMISER,
    SMOOTH,
)
from theory.bounds import lipschitz_rate
from theory.claim import Claim, sampled_support
from theory.claims.smooth import AVERAGE, SHARP_PROOF, sharp_rate
from theory.claims.sps import MASTER_PROOF, SPS, guarded_master
from theory.references import PROJECT

BASE = (CONVEX, IID, EXACT_TARGET, BATCHED)
NORMS = "E||g_S||^2 = ||gbar||^2 + (1/b)(E||g||^2 - ||gbar||^2). "

LIPSCHITZ = Claim(
    id="sps.batch.lipschitz",
    title="SPS* on mini-batches: G falls towards that of f",
    reference=PROJECT,
    families=SPS,
    statement=rf"${AVERAGE} \le G_b D/\sqrt{{t+1}}$, $G_b^2 = G_f^2(1-\frac1b)+G^2/b$",
    assumes=(*BASE, LIPSCHITZ_ON_BALL),
    proof=NORMS + "Then sps.lipschitz.average for f_S.",
    quantity=attrgetter("average_gap"),
    bound=lambda c, t: lipschitz_rate(c.G, c.D, t + 1) + c.guard,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    slope=-0.5,
)

MASTER = Claim(
    id="sps.batch.smooth",
    title="SPS* on mini-batches of smooth losses",
    reference=PROJECT,
    families=SPS,
    statement=(
        rf"${AVERAGE} \le M(A, B; t+1)$, $A = 2(L_f(1-\frac1b)+L/b)$, "
        r"$B = 2L\Delta_\star/b$"
    ),
    assumes=(*BASE, GROWTH, SMOOTH, MINIMISER),
    proof=NORMS + "S1 for f and for f_xi. " + MASTER_PROOF,
    quantity=attrgetter("average_gap"),
    bound=guarded_master,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    slope=-0.5,
)

SHARP = Claim(
    id="sps.batch.sharp",
    title="SPS* on mini-batches: the noise falls with 1/b",
    reference=PROJECT,
    families=SPS,
    statement=rf"${AVERAGE} \le M(L, \sigma^2/b; t+1)$",
    assumes=(*BASE, SMOOTH, MINIMISER),
    proof="f_S is S2 with at most L; E||h_S||^2 = sigma^2/b as E h = 0. " + SHARP_PROOF,
    quantity=attrgetter("average_gap"),
    bound=sharp_rate,
    needs=frozenset({"average_gap"}),
    support=sampled_support,
    slope=-0.5,
)

CLAIMS = (LIPSCHITZ, MASTER, SHARP)
