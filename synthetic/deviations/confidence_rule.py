r"""The rule, fixed before any run: is a student's confidence an exaggeration?

Over at least ten seeds, one-sided 95 % t bounds of three means: the slope above 1, the
share `low_under` above .5, and `hi_over` above .15 (a student that is less sure of
everything is under-trained, and exaggerates nothing). All lower bounds above:
reproduced. An upper bound that is not: not reproduced. Else undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from synthetic.deviations.confidence_network import Array
from synthetic.parity.hitting import Finding

FEWEST_SEEDS = 10
LEVEL = 0.05
THRESHOLDS = {"slope": 1.0, "low_under": 0.5, "hi_over": 0.15}


@dataclass(frozen=True)
class Mean:
    r"""A mean over seeds and its one-sided 95 % bounds, $m \pm t_{.95} s / \sqrt n$.

    Attributes:
        value: m.
        lower: Below it with 95 % confidence lies nothing of the true mean.
        upper: Likewise above; both together have 90 %.
        p: One-sided p that the true mean is not above the threshold asked for.

    """

    value: float
    lower: float
    upper: float
    p: float

    @property
    def is_finite(self) -> bool:
        """Did no run diverge?"""
        return bool(np.isfinite(self.value))


def mean_of(values: Array, threshold: float = 0.0) -> Mean:
    """One-sample t bounds; infinite of a single seed, NaN where a run diverged."""
    num, value = len(values), float(np.mean(values))
    if not np.isfinite(value):
        return Mean(np.nan, np.nan, np.nan, 1.0)
    if num < 2:
        return Mean(value, -np.inf, np.inf, 1.0)
    error = float(np.std(values, ddof=1)) / np.sqrt(num)
    half = float(stats.t.ppf(1.0 - LEVEL, num - 1)) * error
    if error == 0.0:
        p = float(value <= threshold)
    else:
        p = float(stats.t.sf((value - threshold) / error, num - 1))
    return Mean(value, value - half, value + half, p)


@dataclass(frozen=True)
class Judgement:
    """What the rule says of one set of statistics.

    Attributes:
        finding: The answer.
        means: By the names in `THRESHOLDS`.
        num_seeds: Seeds.
        num_diverged: Of them without numbers.

    """

    finding: Finding
    means: Mapping[str, Mean]
    num_seeds: int
    num_diverged: int

    @property
    def p(self) -> float:
        """Of the three together: the largest (an intersection-union test)."""
        return max(mean.p for mean in self.means.values())


def judge(values: Mapping[str, Array]) -> Judgement:
    """Apply the rule to statistics by name, each one number a seed."""
    means = {name: mean_of(values[name], at) for name, at in THRESHOLDS.items()}
    num = len(values["slope"])
    lost = int(sum(not np.isfinite(v) for v in values["slope"]))
    finding = Finding.UNDECIDED
    if num >= FEWEST_SEEDS and not lost:
        if all(means[name].lower > at for name, at in THRESHOLDS.items()):
            finding = Finding.REPRODUCED
        elif any(means[name].upper <= at for name, at in THRESHOLDS.items()):
            finding = Finding.NOT_REPRODUCED
    return Judgement(finding, means, num, lost)


def holm(judgements: Mapping[str, Judgement]) -> tuple[str, ...]:
    """Those reproduced at a familywise error of .05: Holm's step-down on their p."""
    ranked = sorted(judgements, key=lambda name: judgements[name].p)
    found = []
    for k, name in enumerate(ranked):
        if judgements[name].p > LEVEL / (len(ranked) - k):
            break
        if judgements[name].finding is Finding.REPRODUCED:
            found.append(name)
    return tuple(found)


def too_often(fired: Sequence[bool]) -> bool:
    """Does a control whose slope is 1 fire more often than 5 % each can explain?

    At an error of .001: independent controls that fire with probability .05 do so this
    often with less.
    """
    return bool(stats.binom.sf(sum(fired) - 1, len(fired), LEVEL) < 1e-3)
