"""Ctrl-C while processes start is heard later, and not lost."""

import os
import signal
import subprocess
import sys

import pytest

from theory.interrupts import deferred

MASKS = hasattr(signal, "pthread_sigmask")


@pytest.mark.skipif(not MASKS, reason="Windows has no signal masks")
def test_what_is_pressed_in_the_block_is_heard_after_it() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    try:
        with deferred():
            os.kill(os.getpid(), signal.SIGINT)
            inside = list(heard)
        after = list(heard)
    finally:
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
