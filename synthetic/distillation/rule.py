r"""What a step subtracts, as coefficients that are affine in $\lambda$.

$x^+ = x - \gamma(a\,\nabla f_\xi(x) + b\,h_\xi + c\,h_{\xi'} + e\,g)$ with $\xi'$
independent of $\xi$. A theorem speaks of one rule; a control runs another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from synthetic.distillation.problems import FloatArray
from theory.distillation import Variant


class Affine(NamedTuple):
    r"""$\mathrm{constant} + \mathrm{slope}\,\lambda$."""

    constant: float
    slope: float

    def __call__(self, weight: FloatArray) -> FloatArray:
        """The coefficient for each weight, (B,) -> (B,)."""
        return np.asarray(self.constant + self.slope * weight)


NOTHING, WHOLE = Affine(0.0, 0.0), Affine(1.0, 0.0)
LESS, MORE = Affine(0.0, -1.0), Affine(0.0, 1.0)


@dataclass(frozen=True)
class Rule:
    """The four coefficients.

    Attributes:
        name: In words.
        own: Of the student's gradient.
        same: Of the teacher's gradient at the same sample.
        independent: Of the teacher's gradient at an independent sample.
        mean: Of the teacher's mean gradient.

    """

    name: str
    own: Affine = WHOLE
    same: Affine = NOTHING
    independent: Affine = NOTHING
    mean: Affine = NOTHING


RULES = {
    Variant.BIASED: Rule("distillation", same=LESS),
    Variant.UNBIASED: Rule("unbiased distillation", same=LESS, mean=MORE),
    Variant.INDEPENDENT: Rule("independent samples", independent=LESS),
}

WRONG_SIGN = Rule("wrong sign of lambda", same=MORE)
SWAPPED = Rule("(1 - lambda) of the student's gradient", Affine(1.0, -1.0), LESS)
