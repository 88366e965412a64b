"""A whole run: tasks over processes, claims put together, exit code by precedence."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

from threadpoolctl import threadpool_limits

from synthetic.catalogue.entry import Control
from synthetic.setting import Setting
from synthetic.verify import (
    Options,
    Outcome,
    applicable,
    judge_control,
    judge_setting,
    plan,
)
from theory import claims as registry
from theory.claim import Claim
from theory.errors import InputError
from theory.evidence import Engine
from theory.judge import Status

EXIT_AS_EXPECTED, EXIT_UNEXPECTED, EXIT_BAD_INPUT, EXIT_INCONCLUSIVE = 0, 1, 2, 3
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, eq=False)
class Task:
    """One setting with the claims to judge on it, or one control."""

    subject: Setting | Control
    claim_ids: tuple[str, ...]


def _rank(outcome: Outcome) -> tuple[float, int]:
    """Tightest first; among equals to nine digits, the longest run."""
    verdict = outcome.verdict
    return round(verdict.tightness or 0.0, 9), verdict.tightest_time or 0


@dataclass(eq=False)
class ClaimResult:
    """Everything that was found about one claim.

    Attributes:
        claim: The claim.
        outcomes: One for each setting that it was tried on.
        controls: One for each control.
        pending: How many of its tasks were not done, in an interrupted run.

    """

    claim: Claim
    outcomes: list[Outcome] = field(default_factory=list)
    controls: list[tuple[Control, Outcome]] = field(default_factory=list)
    pending: int = 0

    @property
    def judged(self) -> list[Outcome]:
        """The outcomes of settings that meet the hypotheses."""
        na = Status.NOT_APPLICABLE
        return [o for o in self.outcomes if o.verdict.status is not na]

    @property
    def status(self) -> Status:
        """Refuted by any setting; else inconclusive by any; else holds, if tried."""
        seen = {outcome.verdict.status for outcome in self.judged}
        for status in (Status.REFUTED, Status.INCONCLUSIVE, Status.HOLDS):
            if status in seen:
                return status
        return Status.NOT_APPLICABLE

    @property
    def tightest(self) -> Outcome | None:
        """Where left-hand side / bound is largest; the witness of a refutation."""
        refuted = self.status is Status.REFUTED
        pool = [
            o for o in self.judged if not refuted or o.verdict.status is Status.REFUTED
        ]
        with_ratio = [o for o in pool if o.verdict.tightness is not None]
        if with_ratio:
            return max(with_ratio, key=_rank)
        return pool[0] if pool else None

    @property
    def caught(self) -> int:
        """How many controls were refuted."""
        return sum(
            outcome.verdict.status is Status.REFUTED for _, outcome in self.controls
        )

    @property
    def escaped(self) -> list[Outcome]:
        """Required controls that were not refuted."""
        return [
            outcome
            for control, outcome in self.controls
            if control.required and outcome.verdict.status is not Status.REFUTED
        ]

    @property
    def as_expected(self) -> bool:
        """Supported, or refuted where a false statement was expected to be."""
        supported = self.status is self.claim.expected and not self.escaped
        return supported and not self.pending

    @property
    def seconds(self) -> float:
        """Time spent on settings and controls."""
        everything = [*self.outcomes, *(outcome for _, outcome in self.controls)]
        return sum(outcome.seconds for outcome in everything)

    def exit_code(self) -> int:
        """This claim's part of the run's exit code."""
        if self.as_expected:
            return EXIT_AS_EXPECTED
        undecided = {Status.INCONCLUSIVE, Status.NOT_APPLICABLE}
        if self.status in undecided and not self.escaped:
            return EXIT_INCONCLUSIVE
        return EXIT_UNEXPECTED


@dataclass(eq=False)
class Session:
    """The results of a run, complete or interrupted.

    Attributes:
        results: By claim id, in the order of the sheets.
        options: As given, with the whole run's alpha.
        alpha_each: Error probability of each claim on each sampled setting.
        idle: Claims that no setting of a user's data meets, and so say nothing.
        interrupted: Was the run stopped by Ctrl-C?

    """

    results: dict[str, ClaimResult]
    options: Options
    alpha_each: float
    idle: list[ClaimResult] = field(default_factory=list)
    interrupted: bool = False

    def set_idle_aside(self) -> None:
        """On a user's data, a claim that does not apply is neither good nor bad."""
        idle = [r for r in self.results.values() if r.status is Status.NOT_APPLICABLE]
        self.idle += idle
        for result in idle:
            del self.results[result.claim.id]

    def exit_code(self) -> int:
        """1 before 3 before 0; 3 if nothing was judged, 130 if interrupted."""
        if self.interrupted:
            return EXIT_INTERRUPTED
        codes = {result.exit_code() for result in self.results.values()}
        for code in (EXIT_UNEXPECTED, EXIT_INCONCLUSIVE):
            if code in codes:
                return code
        return EXIT_AS_EXPECTED if codes else EXIT_INCONCLUSIVE


