r"""Whose labels a student may learn: the names, and the checkpoints that they choose.

A source is one of

    labels     the data's own (cross-entropy)
    oracle     the target itself, without noise, as hard labels
    final      the teacher's last checkpoint
    random     its untrained network
    mid        the checkpoint with accuracy nearest .75, the earliest of several
    early      that at half the step of the first accuracy above .55, or just before
    peak       that of the largest mean degree-1 correlation on S, after step 0
    step:N     the first checkpoint with step >= N, the last one if there is none
    part:I/N   the same at I/N of the teacher's steps
    smoothed   the labels, smoothed to the entropy of the final checkpoint's
    degree1    $1/2 + (c/2) \sum_{i \in S} x_i$, c = 1/k
"""

from __future__ import annotations

import numpy as np

from synthetic.parity.teacher import Teacher
from theory.errors import InputError

MID_ACCURACY = 0.75
FIXED = ("labels", "oracle", "smoothed", "degree1")
"""Sources that are no checkpoint."""
CHOSEN = ("final", "random", "mid", "early", "peak")


def needed(teacher: Teacher | None, source: str) -> Teacher:
    """The teacher, which a source cannot do without."""
    if teacher is None:
        msg = f"The source {source!r} needs a teacher."
        raise InputError(msg)
    return teacher


def check_name(source: str) -> None:
    """Refuse a source that does not exist, before anything runs."""
    if source in {*FIXED, *CHOSEN}:
        return
    kind, _, rest = source.partition(":")
    if kind == "step" and rest.isdigit():
        return
    part, _, whole = rest.partition("/")
    numbers = part.isdigit() and whole.isdigit()
    if kind == "part" and numbers and 1 <= int(part) <= int(whole):
        return
    known = ", ".join((*FIXED, *CHOSEN))
    msg = f"Need a source out of {known}, step:N, part:I/N; got {source!r}."
    raise InputError(msg)


def resolve(source: str, teacher: Teacher | None) -> str:
    """A source without rules: one of `FIXED`, or "checkpoint:N" of a stored step."""
    check_name(source)
    if source in FIXED:
        return source
    return f"checkpoint:{chosen_step(source, needed(teacher, source))}"


def checkpoint_of(source: str) -> int | None:
    """The step of a resolved source; `None` if it is no checkpoint."""
    kind, _, step = source.partition(":")
    return int(step) if kind == "checkpoint" else None


def chosen_step(source: str, teacher: Teacher) -> int:
    """The stored step that a rule chooses; ties go to the earliest."""
    stored = teacher.stored
    if source in {"final", "random"}:
        return int(stored[-1 if source == "final" else 0])
    if source == "mid":
        away = np.abs(teacher.stored_accuracy - MID_ACCURACY)
        return int(stored[np.argmin(away)])
    if source == "peak":
        later = teacher.spike_of("inside")[1:]
        return int(stored[1:][np.argmax(later)]) if later.size else int(stored[0])
    if source == "early":
        begins = teacher.transition.begins
        if begins < 0:
            msg = f"Teacher {teacher.seed} never got above .55: no early checkpoint."
            raise InputError(msg)
        return int(stored[np.searchsorted(stored, begins / 2, side="right") - 1])
    kind, _, rest = source.partition(":")
    if kind == "part":
        part, _, whole = rest.partition("/")
        wanted = int(part) * teacher.final / int(whole)
    else:
        wanted = float(rest)
    at = np.searchsorted(stored, wanted, side="left")
    return int(stored[min(int(at), stored.size - 1)])


def informative(source: str, teacher: Teacher) -> bool:
    """Does a source's checkpoint come from the phase transition, or from later?

    The transition begins with the first accuracy above .55. A checkpoint from before
    holds what a random initialisation holds, its correlations with inputs included.
    """
    begins = teacher.transition.begins
    return 0 <= begins <= chosen_step(source, teacher)
