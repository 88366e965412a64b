"""From command-line values to a session: validation, tasks, the JSON file."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from synthetic import compare, junit, latex, memory
from synthetic.catalogue import catalogue_of
from synthetic.desk import ENGINES, Options, Subject
from synthetic.facts import facts_of
from synthetic.ledger import open_ledger
from synthetic.record import as_json, check_writable, write_json
from synthetic.results import Session
from synthetic.session import Task, run, tasks_for
from synthetic.summary import write_summary
from synthetic.userdata import Instance, Request, instance
from synthetic.verify import lay_out
from theory import claims as registry
from theory.errors import InputError
from theory.files import write
from theory.judge import Status
from theory.locks import alone

TIERS = {"quick": 4096, "full": 65_536}
"""Replicas that Monte Carlo may use in each tier."""

MOST_JOBS = 256


def needed_loss(loss: str | None) -> str:
    """The loss, which data cannot do without."""
    if loss is None:
        msg = "--data needs --loss: logistic for two classes, squared or l1 otherwise."
        raise InputError(msg)
    return loss


def refuse_without_data() -> NoReturn:
    """Options that would be ignored are refused."""
    msg = (
        "--loss, --target, --ridge, --horizon, --x0, --engine, --no-standardize and "
        "--no-intercept describe a run on data: give --data FILE too."
    )
    raise InputError(msg)


def refuse_data(request: Request | None) -> None:
    """A hunted instance comes with its own numbers."""
    if request is not None:
        msg = "--instance and --data are two runs: give one of them."
        raise InputError(msg)


@dataclass(frozen=True)
class Asked:
    """The options of `ratecheck verify` that do not describe data.

    Attributes:
        tier: A key of `TIERS`.
        seed: Root of every draw.
        alpha: Error probability of the whole run.
        jobs: Processes.
        engine: "auto" or an engine's name.
        json_file: Where to write, if anywhere.
        budget: Seconds after which no new work starts; `None` for no limit.
        compare: An earlier run's JSON file, if there is one to compare with.
        latex_file: Where to write the table of verdicts, if anywhere.
        junit_file: Where to write JUnit XML, if anywhere.
        summary_file: Where to write a Markdown table, if anywhere.
        ledger_file: An evidence ledger to go on with, or to begin.
        tuning: Is this run for tuning? Then its seed is never evidence in that ledger.
        probe: Are the hypotheses probed on the project's own settings too?

    """

    tier: str = "quick"
    seed: int = 0
    alpha: float = 1e-6
    jobs: int = 1
    engine: str = "auto"
    json_file: Path | None = None
    budget: float | None = None
    compare: Path | None = None
    latex_file: Path | None = None
    junit_file: Path | None = None
    summary_file: Path | None = None
    ledger_file: Path | None = None
    tuning: bool = False
    probe: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is."""
        if self.tier not in TIERS:
            msg = f"Need a tier out of {', '.join(TIERS)}, got {self.tier!r}."
            raise InputError(msg)
        if not (math.isfinite(self.alpha) and 0 < self.alpha < 1):
            msg = f"Need 0 < alpha < 1, the run's error probability, got {self.alpha}."
            raise InputError(msg)
        if not 1 <= self.jobs <= MOST_JOBS:
            msg = f"Need 1 to {MOST_JOBS} jobs, got {self.jobs}."
            raise InputError(msg)
        if not 0 <= self.seed < 2**32:
            msg = f"Need a seed from 0 to 2**32 - 1, got {self.seed}."
            raise InputError(msg)
        if self.engine not in ENGINES:
            msg = f"Need an engine out of {', '.join(ENGINES)}, got {self.engine!r}."
            raise InputError(msg)
        if self.budget is not None and not 0 < self.budget < math.inf:
            msg = f"Need a budget of more than 0 s, and finite, got {self.budget} s."
            raise InputError(msg)
        if self.tuning and self.ledger_file is None:
            msg = "--tuning keeps a seed out of a ledger: name it with --ledger FILE."
            raise InputError(msg)
        self._check_files()

    def _check_files(self) -> None:
        """Refuse files that cannot be written, or would be written twice."""
        taken: dict[Path, str] = {}
        for option, path in (
            ("--json", self.json_file),
            ("--latex", self.latex_file),
            ("--junit", self.junit_file),
            ("--summary", self.summary_file),
            ("--ledger", self.ledger_file),
        ):
            if path is None:
                continue
            check_writable(path)
            if path in taken:
                msg = f"{taken[path]} and {option} both name {path}: name two files."
                raise InputError(msg)
            taken[path] = option


