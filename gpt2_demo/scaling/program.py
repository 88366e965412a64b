"""From a preset to tables: supervised runs, then students of some of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from gpt2_demo.compare import configuration, pool
from gpt2_demo.compare.program import MOST_JOBS, Now, Watch
from gpt2_demo.scaling import grid, results, runner
from gpt2_demo.scaling.grid import Run
from gpt2_demo.scaling.presets import Preset
from gpt2_demo.scaling.runner import Job, Result
from theory.errors import InputError
from theory.files import sweep, writable
from theory.locks import alone

SPEED = 4e10
"""FLOPs a second of one quiet core: the estimate before a run has ended."""


@dataclass(frozen=True)
class Asked:
    """A study to make, or to go on with.

    Attributes:
        preset: The sizes.
        out: Its folder.
        jobs: Processes, one thread each.
        seed: Of all runs.

    """

    preset: Preset
    out: Path
    jobs: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is."""
        if not 1 <= self.jobs <= MOST_JOBS or self.seed < 0:
            msg = f"Need 1 to {MOST_JOBS} jobs and a seed >= 0, got {self}."
            raise InputError(msg)


@dataclass(frozen=True)
class Study:
    """What was made: rows of the two tables, and ids of runs that diverged."""

    supervised: int
    distilled: int
    diverged: tuple[str, ...]


def run(asked: Asked, watch: Watch = lambda _now: None) -> Study:
    """Do what is not done yet in the folder, and write the tables."""
    folder = writable(asked.out)
    with alone(folder):
        return _run(asked, folder, watch)


def _run(asked: Asked, folder: Path, watch: Watch) -> Study:
    preset = asked.preset
    watch(Now("reading the corpus"))
    configuration.check(folder / "config.json", _configuration(asked))
    (folder / "runs").mkdir(exist_ok=True)
    sweep(folder / "runs")
    own = grid.supervised(preset, asked.seed)
    students = grid.distilled(preset, asked.seed)
    teachers = grid.teachers(students)
    jobs = [Job(one, one in teachers) for one in own]
    jobs += [Job(one) for one in students]
    clock = _Clock(asked, jobs, watch)
    with pool.processes(asked.jobs) as submit:
        for part in (jobs[: len(own)], jobs[len(own) :]):
            todo = [job for job in part if runner.read(folder, job) is None]
            todo.sort(key=lambda job: -grid.work_of(job.run, preset))  # long ones first
            work = partial(runner.work, folder, preset)
            for job, seconds in submit(work, todo):
                clock.tick(job.run, seconds)
    found = {job.run.id: _must(runner.read(folder, job), job) for job in jobs}
    all_runs = [job.run for job in jobs]
    diverged = tuple(key for key, one in found.items() if one["loss"] is None)
    return Study(*results.save(folder, all_runs, found), diverged)


class _Clock:
    """How much is left, by the FLOPs of what is done."""

    def __init__(self, asked: Asked, jobs: Sequence[Job], watch: Watch) -> None:
        self.asked, self.watch, self.total = asked, watch, len(jobs)
        self.left = {
            job.run: grid.work_of(job.run, asked.preset)
            for job in jobs
            if runner.read(asked.out, job) is None
        }
        self.spent, self.computed = 0.0, 0
        self._say("estimate from the FLOPs of all runs")

    def tick(self, done: Run, seconds: float) -> None:
        """One more is done."""
        self.computed += self.left.pop(done)
        self.spent += seconds
        self._say(done.id)

    def _say(self, what: str) -> None:
        speed = self.computed / self.spent if self.spent else SPEED
        eta = sum(self.left.values()) / speed / self.asked.jobs
        self.watch(Now(what, self.total - len(self.left), self.total, eta))


def _must(result: Result | None, job: Job) -> Result:
    if result is None:
        msg = f"The result of {job.run.id} is gone. The same command makes it again."
        raise InputError(msg)
    return result


def _configuration(asked: Asked) -> configuration.Configuration:
    text = runner.text_of(asked.preset)
    found = {
        "preset": asdict(asked.preset),
        "study": {"seed": asked.seed},
        "rule": {
            "rate": grid.RATE,
            "at": grid.RATE_AT,
            "power": grid.RATE_POWER,
            "beta2": grid.BETA2,
        },
        "data": {
            "train": text.train.sha256,
            "train_tokens": len(text.train.tokens),
            "valid": text.valid.sha256,
            "tokenizer": text.vocabulary.sha256,
            "vocab": text.vocabulary.size,
        },
        "versions": configuration.versions(),
    }
    return dict(json.loads(json.dumps(found)))
