"""A study as rows of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from synthetic.parity.transformer.study_torch import Seed, Study


def student_rows(study: Study) -> list[list[str]]:
    """Mode, its hitting time for each seed, median; censored ones are `>horizon`."""
    return [
        [
            str(mode),
            *(
                _time(one.hit(mode), study.config.student.steps)
                if mode in one.students
                else "no teacher"
                for one in study.seeds
            ),
            _median(study.median(mode), study.config.student.steps),
        ]
        for mode in study.config.modes
    ]


def teacher_rows(study: Study) -> list[list[str]]:
    """Seed, S, transition, and the degree-1 statistic of four checkpoints."""
    return [_teacher(study, one) for one in study.seeds]


def _teacher(study: Study, one: Seed) -> list[str]:
    horizon = study.config.teacher.steps
    steps = (0, one.early, one.mid, one.teacher.steps[-1])
    return [
        str(one.seed),
        " ".join(map(str, one.support)),
        *(_time(step, horizon) for step in one.transition),
        *("-" if step is None else _statistic(one, step) for step in steps),
    ]


def _statistic(one: Seed, step: int) -> str:
    mark = one.teacher.at(step)
    floor = f" (floor {mark.floor:.4f})" if mark.floor else ""
    return f"{step}: {mark.inside:.4f}/{mark.outside:.4f}{floor}"


def _time(step: int | None, horizon: int) -> str:
    return f">{horizon}" if step is None else str(step)


def _median(value: float | None, horizon: int) -> str:
    if value is None:
        return "-"
    return f">{horizon}" if math.isinf(value) else f"{value:g}"
