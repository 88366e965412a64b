r"""The slope -1/2 that no single function has: LINF(d) at $T = d$, over d.

From $x_0 = (1, \dots, 1)/\sqrt d$ (D = G = 1) the value at T = d is $1/\sqrt d$; along
one run on one LINF(d) the value stays at $1/\sqrt d$ until the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import SPS_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.engines import tree
from synthetic.instances import linf
from synthetic.setting import Setting
from theory import claims
from theory.bounds import lipschitz_rate
from theory.claim import Claim
from theory.method import IAM_P, SPS_STAR, Method
from theory.slope import log_log
from theory.trace import FloatArray

RUNS = (
    ("SPS*, average", "sps.lipschitz.average", SPS_STAR),
    ("IAM, last iterate", "iam.lipschitz.last", IAM_P),
)


def values(claim: Claim, method: Method, dim: int) -> tuple[FloatArray, FloatArray]:
    """The left-hand side at every t of LINF(d) with D = 1, and its roundoff."""
    setting = Setting(
        name=f"LINF({dim})",
        problem=linf(dim),
        method=method,
        x0=np.full(dim, 1.0 / np.sqrt(dim)),
        horizon=dim,
    )
    trace, _, weights = tree.grow(setting, claim.needs)
    evidence, _ = tree.evidence(claim, setting.constants(), trace, weights)
    return evidence.estimate, evidence.roundoff


def compute(parameters: Parameters) -> Table:
    """Values at T = d, one run on the middle d, and the bound."""
    dims = np.array(parameters["dimensions"])
    parts, slopes = [], {}
    for series, claim_id, method in RUNS:
        claim = claims.get(claim_id)
        runs = [values(claim, method, int(dim)) for dim in dims]
        ends = np.array([value[-1] for value, _ in runs])
        errors = np.array([error[-1] for _, error in runs])
        found = log_log(dims.astype(float), ends - errors, ends, ends + errors)
        slopes[series] = found.value
        parts.append(curve({"series": series}, T=dims, value=ends))
        middle = len(dims) // 2
        one = f"{series}, one run on LINF({dims[middle]})"
        steps = np.arange(1, dims[middle] + 1)
        parts.append(curve({"series": one}, T=steps, value=runs[middle][0]))
    bound = lipschitz_rate(1.0, 1.0, dims.astype(float))
    parts.append(curve({"series": "bound"}, T=dims, value=bound))
    notes = {
        "slopes": slopes,
        "slope": max(slopes.values(), key=lambda slope: abs(slope + 0.5)),
        "largest": int(dims[-1]),
        "middle": int(dims[len(dims) // 2]),
    }
    return stack(parts, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw both families, one run, and the bound."""
    (ax,) = axes
    bound = table.where(series="bound")
    ax.plot(bound["T"], bound["value"], label=r"bound $G D/\sqrt{T}$", **style.BOUND)
    for k, (series, _, _) in enumerate(RUNS):
        rows = table.where(series=series)
        look = style.points(k) | {"markersize": 7 - 3 * k, "zorder": 3}
        look |= {"markerfacecolor": "none"} if k == 0 else {}
        ax.plot(rows["T"], rows["value"], label=f"{series}, LINF(d) at T = d", **look)
    one = table.where(series=f"{RUNS[0][0]}, one run on LINF({table.notes['middle']})")
    label = f"one run on LINF({table.notes['middle']})"
    ax.plot(one["T"], one["value"], color=style.GREY, label=label)
    style.log_log(ax, r"number of points $T$", r"gap, with $D = G = 1$")
    ax.legend()


FIGURE = Figure(
    name="linf-slope",
    title="The slope -1/2 over a family",
    paper=SPS_PAPER,
    caption=(
        "LINF(d) is max |x_j| with a resisting oracle, from a start with D = 1. Each "
        "marker is an exact value at T = d; the grey line is a single run, which is "
        "flat: no one function follows the bound."
    ),
    claim=(
        "Over d = 1 to {largest} the slope is {slope:.6f}, and every marker lies on "
        "the bound."
    ),
    claims=("sps.lipschitz.average", "iam.lipschitz.last"),
    tiers={
        "test": {"dimensions": [1, 4, 16]},
        "quick": {"dimensions": [1, 2, 4, 8, 16, 32, 64, 128, 256]},
        "full": {"dimensions": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]},
    },
    minutes={"quick": 0.1, "full": 0.1},
    scale="exact, d up to 256",
    compute=compute,
    draw=draw,
    width="column",
    height=2.9,
    overlay=0,
)
