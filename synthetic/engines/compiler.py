"""How kernels are compiled, and where the machine code is kept for the next run.

Numba's disk cache looks at the file of the cached function alone. An edited formula in
another file would go unseen, and yesterday's theorem be verified; so the folder itself
is named by a hash of every source that is compiled.

No fastmath flag is set: the results are those of the source's own order of operations,
whatever the vector width, the number of threads or the way replicas are put together.
"""

from __future__ import annotations

import hashlib
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba

from theory.folders import cache_folder

Function = TypeVar("Function", bound=Callable[..., Any])

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "theory/formulas.py",
    "synthetic/draws.py",
    "synthetic/elementary.py",
    "synthetic/loss_formulas.py",
    "synthetic/losses.py",
    "synthetic/engines/compiler.py",
    "synthetic/engines/exponentials.py",
    "synthetic/engines/gaps.py",
    "synthetic/engines/inputs.py",
    "synthetic/engines/kernel.py",
    "synthetic/engines/lanes.py",
    "synthetic/parity/kernel.py",
    "synthetic/parity/kernel_batches.py",
    "synthetic/parity/kernel_bits.py",
    "synthetic/parity/kernel_blocks.py",
    "synthetic/parity/kernel_forward.py",
    "synthetic/parity/kernel_passes.py",
    "synthetic/parity/kernel_steps.py",
    "synthetic/parity/kernel_stream.py",
    "synthetic/parity/kernel_threads.py",
    "synthetic/parity/kernel_vectors.py",
    "synthetic/pcfg/kernel_oracle.py",
    "synthetic/pcfg/kernel_sample.py",
)
"""Every file with code, or an order of codes, that ends up in a kernel."""


INLINE = {"forceinline": True, "error_model": "numpy"}
"""For formulas: a loop with a call in it is not vectorised."""


def key() -> str:
    """A hash of all that the machine code depends on, apart from the processor."""
    digest = hashlib.sha256()
    for name in (numba.__version__, llvmlite.__version__, platform.python_version()):
        digest.update(f"{name}\0".encode())
    for source in SOURCES:
        digest.update(f"{source}\0".encode() + (ROOT / source).read_bytes())
    return digest.hexdigest()[:16]


def kernel_folder() -> Path:
    """Where the kernels of these very sources are kept."""
    return cache_folder() / "kernels" / key()


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def inner(function: Function) -> Function:
    """Compile a function that only kernels call."""
    compiled: Function = numba.njit(error_model="numpy")(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile a function as part of its callers: a nested one is optimised twice."""
    compiled: Function = numba.njit(error_model="numpy", inline="always")(function)
    return compiled


def kernel(function: Function) -> Function:
    """Compile a function that Python calls, and keep the machine code if possible."""
    folder = kernel_folder()
    kept = _is_writable(folder)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder)  # read when the function is declared
    try:
        compiled: Function = numba.njit(error_model="numpy", nogil=True, cache=kept)(
            function
        )
    finally:
        numba.config.CACHE_DIR = before
    return compiled
