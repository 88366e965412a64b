"""Runs as tables and sentences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from synthetic.parity.curriculum import Mode
from synthetic.parity.hitting import Median, median
from synthetic.parity.network import Network
from synthetic.parity.probes import Sample, report
from synthetic.parity.sources import CHOSEN, informative
from synthetic.parity.students import Student
from synthetic.parity.study import Runs
from synthetic.parity.sweep import times_of_rows
from synthetic.parity.teacher import Teacher
from synthetic.parity.verdicts import Verdict


def modes_table(runs: Runs, temperature: float) -> Table:
    """A row for each mode: median steps, interval, censored, samples in all."""
    task, horizon = runs.recipe.task, runs.recipe.student.max_steps
    title = (
        f"{task.target}, d={task.dim}, k={task.k}; teacher "
        f"{runs.recipe.teacher.width}, students {runs.recipe.student.width} wide; "
        f"tau={temperature:g}"
    )
    table = Table(title=title, title_justify="left")
    for name in ("mode", "median steps", "95% interval", "censored", "median samples"):
        table.add_column(name, justify="left" if name == "mode" else "right")
    for mode in runs.modes:
        if mode.temperature != temperature or not (students := runs.of(mode)):
            continue
        found = median(runs.times(mode))
        samples = float(np.median([s.samples for s in students]))
        table.add_row(
            mode.name,
            steps(found.value, horizon),
            interval(found, horizon),
            f"{found.censored}/{found.num}",
            f"{samples / 1e6:.2f}M",
        )
    return table


def steps(value: float, horizon: int) -> str:
    """A time; beyond the horizon nothing is known."""
    if np.isnan(value):
        return "-"
    return f">{horizon}" if np.isinf(value) else f"{value:.0f}"


def interval(found: Median, horizon: int) -> str:
    """The interval of a median, or a dash for too few runs."""
    if np.isnan(found.low):
        return "-"
    return f"{steps(found.low, horizon)} to {steps(found.high, horizon)}"


def teacher_lines(runs: Runs) -> list[str]:
    """How the teachers learnt, and which checkpoints say nothing."""
    learnt = [t for s, t in runs.teachers.items() if s not in runs.unlearnt]
    lines = []
    if runs.unlearnt:
        seeds = ", ".join(str(seed) for seed in runs.unlearnt)
        lines.append(f"No teacher, so no students: seeds {seeds} never got above 95 %.")
    if learnt:
        ends = np.median([t.transition.ends for t in learnt])
        final = np.median([t.final for t in learnt])
        lines.append(
            f"{len(learnt)} teachers: above 95 % after {ends:.0f} steps, stopped after "
            f"{final:.0f} (medians). Their whole training is counted in the samples of "
            "every student that they taught."
        )
    for mode in runs.modes:
        lines += _uninformative(runs, mode)
    return list(dict.fromkeys(lines))


def _uninformative(runs: Runs, mode: Mode) -> list[str]:
    phases = getattr(mode.curriculum, "phases", ())
    lines = []
    for _, source in phases:
        if source not in CHOSEN or source == "final":
            continue
        seeds = [s for s in runs.seeds if s not in runs.unlearnt]
        bad = sum(not informative(source, runs.teachers[seed]) for seed in seeds)
        if bad:
            lines.append(
                f"{mode.name}: the checkpoint {source!r} is from before the transition "
                f"for {bad} of {len(seeds)} seeds: there it is not an informative one."
            )
    return lines


def verdict_lines(verdict: Verdict) -> list[str]:
    """A verdict in full."""
    return [
        f"{verdict.claim}: {verdict.finding.value.upper()}",
        f"  asked: {verdict.statement}.",
        *(f"  {line}" for line in verdict.evidence),
        f"  does not show: {verdict.limits}.",
    ]


def teacher_summary(teacher: Teacher) -> list[str]:
    """What became of a teacher."""
    found, last = teacher.transition, teacher.accuracy[-1]
    line = f"Stopped at step {teacher.final} with accuracy {last:.4f}; "
    if found.ends < 0:
        line += "it never got above 95 %."
    else:
        line += f"above 55 % at {found.begins}, above 95 % at {found.ends}."
    return [line, f"{teacher.stored.size} checkpoints in {teacher.folder}"]


def spikes_table(teacher: Teacher) -> Table:
    """A row for each checkpoint: accuracy, and the degree-1 statistic."""
    title = "mean |E x_i p| over i on the support and off it; floor: one s.e. of it"
    table = Table(title=title, title_justify="left")
    for name in ("step", "accuracy", "on", "off", "on/off", "random subset", "floor"):
        table.add_column(name, justify="right")
    for step, accuracy, one in zip(
        teacher.stored, teacher.stored_accuracy, teacher.spikes, strict=True
    ):
        table.add_row(
            f"{step}{' *' if teacher.transition.holds(int(step)) else '  '}",
            f"{accuracy:.4f}",
            f"{one.inside:.5f}",
            f"{one.outside:.5f}",
            f"{one.inside / one.outside:.2f}",
            f"{one.control:.5f}",
            f"{one.floor:.5f}",
        )
    table.caption = "* within the transition: accuracy above .55, up to above .95"
    return table


def report_lines(teacher: Teacher, network: Network) -> list[str]:
    """All that one checkpoint's correlations say."""
    task, recipe = teacher.recipe.task, teacher.recipe
    sample = Sample.of(task.stream("probe", teacher.seed), recipe.probe_samples)
    found = report(network, sample, task.support)
    off = [i for i in range(task.dim) if i >= task.k]
    outside = [n for n, (i, j) in enumerate(found.pairs) if i >= task.k or j >= task.k]
    lines = [
        f"step {network.step}: accuracy {found.accuracy:.4f}, floor {found.floor:.5f}",
        f"single inputs on S: {_some(found.first[: task.k])}",
        f"single inputs off S: {_some(found.first[off])}",
        f"pairs not inside S: {_some(found.second[outside])}",
    ]
    for degree, mean in enumerate(found.by_degree()):
        lines.append(f"subsets of S of size {degree}: mean {mean:.5f}")
    return lines


def students_table(students: list[Student]) -> Table:
    """A row for each student."""
    table = Table()
    for name in ("mode", "steps to 95%", "accuracy", "taught by", "samples in all"):
        table.add_column(name, justify="left" if name == "mode" else "right")
    for one in students:
        sources = [source.replace("checkpoint:", "") for _, source in one.sources]
        some = sources if len(sources) < 4 else [sources[0], "...", sources[-1]]
        table.add_row(
            one.mode,
            steps(one.hit if one.hit >= 0 else np.inf, one.horizon),
            f"{one.accuracy[-1]:.4f}",
            ", ".join(some),
            f"{one.samples:,}",
        )
    return table


def rows_table(rows: list[dict[str, Any]]) -> Table:
    """A row for each cell and mode: the median over seeds."""
    names = ("dim", "k", "teacher_width", "width", "rate", "mode", "temperature")
    cells: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault(tuple(row[name] for name in names), []).append(row)
    table = Table()
    for name in (*names, "seeds", "median steps", "95% interval", "censored"):
        table.add_column(name.replace("_", " "), justify="right")
    for key, group in cells.items():
        horizon = group[0]["horizon"]
        found = median(times_of_rows(group))
        table.add_row(
            *(str(value) for value in key),
            str(found.num),
            steps(found.value, horizon),
            interval(found, horizon),
            str(found.censored),
        )
    return table


def _some(values: NDArray[np.float64]) -> str:
    if not values.size:
        return "none"
    return f"mean {np.mean(values):.5f}, largest {np.max(values):.5f}"
