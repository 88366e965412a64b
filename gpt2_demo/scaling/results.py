"""The tables that a fit reads, and everything else about every run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from gpt2_demo.scaling.grid import Run
from gpt2_demo.scaling.runner import Result
from theory.files import write

SUPERVISED, DISTILLATION, RUNS = "supervised.csv", "distillation.csv", "runs.jsonl"


def save(
    folder: Path, runs: Sequence[Run], found: Mapping[str, Result]
) -> tuple[int, int]:
    """Write the three files; diverged runs are in `runs.jsonl` alone.

    Args:
        folder: Where they go.
        runs: In the order of the rows.
        found: Their results by id, teachers' too.

    Returns:
        Rows of the two tables.

    """
    own = [
        [one["N"], one["D"], one["loss"]]
        for run in runs
        if run.teacher is None and (one := found[run.id])["loss"] is not None
    ]
    taught = [
        [one["N"], one["D"], one["N_T"], one["D_T"], L_T, one["loss"]]
        for run in runs
        if run.teacher is not None
        and (one := found[run.id])["loss"] is not None
        and (L_T := found[run.teacher.id]["loss"]) is not None
    ]
    write(folder / SUPERVISED, _csv(("N", "D", "loss"), own))
    header = ("N_S", "D_S", "N_T", "D_T", "L_T", "loss")
    write(folder / DISTILLATION, _csv(header, taught))
    lines = "".join(json.dumps(found[run.id]) + "\n" for run in runs)
    write(folder / RUNS, lines.encode())
    return len(own), len(taught)


def _csv(header: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
