"""Ctrl-C while processes start is heard later, and not lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from theory.interrupts import deferred

ROOT = Path(__file__).resolve().parents[1]
MASKS = hasattr(signal, "pthread_sigmask")


@pytest.mark.parametrize("threads", [0, 2])
def test_what_is_pressed_in_the_block_is_heard_after_it(threads: int) -> None:
    """Another thread may take the signal: its mask is not ours."""
    heard: list[int] = []
    done = threading.Event()
    for _ in range(threads):
        threading.Thread(target=done.wait, daemon=True).start()
    before = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    try:
        with deferred():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)  # for another thread to take it
            inside = list(heard)
        after = list(heard)
    finally:
        done.set()
        signal.signal(signal.SIGINT, before)
    assert not inside
    assert after == [signal.SIGINT]


@pytest.mark.skipif(not MASKS, reason="Windows has no signal masks")
def test_a_process_started_in_the_block_does_not_hear_it() -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGINT); print('alive')"
    command = [sys.executable, "-c", code]
    with deferred():
        done = subprocess.run(command, capture_output=True, check=False)
    assert done.stdout.split() == [b"alive"]
    assert subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.skipif(not MASKS, reason="Windows has no signal masks")
def test_starting_a_pool_does_not_lift_it() -> None:
    code = (
        "import signal\n"
        "from multiprocessing import get_context\n"
        "from theory.interrupts import deferred\n"
        "with deferred():\n"
        "    get_context('spawn').Semaphore()  # starts the tracker of resources\n"
        "    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))\n"
        "print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.split() == [b"True", b"False"]
