"""A study as JSON, and what can be taken over from an unfinished one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthetic.distillation import study_rows
from synthetic.distillation.study_bench import Bench
from synthetic.distillation.study_units import Measured, metrics
from synthetic.versions import versions

if TYPE_CHECKING:
    from synthetic.distillation.study import Study

SCHEMA = 1


def as_json(study: Study) -> dict[str, Any]:
    """The whole study as plain values."""
    split = study.split
    return {
        "schema": SCHEMA,
        "command": "kd",
        "request": asdict(study.request),
        "source": source_digest(),
        "versions": versions(),
        "complete": study.complete,
        "interrupted": study.interrupted,
        "seconds": round(study.seconds, 3),
        "alpha_each": study.alpha_each,
        "comparisons": study.num_comparisons,
        "data": {
            "name": split.name,
            "digest": split.digest,
            "classes": list(split.classes),
            "train_rows": len(split.train.a),
            "valid_rows": len(split.valid.a),
            "test_rows": len(split.test.a),
            "features": split.train.a.shape[1],
            "notes": list(split.notes),
        },
        "students": [_student(study, bench) for bench in study.benches],
        "units": study.done,
    }


def _student(study: Study, bench: Bench) -> dict[str, Any]:
    best = bench.best
    minimiser = None
    if best is not None:
        minimiser = {
            "f_star": best.value,
            "gradient_norm": best.gradient_norm,
            "gap_at_most": best.gap,
            "distance_at_most": best.distance,
        }
    return {
        "name": bench.name,
        "parameters": bench.student.num_parameters,
        "decides": study_rows.first_measure(bench),
        "chooses": study_rows.choosing_measure(bench),
        "grid": bench.grid.tolist(),
        "minimiser": minimiser,
        "constants": None if bench.smooth is None else asdict(bench.smooth),
        "teachers": teachers(bench),
        "rows": [row.as_json() for row in study.rows.get(bench.name, [])],
    }


def teachers(bench: Bench) -> list[dict[str, Any]]:
    """How good each teacher is, and its constants where there are any."""
    found = metrics(bench, bench.points)
    made: list[dict[str, Any]] = []
    for q, name in enumerate(bench.teachers):
        made.append({"name": name, "steps": bench.teacher_steps[q]})
        made[q]["measures"] = {key: float(v[q]) for key, v in found.items()}
        made[q]["constants"] = asdict(bench.constants[q]) if bench.constants else None
    return made


def source_digest() -> str:
    """A hash of the code that makes the numbers, so that no stale unit is reused."""
    home = Path(__file__).parent
    files = [*home.glob("stud*.py"), home.parent / "draws.py"]
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def left_over(path: Path, study: Study) -> dict[str, Measured]:
    """The units of an unfinished run of the same request by the same code."""
    try:
        record = json.loads(path.read_text("utf-8"))
        left: dict[str, Measured] = record["units"]
        same = (record["request"], record["source"], record["data"]["digest"])
        is_finished = record["complete"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    ours = json.loads(json.dumps(asdict(study.request)))
    wanted = (ours, source_digest(), study.split.digest)
    return left if not is_finished and same == wanted else {}
