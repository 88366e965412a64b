"""From measured runs to rows: the step size chosen, the differences, the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synthetic.distillation.students import FloatArray
from synthetic.distillation.study_arms import PLAIN, Arm
from synthetic.distillation.study_bench import Bench
from synthetic.distillation.study_intervals import (
    Interval,
    Word,
    median_interval,
    range_interval,
    student_interval,
)
from synthetic.distillation.study_runs import GRADIENTS_PER_ROW, Kind, Lane
from synthetic.distillation.study_units import Measured

SECOND = "test error"
"""The other measure that every row is judged by."""


def first_measure(bench: Bench) -> str:
    """What decides: the gap where the minimiser is known, else the test loss."""
    return "test loss" if bench.best is None else "gap"


def choosing_measure(bench: Bench) -> str:
    """What chooses step sizes: never the test rows."""
    return "valid loss" if bench.best is None else "gap"


@dataclass(frozen=True)
class Difference:
    """A measure of a method less that of plain SGD, seed by seed.

    Attributes:
        median: Exact, for any distribution: it gives the word.
        student: Approximate, for the mean; `None` where it does not apply.
        betting: Exact, for the mean, of a measure that lies in [0, 1].

    """

    median: Interval
    student: Interval | None
    betting: Interval | None

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "median_exact": asdict(self.median),
            "mean_student_approximate": asdict(self.student) if self.student else None,
            "mean_betting_exact": asdict(self.betting) if self.betting else None,
            "word": self.median.word.value,
        }


@dataclass(frozen=True)
class Row:
    r"""One method with the step size that it chose.

    Attributes:
        arm: The method.
        teacher: The teacher's name, if there is one.
        gamma: $\gamma$, chosen on the tuning seeds.
        at_edge: Is that an end of the grid? A wider one might do better.
        lam: $\lambda$ there.
        bound_ratio: $N(\lambda)/N(0)$ of the theorem, where there are constants.
        is_covered: Is $\gamma \le 1/(8 \mathcal L)$, where the bound is proved?
        medians: By measure, over the reporting seeds.
        first: The difference in the measure that decides.
        second: The difference in the test error.

    """

    arm: Arm
    teacher: str | None
    gamma: float
    at_edge: bool
    lam: float
    bound_ratio: float | None
    is_covered: bool | None
    medians: dict[str, float]
    first: Difference | None = None
    second: Difference | None = None

    @property
    def word(self) -> Word | None:
        """The row's verdict; plain SGD has none."""
        return None if self.first is None else self.first.median.word

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "method": self.arm.kind.value,
            "weight": self.arm.weight,
            "teacher": self.teacher,
            "gamma": self.gamma,
            "gamma_at_edge": self.at_edge,
            "lambda": self.lam,
            "gradients_per_row": GRADIENTS_PER_ROW[self.arm.kind],
            "bound_ratio": self.bound_ratio,
            "bound_is_proved_here": self.is_covered,
            "medians": self.medians,
            "first": None if self.first is None else self.first.as_json(),
            "second": None if self.second is None else self.second.as_json(),
            "verdict": None if self.word is None else self.word.value,
        }


def tuning_lanes(bench: Bench, arms: Sequence[Arm]) -> list[Lane]:
    """Every method with every step size of the grid, method by method."""
    return [
        arm.lane(float(gamma), arm.lam(float(gamma), bench.smooth, bench.constants))
        for arm in arms
        for gamma in bench.grid
    ]


def joined(parts: Sequence[Measured]) -> dict[str, FloatArray]:
    """The units' seeds one below the other, (S, M)."""
    return {
        name: np.concatenate([np.array(part[name], dtype=float) for part in parts])
        for name in parts[0]
    }


def chosen(bench: Bench, tuned: dict[str, FloatArray], num_arms: int) -> list[int]:
    """For each method the place in the grid of its lowest mean; the smaller of ties."""
    means = tuned[choosing_measure(bench)].mean(axis=0).reshape(num_arms, -1)
    return [int(k) for k in means.argmin(axis=1)]


def reporting_lanes(bench: Bench, arms: Sequence[Arm], at: Sequence[int]) -> list[Lane]:
    """Every method with the step size that it chose."""
    lanes, width = tuning_lanes(bench, arms), len(bench.grid)
    return [lanes[k * width + place] for k, place in enumerate(at)]


def rows(
    bench: Bench,
    arms: Sequence[Arm],
    at: Sequence[int],
    found: dict[str, FloatArray],
    alpha_each: float,
) -> list[Row]:
    """One row a method.

    Args:
        bench: The student.
        arms: The methods; plain SGD is first.
        at: The places of their step sizes in the grid.
        found: By measure, one row a seed, one column a method.
        alpha_each: The error probability of each interval that gives a word.

    """
    assert arms[0] == PLAIN
    lanes = reporting_lanes(bench, arms, at)
    made = []
    for k, (arm, lane, place) in enumerate(zip(arms, lanes, at, strict=True)):
        differences = {}
        if k > 0:
            for name in (first_measure(bench), SECOND):
                values = found[name]
                differences[name] = difference(
                    values[:, k], values[:, 0], alpha_each, name == SECOND
                )
        made.append(
            Row(
                arm,
                None if arm.teacher is None else bench.teachers[arm.teacher],
                lane.gamma,
                len(bench.grid) > 1
                and bench.grid[place] in {bench.grid.min(), bench.grid.max()},
                1.0 if arm.kind is Kind.SVRG else lane.lam,
                _bound_ratio(bench, arm, lane),
                None
                if bench.smooth is None
                else lane.gamma * 8 * bench.smooth.cL <= 1.0,
                {name: float(np.median(v[:, k])) for name, v in found.items()},
                differences.get(first_measure(bench)),
                differences.get(SECOND),
            )
        )
    return made


def difference(
    ours: FloatArray, plain: FloatArray, alpha: float, is_share: bool
) -> Difference:
    """Intervals for `ours - plain`, seed by seed on the same samples."""
    with np.errstate(invalid="ignore"):  # where both diverged there is no difference
        d = np.asarray(ours - plain)
    return Difference(
        median_interval(d, alpha),
        student_interval(d, alpha),
        range_interval(d, alpha) if is_share else None,
    )


def _bound_ratio(bench: Bench, arm: Arm, lane: Lane) -> float | None:
    """What the theorem says of KD; the unbiased method has another bound."""
    if bench.smooth is None or arm.kind is not Kind.KD or arm.teacher is None:
        return None
    known = bench.constants[arm.teacher]
    return known.bound_ratio(lane.lam, lane.gamma, bench.smooth.mu)
