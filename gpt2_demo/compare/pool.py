"""Runs over processes of one thread each."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

import torch

from theory.errors import InputError
from theory.interrupts import deferred

Task = TypeVar("Task")
Work = Callable[[Any], float]
Submit = Callable[[Work, Sequence[Any]], Iterator[tuple[Any, float]]]


@contextmanager
def processes(jobs: int) -> Iterator[Submit]:
    """A function that does tasks and yields each with its seconds, as they finish.

    With one job they are done here. Otherwise processes end at once when this context
    is left by an exception, and when this process dies, however it dies.
    """
    if jobs == 1:
        with one_thread():
            yield _here
        return
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_prepare, initargs=(ours,)
    )
    try:
        yield lambda work, tasks: _there(pool, jobs, work, tasks)
    except BaseException:
        theirs.close()  # they hear it, and end
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        theirs.close()
        ours.close()


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in the order of one thread, for the same bits with any number of jobs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _here(work: Work, tasks: Sequence[Any]) -> Iterator[tuple[Any, float]]:
    for task in tasks:
        yield task, work(task)


def _there(
    pool: ProcessPoolExecutor, jobs: int, work: Work, tasks: Sequence[Any]
) -> Iterator[tuple[Any, float]]:
    queue = iter(tasks)
    running: dict[Future[float], Any] = {}
    while True:
        while len(running) < jobs and (task := next(queue, None)) is not None:
            with deferred():
                running[pool.submit(work, task)] = task
        if not running:
            return
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            yield running.pop(future), _result(future)


def _result(future: Future[float]) -> float:
    try:
        return future.result()
    except BrokenProcessPool as error:
        msg = (
            "A process died, perhaps for lack of memory. The same command goes on from "
            "here; use fewer --jobs."
        )
        raise InputError(msg) from error


def _prepare(parent: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    torch.set_num_threads(1)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    try:
        parent.recv_bytes()  # nothing is ever sent
    except (EOFError, OSError):
        os._exit(1)
