"""Runs as tables and sentences."""

from __future__ import annotations

import numpy as np
from rich.table import Table

from synthetic.parity.curriculum import Mode
from synthetic.parity.hitting import Median, median
from synthetic.parity.sources import CHOSEN, informative
from synthetic.parity.study import Runs
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
                f"{mode.name}: the checkpoint {source!r} is outside the transition for "
                f"{bad} of {len(seeds)} seeds: it is not an informative one."
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
