"""Checks of what claims cannot see: chances, judgement, draws, and engines pairwise.

Each is exact, or says with what probability it errs. A probe returns what is wrong, in
words, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from synthetic.mutation import (
    probes_chances as chances,
    probes_constants as constants,
    probes_runs as runs,
    probes_scaling as scaling,
    probes_sums as sums,
)
from theory.errors import InputError

Probe = Callable[[], str]

PROBES: Mapping[str, Probe] = {
    "probe.judge": chances.judgement,
    "probe.alpha": chances.alpha_shared,
    "probe.batch": constants.batch_variance,
    "probe.boxes": scaling.boxes,
    "probe.compressors": sums.compressors,
    "probe.confidence.bets": chances.confidence_bets,
    "probe.confidence.payout": chances.confidence_payout,
    "probe.confidence.coverage": chances.confidence_coverage,
    "probe.constants": constants.constants,
    "probe.draws.differ": runs.draws_differ,
    "probe.draws.fit": runs.draws_fit,
    "probe.enclosure": scaling.enclosure,
    "probe.losses": constants.losses,
    "probe.plan": scaling.plans,
    "probe.reach": runs.reach,
    "probe.replay": chances.replayed,
    "probe.search": sums.search,
    "probe.support": runs.supports,
    "probe.tails": sums.tails,
    "probe.tree.weights": runs.path_weights,
    "probe.weights": sums.weights,
    "probe.kernel.agrees": runs.kernel_agrees,
}


def matching(pattern: str) -> list[str]:
    """The names of the probes that match; none is an error."""
    found = [name for name in PROBES if fnmatchcase(name, pattern)]
    if not found:
        msg = f"No probe matches {pattern!r}; there are {', '.join(PROBES)}."
        raise InputError(msg)
    return found
