"""What the benchmarks share: one timing, and how repetitions are summed up."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def nanoseconds(run: Callable[[], object], replica_steps: int) -> float:
    """One timing, per replica and step."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / replica_steps * 1e9


def cell(samples: list[float]) -> str:
    """Median, and the range."""
    low, middle, high = min(samples), statistics.median(samples), max(samples)
    digits = 0 if middle >= 1000 else 1
    return f"{middle:.{digits}f} ({low:.{digits}f} .. {high:.{digits}f})"


def ratio(slow: list[float], fast: list[float]) -> str:
    """The median over repetitions of the ratio within each."""
    return f"{statistics.median(s / f for s, f in zip(slow, fast, strict=True)):.1f}"
