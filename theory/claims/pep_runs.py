r"""Worst cases of whole runs: one claim for each case of `theory.worst_case.known`.

Their left-hand side is a supremum over all functions of a class, in any dimension. The
proofs are certificates, one for each T, which the verifier checks in exact rational
arithmetic; a claim says no more than what they prove.
"""

from collections.abc import Callable
from operator import attrgetter

import numpy as np

from theory.bounds import lipschitz_rate
from theory.claim import Claim, Kind
from theory.constants import Constants
from theory.evidence import FloatArray
from theory.method import Family
from theory.references import PROJECT
from theory.worst_case.closed_form import IAM_SMOOTH_UP_TO, quadratic_value

FAMILIES = frozenset({Family.PEP_RUN})
Bound = Callable[[Constants, FloatArray], FloatArray]

CERTIFIED = (
    " One certificate for each T, of multipliers in closed form, accepted by the "
    "verifier at every T that is tried here: nothing is said of other T."
)
STAR_ONLY = (
    "The proof uses pairs with the minimiser only, so it holds for samples in any "
    "order that share it."
)
ONE_FUNCTION = (
    "The proof uses pairs of iterates: it speaks of one function, that is of full "
    "batches."
)
RELAXED = (
    "An upper bound: the program leaves out that steps are parallel to slopes. "
    + ONE_FUNCTION
)


def _worst(
    name: str, title: str, statement: str, proof: str, bound: Bound, tight: str
) -> Claim:
    channel = "average_gap" if "_avg" in name else "gap"
    return Claim(
        id=f"pep.{name}",
        title=title,
        reference=PROJECT,
        families=FAMILIES,
        statement=statement,
        assumes=(),
        proof=proof,
        quantity=attrgetter(channel),
        bound=bound,
        needs=frozenset({channel}),
        kind=Kind.PATHWISE,
        tight=tight,
    )


def _lipschitz(c: Constants, t: FloatArray) -> FloatArray:
    return np.asarray(lipschitz_rate(c.G, c.D, t + 1.0))


def _smooth(c: Constants, t: FloatArray) -> FloatArray:
    return np.asarray(c.L * c.D**2 / (t + 1.0))


def sps_smooth(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\frac23 (1 - 4^{-T}) L D^2 / T$."""
    return (2.0 / 3.0) * (1.0 - 0.25 ** (t + 1.0)) * _smooth(c, t)


def iam_smooth(c: Constants, t: FloatArray) -> FloatArray:
    r"""$\frac12 (\prod_{k=1}^t \frac{2k+1}{2k+2})^2 L D^2$, infinite where unproved."""
    within = [int(s) < IAM_SMOOTH_UP_TO for s in t]
    factors = [
        float(quadratic_value(int(s) + 1)) if known else np.inf
        for s, known in zip(t, within, strict=True)
    ]
    return np.array(factors) * _smooth(c, t)


def tabulated(
    factors: tuple[float, ...], unit: Callable[[Constants, FloatArray], FloatArray]
) -> Bound:
    """The factor of T = 2, 3, ... times the unit; infinite where there is none."""

    def bound(c: Constants, t: FloatArray) -> FloatArray:
        known = dict(enumerate(factors, start=1))
        return np.array([known.get(int(s), np.inf) for s in t]) * unit(c, t)

    return bound


def _table(
    name: str, what: str, factors: tuple[float, ...], *, smooth: bool, tight: str
) -> Claim:
    numbers = ", ".join(f"{factor:g}" for factor in factors)
    size = r"L D^2 / T" if smooth else r"G D / \sqrt T"
    functions = "smooth" if smooth else "Lipschitz"
    return _worst(
        name,
        f"{what}, {functions}: at most a tabulated factor at T = 2..5",
        rf"$f(x_{{T-1}}) - f_\star \le c_T {size}$, c = {numbers} at T = 2..5",
        RELAXED,
        tabulated(factors, _smooth if smooth else _lipschitz),
        tight,
    )


WEDGE = "T = 2: attained in the plane by the maximum of two absolute values"

CLAIMS = (
    _worst(
        "known.gd",
        "Gradient descent with steps 1/L, at its worst",
        r"$f(x_t) - f_\star \le L D^2 / (4t + 2)$, every convex L-smooth f",
        f"Drori and Teboulle (Math. Program. 145, 2014). {ONE_FUNCTION}{CERTIFIED}",
        lambda c, t: c.L * c.D**2 / (4.0 * t + 2.0),
        "1 on a Huber function of one variable",
    ),
    _worst(
        "lift.sps_avg.lip",
        "The mean of SPS*, at its worst over Lipschitz functions",
        r"$\frac1T\sum_{t<T} f_t(x_t) - f_t(x_\star) \le G D / \sqrt T$",
        STAR_ONLY + CERTIFIED,
        _lipschitz,
        "1 on the largest of T coordinates",
    ),
    _worst(
        "lift.sps_avg.smooth",
        "The mean of SPS*, at its worst over smooth functions",
        r"$\frac1T\sum_{t<T} f_t(x_t) - f_t(x_\star) \le \frac23(1-4^{-T}) L D^2/T$",
        STAR_ONLY + CERTIFIED + " For all T: pep.potential.",
        sps_smooth,
        "1 on x^2/2",
    ),
    _worst(
        "lift.iam_last.lip",
        "The last iterate of IAM, at its worst over Lipschitz functions",
        r"$f(x_{T-1}) - f_\star \le G D / \sqrt T$, every convex G-Lipschitz f",
        ONE_FUNCTION + CERTIFIED,
        _lipschitz,
        "1 on the largest of T coordinates",
    ),
    _worst(
        "lift.iam_last.smooth",
        "The last iterate of IAM, at its worst over smooth functions",
        r"$f(x_{T-1}) - f_\star \le \frac12 \prod_{k=1}^{T-1}(\frac{2k+1}{2k+2})^2 "
        r"L D^2$, every convex L-smooth f, T up to 15",
        ONE_FUNCTION + CERTIFIED,
        iam_smooth,
        "1 on x^2/2",
    ),
    _table(
        "lift.sps_last.lip",
        "The last iterate of SPS*",
        (1.08867, 1.19913, 1.31817, 1.4384),
        smooth=False,
        tight=WEDGE,
    ),
    _table(
        "lift.sps_last.smooth",
        "The last iterate of SPS*",
        (0.35029, 0.4446, 0.57763, 0.71696),
        smooth=True,
        tight="",
    ),
    _table(
        "lift.iam_c_last.lip",
        "The last iterate of IAM with lambda_t = t - 1",
        (1.08867, 1.0507, 1.03456, 1.02577),
        smooth=False,
        tight=WEDGE,
    ),
    _table(
        "lift.iam_c_last.smooth",
        "The last iterate of IAM with lambda_t = t - 1",
        (0.35029, 0.3072, 0.29334, 0.28807),
        smooth=True,
        tight="",
    ),
)