def tasks_for(
    claims: list[Claim], settings: tuple[Setting, ...], controls: tuple[Control, ...]
) -> list[Task]:
    """Every setting with the claims that speak of its method, then every control."""
    wanted = {claim.id for claim in claims}
    tasks = [
        Task(setting, tuple(claim.id for claim in group))
        for setting in settings
        if (group := applicable(claims, setting))
    ]
    tasks += [Task(c, (c.claim_id,)) for c in controls if c.claim_id in wanted]
    return tasks


def num_sampled(tasks: list[Task], engine: str) -> int:
    """How many (claim, setting) pairs Monte Carlo will judge; they share alpha."""
    count = 0
    for task in tasks:
        setting = task.subject
        if isinstance(setting, Control):
            setting = setting.setting
        for claim_id in task.claim_ids:
            count += plan(registry.get(claim_id), setting, engine) is Engine.MONTE_CARLO
    return count


def run_task(task: Task, options: Options) -> list[Outcome]:
    """Judge one task, on one thread; runs in a worker process."""
    claims = [registry.get(claim_id) for claim_id in task.claim_ids]
    with threadpool_limits(limits=1):
        if isinstance(task.subject, Control):
            return [judge_control(task.subject, claims[0], options)]
        return judge_setting(task.subject, claims, options)


def run(
    tasks: list[Task],
    options: Options,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Session:
    """Run all tasks and put claims together.

    Args:
        tasks: From `tasks_for`.
        options: `options.alpha` is the error probability of the whole run.
        jobs: Number of processes; each uses one thread.
        progress: Called with (done, total) after each task.

    """
    alpha_each = options.alpha / max(num_sampled(tasks, options.engine), 1)
    each = replace(options, alpha=alpha_each)
    results: dict[str, ClaimResult] = {}
    for task in tasks:
        for claim_id in task.claim_ids:
            result = results.setdefault(claim_id, ClaimResult(registry.get(claim_id)))
            result.pending += 1
    ordered = {key: results[key] for key in registry.CLAIMS if key in results}
    session = Session(ordered, options, alpha_each)
    try:
        for done, (task, outcomes) in enumerate(_completed(tasks, each, jobs), 1):
            for outcome in outcomes:
                result = results[outcome.claim_id]
                if isinstance(task.subject, Control):
                    result.controls.append((task.subject, outcome))
                else:
                    result.outcomes.append(outcome)
            for claim_id in task.claim_ids:
                results[claim_id].pending -= 1
            progress(done, len(tasks))
    except KeyboardInterrupt:
        session.interrupted = True
    for result in session.results.values():
        result.outcomes.sort(key=lambda o: o.setting)
        result.controls.sort(key=lambda pair: pair[0].label)
    return session


def _completed(
    tasks: list[Task], options: Options, jobs: int
) -> Iterator[tuple[Task, list[Outcome]]]:
    """Tasks with their outcomes, as they finish."""
    if jobs == 1:
        for task in tasks:
            yield task, run_task(task, options)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_ignore_interrupts)
    with pool, _interrupts() as stopped:
        queue = iter(tasks)
        running: dict[Future[list[Outcome]], Task] = {}
        while not stopped.is_set():
            # Never more than two tasks a process are handed over, so that after Ctrl-C
            # there is nothing to cancel: what runs is waited for, a few seconds.
            for task in islice(queue, 2 * jobs - len(running)):
                running[pool.submit(run_task, task, options)] = task
            if not running:
                return
            finished, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), _result(future)
    raise KeyboardInterrupt


def _result(future: Future[list[Outcome]]) -> list[Outcome]:
    try:
        return future.result()
    except BrokenProcessPool as error:
        msg = "A worker process died, perhaps for lack of memory: use fewer --jobs."
        raise InputError(msg) from error


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """Turn Ctrl-C into an event: an exception at any moment can block the pool."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped  # only the main thread hears signals
        return
    before = signal.signal(signal.SIGINT, lambda _signal, _frame: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent: it lets workers finish and keeps their results."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
