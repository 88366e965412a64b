r"""Methods without a theorem here, beside SPS* and IAM on the same samples.

Plain loops in NumPy over lanes (a method with its size) and runs: SGD with a constant
step $\gamma$ or $\gamma / \sqrt{t+1}$, and AdaGrad-norm, $\gamma / (\sum_{s \le t}
\|g_s\|^2)^{1/2}$ (Ward, Wu and Bottou, "AdaGrad stepsizes: sharp convergence over
nonconvex landscapes", J. Mach. Learn. Res. 21, 2020, without their $b_0$).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from synthetic.draws import component_draws
from synthetic.problems.base import FloatArray, IntArray
from synthetic.problems.glm import GLM
from theory import formulas, schedules


class Kind(StrEnum):
    """How a step is sized."""

    SPS_STAR = "SPS*"
    IAM = "IAM"
    CONSTANT = "SGD, constant"
    DECAYING = "SGD, decaying"
    ADAGRAD = "AdaGrad-norm"


TUNED = (Kind.CONSTANT, Kind.DECAYING, Kind.ADAGRAD)
r"""The kinds that have a size; the others need $f_\xi(x_\star)$ instead."""


@dataclass(frozen=True)
class Lane:
    r"""One method.

    Attributes:
        kind: Its step rule.
        size: $\gamma$; without effect on SPS* and IAM.

    """

    kind: Kind
    size: float = 0.0


def run(
    problem: GLM,
    x0: FloatArray,
    lanes: Sequence[Lane],
    times: IntArray,
    *,
    seed: int,
    replicas: range,
) -> tuple[FloatArray, FloatArray]:
    r"""Gaps of $x_t$, and of the mean of $x_0, \dots, x_t$, shape (K, M, R) each.

    Args:
        problem: $f$; its comparator gives the targets.
        x0: Start, shape (d,).
        lanes: M methods; all see the same samples.
        times: The t at which to record, ascending, shape (K,).
        seed: Root of the draws.
        replicas: R consecutive runs.

    A run that diverges has a gap of infinity from then on.

    """
    kinds = np.array([lane.kind.value for lane in lanes])[:, None]
    size = np.array([lane.size for lane in lanes])[:, None]
    is_polyak = (kinds == Kind.SPS_STAR) | (kinds == Kind.IAM)
    targets = problem.loss_star + problem.guard
    steps = int(times[-1])
    draws = component_draws(
        *(seed, replicas.start, len(replicas), steps),
        *(problem.weights, problem.num_components),
    )
    shape = (len(lanes), len(replicas), problem.dim)
    x = z = np.broadcast_to(x0, shape)
    total, squares = np.zeros(shape), np.zeros(shape[:2])
    gaps, averages = [], []
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for t in range(steps + 1):
            total += x
            if t in times:
                gaps.append(_gap(problem, x))
                averages.append(_gap(problem, total / (t + 1)))
            if t == steps:
                break
            a, b = problem.features[draws[t]], problem.target[draws[t]]
            score = np.einsum("rd,mrd->mr", a, x)
            pull = x - problem.center
            loss = problem.loss.value(score, b)
            loss = loss + 0.5 * problem.ridge * (pull * pull).sum(axis=-1)
            slope = np.asarray(problem.loss.slope(score, b))
            g = slope[:, :, None] * a + problem.ridge * pull
            norm_sq = (g * g).sum(axis=-1)
            squares += norm_sq
            inner = (g * (z - x)).sum(axis=-1)
            polyak = formulas.polyak(loss, targets[draws[t]], inner, norm_sq, 0.0)
            over = np.where(kinds == Kind.DECAYING, np.sqrt(t + 1.0), 1.0)
            over = np.where(kinds == Kind.ADAGRAD, np.sqrt(squares), over)
            other = np.asarray(formulas.ratio(size, over))
            eta = np.asarray(polyak) * is_polyak + other * ~is_polyak
            z = z - eta[:, :, None] * g
            lam = schedules.P_CONVENTION(t + 1.0) * np.where(kinds == Kind.IAM, 1, 0)
            x = formulas.average(x, z, lam[:, :, None])
    return np.array(gaps), np.array(averages)


def _gap(problem: GLM, x: FloatArray) -> FloatArray:
    """Gaps of points (M, R, d); infinity where there is no number."""
    found = problem.gap(x.reshape(-1, x.shape[-1])).reshape(x.shape[:2])
    return np.where(np.isfinite(found), found, np.inf)


@dataclass(frozen=True, eq=False)
class Tuned:
    r"""A method's size, and how it was found.

    Attributes:
        lane: The method with the size that it chose.
        at_edge: Is that an end of the grid? A wider one might do better.
        means: The mean last gap of every size of the grid.

    """

    lane: Lane
    at_edge: bool
    means: FloatArray


def tune(  # noqa: PLR0913 -- a problem, a start, and how it is sampled
    problem: GLM,
    x0: FloatArray,
    kind: Kind,
    grid: FloatArray,
    horizon: int,
    *,
    seed: int,
    replicas: range,
) -> Tuned:
    """The size of the grid with the least mean gap of the last iterate."""
    last = np.array([horizon - 1], dtype=np.int64)
    lanes = [Lane(kind, float(size)) for size in grid]
    gaps, _ = run(problem, x0, lanes, last, seed=seed, replicas=replicas)
    means = gaps[0].mean(axis=1)
    best = int(np.argmin(means))
    return Tuned(lanes[best], best in {0, len(grid) - 1}, means)
