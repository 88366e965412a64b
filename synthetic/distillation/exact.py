r"""All $n^{T-1}$ paths of any finite sum; with T = 2 the one-step expectation.

Each level multiplies the points by n (by $n^2$ where the teacher's sample is
independent), so this serves one step of every family and a few steps of small ones.
"""

from __future__ import annotations

import numpy as np

from synthetic.distillation.compressors import Compressor
from synthetic.distillation.numbers import MOST_NUMBERS, square
from synthetic.distillation.problems import FiniteSum, FloatArray
from synthetic.distillation.setting import Bench
from theory.distillation import RUN, DistillationConstants

EPS = float(np.finfo(np.float64).eps)
MOST_PATHS = 50_000


def num_paths(bench: Bench) -> int:
    """How many paths each configuration has."""
    return int(answers(bench) ** min(bench.horizon - 1, 64))


def answers(bench: Bench) -> int:
    """How many different answers one step has."""
    n = bench.sampled.num_components
    independent = any(bench.actual.independent)
    paths = n * n if independent else n
    return paths if bench.compressor is None else paths * bench.compressor.outcomes


def moves(bench: Bench, x: FloatArray, part: slice) -> tuple[FloatArray, FloatArray]:
    r"""Every next point of every point, and the answers' probabilities.

    Args:
        bench: What to run.
        x: Points, shape (B, P, d).
        part: Which configurations they belong to.

    Returns:
        Points (B, P m, d) and probabilities (m,), m the number of answers.

    """
    problem, rule = bench.sampled, bench.actual
    weight, gamma = bench.weight[part], bench.step[part]
    count, paths, dim = x.shape
    h = problem.gradients(bench.teacher[part])  # (B, n, d)
    g = np.einsum("n,bnd->bd", problem.weights, h)
    own = problem.gradients(x.reshape(-1, dim)).reshape(count, paths, -1, dim)
    pull = rule.own(weight)[:, None, None, None] * own
    pull = pull + (rule.same(weight)[:, None, None] * h)[:, None]
    pull = pull + (rule.mean(weight)[:, None] * g)[:, None, None]
    chance = problem.weights
    if any(rule.independent):
        other = (rule.independent(weight)[:, None, None] * h)[:, None, None]
        pull = pull[:, :, :, None] + other
        pull = pull.reshape(count, paths, -1, dim)
        chance = np.outer(chance, chance).ravel()
    points = x[:, :, None, :] - gamma[:, None, None, None] * pull
    points = points.reshape(count, -1, dim)
    if bench.compressor is not None:
        points, chance = bench.compressor.expand(points, chance)
    return points, chance


