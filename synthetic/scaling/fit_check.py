"""Errors on runs that were not fitted: the better ones held out, and each scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_law import NAMES, Runs
from synthetic.scaling.fit_start import Fit, fit
from theory.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class LeftOut:
    """A fit without some runs, and its errors on them.

    Attributes:
        what: Which runs were left out.
        fitted: How many were not.
        left: How many were.
        worst: The largest of |log error| on them.
        typical: The median of it.

    """

    what: str
    fitted: int
    left: int
    worst: float
    typical: float


def held_out(whole: Fit, threshold: float) -> LeftOut:
    """Fit losses of at least the threshold from the whole grid; try the lower ones."""
    runs = whole.problem.runs
    kept = runs.log_loss >= np.log(threshold)
    fewest = 2 * len(NAMES[whole.form])
    if kept.sum() < fewest or kept.all():
        low, high = np.exp(runs.log_loss.min()), np.exp(runs.log_loss.max())
        msg = (
            f"Need a --holdout that leaves at least {fewest} runs to fit and one to "
            f"try, got {threshold:g}: {kept.sum()} of {len(runs)} runs have a larger "
            f"loss, {low:.4g} to {high:.4g}."
        )
        raise InputError(msg)
    # From the grid again: a start at the fit of all runs would have seen these.
    found = fit(whole.form, runs.select(kept))
    return _left(f"loss < {threshold:g}", found, runs, ~kept)


def scales(whole: Fit) -> tuple[LeftOut, ...]:
    """Leave out each factor of two of N in turn."""
    runs = whole.problem.runs
    octave = np.floor((runs.log_N - runs.log_N.min()) / np.log(2) + 1e-9).astype(int)
    found, fewest = [], 2 * len(NAMES[whole.form])
    for k in np.unique(octave):
        kept = octave != k
        if kept.sum() < fewest:
            continue
        least = np.exp(runs.log_N.min()) * 2.0**k
        what = f"N from {least:.3g} to {2 * least:.3g}"
        found.append(_left(what, whole.on(runs.select(kept)), runs, ~kept))
    return tuple(found)


def _left(what: str, found: Fit, runs: Runs, left: NDArray[np.bool_]) -> LeftOut:
    error = np.abs(found.errors(runs.select(left)))
    return LeftOut(
        what,
        len(found.problem.runs),
        int(left.sum()),
        float(error.max()),
        float(np.median(error)),
    )
