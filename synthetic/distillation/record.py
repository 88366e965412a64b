"""One run of a bench by an exact engine, as a trace over its configurations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synthetic.distillation import exact, moments, paths, search
from synthetic.distillation.compressors import Diagonal
from synthetic.distillation.problems import FloatArray, Quadratic
from synthetic.distillation.setting import Bench
from theory.distillation import PROBE, DistillationConstants, DistillationTrace
from theory.evidence import LIMIT, TIMELESS, Engine

EPS = float(np.finfo(np.float64).eps)


WITH_LIMIT = frozenset({"dist_sq", "gap"})
"""Channels of a run that are sampled too, and whose limit the stationary law gives."""

MOMENTS_ONLY = frozenset({"plain_dist_sq"})
"""Channels of a run that only the engine of moments records."""


def has_moments(bench: Bench) -> bool:
    """Does the engine of moments run it?"""
    linear = bench.compressor is None or isinstance(bench.compressor, Diagonal)
    return isinstance(bench.sampled, Quadratic) and linear and bench.horizon > 2


def run_engine(bench: Bench) -> Engine:
    """The strongest engine for a whole run."""
    if bench.horizon == 2:
        return Engine.ONE_STEP
    if has_moments(bench):
        return Engine.MOMENTS
    if exact.num_paths(bench) <= exact.MOST_PATHS:
        return Engine.TREE
    return Engine.MONTE_CARLO


def trace(  # noqa: PLR0911 -- one for each engine
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
        end = moments.limit(bench)
        bend = 0.5 * bench.problem.L * end.error
        source = "the fixed point of the recursion of second moments"
        values = {
            "limit_dist_sq": end.dist_sq,
            "limit_gap": end.gap,
            "limit_bias_sq": end.bias_sq,
        }
        errors = {
            "limit_dist_sq": end.error,
            "limit_gap": bend,
            "limit_bias_sq": end.error,
        }
        # The formulas that these are compared with have roundoff of their own.
        law = (1.0 + np.abs(bench.weight)) ** 2 * c.law_error[:, 0]
        own = law + 8.0 * c.roundoff * (
            bench.weight**2 * c.teacher_dist_sq[:, 0] + np.abs(end.dist_sq)
        )
        units = {"limit_gap": 0.5 * bench.problem.L}
        errors = {
            name: error + units.get(name, 1.0) * own for name, error in errors.items()
        }
        sizes = {"limit_bias_sq": end.dist_sq + c.teacher_dist_sq[:, 0]}
        return _still(values, errors, c, sizes), source
    if engine is Engine.NUMBERS:
        values, errors = search.numbers(bench, needs, c)
        return _still(values, errors, c), "finite sums and a search over the weight"
    if engine is Engine.PATHWISE:
        return paths.trace(bench, c, seed)
    if "tree_residual" in needs:
        return _trees(bench, c)
    if needs <= PROBE.keys():
        values, errors = exact.probe(bench, c)
        return _still(values, errors, c), f"finite sums at {bench.count} points"
    found, errors = exact.run(bench)
    count = exact.num_paths(bench)
    source = f"the exact mean of all {count} paths of {bench.count} configurations"
    return DistillationTrace(np.arange(bench.horizon), found, errors, c), source


def _still(
    values: dict[str, FloatArray],
    errors: dict[str, FloatArray],
    c: DistillationConstants,
    sizes: dict[str, FloatArray] | None = None,
) -> DistillationTrace:
    """A trace without time: values (B,)."""
    return DistillationTrace(
        np.array([TIMELESS]),
        {name: value[:, None] for name, value in values.items()},
        {name: value[:, None] for name, value in errors.items()},
        c,
        {name: value[:, None] for name, value in (sizes or {}).items()},
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
    if "plain_dist_sq" in needs:
        plain = replace(bench, weight=np.zeros(bench.count), rule=None)
        found = moments.run(plain, star, times)
        values["plain_dist_sq"], errors["plain_dist_sq"] = found.dist_sq, found.error
    centres = {"teacher_dist_sq": bench.teacher}
    if "shifted_dist_sq" in needs:
        shifted = bench.shifted
        if shifted is not None:
            centres["shifted_dist_sq"] = shifted
    for name, centre in centres.items():
        if name in needs:
            found = moments.run(bench, centre, times)
            values[name], errors[name] = found.dist_sq, found.error
    source = f"exact second moments of {bench.count} configurations"
    if "limit" in bench.offers and needs <= WITH_LIMIT:
        end = moments.limit(bench)
        bend = 0.5 * bench.problem.L * end.error
        ends = {"dist_sq": (end.dist_sq, end.error), "gap": (end.gap, bend)}
        for name, (last, off) in ends.items():
            values[name] = np.column_stack([values[name], last])
            errors[name] = np.column_stack([errors[name], off])
        times = np.append(times, LIMIT)
        source += ", and their limit"
    return DistillationTrace(times, values, errors, c), source


def _trees(bench: Bench, c: DistillationConstants) -> tuple[DistillationTrace, str]:
    """Exact moments against the mean of all paths, at every t."""
    star = np.broadcast_to(bench.problem.star, bench.start.shape)
    found = moments.run(bench, star, np.arange(bench.horizon))
    paths_found, errors = exact.run(bench)
    residual = np.abs(found.dist_sq - paths_found["dist_sq"])
    error = found.error + errors["dist_sq"]
    source = f"exact moments and all {exact.num_paths(bench)} paths"
    return (
        DistillationTrace(
            np.arange(bench.horizon),
            {"tree_residual": residual},
            {"tree_residual": error},
            c,
            {"tree_residual": found.dist_sq},
        ),
        source,
    )
