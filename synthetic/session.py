"""A whole run: its tasks, over processes, and the claims put together from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from threadpoolctl import threadpool_limits

from synthetic.catalogue.entry import Control
from synthetic.desk import Options, Subject
from synthetic.desks import desk_of
from synthetic.ledger import Ledger
from synthetic.pool import Deadline, completed
from synthetic.results import ClaimResult, Session
from synthetic.verify import (
    Outcome,
    applicable,
    judge_control,
    judge_setting,
    plan,
)
from theory import claims as registry
from theory.claim import Claim
from theory.evidence import Engine


@dataclass(frozen=True, eq=False)
class Task:
    """One setting with the claims to judge on it, or one control."""

    subject: Subject | Control
    claim_ids: tuple[str, ...]


def tasks_for(
    claims: list[Claim], settings: Sequence[Subject], controls: tuple[Control, ...]
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
        if isinstance(task.subject, Control):  # its engine is nobody's choice
            setting, wanted = task.subject.setting, "auto"
        else:
            setting, wanted = task.subject, engine
        for claim_id in task.claim_ids:
            count += plan(registry.get(claim_id), setting, wanted) is Engine.MONTE_CARLO
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
    budget: float | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    ledger: Ledger | None = None,
) -> Session:
    """Run all tasks and put claims together.

    Args:
        tasks: From `tasks_for`.
        options: `options.alpha` is the error probability of the whole run.
        jobs: Number of processes; each uses one thread.
        budget: Seconds after which nothing new starts; the cheapest claims then go
            first, each from its cheapest task on, so that claims finish.
        progress: Called with (done, total) after each task.
        ledger: Where sampled claims go on from, and what is found is noted.

    """
    deadline = Deadline(budget)
    alpha_each = options.alpha / max(num_sampled(tasks, options.engine), 1)
    session = _expecting(tasks, options, alpha_each)
    session.budget = budget
    if budget is not None:
        tasks = cheapest_first(tasks, options)
    each = replace(options, alpha=alpha_each)
    if ledger is not None:
        each = _opened(ledger, tasks, options, each)
    work = partial(run_task, options=each)
    try:
        for task, outcomes in completed(tasks, work, jobs, deadline):
            _enter(session, task, outcomes)
            if ledger is not None:
                ledger.keep(outcomes, options)
            progress(len(tasks) - session.pending, len(tasks))
    except KeyboardInterrupt:
        session.interrupted = True
    for result in session.results.values():
        result.outcomes.sort(key=lambda o: o.setting)
        result.controls.sort(key=lambda pair: pair[0].label)
    return session


def _opened(
    ledger: Ledger, tasks: list[Task], options: Options, each: Options
) -> Options:
    """The options of each task, with what the ledger carries for it."""
    for task in tasks:
        if not isinstance(task.subject, Control):
            for claim_id in task.claim_ids:
                ledger.check(claim_id, task.subject)
    ledger.begin(options)
    return replace(each, carried={} if ledger.tuning else ledger.carried)


def _expecting(tasks: list[Task], options: Options, alpha_each: float) -> Session:
    """A session of which nothing is done, its claims in the order of the registry."""
    results: dict[str, ClaimResult] = {}
    for task in tasks:
        for claim_id in task.claim_ids:
            result = results.setdefault(claim_id, ClaimResult(registry.get(claim_id)))
            result.pending += 1
    ordered = {key: results[key] for key in registry.CLAIMS if key in results}
    return Session(ordered, options, alpha_each, pending=len(tasks))


def _enter(session: Session, task: Task, outcomes: list[Outcome]) -> None:
    """Enter what one task found."""
    for outcome in outcomes:
        result = session.results[outcome.claim_id]
        if isinstance(task.subject, Control):
            result.controls.append((task.subject, outcome))
        else:
            result.outcomes.append(outcome)
    for claim_id in task.claim_ids:
        session.results[claim_id].pending -= 1
    session.pending -= 1


def cheapest_first(tasks: list[Task], options: Options) -> list[Task]:
    """By the cost of the cheapest claim that a task serves, then by its own."""
    costs = [_cost(task, options) for task in tasks]
    whole: dict[str, float] = {}
    for task, cost in zip(tasks, costs, strict=True):
        for claim_id in task.claim_ids:
            whole[claim_id] = whole.get(claim_id, 0.0) + cost
    keys = [
        (min(whole[claim_id] for claim_id in task.claim_ids), cost)
        for task, cost in zip(tasks, costs, strict=True)
    ]
    order = sorted(range(len(tasks)), key=keys.__getitem__)
    return [tasks[k] for k in order]


def _cost(task: Task, options: Options) -> float:
    """Operations of the task's dearest engine, roughly."""
    claims = [registry.get(claim_id) for claim_id in task.claim_ids]
    if isinstance(task.subject, Control):
        setting, claims = task.subject.setting, [task.subject.altered(claims[0])]
    else:
        setting = task.subject
    desk = desk_of(setting)
    engines = {desk.plan(claim, setting, options.engine) for claim in claims} - {None}
    costs = [desk.operations(setting, e, options.max_replicas) for e in engines if e]
    return max(costs, default=0.0)
