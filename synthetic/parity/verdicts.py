"""Empirical claims on distilled parities, answered from runs by rules fixed in advance.

They are observations of a configuration, no theorems: each says what it does not show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.parity.curriculum import Mode
from synthetic.parity.hitting import (
    Comparison,
    Finding,
    compare,
    finding,
    signed_rank_p,
)
from synthetic.parity.study import Runs
from synthetic.parity.teacher import Teacher
from theory.errors import InputError

FEWEST_TEACHERS = 12


@dataclass(frozen=True)
class Verdict:
    """The answer to one empirical claim.

    Args:
        claim: Its id.
        statement: What was asked.
        finding: The answer.
        evidence: The numbers behind it, a sentence each.
        limits: What it does not show.

    """

    claim: str
    statement: str
    finding: Finding
    evidence: tuple[str, ...]
    limits: str


def compared(runs: Runs, faster: Mode, slower: Mode) -> Comparison:
    """Two modes on the seeds that both have."""
    a, b = runs.of(faster), runs.of(slower)
    seeds = tuple(s.seed for s in a if s.seed in {t.seed for t in b})
    samples = tuple(
        np.array([float(s.samples) for s in students if s.seed in seeds])
        for students in (a, b)
    )
    return compare(
        (faster.name, slower.name),
        runs.times(faster).of(seeds),
        runs.times(slower).of(seeds),
        (samples[0], samples[1]),
    )


def mid_suffices(runs: Runs, temperature: float) -> Verdict:
    """One checkpoint from the phase transition, then the final one: is it faster?"""
    rivals = ("one-shot", "ce", "early")
    return _faster(
        "parity.student.mid_suffices",
        "a student that first learns from the checkpoint nearest 75 % accuracy, then "
        "from the final one, gets above 95 % in fewer of its own steps than one-shot, "
        "cross-entropy, and the same with a checkpoint from before the transition",
        _all(runs, "mid", rivals, temperature),
        "fewer samples once the teacher's are counted, other tasks than this one, "
        "other optimisers, other rates (one rate for all, tuned for none), or why",
    )


def progressive(runs: Runs, temperature: float) -> Verdict:
    """The student on the teacher's clock: is it faster?"""
    return _faster(
        "parity.student.progressive",
        "a student that follows the teacher's checkpoints step by step gets above 95 % "
        "in fewer of its own steps than one-shot and than cross-entropy",
        _all(runs, "progressive", ("one-shot", "ce"), temperature),
        "a gain where the teacher learns later than a student would: on the teacher's "
        "clock no student is earlier; nor fewer samples in all",
    )


def degree1_spike(teachers: list[Teacher]) -> Verdict:
    r"""Is $|E x_i p|$ larger on S than off it, during the phase transition?

    For each teacher the mean of log(in / off) over the checkpoints of the transition,
    against the same statistic of a random subset of S's size outside S.
    """
    pairs = [pair for teacher in teachers if (pair := spike_pair(teacher)) is not None]
    on, control = (np.array([pair[i] for pair in pairs]) for i in (0, 1))
    wins = int(np.sum(on > control))
    enough = len(pairs) >= FEWEST_TEACHERS
    p = signed_rank_p(on - control, "greater") if pairs else 1.0
    found = Finding.UNDECIDED
    if enough and p <= 0.05:
        found = Finding.REPRODUCED
    elif enough and finding(wins, len(pairs)) is Finding.NOT_REPRODUCED:
        found = Finding.NOT_REPRODUCED
    return Verdict(
        "parity.teacher.degree1_spike",
        "during the teacher's transition its correlations with single inputs are "
        "larger on the support than off it, more so than for a random subset off it",
        found,
        (
            f"{len(pairs)} teachers with a transition ({FEWEST_TEACHERS} needed); "
            f"in/off {_factor(on)} on S, {_factor(control)} for the random subset "
            "(geometric means)",
            f"larger on S for {wins}; Wilcoxon's one-sided p = {p:.2g}",
        ),
        "that the spike is what helps students: it is an O(width^-1/2) effect of the "
        "initialisation, whose sign and size no formula here predicts",
    )


def spike_pair(teacher: Teacher) -> tuple[float, float] | None:
    """The mean log ratio on S, and that of the random subset; `None` without either."""
    held = np.array([teacher.transition.holds(int(step)) for step in teacher.stored])
    held[0] = False
    if not teacher.has_learnt or not np.any(held):
        return None
    columns = {
        name: teacher.spike_of(name)[held]
        for name in ("inside", "outside", "control", "control_outside")
    }
    on = np.mean(np.log(columns["inside"] / columns["outside"]))
    control = np.mean(np.log(columns["control"] / columns["control_outside"]))
    if not np.isfinite(on + control):
        return None
    return float(on), float(control)


def _all(
    runs: Runs, faster: str, rivals: tuple[str, ...], temperature: float
) -> list[Comparison]:
    modes = {m.name: m for m in runs.modes if m.temperature == temperature}
    missing = [name for name in (faster, *rivals) if name not in modes]
    if missing:
        msg = f"Need runs of {', '.join(missing)} at tau={temperature:g}."
        raise InputError(msg)
    return [compared(runs, modes[faster], modes[rival]) for rival in rivals]


def _faster(
    claim: str, statement: str, found: list[Comparison], limits: str
) -> Verdict:
    """Reproduced if each comparison is, not reproduced if one is not."""
    kinds = {one.finding for one in found}
    answer = Finding.UNDECIDED
    if kinds == {Finding.REPRODUCED}:
        answer = Finding.REPRODUCED
    elif Finding.NOT_REPRODUCED in kinds:
        answer = Finding.NOT_REPRODUCED
    evidence = tuple(
        f"{c.faster} before {c.slower}: {c.wins} of {c.num} seeds ({c.needed} needed), "
        f"sign p = {c.sign_p:.2g}, Wilcoxon p = {c.wilcoxon_p:.2g}; ratio of medians "
        f"{c.of_medians.value:.3f} [{c.of_medians.low:.3f}, {c.of_medians.high:.3f}], "
        f"median of ratios {c.of_pairs.value:.3f} [{c.of_pairs.low:.3f}, "
        f"{c.of_pairs.high:.3f}]; fewer samples in all, teacher's included: "
        f"{c.samples_first} of {c.num}"
        for c in found
    )
    return Verdict(claim, statement, answer, evidence, limits)


def _factor(logs: NDArray[np.float64]) -> str:
    return f"{np.exp(np.mean(logs)):.2f}" if logs.size else "-"
