"""Which runs a comparison has: what is known beforehand, and what tuning decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gpt2_demo.arms import Arm
from gpt2_demo.compare.presets import Preset

UNTUNED: Mapping[str, Arm] = {
    "IAM": Arm("iam", lam=9.0),
    "IAM, cap 1": Arm("iam", lam=9.0, cap=1.0),
    "IAM, lambda = t": Arm("iam", lam="t"),
    "IAM-Adam": Arm("iam-adam", lam=9.0, beta2=0.9),
    "SPS*": Arm("sps"),
}
"""Nothing in them was chosen on this task: lambda = 9 with the cap 1 is the default of
the public code, the other defaults are the optimisers' own."""

CONTROLLED = "IAM, cap 1"
"""Whose controls are run."""

UNCAPPED = "brief teacher, no cap"
"""The control that is beside plain IAM."""

METHODS: Mapping[str, str] = {"SGD": "sgd", "AdamW": "adamw"}
TARGETS = ("constant", "moving-average", "shuffled", "zero")
TEACHER, RANDOM, BRIEF = "teacher", "random", "brief"
"""Names of teachers; further ones come from the user's files."""


@dataclass(frozen=True)
class Run:
    """One student.

    Attributes:
        arm: How it is trained.
        seed: Of its initialisation and of the order of batches: runs of one seed are
            paired.
        student: "student" or "small", a shape of the preset.
        teacher: Whose losses it is told.

    """

    arm: Arm
    seed: int
    student: str = "student"
    teacher: str = TEACHER

    @property
    def id(self) -> str:
        """A short hash of all of it: the name of the file of its result."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Entry:
    """A run in a role; one run may have several.

    Attributes:
        group: "untuned", "tuning", "beside tuning" (untuned, on the tuning's seed),
            "tuned", "tuned constant", "control", "small", "lambda", "beta2", "cap of
            IAM" or "cap of IAM-Adam".
        series: The row of a table or the curve of a figure.
        at: Place on a curve: a rate, lambda, beta2 or a cap; "" where there is none.
        run: What is trained.

    """

    group: str
    series: str
    at: float | str
    run: Run


def first(preset: Preset, extra: Iterable[str] = ()) -> list[Entry]:
    """All that can be run before anything is chosen; `extra` teachers are controls."""
    return [
        *_untuned(preset),
        *_tuning(preset),
        *_controls(preset, [RANDOM, *extra]),
        *_curves(preset),
    ]


def second(preset: Preset, chosen: Mapping[str, Arm]) -> list[Entry]:
    """What waits for the tuning.

    Args:
        preset: The sizes.
        chosen: From "SGD" and "SGD constant", "AdamW" and "AdamW constant" to the best
            arm of all schedules, and of the constant one.

    """
    found = [
        Entry(group, method, arm.rate, Run(arm, seed))
        for method in METHODS
        for group, arm in (
            ("tuned", chosen[method]),
            ("tuned constant", chosen[f"{method} constant"]),
        )
        for seed in preset.seeds
    ]
    for seed in preset.seeds[: preset.control_seeds]:
        for series, arm in ((f"{BRIEF} teacher", CONTROLLED), (UNCAPPED, "IAM")):
            brief = Run(UNTUNED[arm], seed, teacher=BRIEF)
            found.append(Entry("control", series, "", brief))
        small = Run(chosen["SGD"], seed, "small")
        found.append(Entry("small", "SGD, rate of the student", "", small))
    return found


def unique(entries: Iterable[Entry]) -> list[Run]:
    """Each run once, in order."""
    return list({entry.run.id: entry.run for entry in entries}.values())


def choose(entries: Iterable[Entry], losses: Mapping[str, float]) -> dict[str, Arm]:
    """The best tuning runs by their final validation loss; ties go to the first.

    Args:
        entries: Those of the tuning among them count.
        losses: By id of the run.

    """
    found = {}
    tuning = [entry for entry in entries if entry.group == "tuning"]
    for name, method in METHODS.items():
        arms = [e for e in tuning if e.run.arm.method == method]
        constant = [e for e in arms if e.run.arm.schedule == "constant"]
        for key, some in ((name, arms), (f"{name} constant", constant or arms)):
            found[key] = min(some, key=lambda e: losses[e.run.id]).run.arm
    return found


def at_edge(arm: Arm, preset: Preset) -> bool:
    """Is the chosen rate the first or the last of its grid?"""
    grid = rates_of(arm.method, preset)
    return arm.rate in {min(grid), max(grid)}


def rates_of(method: str, preset: Preset) -> tuple[float, ...]:
    """The grid of a tuned method."""
    return preset.sgd_rates if method == "sgd" else preset.adamw_rates


def _untuned(preset: Preset) -> Iterator[Entry]:
    for seed in preset.seeds:
        for series, arm in UNTUNED.items():
            yield Entry("untuned", series, "", Run(arm, seed))
    for series, arm in UNTUNED.items():
        yield Entry("beside tuning", series, "", Run(arm, preset.tuning_seed))


def _tuning(preset: Preset) -> Iterator[Entry]:
    for name, method in METHODS.items():
        for schedule in preset.schedules:
            for rate in rates_of(method, preset):
                arm = Arm(method, rate=rate, schedule=schedule)
                run = Run(arm, preset.tuning_seed)
                yield Entry("tuning", f"{name}, {schedule}", rate, run)


def _controls(preset: Preset, teachers: list[str]) -> Iterator[Entry]:
    iam = UNTUNED[CONTROLLED]
    for seed in preset.seeds[: preset.control_seeds]:
        for target in TARGETS:
            run = Run(_with(iam, target=target), seed)
            yield Entry("control", f"{target} target", "", run)
        for teacher in teachers:
            run = Run(iam, seed, teacher=teacher)
            yield Entry("control", f"{teacher} teacher", "", run)
        yield Entry("small", CONTROLLED, "", Run(iam, seed, "small"))


def _curves(preset: Preset) -> Iterator[Entry]:
    iam, adam = UNTUNED["IAM"], UNTUNED["IAM-Adam"]
    for seed in preset.seeds[: preset.curve_seeds]:
        for lam in preset.lams:
            yield Entry("lambda", "IAM", lam, Run(_with(iam, lam=lam), seed))
        for beta2 in preset.beta2s:
            run = Run(_with(adam, beta2=beta2), seed)
            yield Entry("beta2", "IAM-Adam", beta2, run)
        for name, arm, caps in (
            ("IAM", iam, preset.iam_caps),
            ("IAM-Adam", adam, preset.adam_caps),
        ):
            for cap in caps:
                run = Run(_with(arm, cap=cap), seed)
                yield Entry(f"cap of {name}", name, cap, run)
            yield Entry(f"cap of {name}", name, "none", Run(arm, seed))


def _with(arm: Arm, **changes: Any) -> Arm:
    return Arm(**{**asdict(arm), **changes})
