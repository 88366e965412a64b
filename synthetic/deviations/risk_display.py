"""What `ratecheck deviations risk` says: plain values, a table, sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from synthetic.deviations import risk as models
from synthetic.deviations.risk_data import Estimated

MOST_ROWS = 20
"""Directions that the table shows; `--json` has all of them."""


@dataclass(frozen=True, eq=False)
class Report:
    """Every risk of one problem.

    Attributes:
        problem: The spectrum.
        direct: Best early stopping.
        ridge: Best penalty.
        pair: Best teacher and student.
        student: The one that was asked for: its teacher's time, or both, were given.
        matched: That student, or the best pair, beside its direct model.
        source: What the problem was estimated from.

    """

    problem: models.Problem
    direct: models.Best
    ridge: models.Best
    pair: models.Student
    student: models.Student
    matched: models.Matched
    source: Estimated | None = None


def report(
    problem: models.Problem,
    teacher: float | None,
    student: float | None,
    source: Estimated | None = None,
) -> Report:
    """All that there is to say; times that are not given are the best ones."""
    pair = models.best_pair(problem)
    asked = pair if teacher is None else models.best_student(problem, teacher)
    if teacher is not None and student is not None:
        asked = models.student_of(problem, teacher, student)
    return Report(
        problem=problem,
        direct=models.best_direct(problem),
        ridge=models.best_ridge(problem),
        pair=pair,
        student=asked,
        matched=models.matched(problem, asked.teacher, asked.student),
        source=source,
    )


def as_json(found: Report) -> dict[str, Any]:
    """Plain values; a time that is infinite is `null`."""
    problem, matched = found.problem, found.matched
    effects = matched.effects()
    matched_risk = problem.risk(1.0 - matched.direct)
    values: dict[str, Any] = {
        "noise": problem.noise,
        "oracle": problem.risk(1.0 - problem.oracle),
        "direct": _timed(found.direct.risk, time=found.direct.at),
        "ridge": _timed(found.ridge.risk, mu=found.ridge.at),
        "best_student": _student(found.pair),
        "student": _student(found.student),
        "matched_direct": _timed(matched_risk, time=matched.time),
        "directions": [
            {
                "eigenvalue": float(problem.lams[k]),
                "signal": float(problem.signal[k]),
                "student": float(matched.student[k]),
                "direct": float(matched.direct[k]),
                "oracle": float(problem.oracle[k]),
                "change": float(matched.changes[k]),
                "distillation": effects[k],
            }
            for k in range(len(problem.lams))
        ],
        "says": sentences(found),
    }
    if found.source is not None:
        source = found.source
        values["data"] = {
            "name": source.name,
            "n": source.n,
            "p": source.p,
            "rank": source.rank,
            "variance": source.variance,
            "variance_limits": source.limits and list(source.limits),
            "notes": list(source.notes),
        }
    return values


def _student(student: models.Student) -> dict[str, Any]:
    return _timed(
        student.risk, teacher_time=student.teacher, student_time=student.student
    )


def _timed(risk: float, **times: float) -> dict[str, Any]:
    return {"risk": risk} | {
        name: value if math.isfinite(value) else None for name, value in times.items()
    }


def risks_table(found: Report) -> Table:
    """One row for each kind of model."""
    problem = found.problem
    table = Table("model", "in-sample risk", "at", box=None, pad_edge=False)
    rows = [
        ("oracle shrinkage", problem.risk(1.0 - problem.oracle), "every direction"),
        ("ridge, best", found.ridge.risk, f"mu = {found.ridge.at:.4g}"),
        ("direct, best stopping", found.direct.risk, _time(found.direct.at, "t")),
        ("distilled, best", found.pair.risk, _times(found.pair)),
    ]
    if found.student is not found.pair:
        rows.append(("distilled, as asked", found.student.risk, _times(found.student)))
    direct = problem.risk(1.0 - found.matched.direct)
    rows.append(("direct, matched", direct, _time(found.matched.time, "t*")))
    for name, risk, where in rows:
        table.add_row(name, f"{risk:.6g}", where)
    return table


def _time(t: float, name: str) -> str:
    return f"{name} = {t:.4g}" if math.isfinite(t) else "never stopped"


def _times(student: models.Student) -> str:
    if math.isinf(student.teacher):
        return f"no teacher; {_time(student.student, 't')}"
    return f"T = {student.teacher:.4g}, {_time(student.student, 't')}"


def directions_table(found: Report) -> Table:
    """One row for each direction, the largest eigenvalues first."""
    problem, matched = found.problem, found.matched
    names = ("k", "eigenvalue", "signal", "student S", "direct A", "best A*")
    table = Table(*names, "S - A risk", "distillation", box=None, pad_edge=False)
    effects = matched.effects()
    for k in range(min(len(problem.lams), MOST_ROWS)):
        numbers = (
            problem.lams[k],
            problem.signal[k],
            matched.student[k],
            matched.direct[k],
            problem.oracle[k],
        )
        cells = [f"{value:.4g}" for value in numbers]
        effect = effects[k] if k else "matched here"
        table.add_row(str(k + 1), *cells, f"{matched.changes[k]:+.3g}", effect)
    return table


def sentences(found: Report) -> list[str]:
    """What the numbers mean."""
    lines = [_against_direct(found), _against_matched(found), _best(found)]
    hidden = len(found.problem.lams) - MOST_ROWS
    if hidden > 0:
        lines.append(f"{hidden} more directions are in --json.")
    return [line for line in lines if line]


def _against_direct(found: Report) -> str:
    student, direct = found.student, found.direct
    if math.isinf(student.teacher):
        return ""
    times = f"The student of a teacher stopped at T = {student.teacher:.4g}"
    where = (
        "is never stopped"
        if math.isinf(student.student)
        else (f"is stopped at t = {student.student:.4g}")
    )
    gain = _share(direct.risk - student.risk, direct.risk)
    if student.risk < direct.risk * (1 - models.SAME):
        verdict = f"{gain} below that of the best early stopping: distillation helps"
    elif student.risk > direct.risk * (1 + models.SAME):
        verdict = f"{gain} above that of the best early stopping: it does not help"
    else:
        verdict = "that of the best early stopping"
    return f"{times} {where}, with risk {student.risk:.6g}, {verdict}."


def _against_matched(found: Report) -> str:
    if math.isinf(found.student.teacher):
        return ""
    effects, changes = found.matched.effects(), found.matched.changes
    risk = found.problem.risk(1.0 - found.matched.direct)
    total = float(changes.sum())
    side = "no other risk"
    if abs(total) > models.SAME * max(risk, 1e-300):
        word = "less" if total < 0 else "more"
        side = f"{_share(total, risk)} {word} risk"
    parts = [
        f"it {word} in {_count([k for k, e in enumerate(effects) if e == word])}"
        for word in ("helps", "hurts")
    ]
    return (
        "Against a direct model with as much progress in direction 1 it has "
        f"{side}: {', '.join(parts)}."
    )


def _best(found: Report) -> str:
    pair, direct = found.pair, found.direct
    if math.isinf(pair.teacher):
        return (
            "No stopped teacher was found whose student is better than the best early "
            "stopping: train on the labels."
        )
    gain = _share(direct.risk - pair.risk, direct.risk)
    other = ""
    if found.ridge.risk < pair.risk * (1 - models.SAME):
        other = " Ridge does better still."
    return (
        f"The best teacher is stopped at T = {pair.teacher:.4g}: {gain} less risk than "
        f"the best early stopping.{other}"
    )


def _share(part: float, whole: float) -> str:
    return f"{abs(part) / whole:.2%}" if whole > 0 else f"{abs(part):.4g}"


def _count(directions: Sequence[int]) -> str:
    if not directions:
        return "no direction"
    shown = ", ".join(str(k + 1) for k in directions[:6])
    word = "direction" if len(directions) == 1 else "directions"
    more = f" and {len(directions) - 6} more" if len(directions) > 6 else ""
    return f"{word} {shown}{more}"


def data_lines(source: Estimated) -> list[str]:
    """What was made of a table."""
    limits = ""
    if source.limits is not None:
        low, high = source.limits
        limits = f", 95 % limits {low:.4g} to {high:.4g} if errors are Gaussian"
    return [
        f"{source.name}: n = {source.n}, p = {source.p}, rank {source.rank}",
        f"sigma^2 = {source.variance:.4g}{limits}",
        *source.notes,
    ]
