r"""Losses as values: formula, slope, and the suprema that the constants need.

The suprema are over an interval $|u - u_\star| \le \rho$. All losses are convex in $u$,
so the slope is monotone and its largest modulus on an interval sits at an end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic import loss_formulas as formulas
from synthetic.loss_formulas import sigmoid

Array = NDArray[Any]
FloatArray = NDArray[np.float64]
Formula = Callable[[Any, Any], Any]
Supremum = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Loss:
    r"""A convex loss $h(u; b)$ and what the theorems need to know about it.

    Attributes:
        name: The name on the command line.
        formula: LaTeX of $h(u; b)$.
        value: $h(u; b)$, elementwise.
        slope: An element of $\partial_u h(u; b)$, elementwise.
        infimum: $\inf_u h(u; b)$.
        domain: Says what targets are allowed, for error messages.
        admits: Which targets are allowed, elementwise.
        curvature: $\sup h''$ over $|u - u_\star| \le \rho$ from `(u_star, rho, b)`
            (lemma S2), or `None` if not smooth.
        self_bounding: $M$ with $h'^2 \le 2 M (h - \inf h)$ on that interval (lemma S1):
            $\sup h''$ over its hull with $\arg\min h$; `None` if there is none.

    """

    name: str
    formula: str
    value: Formula
    slope: Formula
    infimum: Callable[[FloatArray], FloatArray]
    domain: str
    admits: Callable[[FloatArray], NDArray[np.bool_]]
    curvature: Supremum | None = None
    self_bounding: Supremum | None = None

    def steepest(self, u: FloatArray, rho: FloatArray, b: FloatArray) -> FloatArray:
        r"""$\sup |h'|$ over $|u - u_\star| \le \rho$: at an end, the slope is monotone.

        A kink at the end itself counts with its steeper side.
        """
        ends = (u - rho, u + rho)
        beyond = 1e-9 * (1.0 + np.abs(u) + rho)  # past a kink that sits on the end
        kinked = self.curvature is None
        ends = (ends[0] - kinked * beyond, ends[1] + kinked * beyond)
        slopes = [np.abs(self.slope(end, b)) for end in ends]
        return np.asarray(np.maximum(*slopes), dtype=np.float64)

    def __reduce__(self) -> tuple[Callable[[str], Loss], tuple[str]]:
        """Pickle by name: processes of one run share the table below."""
        return _by_name, (self.name,)


def _by_name(name: str) -> Loss:
    return LOSSES[name]


def _entropy(b: FloatArray) -> FloatArray:
    inside = (b > 0) & (b < 1)
    p = np.where(inside, b, 0.5)
    return np.where(inside, -p * np.log(p) - (1 - p) * np.log1p(-p), 0.0)


def _poisson_infimum(b: FloatArray) -> FloatArray:
    counts = np.where(b > 0, b, 1.0)
    return np.where(b > 0, counts - counts * np.log(counts), 0.0)


def _logistic_curvature(u: FloatArray, rho: FloatArray, _b: FloatArray) -> FloatArray:
    nearest = np.maximum(np.abs(u) - rho, 0.0)  # s(1 - s) decreases in |u|
    return np.asarray(sigmoid(nearest) * sigmoid(-nearest), dtype=np.float64)


def _logcosh_curvature(u: FloatArray, rho: FloatArray, b: FloatArray) -> FloatArray:
    nearest = np.maximum(np.abs(u - b) - rho, 0.0)  # 1 - tanh^2 decreases
    return np.asarray(1.0 / np.cosh(nearest) ** 2, dtype=np.float64)


def _quartic_curvature(u: FloatArray, rho: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(3.0 * (np.abs(u - b) + rho) ** 2)


def _one(u: FloatArray, _rho: FloatArray, _b: FloatArray) -> FloatArray:
    return np.ones_like(u)


SQUARED = Loss(
    name="squared",
    formula=r"(u - b)^2 / 2",
    value=formulas.squared,
    slope=formulas.squared_slope,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
    curvature=_one,
    self_bounding=_one,
)

L1 = Loss(
    name="l1",
    formula=r"|u - b|",
    value=formulas.l1,
    slope=formulas.l1_slope,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
)

LOGISTIC = Loss(
    name="logistic",
    formula=r"\log(1 + e^u) - b u",
    value=formulas.logistic,
    slope=formulas.logistic_slope,
    infimum=_entropy,
    domain="a class in {0, 1}, or a probability between them",
    admits=lambda b: (b >= 0) & (b <= 1),
    curvature=_logistic_curvature,
    self_bounding=lambda u, _rho, _b: np.full_like(u, 0.25),
)

POISSON = Loss(
    name="poisson",
    formula=r"e^u - b u",
    value=formulas.poisson,
    slope=formulas.poisson_slope,
    infimum=_poisson_infimum,
    domain="a count or any number >= 0",
    admits=lambda b: (b >= 0) & np.isfinite(b),
    curvature=lambda u, rho, _b: np.exp(u + rho),
    self_bounding=lambda u, rho, b: np.maximum(np.exp(u + rho), b),
)

HINGE = Loss(
    name="hinge",
    formula=r"(1 - b u)_+",
    value=formulas.hinge,
    slope=formulas.hinge_slope,
    infimum=np.zeros_like,
    domain="a class in {-1, 1}",
    admits=lambda b: np.abs(b) == 1,
)

QUARTIC = Loss(
    name="quartic",
    formula=r"(u - b)^4 / 4",
    value=formulas.quartic,
    slope=formulas.quartic_slope,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
    curvature=_quartic_curvature,
    self_bounding=_quartic_curvature,
)

HUBER = Loss(
    name="huber",
    formula=r"r^2/2 \text{ if } |r| \le 1, \text{ else } |r| - 1/2; r = u - b",
    value=formulas.huber,
    slope=formulas.huber_slope,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
    curvature=_one,
    self_bounding=_one,
)

LOGCOSH = Loss(
    name="logcosh",
    formula=r"\log\cosh(u - b)",
    value=formulas.logcosh,
    slope=formulas.logcosh_slope,
    infimum=np.zeros_like,
    domain="any finite number",
    admits=np.isfinite,
    curvature=_logcosh_curvature,
    self_bounding=_one,
)

LOSSES = {
    loss.name: loss
    for loss in (SQUARED, L1, LOGISTIC, POISSON, HINGE, QUARTIC, HUBER, LOGCOSH)
}
"""Every loss, by name."""

CERTIFIED = {loss.name: loss for loss in (SQUARED, L1, LOGISTIC)}
"""Losses whose minimisers `synthetic.certify` computes with a certificate."""
