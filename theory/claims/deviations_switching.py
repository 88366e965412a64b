r"""Labels and teacher in turn: $G$ is progress, q the teacher's."""

from fractions import Fraction
from typing import Any

import numpy as np

from theory import spectrum
from theory.cases import Enclosed, of_cases
from theory.claims.deviations_common import deviation_claim
from theory.method import Family

SWITCHING = (Family.DEVIATIONS_SWITCHING,)
ACCURACY = 10**40

SWITCHED = of_cases("one switch", "one switch", lambda c: c.switch is not None)
LABELS_FIRST = of_cases(
    "labels first",
    r"$\kappa = 0$, from s on 1",
    lambda c: c.switch is not None and c.kappa[-1] == 1,
)


def _mixture(c: Any, end: Fraction) -> Any:
    n = len(c.kappa)
    taught = sum(
        c.x * spectrum.descent_complement(c.x, n - 1 - u) * kappa
        for u, kappa in enumerate(c.kappa)
    )
    left = spectrum.descent_complement(c.x, n)
    return abs(end - spectrum.mixture(c.q, left, taught))


def switched(c: Any) -> tuple[Any, Any]:
    r"""$e^{-\lambda s}$ and $e^{-\lambda(t-s)}$, or what descent has for them."""
    steps = (c.switch, len(c.kappa) - c.switch)
    before, after = (spectrum.descent_complement(c.x, n) for n in steps)
    return before, after


def _switch(c: Any, end: Fraction) -> Any:
    before, after = switched(c)
    both = (spectrum.kd_then_hard, spectrum.hard_then_kd)
    return abs(end - both[int(c.kappa[-1])](c.q, before, after))


def _forgotten(c: Any, end: Fraction) -> Any:
    before, after = switched(c)
    left = before * after
    taught = c.q * (1 - left)
    return abs(end - taught - spectrum.remembered(c.q, before, after))


def _ramp(_c: Any, gains: tuple[Any, Any], scales: tuple[Any, Any, Any]) -> Enclosed:
    r"""The largest of residuals times 1e40, predicted/gain, gain/(predicted cosh h)."""
    q, after, half = scales
    expected = spectrum.ramp_gain(q, after, half)
    predicted = half * half / 6 * (1 - q) * after
    cosh = (np.exp(half) + np.exp(-half)) / 2
    first, second = gains
    residuals = [(first - expected) * ACCURACY, (second + expected) * ACCURACY]
    parts = [r.enclosed() for r in (*residuals, predicted / first)]
    parts += [(first / (predicted * cosh)).enclosed()]
    parts += [(-r).enclosed() for r in residuals]
    low, high, near = (max(column) for column in zip(*parts, strict=True))
    return Enclosed(low, high, near)


CLOSED_FORM = deviation_claim(
    "loss_switching.closed_form",
    "Progress under any mixture of labels and teacher",
    r"weights $\kappa$: $G(t) = 1 - e^{-\lambda t} - (1-q)\int_0^t\lambda e^{-\lambda"
    r"(t-u)}\kappa(u)du$; descent: $(1-x)^n$ for $e^{-\lambda t}$, "
    r"$\sum_ux(1-x)^{n-1-u}\kappa_u$ for the integral",
    "G' = lambda ((1 - kappa) + kappa q - G) is linear: variation of constants, in "
    "steps or in time.",
    SWITCHING,
    _mixture,
    ("end",),
)

SWITCH = deviation_claim(
    "loss_switching.switch",
    "Progress after one switch, in either order",
    r"labels, from s on the teacher: $G = q + e^{-\lambda(t-s)}(1 - e^{-\lambda s} - "
    r"q)$; teacher first: $G = 1 - e^{-\lambda(t-s)}[1 - (1 - e^{-\lambda s})q]$",
    "deviations.loss_switching.closed_form with kappa 0 or 1: towards one target, then "
    "from there towards the other.",
    SWITCHING,
    _switch,
    ("end",),
    assumes=(SWITCHED,),
)

FORGOTTEN = deviation_claim(
    "loss_switching.forgotten",
    "Labels first are forgotten at the rate of the direction: slow ones last",
    r"$G - q(1 - e^{-\lambda t}) = e^{-\lambda(t-s)}(1 - e^{-\lambda s})(1 - q)$",
    "Subtract in deviations.loss_switching.switch; e^{-lambda t} is the product.",
    SWITCHING,
    _forgotten,
    ("end",),
    assumes=(LABELS_FIRST,),
)

RAMP = deviation_claim(
    "loss_switching.ramp",
    "What a gradual switch adds to a sudden one at its centre",
    r"$G_{ramp} - G_{switch} = \pm(1-q)e^{-\lambda(t-s)}(\frac{\sinh h}h - 1)$, h = "
    r"$\lambda w/2$, + for labels first: from $(\lambda w)^2/24$ to $\cosh h$ times "
    r"that",
    "The integral of lambda e^{lambda v}(v/w + 1/2 - 1{v > 0}) over |v| <= w/2 is 1 - "
    "sinh(h)/h by parts. sinh(h)/h - 1 = sum_{i>=1} h^{2i}/(2i+1)!, whose terms are "
    "at most h^2/6 times those of cosh h.",
    SWITCHING,
    _ramp,
    ("gains", "scales"),
    at_most_one=True,
)

CLAIMS = (CLOSED_FORM, SWITCH, FORGOTTEN, RAMP)
