"""A fit with what it is worth: what runs identify, and how well it predicts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synthetic.scaling.fit_check import LeftOut, held_out, scales
from synthetic.scaling.fit_estimate import Estimate, Interval, estimates
from synthetic.scaling.fit_identify import Geometry, Noise, geometry, noise_of
from synthetic.scaling.fit_law import NAMES, Form, Runs
from synthetic.scaling.fit_resample import resample
from synthetic.scaling.fit_start import Fit, fit, natural
from synthetic.scaling.fit_table import Taken

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Known:
    """The supervised law that a student's is built on.

    Attributes:
        source: Where it is from, in words.
        theta: Its row.
        draws: Rows fitted to resamples of its runs; empty if its runs are not at hand.

    """

    source: str
    theta: FloatArray
    draws: FloatArray


@dataclass(frozen=True)
class Prediction:
    """A loss at a model that may not have been trained."""

    what: str
    loss: float
    interval: Interval


@dataclass(frozen=True, eq=False)
class Report:
    """All that a fit says.

    Attributes:
        taken: The runs.
        known: The supervised law below; `None` for a fit of that law.
        fit: The best fit.
        noise: Of its residuals.
        geometry: Where it is flat.
        estimates: Coefficients, then combinations.
        draws: Rows fitted to resamples.
        left: Errors on runs left out.
        predictions: Losses, with intervals.

    """

    taken: Taken
    known: Known | None
    fit: Fit
    noise: Noise
    geometry: Geometry
    estimates: tuple[Estimate, ...]
    draws: FloatArray
    left: tuple[LeftOut, ...]
    predictions: tuple[Prediction, ...]


def report(
    taken: Taken,
    form: Form,
    known: Known | None = None,
    *,
    num: int = 1000,
    seed: int = 0,
    threshold: float | None = None,
) -> Report:
    """Fit the runs, and find out what the fit is worth.

    Args:
        taken: The runs.
        form: The law.
        known: For a student's law, the supervised one.
        num: Resamples of the bootstrap; 0 for none.
        seed: Of these.
        threshold: Hold out what has a lower loss; `None` for nothing.

    """
    runs = taken.plain() if known is None else taken.dressed(known.theta)
    found = fit(form, runs)
    below = known.draws if known is not None and len(known.draws) else None
    dressed = taken.dressed if below is not None else None
    draws = resample(found, num, (seed, 0), dressed, below)
    noise = noise_of(found)
    where = geometry(found, noise)
    left = scales(found)
    if threshold is not None:
        left = (held_out(found, threshold), *left)
    return Report(
        taken,
        known,
        found,
        noise,
        where,
        tuple(estimates(found, noise, where, draws)),
        draws,
        left,
        tuple(predictions(taken, known, found, draws)),
    )


def known_from(taken: Taken, num: int, seed: int) -> Known:
    """The supervised law fitted to runs of its own, and to resamples of them."""
    found = fit(Form.SUPERVISED, taken.plain())
    # Another stream than the students': their draws are independent.
    draws = resample(found, num, (seed, 1))
    source = f"fitted to the {len(taken.log_loss)} runs of {taken.name}"
    return Known(source, found.theta, draws)


def predictions(
    taken: Taken, known: Known | None, found: Fit, draws: FloatArray
) -> list[Prediction]:
    """Losses at three of the runs, and beyond the largest."""
    order = np.argsort(taken.log_loss, kind="stable")
    # Of several teachers of the largest run, the one that did best.
    largest = int(np.lexsort((-taken.log_loss, taken.log_N + taken.log_D))[-1])
    rows = np.array([order[-1], order[len(order) // 2], order[0], largest, largest])
    some = taken.select(rows)
    beyond = np.log(np.array([1.0, 1.0, 1.0, 1.0, 4.0]))
    some = replace(some, log_N=some.log_N + beyond, log_D=some.log_D + beyond)
    words = ("worst run", "middle run", "best run", "largest run", "4 x both of it")
    at = _losses(found, some, known, found.theta[None], None)[0]
    below = known.draws if known is not None and len(known.draws) else None
    none = np.full((1, len(at)), np.nan)
    spread = _losses(found, some, known, draws, below) if len(draws) else none
    low, high = np.quantile(spread, (0.05, 0.95), axis=0)
    sizes = zip(np.exp(some.log_N), np.exp(some.log_D), strict=True)
    return [
        Prediction(f"{word}: N {N:.3g}, D {D:.3g}", float(a), (float(b), float(c)))
        for word, (N, D), a, b, c in zip(words, sizes, at, low, high, strict=True)
    ]


def _losses(
    found: Fit,
    some: Taken,
    known: Known | None,
    rows: FloatArray,
    below: FloatArray | None,
) -> FloatArray:
    """(K, m), with the supervised rows that belong to the rows, if there are any."""
    runs: Runs = some.plain()
    if known is not None:
        runs = some.dressed(known.theta if below is None else below)
    return np.asarray(np.exp(found.problem.model(rows, runs)[0]))


def coefficients(form: Form, theta: FloatArray) -> dict[str, float]:
    """A row by names, for predictions alone."""
    names = [name.rstrip("'") for name in NAMES[form]]
    return dict(zip(names, natural(form, theta).tolist(), strict=True))
