"""What all tests share: Hypothesis without clocks, one thread a BLAS, Ctrl-C heard."""

import os
import signal

from hypothesis import settings

# Before NumPy and torch are loaded; with other numbers of threads sums have other bits.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# A shell that starts tests in the background has them, and what they start, ignore
# Ctrl-C: the tests of it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
