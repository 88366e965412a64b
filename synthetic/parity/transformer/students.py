"""Which checkpoint of the teacher a student listens to, step by step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from synthetic.parity.transformer.config import Config, Mode
from synthetic.parity.transformer.exam import LOW, History
from theory.errors import InputError

MID_ACCURACY = 0.75


def mid_step(teacher: History) -> int:
    """The checkpoint in the phase transition: accuracy nearest .75."""
    return teacher.nearest(MID_ACCURACY)


def early_step(teacher: History) -> int:
    """The last checkpoint before half of the time at which accuracy exceeds .55."""
    begins = teacher.first_above(LOW)
    if begins is None:
        msg = f"The teacher's accuracy was never above {LOW}: train it longer."
        raise InputError(msg)
    return teacher.steps[bisect_right(teacher.steps, begins // 2) - 1]


def teacher_step(config: Config, mode: Mode, teacher: History, step: int) -> int:
    """The teacher's step whose checkpoint teaches at a student's step.

    - one-shot: the last one.
    - mid, early: `mid_step` or `early_step` for `phase` steps, then the last one.
    - progressive: the first checkpoint that was trained for at least `pace` times as
      many steps as the student, but not the untrained one; at last the last one.

    Args:
        config: Gives `phase` and `pace`.
        mode: Not `ce`, which has no teacher.
        teacher: Its evaluations, each of which has a checkpoint.
        step: The student's, from 0.

    """
    last = teacher.steps[-1]
    if mode.name == "progressive":
        wanted = max(teacher.steps[min(1, len(teacher.steps) - 1)], step * config.pace)
        at = bisect_left(teacher.steps, wanted)
        return teacher.steps[at] if at < len(teacher.steps) else last
    if mode.name in {"mid", "early"} and step < config.phase:
        return mid_step(teacher) if mode.name == "mid" else early_step(teacher)
    return last
