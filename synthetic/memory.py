"""What a run would allocate, refused before it is: bytes, against what is free."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

from synthetic.cost import num_columns
from synthetic.setting import Setting
from theory.claim import Claim
from theory.errors import InputError
from theory.evidence import Engine

NUMBER = 8
"""Bytes of a float64 or an int64."""

SHARE = 0.8
"""Of the available memory that a run may take."""


def available() -> float:
    """Bytes that can be had without swapping; infinite where nobody says."""
    try:
        return float(importlib.import_module("psutil").virtual_memory().available)
    except ImportError:
        pass
    try:  # sysconf's free pages leave out what caches would give back: ask Linux first
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        table = dict(line.split(":", 1) for line in lines)
        return 1024.0 * int(table["MemAvailable"].split()[0])
    except (OSError, ValueError, KeyError, IndexError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return float("inf")


def path_bytes(setting: Setting, num_channels: int) -> float:
    r"""Bytes of one path with every t recorded.

    $T (2b + 2c + 4)$ numbers: draws of b components as they are made and as they are
    kept, c channels as rows and stacked, a claim's left-hand side with its temporaries.
    The state and the answers at one t add $6 d b + 4 n$.
    """
    problem, batch = setting.problem, setting.batch.size
    trace = setting.horizon * (2.0 * batch + 2.0 * num_channels + 4.0)
    state = 6.0 * problem.dim * batch + 4.0 * problem.num_components
    return NUMBER * (trace + state)


def needed(
    setting: Setting, engine: Engine, claims: list[Claim], max_replicas: int
) -> float:
    """Bytes that the engine would hold at once, to first order.

    Monte Carlo may split its batches as memory demands, down to one replica at a time,
    so what it cannot do without are the samples that it keeps for its limits.
    """
    channels = len(frozenset().union(*(claim.needs for claim in claims)))
    if engine is Engine.MONTE_CARLO:
        kept = 10.0 * len(claims) * max_replicas * NUMBER
        return kept + path_bytes(setting, channels)
    paths = float(num_columns(setting, engine, max_replicas))
    return paths * path_bytes(setting, channels)


def room(setting: Setting, claims: list[Claim]) -> int:
    """How many paths fit in memory side by side, at least one."""
    channels = len(frozenset().union(*(claim.needs for claim in claims)))
    if all(claim.is_cheap for claim in claims):
        channels = 0  # they are recorded at ten times only
    fits = SHARE * available() / path_bytes(setting, channels)
    return int(max(1.0, min(fits, 2.0**62)))


def check(
    setting: Setting,
    engines: Mapping[Engine, list[Claim]],
    max_replicas: int,
    sharers: int = 1,
) -> None:
    """Refuse a run that cannot fit, with the number of bytes and what would help.

    Args:
        setting: What would be run.
        engines: Each engine with the claims that it would judge.
        max_replicas: Of Monte Carlo.
        sharers: How many processes share the memory.

    """
    limit = SHARE * available() / sharers
    for engine, claims in engines.items():
        size = needed(setting, engine, claims, max_replicas)
        if size <= limit:
            continue
        several = f" for each of {sharers} processes" if sharers > 1 else ""
        msg = (
            f"{setting.name} needs {size:.3g} bytes under the engine {engine.value} "
            f"(horizon {setting.horizon}, {_paths(setting, engine, max_replicas)}), "
            f"more than {limit:.3g}, {SHARE:.0%} of the available memory{several}. "
            f"{_remedy(engine)}"
        )
        raise InputError(msg)


def _paths(setting: Setting, engine: Engine, max_replicas: int) -> str:
    count = num_columns(setting, engine, max_replicas)
    what = "replicas" if engine is Engine.MONTE_CARLO else "paths"
    return f"{count} {what}"


def _remedy(engine: Engine) -> str:
    if engine is Engine.MONTE_CARLO:
        return "Shorten the horizon or allow fewer replicas."
    return "Shorten the horizon."
