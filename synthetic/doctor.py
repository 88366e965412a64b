"""What this installation is and can do, as rows (name, value, is it well?)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import threadpoolctl

from synthetic.versions import version_of, versions
from theory.folders import cache_folder

Row = tuple[str, str, bool]


def diagnose() -> list[Row]:
    """Every row, in the order of printing."""
    return [*_versions(), *_threads(), *_solver(), *_cuda(), _cache()]


def _versions() -> Iterator[Row]:
    for name, number in versions().items():
        yield name, number or "missing", number is not None
    yield "environment", sys.prefix, True


def _threads() -> Iterator[Row]:
    import numpy as np  # noqa: F401, PLC0415 -- its BLAS must be loaded to be seen

    yield "cores", str(os.cpu_count()), True
    for pool in threadpoolctl.threadpool_info():
        name = f"{pool['user_api']} threads"
        kind = f"{pool['internal_api']} {pool.get('version') or ''}".strip()
        count = int(pool["num_threads"])
        note = "" if count == 1 else ", limited to 1 while verifying"
        yield name, f"{count} ({kind}{note})", True


def _solver() -> Iterator[Row]:
    number = version_of("clarabel")
    if number is None:
        remedy = "missing: pip install clarabel (L1 problems need it)"
        yield "conic solver", remedy, False
    else:
        yield "conic solver", f"CLARABEL {number}, named explicitly", True


def _cuda() -> Iterator[Row]:
    if find_spec("torch") is None:
        yield "CUDA", "not asked: torch is not installed (an extra; not needed)", True
        return
    import torch  # noqa: PLC0415 -- heavy, and optional

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    names = ", ".join(torch.cuda.get_device_name(i) for i in range(count))
    yield "torch", torch.__version__, True
    yield "CUDA", names or "no device", True


def _cache() -> Row:
    folder = cache_folder()
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    usable = os.access(nearest, os.W_OK)
    note = "" if usable else " (not writable: set RATECHECK_CACHE)"
    return "cache folder", f"{folder}{note}", usable
