"""Modes by their names on a command line, such as `mid:4000` or `nt:4,2000`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from synthetic.parity.curriculum import (
    Clock,
    Curriculum,
    Mode,
    Multiplier,
    Phases,
    Saturation,
    checkpoints,
    cross_entropy,
    from_toml,
    one_shot,
    then_final,
)
from theory.errors import InputError

Number = TypeVar("Number", int, float)
STEPS = 4000
"""Steps on a first source where a name gives none."""

THEN_FINAL = ("mid", "early", "peak", "random", "degree1")
THROUGHOUT = ("oracle", "smoothed")

HELP = (
    "ce, one-shot, progressive[:EVERY], multiplier:FACTOR, nt:N,T, single:STEP, "
    "saturation, schedule:FILE.toml, oracle, smoothed; mid, early, peak, random, "
    "degree1 [:STEPS, then the final checkpoint]"
)


def curriculum_of(text: str) -> Curriculum:
    """The curriculum of a name.

    Raises:
        InputError: No such name, or numbers that do not fit it.

    """
    name, _, rest = text.partition(":")
    if name in THROUGHOUT and not rest:
        return Phases(((None, name),))
    if name in THEN_FINAL:
        return then_final(name, _whole(text, rest or str(STEPS)))
    makers: dict[str, Callable[[], Curriculum]] = {
        "ce": cross_entropy,
        "one-shot": one_shot,
        "progressive": lambda: Clock(_whole(text, rest or "1000")),
        "multiplier": lambda: Multiplier(_real(text, rest)),
        "nt": lambda: _checkpoints(text, rest),
        "single": lambda: Phases(((None, f"step:{_whole(text, rest)}"),)),
        "saturation": Saturation,
        "schedule": lambda: from_toml(Path(rest)),
    }
    if name not in makers or (rest and name in {"ce", "one-shot", "saturation"}):
        msg = f"No mode {text!r}. There are {HELP}."
        raise InputError(msg)
    return makers[name]()


def modes_of(text: str, temperature: float, label_weight: float = 0.0) -> list[Mode]:
    """Modes of names with semicolons between them or, if there are none, commas."""
    lone = ";" not in text and text.startswith("nt:")  # its comma is its own
    between = ";" if ";" in text or lone else ","
    names = [name.strip() for name in text.split(between)]
    return [mode_of(name, temperature, label_weight) for name in names if name]


def mode_of(text: str, temperature: float, label_weight: float = 0.0) -> Mode:
    """One mode, its name fit for a file's."""
    name = "".join(c if c.isalnum() or c in "-." else "-" for c in text)
    if label_weight:
        name += f"-labels{label_weight:g}"
    return Mode(name, curriculum_of(text), temperature, label_weight)


def numbers(text: str, kind: type[Number]) -> tuple[Number, ...]:
    """Values with commas between them.

    Raises:
        InputError: Something else.

    """
    try:
        return tuple(kind(part) for part in text.split(","))
    except ValueError as error:
        msg = f"Need {kind.__name__} values with commas between them, got {text!r}."
        raise InputError(msg) from error


def never_ending(modes: Sequence[Mode], max_steps: int) -> list[str]:
    """Modes whose last phase a student would never reach."""
    said = []
    for mode in modes:
        phases = getattr(mode.curriculum, "phases", ())
        first = sum(steps or 0 for steps, _ in phases[:-1])
        if first >= max_steps:
            said.append(
                f"{mode.name}: its first phases take {first} steps of at most "
                f"{max_steps}, so its last one is never reached."
            )
    return said


def _checkpoints(text: str, rest: str) -> Phases:
    num, _, steps = rest.partition(",")
    return checkpoints(_whole(text, num), _whole(text, steps))


def _whole(text: str, number: str) -> int:
    if not number.isdigit() or int(number) < 1:
        msg = f"Need a whole number >= 1 in {text!r}, got {number!r}."
        raise InputError(msg)
    return int(number)


def _real(text: str, number: str) -> float:
    try:
        return float(number)
    except ValueError as error:
        msg = f"Need a number in {text!r}, got {number!r}."
        raise InputError(msg) from error
