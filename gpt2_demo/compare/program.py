"""From a preset to results: teachers, runs, tuning's choice, more runs, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gpt2_demo import plan as plans
from gpt2_demo.compare import configuration, judgement, pool, runner, runs
from gpt2_demo.compare.presets import Preset
from gpt2_demo.compare.results import Results
from gpt2_demo.compare.runner import Result
from gpt2_demo.compare.runs import Entry, Run
from gpt2_demo.compare.teachers import Say, Teachers, names_of
from gpt2_demo.processes import place
from theory.errors import InputError
from theory.files import sweep, writable
from theory.locks import alone

MOST_JOBS = 64


@dataclass(frozen=True)
class Asked:
    """A comparison to make, or to go on with.

    Attributes:
        preset: The sizes.
        out: Its folder.
        jobs: Processes, one thread each.
        teacher_losses: Files of losses in place of a teacher; further ones are
            compared with the first.

    """

    preset: Preset
    out: Path
    jobs: int = 2
    teacher_losses: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is."""
        if not 1 <= self.jobs <= MOST_JOBS:
            msg = f"Need 1 to {MOST_JOBS} jobs, got {self.jobs}."
            raise InputError(msg)
        if self.jobs > 1 and self.preset.device != "cpu":
            device = self.preset.device
            msg = f"Need --jobs 1 on device {device!r}: one accelerator, one process."
            raise InputError(msg)
        names_of(self.teacher_losses)


@dataclass(frozen=True)
class Now:
    """Said as things get done.

    Attributes:
        what: What is being done, or was done last.
        done: Student runs that are done.
        total: Student runs that are known of; tuning adds the last ones.
        eta: Seconds that those will take; `None` before the first one's end.

    """

    what: str
    done: int = 0
    total: int = 0
    eta: float | None = None


Watch = Callable[[Now], None]


def compare(asked: Asked, watch: Watch = lambda _now: None) -> Results:
    """Do what is not done yet in the folder, and judge."""
    folder = writable(asked.out)
    with alone(folder):
        return _compare(asked, folder, watch)


def _compare(asked: Asked, folder: Path, watch: Watch) -> Results:
    preset = asked.preset
    watch(Now("reading the corpus"))
    config = configuration.of(preset, asked.teacher_losses)
    configuration.check(folder / "config.json", config)
    for part in (folder / "runs", folder / "teachers"):
        part.mkdir(exist_ok=True)
        sweep(part)
    with _teachers(asked) as teachers:
        names = teachers.given(asked.teacher_losses)
        teachers.main(_said(watch))
        teachers.random()
    entries = runs.first(preset, names[1:])
    with pool.processes(asked.jobs) as submit:
        found = _run(asked, entries, submit, watch)
        chosen = runs.choose(entries, _losses(found))
        with _teachers(asked) as teachers:
            teachers.brief(_students_loss(entries, found), _said(watch))
        entries += runs.second(preset, chosen)
        found = _run(asked, entries, submit, watch)
    used = dict.fromkeys(entry.run.teacher for entry in entries)
    results = Results(
        preset,
        config,
        {name: teachers.facts(name) for name in used},
        entries,
        found,
        judgement.judge(entries, _losses(found), preset),
    )
    results.save(folder)
    return results


@contextmanager
def _teachers(asked: Asked) -> Iterator[Teachers]:
    with pool.one_thread(), place(asked.preset.device) as where:
        yield Teachers(asked.out / "teachers", asked.preset, where)


def _run(
    asked: Asked, entries: Sequence[Entry], submit: pool.Submit, watch: Watch
) -> dict[str, Result]:
    """Results by id, of all entries."""
    all_runs = runs.unique(entries)
    todo = [run for run in all_runs if runner.read(asked.out, run) is None]
    done, spent = len(all_runs) - len(todo), 0.0
    watch(Now("students", done, len(all_runs)))
    work = partial(runner.work, asked.out, asked.preset)
    for k, (run, seconds) in enumerate(submit(work, todo)):
        spent += seconds
        left = spent / (k + 1) * (len(todo) - k - 1) / asked.jobs
        watch(Now(_label(run), done + k + 1, len(all_runs), left))
    found = {run.id: runner.read(asked.out, run) for run in all_runs}
    return {key: result for key, result in found.items() if result is not None}


def _losses(found: dict[str, Result]) -> dict[str, float]:
    return {key: runner.loss_of(result) for key, result in found.items()}


def _students_loss(entries: Sequence[Entry], found: dict[str, Result]) -> float:
    """The best tuning run of AdamW, where the brief teacher stops: fixed in advance."""
    tuning = [e for e in entries if e.group == "tuning"]
    return min(
        runner.loss_of(found[e.run.id]) for e in tuning if e.run.arm.method == "adamw"
    )


def _label(run: Run) -> str:
    return f"{run.arm.method}, seed {run.seed}"


def _said(watch: Watch) -> Say:
    def say(what: str, now: plans.Progress) -> None:
        watch(Now(f"{what}: step {now.step} of {now.steps}, loss {now.valid:.3f}"))

    return say
