"""One run of a bench by an exact engine, as a trace over its configurations."""

from __future__ import annotations

import numpy as np

from synthetic.distillation import exact, moments, paths, search
from synthetic.distillation.numbers import shifted_optimum
from synthetic.distillation.problems import FloatArray, Quadratic
from synthetic.distillation.setting import Bench
from theory.distillation import DistillationConstants, DistillationTrace
from theory.evidence import LIMIT, TIMELESS, Engine

EPS = float(np.finfo(np.float64).eps)


def run_engine(bench: Bench) -> Engine:
    """The strongest engine for a whole run."""
    if bench.horizon == 2:
        return Engine.ONE_STEP
    if isinstance(bench.sampled, Quadratic) and bench.compressor is None:
        return Engine.MOMENTS
    if exact.num_paths(bench) <= exact.MOST_PATHS:
        return Engine.TREE
    return Engine.MONTE_CARLO


def trace(
    engine: Engine,
    bench: Bench,
    needs: frozenset[str],
    c: DistillationConstants,
    seed: int,
) -> tuple[DistillationTrace, str]:
    """The channels that are needed, and one sentence about where they come from."""
    if engine is Engine.MOMENTS:
        return _moments(bench, needs, c)
    if engine is Engine.LYAPUNOV:
        dist, gap, error = moments.limit(bench)
        bend = 0.5 * bench.problem.L * error
        source = "the fixed point of the recursion of second moments"
        values = {"limit_dist_sq": dist, "limit_gap": gap}
        return _still(values, {"limit_dist_sq": error, "limit_gap": bend}, c), source
    if engine is Engine.NUMBERS:
        values, errors = search.numbers(bench, needs, c)
        return _still(values, errors, c), "finite sums and a search over the weight"
    if engine is Engine.PATHWISE:
        return paths.trace(bench, c, seed)
    if needs <= exact.probe(bench).keys():
        values = exact.probe(bench)
        size = np.max(np.abs(list(values.values())), axis=0)
        errors = dict.fromkeys(values, 8.0 * c.roundoff * size)
        return _still(values, errors, c), f"finite sums at {bench.count} points"
    found, errors = exact.run(bench)
    count = exact.num_paths(bench)
    source = f"the exact mean of all {count} paths of {bench.count} configurations"
    return DistillationTrace(np.arange(bench.horizon), found, errors, c), source


def _still(
    values: dict[str, FloatArray],
    errors: dict[str, FloatArray],
    c: DistillationConstants,
) -> DistillationTrace:
    """A trace without time: values (B,)."""
    return DistillationTrace(
        np.array([TIMELESS]),
        {name: value[:, None] for name, value in values.items()},
        {name: value[:, None] for name, value in errors.items()},
        c,
    )


def _moments(
    bench: Bench, needs: frozenset[str], c: DistillationConstants
) -> tuple[DistillationTrace, str]:
    """Exact moments around each centre that a channel needs."""
    times = np.arange(bench.horizon)
    star = np.broadcast_to(bench.problem.star, bench.start.shape)
    values: dict[str, FloatArray] = {}
    errors: dict[str, FloatArray] = {}
    if needs & {"dist_sq", "gap"}:
        found = moments.run(bench, star, times)
        values |= {"dist_sq": found.dist_sq, "gap": found.gap}
        bend = 0.5 * bench.problem.L * found.error
        errors |= {"dist_sq": found.error, "gap": bend}
    centres = {"teacher_dist_sq": bench.teacher}
    if "shifted_dist_sq" in needs:
        shifted = shifted_optimum(bench)
        if shifted is not None:
            centres["shifted_dist_sq"] = shifted
    for name, centre in centres.items():
        if name in needs:
            found = moments.run(bench, centre, times)
            values[name], errors[name] = found.dist_sq, found.error
    source = f"exact second moments of {bench.count} configurations"
    if "limit" in bench.offers and values.keys() <= {"dist_sq", "gap"}:
        dist, gap, error = moments.limit(bench)
        ends = {"dist_sq": (dist, error), "gap": (gap, 0.5 * bench.problem.L * error)}
        for name, (end, off) in ends.items():
            values[name] = np.column_stack([values[name], end])
            errors[name] = np.column_stack([errors[name], off])
        times = np.append(times, LIMIT)
        source += ", and their limit"
    return DistillationTrace(times, values, errors, c), source
