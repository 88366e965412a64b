"""The study as tables and plain sentences."""

from __future__ import annotations

import numpy as np
from rich.markup import escape
from rich.table import Table

from synthetic.deviations.confidence_claims import Judged, shown
from synthetic.deviations.confidence_rule import FEWEST_SEEDS, LEVEL, THRESHOLDS
from synthetic.deviations.confidence_study import Study
from synthetic.parity.hitting import Finding

WORDS = {
    Finding.REPRODUCED: "yes",
    Finding.NOT_REPRODUCED: "no",
    Finding.UNDECIDED: "undecided",
}
"""Is it an exaggeration?"""


def data_lines(study: Study) -> list[str]:
    """What it was run on."""
    data, seeds = study.data, len(study.request.seeds)
    rows = len(data.labels)
    lines = [
        f"{data.name}: {rows} rows, {data.features.shape[1]} columns, "
        f"{len(data.classes)} classes; {data.num_trained} rows to train on, "
        f"{rows - data.num_trained} held out, drawn afresh for each of {seeds} seeds.",
        *(f"Note: {note}." for note in data.notes),
    ]
    if seeds < FEWEST_SEEDS:
        lines.append(
            f"The rule needs {FEWEST_SEEDS} seeds, here are {seeds}: all is undecided."
        )
    return lines


def table(study: Study) -> Table:
    """A row for each configuration: means over seeds, train and held-out."""
    found = Table(title="means over seeds; tr: training rows, te: held-out rows")
    for name in (
        *("configuration", "slope tr", "slope te", "rma te"),
        *("under tr", "under te", "over te"),
        *("accuracy T/S", "fit T/S", "exag. tr", "exag. te"),
    ):
        is_word = name == "configuration" or name.startswith("exag")
        found.add_column(
            name,
            justify="left" if is_word else "right",
            no_wrap=True,
        )
    for one in study.configurations:
        found.add_row(*_row(one.name, study.judged[one.name]))
    found.caption = escape(
        "[lower, upper]: one-sided 95 % t bounds of the mean, 90 % together; under: "
        "low_under; over: hi_over; fit: accuracy on the training rows with the labels "
        "that were told; exag.: the rule's answer"
    )
    return found


def _row(name: str, one: Judged) -> list[str]:
    values = {key: float(np.mean(v)) for key, v in one.outcome.values.items()}
    train, held = one.parts["train"], one.parts["held"]
    return [
        name,
        shown(train.means["slope"]),
        shown(held.means["slope"]),
        f"{values['held.rma']:.3f}",
        f"{values['train.low_under']:.2f}",
        shown(held.means["low_under"], 2),
        shown(held.means["hi_over"], 2),
        f"{values['teacher.accuracy']:.3f}/{values['student.accuracy']:.3f}",
        f"{values['teacher.fit']:.3f}/{values['student.fit']:.3f}",
        WORDS[train.finding],
        WORDS[held.finding],
    ]


def sentences(study: Study) -> list[str]:
    """One for each configuration, on held-out rows."""
    return [
        f"{one.name} ({one.about}): {_sentence(study.judged[one.name])}"
        for one in study.configurations
    ]


def _sentence(one: Judged) -> str:
    held = one.parts["held"]
    if held.num_diverged:
        return f"{held.num_diverged} of {held.num_seeds} runs diverged: undecided."
    if held.num_seeds < FEWEST_SEEDS:
        return f"{held.num_seeds} seeds are too few: undecided."
    above = [f"{n} above {THRESHOLDS[n]:g}" for n in THRESHOLDS]
    if held.finding is Finding.REPRODUCED:
        how = f"all three lower bounds pass ({', '.join(above)})"
    else:
        wanted = (
            "upper" if held.finding is Finding.NOT_REPRODUCED else "lower"
        )  # the bound that decides
        fails = [
            f"{name} is {shown(mean)}, {_against(wanted)} {THRESHOLDS[name]:g}"
            for name, mean in held.means.items()
            if getattr(mean, wanted) <= THRESHOLDS[name]
        ]
        how = "; ".join(fails)
    gain = one.gain
    change = "no measurable change of accuracy"
    if gain.lower > 0.0:
        change = f"the student is more accurate by {100 * gain.value:.1f} points"
    if gain.upper < 0.0:
        change = f"the student is less accurate by {-100 * gain.value:.1f} points"
    return f"{held.finding.value.upper()}: {how}; {change}."


def _against(wanted: str) -> str:
    return "not above" if wanted == "upper" else "not surely above"


def pairs_table(study: Study) -> Table | None:
    """Paired differences of accuracies, if there are any."""
    if not study.comparisons:
        return None
    found = Table(title="held-out accuracy of the student, points, paired by seed")
    for name in ("first", "minus second", "difference [lower, upper]", "", "asked"):
        found.add_column(name, justify="right" if "difference" in name else "left")
    for one in study.comparisons:
        d = one.difference
        found.add_row(
            one.first,
            one.second,
            f"{100 * d.value:+.2f} [{100 * d.lower:+.2f}, {100 * d.upper:+.2f}]",
            one.word,
            one.about,
        )
    return found


def control_lines(study: Study) -> list[str]:
    """What the rule says of students that exaggerate nothing, and how often it errs."""
    num = len(study.judged)
    noise, mixed = study.fired("noise"), study.fired("permuted")
    reproduced = len(study.fired("held"))
    lines = [
        f"Controls: the rule fires on {len(noise)} of {num} students Y = X + noise (at "
        f"most {LEVEL:.0%} of them expected) and {len(mixed)} of {num} with other "
        "points' confidences (none expected).",
        f"Many configurations: each is called exaggeration by error with probability "
        f"{LEVEL:g} or less, so {LEVEL * num:.1f} of {num} at most are expected if all "
        f"were at the edge; {len(study.surviving)} of the {reproduced} reproduced stay "
        f"at an error of {LEVEL:g} for all together (Holm): "
        f"{', '.join(study.surviving) or 'none'}. They share splits and some teachers: "
        "their answers are not independent.",
    ]
    return [*lines, *(f"CONTROL FAILED: {fault}." for fault in study.faults)]
