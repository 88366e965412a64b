"""Self-distillation on real data: a request, its runs, and the record that they leave.

The record is written after every unit of work. A run that was cut short and is asked
for again, with the same options and the same code, goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from synthetic.distillation import study_rows
from synthetic.distillation.students import FloatArray
from synthetic.distillation.study_arms import Arm
from synthetic.distillation.study_bench import Bench, build
from synthetic.distillation.study_data import Split, load
from synthetic.distillation.study_intervals import fewest_seeds
from synthetic.distillation.study_record import as_json, left_over
from synthetic.distillation.study_request import Request
from synthetic.distillation.study_samples import REPORTING, TUNING, BatchLaw
from synthetic.distillation.study_units import (
    SEEDS_EACH,
    Measured,
    Unit,
    measure,
    units,
)
from synthetic.pool import Deadline, completed
from synthetic.record import check_writable, write_json
from theory.errors import InputError

MOST_JOBS = 256


@dataclass(eq=False)
class Study:
    """A study on its way.

    Attributes:
        request: What was asked.
        split: The data.
        benches: One a student.
        done: By unit, what it measured.
        rows: By student, once all of its units are done.
        interrupted: Did someone press Ctrl-C?
        seconds: Spent on it, without those of an earlier run that it continues.

    """

    request: Request
    split: Split
    benches: list[Bench]
    done: dict[str, Measured] = field(default_factory=dict)
    rows: dict[str, list[study_rows.Row]] = field(default_factory=dict)
    interrupted: bool = False
    seconds: float = 0.0

    def arms(self, bench: Bench) -> list[Arm]:
        """What is compared on a bench."""
        return bench.arms(self.request.lambdas)

    @property
    def num_comparisons(self) -> int:
        """How many intervals share `alpha`: two measures of every row but SGD's."""
        return sum(2 * (len(self.arms(bench)) - 1) for bench in self.benches)

    @property
    def alpha_each(self) -> float:
        """Bonferroni."""
        return self.request.alpha / self.num_comparisons

    @property
    def fewest_seeds(self) -> int:
        """With fewer than these nothing can be told."""
        return fewest_seeds(self.alpha_each)

    @property
    def complete(self) -> bool:
        """Does every student have its rows?"""
        return len(self.rows) == len(self.benches)

    @property
    def num_units(self) -> int:
        """How many units there are in all."""
        both = (self.request.tuning_seeds, self.request.seeds)
        return len(self.benches) * sum(-(-seeds // SEEDS_EACH) for seeds in both)

    def tuning_units(self) -> list[Unit]:
        """Every method with every step size, on seeds of their own."""
        seeds = self.request.tuning_seeds
        return [
            unit
            for bench in self.benches
            for unit in units(
                f"{bench.name} tuning",
                bench,
                study_rows.tuning_lanes(bench, self.arms(bench)),
                TUNING,
                seeds,
            )
        ]

    def reporting_units(self) -> list[Unit]:
        """Every method with the step size that it chose."""
        seeds = self.request.seeds
        return [
            unit
            for bench in self.benches
            for unit in units(
                f"{bench.name} reporting",
                bench,
                study_rows.reporting_lanes(bench, self.arms(bench), self.chosen(bench)),
                REPORTING,
                seeds,
            )
        ]

    def found(self, bench: Bench, phase: str) -> dict[str, FloatArray]:
        """What all units of a phase measured, (S, M)."""
        prefix = f"{bench.name} {phase} "
        keys = [key for key in self.done if key.startswith(prefix)]
        keys.sort(key=lambda key: int(key.removeprefix(prefix)))
        return study_rows.joined([self.done[key] for key in keys])

    def chosen(self, bench: Bench) -> list[int]:
        """The places in the grid of the methods' step sizes."""
        tuned = self.found(bench, "tuning")
        return study_rows.chosen(bench, tuned, len(self.arms(bench)))

    def judge(self) -> None:
        """Make the rows of every student, all of whose units are done."""
        for bench in self.benches:
            self.rows[bench.name] = study_rows.rows(
                bench,
                self.arms(bench),
                self.chosen(bench),
                self.found(bench, "reporting"),
                self.alpha_each,
            )


def prepare(request: Request) -> Study:
    """Load the data, certify the minimiser, train the teachers."""
    split = load(request.data, request.target, request.rows, request.seed)
    law = BatchLaw(len(split.train.a), request.batch, request.replacement)
    benches = [
        build(
            name,
            split,
            law,
            ridge=request.ridge,
            seed=request.seed,
            steps=request.steps,
            grid=request.grid,
            teachers=request.teachers,
        )
        for name in request.students
    ]
    return Study(request, split, benches)


def run(
    request: Request,
    *,
    jobs: int = 1,
    json_file: Path | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Study:
    """Run the study, or what an earlier run with this file left undone.

    Args:
        request: What is studied.
        jobs: Processes of one thread each; the numbers do not depend on it.
        json_file: Written after every unit, atomically.
        progress: Told how many units are done, of how many.

    """
    if not 1 <= jobs <= MOST_JOBS:
        msg = f"Need 1 to {MOST_JOBS} jobs, got {jobs}."
        raise InputError(msg)
    if json_file is not None:
        check_writable(json_file)
    start = monotonic()
    study = prepare(request)
    if json_file is not None:
        study.done = left_over(json_file, study)

    def save() -> None:
        study.seconds = monotonic() - start
        if json_file is not None:
            write_json(json_file, as_json(study))

    try:
        for phase in (study.tuning_units, study.reporting_units):
            progress(len(study.done), study.num_units)
            for key, measured in _run(phase(), study.done, jobs):
                study.done[key] = measured
                progress(len(study.done), study.num_units)
                save()
        study.judge()
    except KeyboardInterrupt:
        study.interrupted = True
    save()
    return study


def _run(
    wanted: list[Unit], done: dict[str, Measured], jobs: int
) -> Iterator[tuple[str, Measured]]:
    missing = [unit for unit in wanted if unit.key not in done]
    for unit, measured in completed(missing, measure, jobs, Deadline()):
        yield unit.key, measured
