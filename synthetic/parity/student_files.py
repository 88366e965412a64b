"""Students as NPZ files, one a run."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from synthetic.parity import records
from synthetic.parity.curriculum import Mode
from synthetic.parity.students import Student
from theory.errors import InputError

ARRAYS = ("steps", "accuracy")


def save_student(path: Path, student: Student, mode: Mode) -> None:
    """Write one run."""
    values = asdict(student)
    arrays = {name: values.pop(name) for name in ARRAYS}
    values["made_by"] = repr(mode)
    records.save(path, records.Record(arrays, values))


def read_student(path: Path) -> tuple[Student, str]:
    """Read one run, and by which mode it was made."""
    found = records.load(path)
    made_by = found.notes.pop("made_by", "")
    known = {field.name for field in fields(Student)} - {*ARRAYS}
    if set(found.notes) != known or set(found.arrays) != {*ARRAYS}:
        msg = f"{path} is of another version. Delete it, and its run is made again."
        raise InputError(msg)
    sources = tuple((step, source) for step, source in found.notes.pop("sources"))
    values: dict[str, Any] = {**found.notes, **found.arrays}
    return Student(sources=sources, **values), made_by
