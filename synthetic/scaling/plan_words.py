"""Plans in words, in rows of a table, and as plain values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from synthetic.scaling.plan import DRAWS, Answer, Answers, Decision
from theory.scaling_coefficients import RELATIVE_ERROR, SOURCE

COLUMNS = (
    *("scenario", "loss", "gain", "90 % of draws", "student's tokens"),
    *("teacher's parameters", "its tokens", "its loss"),
    *("student", "inference", "training", "decision"),
)

WHAT_COUNTS = {
    "best": "a teacher at no cost",
    "inference": "a teacher whose inference counts",
    "pretraining": "a teacher whose training counts",
    "both": "a teacher whose inference and training count",
}


def opening(found: Answers) -> Iterator[str]:
    """What was asked, and what supervised training gives."""
    asked, a = found.request, found.request.architecture
    total = asked.N + a.embedding(asked.N)
    each = f" for each of {asked.students}" if asked.students > 1 else ""
    yield (
        f"Student: {asked.N:.4g} non-embedding parameters ({total:.4g} with one shared "
        f"embedding of {a.vocabulary:g} words, width {a.width(asked.N):.0f}); "
        f"{asked.compute:.3g} FLOPs{each}."
    )
    tokens = number(found.tokens)
    yield f"Supervised: {tokens} tokens, loss {found.loss:.4f} nats a token."


def number(value: float) -> str:
    """Three digits; a dash for what any value will do."""
    return "-" if math.isnan(value) or math.isinf(value) else f"{value:.3g}"


def row(answer: Answer) -> tuple[str, ...]:
    """One row of the table."""
    plan, (low, high) = answer.plan, answer.interval
    shares = (f"{100 * share:.0f} %" for share in plan.shares)
    numbers = (number(value) for value in (plan.D_S, plan.N_T, plan.D_T))
    return (
        answer.scenario,
        f"{plan.loss:.4f}",
        f"{answer.gain:+.4f}",
        f"{low:+.4f} to {high:+.4f}",
        *numbers,
        f"{plan.teacher_loss:.4f}",
        *shares,
        answer.decision.value,
    )


def sentence(answer: Answer) -> str:
    """What one scenario comes to, plainly."""
    what = WHAT_COUNTS[answer.scenario]
    if answer.leaning is Decision.CLOSE:
        says = (
            f"distillation and supervised training are too close to call "
            f"({answer.gain:+.4f} nats)"
        )
    else:
        better = "lower" if answer.gain > 0 else "higher"
        says = (
            f"{answer.leaning.value}: the loss is {abs(answer.gain):.4f} nats {better} "
            "than that of supervised training"
        )
    if not answer.outside:
        return f"With {what}: {says}."
    where = "; ".join(answer.outside)
    return (
        f"With {what}: outside the range of the runs that the law was fitted on "
        f"({where}). Extrapolated, {says}."
    )


def caveats(found: Answers) -> Iterator[str]:
    """What the intervals are, and are not."""
    close = RELATIVE_ERROR * found.loss
    yield (
        f"Coefficients: {SOURCE}, C4 in English, one family of models; no other data. "
        f"A decision wants a gain beyond the law's own error, {RELATIVE_ERROR:.0%} of "
        f"the loss ({close:.4f} nats), and one sign over 90 % of {DRAWS} draws of the "
        "coefficients, each from its printed interval by itself: fitted coefficients "
        "move together, so these intervals are a guide and no bound."
    )


def as_dict(found: Answers) -> dict[str, Any]:
    """Plain values; `None` for what is infinite or any value will do."""
    record = asdict(found)
    record["source"] = SOURCE
    record["relative_error"] = RELATIVE_ERROR
    clean = _clean(record)
    assert isinstance(clean, dict)
    return clean


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
