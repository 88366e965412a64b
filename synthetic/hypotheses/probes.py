r"""Which probes a claim's hypotheses are on a setting.

Only what is said of points can be probed. The rest (steps, weights, targets, batches,
metrics) is arithmetic on the instance, which `Assumption.failure` checks exactly.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from synthetic.distillation.setting import Bench
from synthetic.hypotheses.of_polyak import POLYAK, ground_of
from synthetic.hypotheses.of_sums import DISTILLATION, sum_of
from synthetic.hypotheses.probe import Probe
from synthetic.setting import Setting
from theory import assumptions as polyak, distillation_gradient_assumptions as gradients
from theory.assumptions import Assumption


def is_probed(assumption: Assumption) -> bool:
    """Does it say something of points, that a probe can refute?"""
    return assumption.name in POLYAK or assumption.name in DISTILLATION


BY_CONSTRUCTION = frozenset(
    a.name
    for a in (
        polyak.IID,
        polyak.RESISTING,
        gradients.LINEAR,
        gradients.PRODUCT,
        gradients.ON_MEANS,
        gradients.ON_LOGITS,
        gradients.CROSS_ENTROPY,
        gradients.RIDGE_IN_BOTH,
        gradients.RIDGE_PROXIMAL,
    )
)
"""What is so because this package draws and builds it so, and is believed."""


def standing(assumption: Assumption) -> str:
    """What is done about a hypothesis on each instance, in words."""
    if is_probed(assumption):
        return "probed, which can only refute"
    if assumption.name in BY_CONSTRUCTION:
        return "believed, by construction"
    return "checked exactly on the instance's numbers"


def probes_of(setting: Any, names: Set[str]) -> list[Probe]:
    """The inequalities of those hypotheses there; none on other kinds of settings."""
    if isinstance(setting, Setting):
        ground = ground_of(setting)
        chosen = [maker(ground) for name, maker in POLYAK.items() if name in names]
    elif isinstance(setting, Bench):
        total = sum_of(setting)
        chosen = [maker(total) for name, maker in DISTILLATION.items() if name in names]
    else:
        return []
    return [probe for probes in chosen for probe in probes]
