"""What all tests share: Hypothesis without clocks, one thread for every BLAS."""

import os

from hypothesis import settings

# Before NumPy and torch are loaded; with other numbers of threads sums have other bits.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")
