"""A user's table as benches: teachers of every grade, exact engines only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from synthetic.catalogue.entry import Control
from synthetic.distillation.catalogue import (
    best_gap_weights,
    chosen,
    graded_bench,
    visited,
)
from synthetic.distillation.instances import least_squares
from synthetic.distillation.logistic import logistic
from synthetic.distillation.problems import FiniteSum, FloatArray, Quadratic
from synthetic.distillation.rule import SWAPPED, WRONG_SIGN
from synthetic.distillation.setting import Bench, Split
from synthetic.losses import LOGISTIC, SQUARED
from synthetic.problems.glm import GLM
from theory.distillation import Variant
from theory.distillation_formulas import optimal_weight, safe_weight

MOST_WORK = 3e10
"""Multiplications of exact moments; beyond, single steps are checked instead."""

MOST_VISITED = 20
MOST_PAIRS = 200_000
"""Pairs of components times dimension, for a teacher on independent samples."""


def benches(problem: GLM, x0: FloatArray, horizon: int) -> Iterator[Bench]:
    """What claims about distillation are tried on, for squared or logistic loss."""
    found = finite_sum(problem)
    if found is None:
        return
    for variant in Variant:
        if variant is Variant.INDEPENDENT and (
            problem.num_components**2 * problem.dim > MOST_PAIRS
        ):
            continue
        bare = graded_bench(found, variant, horizon, "graded teachers")
        slow = 0.2 * found.mu_pl / (found.L * found.cL)
        short = replace(bare, step=np.full(bare.count, slow))
        short = replace(
            short,
            name=f"{bare.name}, short steps",
            weight=np.where(
                np.arange(bare.count) % 3 == 2,
                best_gap_weights(short),
                bare.weight,
            ),
        )
        for bench in (bare, short):
            yield from _benches(bench, x0)


def finite_sum(problem: GLM) -> FiniteSum | None:
    """The problem with the constants of these theorems; `None` if it has none."""
    rows, target = problem.features, problem.target
    if problem.loss is SQUARED:
        return least_squares(problem.name, rows, target, ridge=problem.ridge)
    if problem.loss is LOGISTIC and problem.ridge > 0:
        return logistic(problem.name, rows, target, problem.ridge)
    return None


def _benches(bare: Bench, x0: FloatArray) -> Iterator[Bench]:
    """Exact moments where they can be had, else single steps along a run."""
    problem, horizon = bare.problem, bare.horizon
    bare = replace(bare, start=np.tile(x0, (bare.count, 1)))
    work = bare.count * problem.num_components * problem.dim**2 * horizon
    if isinstance(problem, Quadratic) and work < MOST_WORK:
        offers = {"run", "paths"} | ({"limit"} if problem.mu > 0 else set())
        yield _weighted(replace(bare, offers=frozenset(offers)), problem)
    name = bare.name.replace("graded teachers", "{}")
    yield replace(
        bare,
        name=name.format("numbers"),
        horizon=2,
        offers=frozenset({"numbers"}),
        split=halfway(problem, bare.step),
    )
    stride = max(1, (horizon - 1) // MOST_VISITED)
    steps = visited(replace(bare, horizon=2), stride, seed=0)
    yield replace(
        steps,
        name=name.format("steps of a run"),
        offers=frozenset({"run", "probe"}),
        split=halfway(problem, steps.step),
    )


def halfway(problem: FiniteSum, step: FloatArray) -> Split:
    """Free parameters of the master bounds in the middle of what they allow."""
    p = 0.5 * np.maximum(1.0 - step * problem.cL, 0.0)
    x = step * problem.L * problem.cL / problem.mu_pl
    young = np.minimum(1.0 + 0.5 * np.maximum(1.9 / x - 1.0, 1e-3), 50.0)
    b = 0.5 * np.maximum(2.0 - young * x, 1e-3)
    return Split(p=p, z=0.5 * (1.0 + p), young=young, b=b)


def _weighted(bench: Bench, problem: Quadratic) -> Bench:
    """The bench with the weights that the exact theory names, for each teacher."""
    if bench.variant is not Variant.BIASED or not problem.mu > 0:
        return bench
    c = bench.constants()
    named = (
        ("lambda_opt", optimal_weight(c.teacher_dist_sq, c.V)),
        ("lambda_opt for gaps", optimal_weight(c.teacher_gap, c.F)),
        ("safe lambda", safe_weight(c.step, c.S2, c.teacher_gap)),
    )
    first = np.arange(0, bench.count, 3)  # one row of each teacher
    rows = np.concatenate([np.arange(bench.count)] + [first] * len(named))
    weights = np.concatenate([bench.weight] + [w[first, 0] for _, w in named])
    words = [bench.labels[k].split(" teacher")[0] for k in first]
    labels = [f"{word} teacher, {name}" for name, _ in named for word in words]
    return replace(
        bench,
        start=bench.start[rows],
        teacher=bench.teacher[rows],
        weight=weights,
        step=bench.step[rows],
        labels=(*bench.labels, *labels),
    )


def controls(benches_made: list[Bench]) -> Iterator[Control]:
    """Wrong code from the minimiser with a perfect teacher, where it shows best."""
    for bench in benches_made:
        if bench.variant is not Variant.BIASED or bench.horizon == 2:
            continue
        still = chosen(bench, ("perfect",), (1,))
        still = replace(still, start=still.teacher, offers=frozenset({"run"}))
        for rule in (WRONG_SIGN, SWAPPED):
            for claim_id in ("kd.sqc.neighbourhood", "kd.pl.neighbourhood"):
                if claim_id.startswith("kd.sqc") and not bench.problem.mu > 0:
                    continue
                yield Control(
                    claim_id=claim_id,
                    label=f"{rule.name}, perfect teacher",
                    setting=replace(still, rule=rule),
                    required=False,
                )
