"""Ctrl-C while worker processes start."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

HAS_MASKS = hasattr(signal, "pthread_sigmask")
"""Windows has none, and its processes do not inherit what their parent ignores."""


@contextmanager
def deferred() -> Iterator[None]:
    """Put Ctrl-C off until the end of the block; processes started in it are deaf.

    What was pressed meanwhile is heard afterwards. Workers must not hear it at all:
    during their imports it would end them, and it is their parent's to decide.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[tuple[int, FrameType | None]] = []
    # The mask is for what inherits it: other threads of this process, such as those of
    # a BLAS, would still take the signal and hand it to Python.
    handler = signal.signal(signal.SIGINT, lambda *what: pressed.append(what))
    if HAS_MASKS:
        resource_tracker.ensure_running()  # its start would lift the block
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if HAS_MASKS:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if pressed:
        signal.raise_signal(signal.SIGINT)
