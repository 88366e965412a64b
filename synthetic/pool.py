"""Tasks over processes: until all are done, time is up, or someone presses Ctrl-C."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from time import monotonic
from typing import Any, TypeVar

import cloudpickle

from theory.errors import InputError
from theory.interrupts import deferred

Task = TypeVar("Task")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Deadline:
    """A moment after which nothing new starts.

    Attributes:
        seconds: From now on; `None` for no deadline.
        start: Now.

    """

    seconds: float | None = None
    start: float = field(
        default_factory=lambda: monotonic()  # noqa: PLW0108 -- tests set the clock
    )

    def is_past(self) -> bool:
        """Is it too late to start something?"""
        return self.seconds is not None and monotonic() - self.start >= self.seconds


def completed(
    tasks: Iterable[Task],
    work: Callable[[Task], Found],
    jobs: int,
    deadline: Deadline,
) -> Iterator[tuple[Task, Found]]:
    """Tasks with what `work` found, as they finish; none starts after the deadline."""
    if jobs == 1:
        for task in tasks:
            if deadline.is_past():
                return
            yield task, work(task)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_ignore_interrupts)
    # Our handler goes last: a second Ctrl-C must not break the wait for workers.
    with _interrupts() as stopped, pool:
        with deferred():  # workers inherit it: Ctrl-C while they import is not theirs
            pool.submit(_ignore_interrupts)
        queue = iter(tasks)
        running: dict[Future[Found], Task] = {}
        while not stopped.is_set():
            # Never more than two tasks a process are handed over, so that after Ctrl-C
            # there is nothing to cancel: what runs is waited for, a few seconds.
            if deadline.is_past():
                running = {f: task for f, task in running.items() if not f.cancel()}
            else:
                for task in islice(queue, 2 * jobs - len(running)):
                    running[pool.submit(_call, cloudpickle.dumps((work, task)))] = task
            if not running:
                return
            finished, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), _result(future)
    raise KeyboardInterrupt


def _call(message: bytes) -> Any:
    """What a worker does: a control may hold functions that plain pickle refuses."""
    work, task = cloudpickle.loads(message)
    return work(task)


def _result(future: Future[Found]) -> Found:
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