@dataclass(frozen=True, eq=False)
class Job:
    """A run that is ready to start.

    Attributes:
        tasks: Settings and controls.
        options: How to verify.
        asked: The command line's options.
        patterns: Which claims were asked for; none means all.
        instance: The user's data, if the run is on some.
        baseline: The earlier run to compare with, if there is one.

    """

    tasks: list[Task]
    options: Options
    asked: Asked
    patterns: list[str]
    instance: Instance | None
    baseline: compare.Baseline | None

    def run(self, progress: Callable[[int, int], None]) -> Session:
        """Run, and compare with an earlier run if there is one."""
        asked = self.asked
        with ExitStack() as stack:
            ledger = None
            if asked.ledger_file is not None:
                # Two runs that both go on from here would count the same draws twice.
                stack.enter_context(alone(asked.ledger_file))
                ledger = open_ledger(asked.ledger_file, tuning=asked.tuning)
            session = run(
                self.tasks,
                self.options,
                jobs=asked.jobs,
                budget=asked.budget,
                progress=progress,
                ledger=ledger,
            )
        if self.instance is not None:
            session.set_idle_aside()
        if self.baseline is not None:
            found = compare.read(as_json(session, self.summary(), asked.tier))
            covers = partial(registry.covers, self.patterns)
            session.changes = compare.changes(self.baseline.claims, found, covers)
        return session

    def summary(self) -> dict[str, Any] | None:
        """The user's instance as plain values, if there is one."""
        return None if self.instance is None else self.instance.summary()

    def save(self, session: Session) -> None:
        """Write the files that were asked for, also of a run that was cut short."""
        write_files(self.asked, session, self.summary())


def write_files(asked: Asked, session: Session, summary: dict[str, Any] | None) -> None:
    """Write every file that the options name."""
    if asked.json_file is not None:
        write_json(asked.json_file, as_json(session, summary, asked.tier))
    if asked.latex_file is not None:
        write(asked.latex_file, latex.table(session).encode())
    if asked.junit_file is not None:
        junit.write_junit(asked.junit_file, facts_of(session))
    if asked.summary_file is not None:
        write_summary(asked.summary_file, facts_of(session))


def prepare(patterns: list[str], request: Request | None, asked: Asked) -> Job:
    """Lay out the tasks; nothing has run or been written yet."""
    claims = registry.find(patterns)
    options = Options(
        asked.seed,
        asked.alpha,
        TIERS[asked.tier],
        asked.engine,
        probe=asked.probe or request is not None,
    )
    baseline = compare.load(asked.compare) if asked.compare is not None else None
    if request is None:
        mine, known = None, catalogue_of(claims, asked.tier)
        tasks = tasks_for(claims, known.settings, known.controls)
    else:
        # A false statement may well hold on one data set: nothing is learnt from that.
        claims = [claim for claim in claims if claim.expected is Status.HOLDS]
        if not claims:
            msg = (
                f"Only false statements match {' '.join(patterns)!r}; one data set "
                "cannot refute or support them. Run them without --data."
            )
            raise InputError(msg)
        for kind, system, what in (
            (registry.PARITY, "sparse parity", "uniform signs"),
            (registry.DEVIATIONS, "deviations", "spectra"),
            (registry.SCALING, "scaling laws", "published coefficients"),
            (registry.PCFG, "grammars", "their own sentences"),
            (registry.PEP, "worst cases", "every function of a class"),
        ):
            if all(claim.id in kind for claim in claims):
                msg = (
                    f"Claims about {system} speak of {what}, not of data: run them "
                    "without --data."
                )
                raise InputError(msg)
        mine = instance(request)
        if not mine.benches and all(c.id in registry.DISTILLATION for c in claims):
            msg = (
                "Claims about distillation need --loss squared, or logistic with "
                f"--ridge > 0; got {request.loss} with ridge {request.ridge:g}."
            )
            raise InputError(msg)
        for setting in mine.settings:  # before anything runs, since each may run long
            spoken = [claim for claim in claims if claim.id in registry.POLYAK]
            _, planned = lay_out(setting, spoken, setting.constants(), options)
            memory.check(setting, planned, options.max_replicas, asked.jobs)
        settings: tuple[Subject, ...] = (*mine.settings, *mine.benches)
        tasks = tasks_for(claims, settings, mine.controls)
    if baseline is not None:
        baseline.check(asked.tier, None if mine is None else mine.summary())
    return Job(tasks, options, asked, patterns, mine, baseline)
