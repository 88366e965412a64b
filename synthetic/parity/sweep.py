"""Grids of recipes: every cell a study, resumed after a kill, shared out by shards."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from synthetic.parity import records
from synthetic.parity.curriculum import Mode
from synthetic.parity.hitting import Times
from synthetic.parity.recipe import Recipe
from synthetic.parity.student_files import read_student
from synthetic.parity.students import Student
from synthetic.parity.study import Place, check_modes, run_seed
from synthetic.pool import Deadline, completed
from theory import files
from theory.errors import InputError

COLUMNS = (
    *("dim", "k", "teacher_width", "width", "rate", "seed", "mode", "temperature"),
    *("hit", "horizon", "teacher_steps", "samples", "accuracy"),
)
TABLE = "table"


@dataclass(frozen=True)
class Grid:
    """All combinations of these, on a base recipe.

    Args:
        dims: $d$.
        orders: $k$; combinations with k > d are refused.
        teacher_widths: Hidden neurons of teachers.
        widths: Of students.
        rates: Step sizes, of teachers and students alike.
        base: All else.

    """

    dims: tuple[int, ...]
    orders: tuple[int, ...]
    teacher_widths: tuple[int, ...]
    widths: tuple[int, ...]
    rates: tuple[float, ...]
    base: Recipe

    def groups(self) -> list[tuple[Recipe, ...]]:
        """Recipes that share their teachers, group by group.

        Raises:
            InputError: An empty axis, or a combination that is no recipe.

        """
        axes = (self.dims, self.orders, self.teacher_widths, self.widths, self.rates)
        if not all(axes) or any(len(set(axis)) != len(axis) for axis in axes):
            msg = f"Need different values, one at least, on every axis, got {axes}."
            raise InputError(msg)
        base = self.base
        found = []
        for d, k, m, rate in product(
            self.dims, self.orders, self.teacher_widths, self.rates
        ):
            shared = replace(
                base,
                task=replace(base.task, dim=d, k=k),
                teacher=replace(base.teacher, width=m, rate=rate),
            )
            found.append(
                tuple(
                    replace(shared, student=replace(base.student, width=w, rate=rate))
                    for w in self.widths
                )
            )
        return found


@dataclass(frozen=True)
class Shard:
    """Part `index` of `total`; parts of the same total share no unit.

    Args:
        index: From 1.
        total: Parts.

    """

    index: int = 1
    total: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.index <= self.total:
            msg = f"Need a shard I/N with 1 <= I <= N, got {self.index}/{self.total}."
            raise InputError(msg)

    @classmethod
    def of(cls, text: str) -> Shard:
        """From "I/N"."""
        index, _, total = text.partition("/")
        if not (index.isdigit() and total.isdigit()):
            msg = f"Need a shard such as 1/4, got {text!r}."
            raise InputError(msg)
        return cls(int(index), int(total))


@dataclass(frozen=True)
class Work:
    """What is run in every cell, and which part of it; can grow from call to call.

    Args:
        seeds: One teacher each.
        modes: How students are taught.
        shard: Which part.

    """

    seeds: tuple[int, ...]
    modes: tuple[Mode, ...]
    shard: Shard = field(default_factory=Shard)


def place_of(recipe: Recipe, folder: Path) -> Place:
    """Where a cell's runs and its teachers lie."""
    task, teacher = recipe.task, recipe.teacher
    shared = f"d{task.dim}-k{task.k}-T{teacher.width}-lr{teacher.rate:g}"
    cell = f"{shared}-S{recipe.student.width}"
    return Place(folder / "runs" / cell, folder / "teachers" / shared)


def run_sweep(
    grid: Grid,
    work: Work,
    folder: Path,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[dict[str, Any]]:
    """Run what is missing of a shard, and merge all that is there.

    Args:
        grid: Which recipes.
        work: Seeds, modes, shard.
        folder: Of this grid alone.
        jobs: Processes of one thread.
        progress: Called with (done, total) units; a unit is a teacher and its students.

    Returns:
        The rows of the merged table, also written as table.csv and table.npz.

    Raises:
        InputError: A folder of another grid, or a grid that cannot run.

    """
    check_modes(work.modes)
    groups = grid.groups()
    records.claim_folder(folder, {"kind": "sweep", "grid": asdict(grid)})
    units = [(group, seed) for group in groups for seed in work.seeds]
    mine = units[work.shard.index - 1 :: work.shard.total]
    call = partial(_work, modes=work.modes, folder=folder)
    progress(0, len(mine))
    for done, _ in enumerate(completed(mine, call, jobs, Deadline()), 1):
        progress(done, len(mine))
    return merge(folder, [recipe for group in groups for recipe in group])


def _work(
    unit: tuple[tuple[Recipe, ...], int], *, modes: tuple[Mode, ...], folder: Path
) -> None:
    group, seed = unit
    for recipe in group:
        place = place_of(recipe, folder)
        run_seed(recipe, seed, modes, place)
    place_of(group[0], folder).tidy(seed)


def merge(folder: Path, recipes: Sequence[Recipe]) -> list[dict[str, Any]]:
    """One row for each run that is there, in the order of grid, file and seed."""
    rows = []
    for recipe in recipes:
        for path in sorted(place_of(recipe, folder).runs.glob("*.npz")):
            rows.append(row(recipe, read_student(path)[0]))
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write(folder / f"{TABLE}.csv", out.getvalue().encode())
    columns = {name: np.array([row[name] for row in rows]) for name in COLUMNS}
    records.save(folder / f"{TABLE}.npz", records.Record(columns, {}))
    return rows


def times_of_rows(rows: Sequence[dict[str, Any]]) -> Times:
    """Steps to the threshold of rows of one cell and mode."""
    hits = np.array([row["hit"] for row in rows])
    horizon = int(rows[0]["horizon"])
    return Times(
        seeds=tuple(int(row["seed"]) for row in rows),
        steps=np.where(hits >= 0, hits, horizon).astype(np.float64),
        observed=hits >= 0,
        horizon=horizon,
    )


def row(recipe: Recipe, student: Student) -> dict[str, Any]:
    """A run in one line; `hit` is -1 where the threshold was not reached."""
    return {
        "dim": recipe.task.dim,
        "k": recipe.task.k,
        "teacher_width": recipe.teacher.width,
        "width": recipe.student.width,
        "rate": recipe.student.rate,
        "seed": student.seed,
        "mode": student.mode,
        "temperature": student.temperature,
        "hit": student.hit,
        "horizon": student.horizon,
        "teacher_steps": student.teacher_steps,
        "samples": student.samples,
        "accuracy": float(student.accuracy[-1]),
    }
