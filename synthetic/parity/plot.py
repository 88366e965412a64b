"""Quick drawings of a folder: a teacher's curves, or survival curves of students."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from synthetic.parity import records
from synthetic.parity.hitting import survival
from synthetic.parity.student_files import read_student
from synthetic.parity.students import Student
from synthetic.parity.study import times_of
from synthetic.parity.teacher import Teacher, read_teacher
from theory import files
from theory.errors import InputError

KINDS = (".pdf", ".png", ".svg")
MOST_PANELS = 12
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def draw_folder(folder: Path, file: Path) -> None:
    """Draw what is in a folder.

    Args:
        folder: Made by teach, sweep or demo.
        file: A PDF, PNG or SVG file.

    Raises:
        InputError: Nothing to draw, or a file of another kind.

    """
    if file.suffix not in KINDS:
        msg = f"Need a file that ends in {', '.join(KINDS)}, got {file.name!r}."
        raise InputError(msg)
    has_kind = (folder / records.CONFIGURATION).exists()
    if has_kind and records.configuration_of(folder).get("kind") == "teacher":
        _write(_teacher(read_teacher(folder)), file)
        return
    found = students_in(folder)
    if not found:
        msg = f"No runs in {folder}: name a folder that teach, sweep or demo made."
        raise InputError(msg)
    _write(_survival(found), file)


def students_in(folder: Path) -> dict[str, dict[str, list[Student]]]:
    """Students by the folder of their cell, and by mode, seeds in order."""
    found: dict[str, dict[str, list[Student]]] = {}
    for path in sorted(folder.rglob("*-tau*.npz")):
        student, _ = read_student(path)
        name = f"{student.mode}, tau={student.temperature:g}"
        cell = found.setdefault(path.parent.name, {})
        cell.setdefault(name, []).append(student)
    return found


def _canvas(num: int, height: float) -> tuple[Any, list[Any]]:
    from matplotlib.figure import Figure  # noqa: PLC0415 -- it loads slowly

    columns = min(num, 3)
    rows = -(-num // columns)
    figure: Any = Figure((4.0 * columns, height * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    return figure, list(grid.ravel())


def _teacher(teacher: Teacher) -> Any:
    figure, (left, right) = _canvas(2, 3.0)
    left.plot(teacher.steps, teacher.accuracy, color=COLOURS[0])
    left.set(xlabel="step", ylabel="accuracy", ylim=(0.4, 1.02))
    for name, label, colour in (
        ("inside", "on S", COLOURS[1]),
        ("outside", "off S", COLOURS[0]),
        ("floor", "one standard error", "0.5"),
    ):
        values = teacher.spike_of(name)
        right.plot(teacher.stored, values, color=colour, label=label)
    right.set(xlabel="step", ylabel=r"mean $|E\,x_i p(x)|$")
    right.legend()
    found = teacher.transition
    for axes in (left, right):
        if found.ends >= 0:
            axes.axvspan(found.begins, found.ends, color="0.9", zorder=0)
    return figure


def _survival(cells: dict[str, dict[str, list[Student]]]) -> Any:
    if len(cells) > MOST_PANELS:
        msg = f"{len(cells)} cells are too many to draw: name the folder of one."
        raise InputError(msg)
    figure, panels = _canvas(len(cells), 3.2)
    for axes, (cell, modes) in zip(panels, cells.items(), strict=False):
        for n, (name, students) in enumerate(modes.items()):
            times, alive, low, high = survival(times_of(students))
            colour = COLOURS[n % len(COLOURS)]
            dashes = "-" if n < len(COLOURS) else "--"
            axes.step(times, alive, where="post", color=colour, ls=dashes, label=name)
            axes.fill_between(times, low, high, step="post", color=colour, alpha=0.1)
        axes.set(xlabel="student's steps", ylabel="below 95 %", title=cell)
        axes.set_ylim(0.0, 1.02)
        axes.legend(fontsize="x-small")
    for axes in panels[len(cells) :]:
        axes.set_axis_off()
    return figure


def _write(figure: Any, file: Path) -> None:
    made = io.BytesIO()
    figure.savefig(made, format=file.suffix[1:])
    files.write(file, made.getvalue())
