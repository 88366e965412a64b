"""Units of work: some seeds of some lanes, run and measured; a killed run loses one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.distillation.students import FloatArray
from synthetic.distillation.study_bench import Bench
from synthetic.distillation.study_runs import Lane, Runs, final_points
from synthetic.distillation.study_samples import start_uniforms

SEEDS_EACH = 1
"""Seeds of a unit: few, so that arrays stay in cache and a killed run loses little."""

_MOST_OUTPUTS = 4_000_000  # numbers at a time, 32 MB

Measured = dict[str, list[list[float]]]
"""By metric: one row a seed, one column a lane; infinite where a run diverged."""


@dataclass(frozen=True, eq=False)
class Unit:
    """Runs of `lanes` on the replicas from `first` on."""

    key: str
    bench: Bench
    lanes: tuple[Lane, ...]
    first: int
    count: int


def units(
    key: str, bench: Bench, lanes: list[Lane], first: int, seeds: int
) -> list[Unit]:
    """All seeds from the replica `first` on, a few a unit."""
    return [
        Unit(
            f"{key} {k}",
            bench,
            tuple(lanes),
            first + k,
            min(SEEDS_EACH, seeds - k),
        )
        for k in range(0, seeds, SEEDS_EACH)
    ]


def measure(unit: Unit) -> Measured:
    """Run the unit and measure the last iterates."""
    bench = unit.bench
    replicas = np.arange(unit.first, unit.first + unit.count)
    p = bench.student.num_parameters
    start = bench.student.start(start_uniforms(bench.seed, replicas, p))
    runs = Runs(bench.student, bench.split.train, unit.lanes, bench.points, start)
    x = final_points(runs, bench.law, bench.law.draw(bench.seed, replicas, bench.steps))
    return {name: values.tolist() for name, values in metrics(bench, x).items()}


def metrics(bench: Bench, x: FloatArray) -> dict[str, FloatArray]:
    """What is reported of points x (..., p); lower is better for all of them."""
    points = x.reshape(-1, x.shape[-1])
    rows, classes = bench.split.train.b.shape
    each = max(1, _MOST_OUTPUTS // (rows * classes))
    parts = [_metrics(bench, points[k : k + each]) for k in range(0, len(points), each)]
    return {
        name: np.concatenate([part[name] for part in parts]).reshape(x.shape[:-1])
        for name in parts[0]
    }


def _metrics(bench: Bench, x: FloatArray) -> dict[str, FloatArray]:
    student, split = bench.student, bench.split
    found = {}
    with np.errstate(over="ignore", invalid="ignore"):
        for name in ("train", "valid", "test"):
            part = getattr(split, name)
            z = student.outputs_on(x, part.a)
            found[f"{name} loss"] = student.losses(z, part.b).mean(axis=-1)
            wrong = z.argmax(axis=-1) != part.b.argmax(axis=-1)
            found[f"{name} error"] = wrong.mean(axis=-1)
        objective = found["train loss"] + student.penalty(x)
        found["train objective"] = objective
        if bench.best is not None:
            found["gap"] = objective - bench.best.value
            found["distance_sq"] = ((x - bench.best.x) ** 2).sum(axis=-1)
    diverged = ~np.isfinite(objective)
    for name, values in found.items():
        worst = 1.0 if name.endswith("error") else np.inf
        found[name] = np.where(diverged | np.isnan(values), worst, values)
    return found
