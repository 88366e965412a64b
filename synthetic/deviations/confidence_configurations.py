"""What is trained: a table of pairs of teacher and student, fixed before any run."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fnmatch import fnmatchcase

from synthetic.deviations.confidence_training import LABELS, TEACHER, Mix, Training
from theory.errors import InputError


@dataclass(frozen=True)
class Configuration:
    r"""A teacher, and a student of the same architecture on the same rows.

    Attributes:
        name: On the command line.
        about: In words.
        teacher: How it is trained, on labels.
        student: How it is trained.
        hidden: ReLU neurons of both; 0 for linear softmax.
        noise: Chance that a training label is drawn anew from all classes; the
            student's too.
        temperature: $\tau$.
        mix: Weight of the teacher in the student's loss.

    """

    name: str
    about: str
    teacher: Training
    student: Training
    hidden: int = 64
    noise: float = 0.0
    temperature: float = 1.0
    mix: Mix = TEACHER

    @property
    def is_distilled(self) -> bool:
        """Does the teacher have a say?"""
        return self.mix != LABELS

    @property
    def is_null(self) -> bool:
        """Is the student another teacher, and nothing it does a deviation?"""
        return not self.is_distilled and self.student == self.teacher

    @property
    def taught_by(self) -> tuple[int, float, Training]:
        """What decides the teacher: those of equal ones are the same networks."""
        return self.hidden, self.noise, self.teacher


T600 = Training(600, 0.05)
T3000 = Training(3000, 0.05)
STOPPED = Training(3000, 0.05, stop=600)
SOFT = ("mlp-tau4", "mlp-tau2", "mlp-tau4-long", "mlp-tau8", "mlp256-tau4")
"""Clean labels, an MLP, a temperature of 2 or more."""

NULL = "null"

_TABLE = (
    Configuration(
        "mlp-tau4", "MLP 64, tau 4", T600, Training(600, 0.02), temperature=4.0
    ),
    Configuration(
        "mlp-tau2", "MLP 64, tau 2", T600, Training(600, 0.03), temperature=2.0
    ),
    Configuration(
        "mlp-tau4-long",
        "MLP 64, tau 4, student twice as long",
        T600,
        Training(1200, 0.02),
        temperature=4.0,
    ),
    Configuration(
        "mlp-tau8",
        "MLP 64, tau 8, student twice as long",
        T600,
        Training(1200, 0.01),
        temperature=8.0,
    ),
    Configuration(
        "mlp256-tau4",
        "MLP 256, tau 4",
        Training(1500, 0.05),
        Training(1500, 0.02),
        hidden=256,
        temperature=4.0,
    ),
    Configuration(
        "mlp-tau1",
        "MLP 64, tau 1, student twice as long",
        T600,
        Training(1200, 0.05),
    ),
    Configuration("noise-tau1", "MLP 64, 30 % random labels", T600, T600, noise=0.3),
    Configuration(
        "noise-converged",
        "MLP 64, 30 % random labels, student ten times as long",
        T600,
        Training(6000, 0.05),
        noise=0.3,
    ),
    Configuration(
        "noise-memorised",
        "MLP 64, 30 % random labels that the teacher knows by heart",
        T3000,
        T3000,
        noise=0.3,
    ),
    Configuration(
        "linear",
        "linear softmax",
        Training(300, 0.1),
        Training(300, 0.1),
        hidden=0,
    ),
    Configuration(
        "linear-noise",
        "linear softmax, 30 % random labels",
        Training(300, 0.1),
        Training(300, 0.1),
        hidden=0,
        noise=0.3,
    ),
    Configuration(
        "linear-converged",
        "linear softmax, student ten times as long",
        Training(100, 0.1),
        Training(1000, 0.1),
        hidden=0,
    ),
    Configuration(
        NULL, "MLP 64, no distillation: labels again", T600, T600, mix=LABELS
    ),
)
TABLE = tuple(one.name for one in _TABLE)
"""Those that the empirical claims speak of."""


def _stopping() -> tuple[Configuration, ...]:
    return (
        Configuration(
            "stopped-tau4",
            "MLP 64, tau 4, teacher stopped after 100 of 600 steps",
            Training(600, 0.05, stop=100),
            Training(600, 0.02),
            temperature=4.0,
        ),
        Configuration(
            "noise-memorised-short",
            "MLP 64, 30 % random labels known by heart, student a fifth as long",
            T3000,
            T600,
            noise=0.3,
        ),
        Configuration(
            "noise-stopped",
            "MLP 64, 30 % random labels, teacher stopped after 600 of 3000 steps",
            STOPPED,
            T3000,
            noise=0.3,
        ),
        Configuration(
            "direct-short",
            "no distillation, 30 % random labels, 600 steps beside 3000",
            T3000,
            T600,
            noise=0.3,
            mix=LABELS,
        ),
        Configuration(
            "direct-stopped",
            "no distillation, 30 % random labels, stopped after 600 of 3000 steps",
            T3000,
            STOPPED,
            noise=0.3,
            mix=LABELS,
        ),
        Configuration(
            "direct-long",
            "no distillation, 30 % random labels, 3000 steps",
            T3000,
            T3000,
            noise=0.3,
            mix=LABELS,
        ),
    )


SWITCHES = {
    "to-teacher": Mix(0.0, 1.0, 1500, 1500),
    "to-teacher-ramp": Mix(0.0, 1.0, 1000, 2000),
    "to-labels": Mix(1.0, 0.0, 1500, 1500),
    "to-labels-ramp": Mix(1.0, 0.0, 1000, 2000),
}
"""Of 3000 steps; ramps last 1000."""


def _switching() -> tuple[Configuration, ...]:
    return tuple(
        Configuration(
            f"switch-{short}-{way}",
            f"30 % random labels, {words} teacher, loss {way.replace('-', ' ')}",
            teacher,
            T3000,
            noise=0.3,
            mix=mix,
        )
        for short, words, teacher in (
            ("memorised", "memorising", T3000),
            ("stopped", "early-stopped", STOPPED),
        )
        for way, mix in SWITCHES.items()
    )


CONFIGURATIONS = (*_TABLE, *_stopping(), *_switching())


def choose(patterns: str) -> tuple[Configuration, ...]:
    """Configurations whose name matches one of the patterns, in the table's order.

    Args:
        patterns: Names, or patterns such as `mlp*`, with commas.

    Raises:
        InputError: A pattern that matches none.

    """
    names = [one.name for one in CONFIGURATIONS]
    wanted = [part.strip() for part in patterns.split(",") if part.strip()]
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in names):
            close = difflib.get_close_matches(pattern, names, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(close)}?" if close else ""
            hint = hint or f"there are {', '.join(names)}."
            msg = f"no configuration {pattern!r}; {hint}"
            raise InputError(msg)
    if not wanted:
        msg = f"Need a configuration out of {', '.join(names)}."
        raise InputError(msg)
    return tuple(
        one
        for one in CONFIGURATIONS
        if any(fnmatchcase(one.name, pattern) for pattern in wanted)
    )
