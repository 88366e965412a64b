r"""One Polyak step on every function of a class: claims that are identities.

The left-hand side is the largest residual of an identity on the grid that decides it
(`theory.worst_case.lines`): 0 there is 0 everywhere.
"""

import numpy as np

from theory.claim import Claim, Kind
from theory.method import Family
from theory.references import PROJECT

FAMILIES = frozenset({Family.PEP_STEP})
EVERY_ORDER = (
    " For IAM read z for x and N for Delta. Only pairs with the minimiser are used: "
    "any order of samples, and L on the ball is enough."
)


def _line(name: str, title: str, statement: str, proof: str) -> Claim:
    return Claim(
        id=f"pep.{name}",
        title=title,
        reference=PROJECT,
        families=FAMILIES,
        statement=statement,
        assumes=(),
        proof=proof + EVERY_ORDER,
        quantity=lambda tr: tr[name],
        bound=lambda _c, t: np.zeros_like(t),
        needs=frozenset({name}),
        kind=Kind.PATHWISE,
    )


CLAIMS = (
    _line(
        "fejer",
        "A Polyak step comes closer by gamma Delta, whatever its size",
        r"$e + \gamma \Delta \le 0$, every convex f",
        "An identity: the left-hand side is -2 gamma (<g, x> - Delta) - gamma (Delta - "
        "gamma ||g||^2), of which the first term is at most 0, the second 0.",
    ),
    _line(
        "sharp_line",
        "A Polyak step on smooth losses gains Delta^2/(L Delta + ||h||^2)",
        r"$e + 2\theta\Delta - \theta^2 (L\Delta + \|h\|^2) \le 0$, every $\theta$",
        "An identity: -2 gamma S2, a multiple of the relation, and minus a form in (g, "
        "h) with determinant (gamma/L)(gamma - theta + L theta^2)^2 >= 0 and a "
        "positive corner. The best theta gives e <= -Delta^2/(L Delta + ||h||^2).",
    ),
    _line(
        "interp_line",
        "A Polyak step under interpolation comes closer by 3 Delta/(2L)",
        r"$e + \frac{3}{2L} \Delta \le 0$ where h = 0",
        "An identity: -2 gamma S2 - (gamma/(2L)) S1 and a multiple of the relation.",
    ),
    _line(
        "potential",
        "The potential behind the sharp constant of the mean of SPS*",
        r"$\Delta + v\|x_+\|^2 \le (\frac L2 + \frac v4)\|x\|^2$, "
        r"$0 \le v \le \frac23 L$, h = 0",
        "An identity, linear in v: at v = 0 it is Delta <= (L/2)||x||^2, at v = 2L/3 "
        "pep.interp_line. V_k = L/2 + V_{k-1}/4 from V_0 = 0 gives the sum of T steps: "
        "(2/3)(1 - 4^{-T}) L D^2, at every T.",
    ),
)
