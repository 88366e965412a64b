"""The objective: left-hand side over bound, through the engines' own functions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from synthetic.engines import tree
from synthetic.hunt.certificate import arrays
from synthetic.setting import Setting
from theory.claim import Claim
from theory.errors import InputError
from theory.evidence import Evidence
from theory.judge import FINEST
from theory.trace import FloatArray

MOST_PATHS = 1_500
FLATTEST = 1e-100
"""Of functions with no slope beyond this nothing is learnt."""

UNFIT = -math.inf
"""Of an instance that does not meet the hypotheses, or on which floats say nothing."""


def score(claim: Claim, setting: Setting) -> float:
    r"""The largest $1 + (\mathrm{LHS} - \mathrm{bound}) / \mathrm{size}$ over t.

    The size is that of the bound, so that this is LHS / bound where the bound is
    positive; where it is 0, the natural size of the left-hand side. Above 1 the claim
    is false, up to roundoff, which the verdict of the desk takes into account.

    Args:
        claim: As it is hunted.
        setting: Where; it may fail the hypotheses, and then the score is `UNFIT`.

    """
    slopes, *_ = arrays(setting.problem).values()
    if setting.num_paths() > MOST_PATHS or np.max(np.abs(slopes)) < FLATTEST:
        return UNFIT
    with np.errstate(all="ignore"):
        try:
            c = setting.constants()
        except (InputError, np.linalg.LinAlgError):  # D = 0, or numbers out of range
            return UNFIT
        if claim.failing(c) is not None:
            return UNFIT
        trace, _, weights = tree.grow(replace(setting, known=c), claim.needs)
        evidence, bound = tree.evidence(claim, c, trace, weights)
        return _largest(evidence, bound)


def _largest(evidence: Evidence, bound: FloatArray) -> float:
    size = np.where(bound != 0, np.abs(bound), evidence.scale)
    told = (evidence.roundoff <= FINEST * size) & np.isfinite(bound)
    ratios = 1.0 + (evidence.estimate - bound) / size
    ratios = np.where(told & np.isfinite(ratios), ratios, UNFIT)
    return float(np.max(ratios, initial=UNFIT))
