r"""A user's table as a spectrum: eigenvalues, estimated signal, estimated noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from synthetic.data import load
from synthetic.deviations.risk import Problem
from synthetic.losses import SQUARED
from theory.errors import InputError

CONFIDENCE = 0.95
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimated:
    r"""What a table says.

    Attributes:
        name: Of the file.
        n: Rows.
        p: Columns.
        rank: Of the centred columns.
        problem: Signals are the plug-in $\lambda_k\hat\theta_k^2$, or corrected.
        variance: $\hat\sigma^2$, or what was given.
        limits: An interval for $\sigma^2$ at 95 % under Gaussian errors; `None` where
            the variance was given.
        notes: What was done, in words.

    """

    name: str
    n: int
    p: int
    rank: int
    problem: Problem
    variance: float
    limits: tuple[float, float] | None
    notes: tuple[str, ...]


def estimate(
    source: str,
    target: str | None,
    *,
    noise: float | None = None,
    corrected: bool = False,
    standardize: bool = True,
) -> Estimated:
    r"""Read a table and estimate.

    $\hat\sigma^2 = RSS/(n - 1 - \mathrm{rank})$ of least squares on centred columns;
    $(n-1-\mathrm{rank})\hat\sigma^2/\sigma^2$ is $\chi^2$ under Gaussian errors.
    $\hat\theta_k^2$ is too large by $\sigma^2/(n\lambda_k)$ on average, so the plug-in
    signal is by $\sigma^2/n$ in every direction: `corrected` subtracts that estimate.

    Args:
        source: A file, or a bundled set.
        target: Its column.
        noise: $\sigma^2/n$ if it is known, in the units of the standardised target.
        corrected: Subtract the bias, and cut off at 0.
        standardize: Divide the columns by their deviations.

    Raises:
        InputError: The table cannot be used; or nothing is left for the noise.

    """
    data = load(
        source, loss=SQUARED, target=target, standardize=standardize, intercept=False
    )
    x = data.features - data.features.mean(axis=0)
    y = data.target - data.target.mean()
    n, p = x.shape
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    if not s[0] > 0:
        msg = f"{data.name}: every column is constant: need one that varies."
        raise InputError(msg)
    s = np.where(s > s[0] * max(n, p) * np.finfo(float).eps, s, 0.0)
    rank = int(np.count_nonzero(s))
    learnt = u.T @ y  # s_k theta_k: lambda_k theta_k^2 is its square over n
    lams, plug_in = s**2 / n, np.where(s > 0, learnt**2 / n, 0.0)
    free = n - 1 - rank
    notes = [*data.notes, "columns and target centred"]
    limits = None
    if noise is None:
        variance, limits = _variance(data.name, y, learnt[s > 0], free)
        notes.append(
            f"noise: residuals of least squares over {free} degrees of freedom"
        )
    else:
        variance = noise * n
        notes.append("noise as given")
    if rank < p:
        notes.append(
            f"rank {rank} of {p}: what lies outside no labels tell, and in-sample "
            "risk does not count it"
        )
    level = variance / n
    if corrected:
        plug_in = np.where(s > 0, np.maximum(plug_in - level, 0.0), 0.0)
        notes.append(f"signal: lambda theta^2 less its bias {level:.4g}, cut off at 0")
    else:
        notes.append(
            f"signal: plug-in, on average too large by {level:.4g} in every direction "
            "(--corrected subtracts it)"
        )
    problem = Problem(lams, plug_in, level)
    return Estimated(data.name, n, p, rank, problem, variance, limits, tuple(notes))


def _variance(
    name: str, y: FloatArray, learnt: FloatArray, free: int
) -> tuple[float, tuple[float, float]]:
    if free < 1:
        msg = (
            f"{name}: need more rows than 1 + the rank of the columns to estimate the "
            f"noise, got {len(y)} and rank {len(learnt)}: pass --noise (sigma^2/n)."
        )
        raise InputError(msg)
    rest = max(float(y @ y - learnt @ learnt), 0.0)
    tails = (1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2
    low, high = (float(rest / stats.chi2.ppf(tail, free)) for tail in tails)
    return rest / free, (low, high)
