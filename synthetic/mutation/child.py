"""What a fresh process does: apply one mutant, check claims, write what was red.

It imports nothing that a mutant edits before the hook is in place.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from synthetic.mutation import hook
from synthetic.mutation.mutant import Mutant


def main() -> None:
    """Read an order from the file `argv[1]`, write what was found to `argv[2]`."""
    order = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    told = order.get("mutant")
    mutant = None if told is None else Mutant(**{**told, "seen_by": told["seen_by"]})
    if mutant is not None:
        hook.install(mutant)
    # Machine code of edited sources goes to a folder of its own, which our parent
    # deletes: the usual one is named by the text on the disk, which is not edited.
    if mutant is not None and compiles(mutant.module):
        os.environ["RATECHECK_CACHE"] = str(Path(sys.argv[2]).parent / "kernels")
    found = _found(order, mutant)
    Path(sys.argv[2]).write_text(json.dumps(found), "utf-8")


def _found(order: dict[str, Any], mutant: Mutant | None) -> dict[str, Any]:
    # Only now, since this imports what the mutant edits.
    from synthetic.mutation import trial  # noqa: PLC0415

    return trial.carry_out(order, mutant)


def compiles(module: str) -> bool:
    """Does the module's code end up in compiled kernels?

    Read from the text of `synthetic.engines.compiler`: importing it would import numba,
    and perhaps the module itself.
    """
    root = Path(__file__).resolve().parents[1]
    text = (root / "engines" / "compiler.py").read_text("utf-8")
    listed = text.split("SOURCES = (", 1)[1].split(")", 1)[0]
    return f'"{module.replace(".", "/")}.py"' in listed
