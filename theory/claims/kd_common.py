r"""What claims about distillation share: how a floor becomes a bound."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from theory import distillation_formulas as formulas
from theory.assumptions import Assumption
from theory.claim import Claim, FloatArray
from theory.distillation import CaseConstants, DistillationConstants, DistillationTrace
from theory.method import Family
from theory.references import PROJECT

KD = frozenset({Family.KD})
UNBIASED = frozenset({Family.KD_UNBIASED})
INDEPENDENT = frozenset({Family.KD_INDEPENDENT})
ALL_SAMPLES = KD | UNBIASED | INDEPENDENT

Of = Callable[[DistillationConstants], Any]

dist_sq = attrgetter("dist_sq")
gap = attrgetter("gap")
DIST = frozenset({"dist_sq"})
GAP = frozenset({"gap"})


def geometric(
    start: Of, factor: Of, floor: Of
) -> Callable[[DistillationConstants, FloatArray], FloatArray]:
    r"""$q^t r_0 + (1 - q^t) N$, the unrolled $r^+ \le q r + (1 - q) N$."""

    def bound(c: DistillationConstants, t: FloatArray) -> FloatArray:
        power = np.asarray(factor(c)) ** t
        return np.asarray(power * start(c) + (1.0 - power) * floor(c))

    return bound


def decaying(
    start: Of, loss: Of, floor: Of
) -> Callable[[DistillationConstants, FloatArray], FloatArray]:
    r"""The same with $q = 1 - $ `loss`, however small that is: no digit is lost.

    $1 - q^t = -\mathrm{expm1}(t\,\mathrm{log1p}(-x))$ for $0 < x < 1$; beyond, where
    a control may lead, $q^t$ itself.
    """

    def bound(c: DistillationConstants, t: FloatArray) -> FloatArray:
        x = np.asarray(loss(c), dtype=np.float64)
        inside = x < 1.0
        rate = t * np.log1p(-np.where(inside, x, 0.5))
        power = np.where(inside, np.exp(rate), (1.0 - x) ** t)
        gone = np.where(inside, -np.expm1(rate), 1.0 - power)
        return np.asarray(power * start(c) + gone * floor(c))

    return bound


def start_dist(c: DistillationConstants) -> Any:
    r"""$\|x_0 - x_\star\|^2$."""
    return c.start_dist_sq


def start_gap(c: DistillationConstants) -> Any:
    r"""$f(x_0) - f_\star$."""
    return c.start_gap


def sqc_rate(c: DistillationConstants) -> Any:
    r"""$1 - \gamma\mu$."""
    return 1.0 - c.step * c.mu


def sqc_loss(c: DistillationConstants) -> Any:
    r"""$\gamma\mu$."""
    return c.step * c.mu


def pl_loss(c: DistillationConstants) -> Any:
    r"""$\gamma\mu$ with the Polyak-Lojasiewicz constant."""
    return c.step * c.mu_pl


def noise(c: DistillationConstants) -> Any:
    r"""$D_2(\lambda)$."""
    return formulas.noise(c.S2, c.H2, c.cross, c.weight)


def unbiased_noise(c: DistillationConstants) -> Any:
    r"""$D_{u2}(\lambda) = D_2(\lambda) - \lambda^2 G_2$."""
    return formulas.noise(c.S2, c.H2 - c.G2, c.cross, c.weight)


def independent_noise(c: DistillationConstants) -> Any:
    r"""$S_2 + \lambda^2 H_2$."""
    return formulas.noise(c.S2, c.H2, 0.0 * c.cross, c.weight)


def zero(c: CaseConstants, t: FloatArray) -> FloatArray:
    """The bound of an identity."""
    return np.zeros((len(np.atleast_1d(c.weight)), len(t)))


def differs(channel: str, formula: Of) -> Callable[[DistillationTrace], FloatArray]:
    """How far a channel is from a formula, to be compared with 0."""

    def quantity(tr: DistillationTrace) -> FloatArray:
        return np.asarray(np.abs(tr.channels[channel] - formula(tr.constants)))

    return quantity


def rate_claim(  # noqa: PLR0913 -- the fields of a claim
    name: str,
    title: str,
    statement: str,
    proof: str,
    limit: Assumption,
    floor: Of,
    *,
    hypotheses: tuple[Assumption, ...],
    channel: str,
    start: Of,
    loss: Of,
    families: frozenset[Family] = KD,
    also: tuple[Assumption, ...] = (),
    tight: str = "",
    reference: str = PROJECT,
) -> Claim:
    """A theorem of the form of `decaying` about one channel of a run."""
    return Claim(
        id=f"kd.{name}",
        title=title,
        reference=reference,
        families=families,
        statement=statement,
        assumes=(*hypotheses, limit, *also),
        proof=proof,
        quantity=attrgetter(channel),
        bound=decaying(start, loss, floor),
        needs=frozenset({channel}),
        tight=tight,
        origin="project" if reference == PROJECT else "paper",
    )
