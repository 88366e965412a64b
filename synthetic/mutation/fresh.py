"""Fresh processes, each with one mutant at most, and what they found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
START = "from synthetic.mutation.child import main; main()"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Broken(Exception):
    """A process ended without a result; its last words."""


def process(order: dict[str, Any], limit: float | None = None) -> dict[str, Any]:
    """Carry out an order in a fresh interpreter on one thread.

    Args:
        order: See `synthetic.mutation.trial.carry_out`; with `mutant`, or `None`.
        limit: Seconds after which it is killed.

    Raises:
        Broken: It died, or took too long.

    """
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | dict.fromkeys(THREADS, "1")
    environment |= {"PYTHONPATH": os.pathsep.join(paths)}
    with tempfile.TemporaryDirectory(prefix="ratecheck-mutate-") as folder:
        asked, told = Path(folder) / "order.json", Path(folder) / "found.json"
        asked.write_text(json.dumps(order), "utf-8")
        # -P: a user's folder must not shadow our packages.
        command = [sys.executable, "-P", "-W", "ignore", "-c", START]
        try:
            done = subprocess.run(
                [*command, str(asked), str(told)],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            msg = f"no result within {limit:.0f} s"
            raise Broken(msg) from None
        if done.returncode or not told.exists():
            words = done.stderr.strip().splitlines() or ["no word"]
            raise Broken(words[-1])
        found: dict[str, Any] = json.loads(told.read_text("utf-8"))
        return found
