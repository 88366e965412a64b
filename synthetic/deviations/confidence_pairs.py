"""Does one way to train a student give higher accuracy than another? Paired by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synthetic.deviations.confidence_configurations import SWITCHES
from synthetic.deviations.confidence_rule import FEWEST_SEEDS, Mean, mean_of
from synthetic.deviations.confidence_runs import Outcome

ASKED = (
    ("noise-memorised", "direct-long", "a teacher that memorised beside labels"),
    ("noise-memorised-short", "direct-short", "the same, 600 steps each"),
    ("noise-memorised-short", "direct-stopped", "beside early stopping"),
    ("noise-stopped", "direct-long", "an early-stopped teacher beside labels"),
    ("noise-stopped", "direct-stopped", "beside stopping likewise"),
    *(
        (f"switch-{kind}-{way}", f"switch-{kind}-{way.removesuffix('-ramp')}", words)
        for kind in ("memorised", "stopped")
        for way, words in (
            ("to-teacher-ramp", "a ramp beside a sudden switch"),
            ("to-labels-ramp", "a ramp beside a sudden switch"),
        )
    ),
    *(
        (f"switch-{kind}-{way}", f"noise-{kind}", "switching beside the teacher alone")
        for kind in ("memorised", "stopped")
        for way in SWITCHES
    ),
    *(
        (f"switch-{kind}-{way}", "direct-long", "switching beside labels alone")
        for kind in ("memorised", "stopped")
        for way in SWITCHES
    ),
)
"""First, second, and in words what is asked; fixed before any run."""


@dataclass(frozen=True)
class Comparison:
    """Held-out accuracy of `first` minus that of `second`.

    Attributes:
        first: A configuration.
        second: Another one.
        about: What is asked.
        difference: Over seeds, with one-sided 95 % bounds.
        word: "higher", "lower", or "cannot tell".

    """

    first: str
    second: str
    about: str
    difference: Mean
    word: str


def comparisons(outcomes: Mapping[str, Outcome]) -> tuple[Comparison, ...]:
    """All pairs of which both were run."""
    found = []
    for first, second, about in ASKED:
        if first not in outcomes or second not in outcomes:
            continue
        one, other = (outcomes[n].values["student.accuracy"] for n in (first, second))
        mean, word = mean_of(one - other), "cannot tell"
        if len(one) >= FEWEST_SEEDS and mean.lower > 0.0:
            word = "higher"
        elif len(one) >= FEWEST_SEEDS and mean.upper < 0.0:
            word = "lower"
        found.append(Comparison(first, second, about, mean, word))
    return tuple(found)