def run(bench: Bench) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Channels of `RUN` at t = 0, ..., T - 1, with roundoff: arrays (B, T) each."""
    horizon, count = bench.horizon, bench.count
    found = {name: np.full((count, horizon), np.nan) for name in RUN}
    errors = {name: np.full((count, horizon), np.nan) for name in RUN}
    problem = bench.problem
    shifted = bench.shifted
    paths = num_paths(bench)
    # A gap may take all n losses of every point.
    room = max(1, MOST_NUMBERS // (paths * max(problem.dim, problem.num_components)))
    for first in range(0, count, room):
        part = slice(first, first + room)
        x, weights = bench.start[part][:, None, :], np.ones(1)
        centres = {"dist_sq": problem.star, "teacher_dist_sq": bench.teacher[part]}
        if shifted is not None:
            centres["shifted_dist_sq"] = shifted[part]
        widest = np.zeros(len(x))
        for t in range(horizon):
            if t:
                x, chance = moves(bench, x, part)
                weights = np.outer(weights, chance).ravel()
            away = square(x - problem.star)
            widest = np.maximum(widest, np.sqrt(away.max(axis=1)))
            off = position_error(bench, part, widest, t)
            for name, centre in centres.items():
                middle = centre if centre.ndim == 1 else centre[:, None, :]
                value = square(x - middle) @ weights
                found[name][part, t] = value
                errors[name][part, t] = 2.0 * np.sqrt(value) * off + off**2
            gap = _gaps(problem, x) @ weights
            found["gap"][part, t] = gap
            root = np.sqrt(found["dist_sq"][part, t])
            bend = problem.L * (root * off + off**2)
            errors["gap"][part, t] = bend + problem.spread_gap(widest + 1.0)
    return found, errors


def _gaps(problem: FiniteSum, x: FloatArray) -> FloatArray:
    return problem.gap(x.reshape(-1, x.shape[-1])).reshape(x.shape[:2])


def position_error(bench: Bench, part: slice, widest: FloatArray, t: int) -> FloatArray:
    r"""First-order roundoff of a point after t steps, (B,): $\epsilon(t+1)$ lengths."""
    problem = bench.problem
    length = widest + np.sqrt(square(problem.star))
    length = length + np.sqrt(square(bench.teacher[part]))
    noise = np.sqrt(square(problem.at_star).max())
    length = (
        length + 2.0 * bench.step[part] * (1.0 + np.abs(bench.weight[part])) * noise
    )
    if bench.compressor is not None:
        # What one step adds is stretched; what came before dies out on the average, as
        # the theorems have it of any two runs.
        length = length * bench.compressor.stretch
    return np.asarray(EPS * (8.0 + problem.dim**0.5) * (t + 1.0) * length)


def probe(
    bench: Bench, c: DistillationConstants
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Channels of `PROBE` at each start, with their roundoff, arrays (B,) each."""
    problem = bench.problem
    rows: dict[str, list[FloatArray]] = {}
    size = max(1, MOST_NUMBERS // (problem.num_components * problem.dim))
    for first in range(0, bench.count, size):
        part = slice(first, first + size)
        x, weight = bench.start[part], bench.weight[part, None, None]
        at_x, h = problem.gradients(x), problem.gradients(bench.teacher[part])
        mean = np.einsum("n,bnd->bd", problem.weights, at_x)
        for name, value in (
            ("probe_dist_sq", square(x - problem.star)),
            ("probe_gap", problem.gap(x)),
            ("slope_sq", square(mean)),
            ("descent", (mean * (x - problem.star)).sum(axis=1)),
            ("spread", square(at_x - problem.at_star) @ problem.weights),
            ("direction_sq", square(at_x - weight * h) @ problem.weights),
        ):
            rows.setdefault(name, []).append(value)
    found = {name: np.concatenate(parts) for name, parts in rows.items()}
    shifted = bench.shifted
    if shifted is not None:
        found["shift_sq"] = square(shifted - problem.star)
    errors = _probe_errors(bench, c, found)
    if bench.compressor is not None:
        more = _compressed(bench, bench.compressor)
        size = np.sum(list(more.values()), axis=0) + 2.0 * square(problem.star)
        errors |= dict.fromkeys(more, 16.0 * c.roundoff * size)
        found |= more
    return found, errors


def _probe_errors(
    bench: Bench, c: DistillationConstants, found: dict[str, FloatArray]
) -> dict[str, FloatArray]:
    """What roundoff of positions and of gradients does to each channel, (B,)."""
    problem = bench.problem
    length = np.sqrt(square(problem.star)) + np.sqrt(found["probe_dist_sq"])
    slopes = (
        np.sqrt(found["spread"]) + c.S2**0.5 + np.abs(bench.weight) * c.H2[:, 0] ** 0.5
    )
    place = 8.0 * c.roundoff * length
    pull = 8.0 * c.roundoff * (slopes + problem.L * length)
    rough = {name: 8.0 * c.roundoff * np.abs(value) for name, value in found.items()}
    off = {
        "probe_dist_sq": place,
        "slope_sq": pull,
        "spread": pull,
        "direction_sq": pull,
    }
    errors = {
        name: rough[name] + 2.0 * np.sqrt(found[name]) * e + e**2
        for name, e in off.items()
    }
    roots = np.sqrt(found["probe_dist_sq"]), np.sqrt(found["slope_sq"])
    inner = roots[0] * (roots[1] + pull) * 8.0 * c.roundoff
    errors["descent"] = inner + roots[0] * pull + roots[1] * place + pull * place
    flat = rough["probe_gap"] + problem.spread_gap(length + 1.0)
    errors["probe_gap"] = flat + roots[1] * place + problem.L * place**2
    if "shift_sq" in found:
        reach = length + np.sqrt(square(bench.teacher))
        moved = 8.0 * c.roundoff * (reach * problem.L + slopes) / problem.mu
        root = np.sqrt(found["shift_sq"])
        errors["shift_sq"] = rough["shift_sq"] + 2.0 * root * moved + moved**2
    return errors


def _compressed(bench: Bench, compressor: Compressor) -> dict[str, FloatArray]:
    """What the compressor makes of the starts themselves."""
    points, chance = compressor.expand(bench.start[:, None, :], np.ones(1))
    return {
        "length_sq": square(bench.start),
        "compressed_dist_sq": square(points - bench.problem.star) @ chance,
    }
