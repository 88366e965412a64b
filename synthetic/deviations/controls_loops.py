"""What the claims about the student's filter must refute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from synthetic.cases.controls import stated
from synthetic.catalogue.entry import Control
from synthetic.deviations import catalogue
from theory.filters import Descent

LEAST = 0.01
"""How far a wrong filter has to be off, relative to the largest entry of X^+ y."""


def controls() -> Iterator[Control]:
    """Every control."""
    name, loops = "deviations.filter.product", catalogue.loops()
    for label, progress in WRONG:
        yield Control(
            claim_id=name,
            label=label,
            setting=loops,
            change=stated(_beyond(progress), "student", "labels"),
        )
    yield Control(
        claim_id=name,
        label="a student of the labels",
        setting=replace(loops, hard=True),
    )
    floats, name = catalogue.floats(), "deviations.filter.float64"
    yield Control(
        claim_id=name,
        label="the larger complement for a + b - ab",
        setting=replace(floats, combine=lambda a, b: a + (b - a) * (b > a)),
    )
    yield Control(
        claim_id=name,
        label="a complement off by 1e-10",
        setting=replace(floats, combine=lambda a, b: (a + b - a * b) * (1 + 1e-10)),
    )


def _lesser(c: Any, lam: Any) -> Any:
    return min(1 - model.complement(lam) for model in (c.teacher, c.student))


def _longer(c: Any, lam: Any) -> Any:
    steps = c.teacher.steps + c.student.steps
    return 1 - Descent(c.teacher.step, steps).complement(lam)


def _own(c: Any, lam: Any) -> Any:
    return 1 - c.student.complement(lam)


WRONG: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("the lesser of the two filters", _lesser),
    ("the filter of T + t", _longer),
    ("the student's filter alone", _own),
)


def _beyond(progress: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Above 0 where the wrong filter is off by more than a hundredth."""

    def formula(c: Any, student: tuple[Any, ...], labels: tuple[Any, ...]) -> Any:
        rows = zip(c.design.lams, student, labels, strict=True)
        off = max(abs(s - progress(c, lam) * label) for lam, s, label in rows)
        return off - LEAST * float(max(map(abs, labels)))

    return formula
