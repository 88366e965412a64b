"""What the command line asked for: a spectrum in numbers, or a table."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic.deviations.risk import Problem, check
from synthetic.deviations.risk_data import Estimated, estimate
from theory.errors import InputError


@dataclass(frozen=True)
class Request:
    """The options of `ratecheck deviations risk`, as they were given."""

    spectrum: str | None
    signal: str | None
    noise: float | None
    data: str | None
    target: str | None = None
    corrected: bool = False
    standardize: bool = True
    teacher_time: float | None = None
    student_time: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if (self.data is None) == (self.spectrum is None):
            msg = "Need either --spectrum with --signal and --noise, or --data."
            raise InputError(msg)
        if self.data is None and (self.signal is None or self.noise is None):
            msg = "Need --signal and --noise (sigma^2/n) beside --spectrum."
            raise InputError(msg)
        if self.data is not None and self.signal is not None:
            msg = "Need no --signal beside --data: it is estimated from the table."
            raise InputError(msg)
        if self.data is None and (self.target is not None or self.corrected):
            msg = "Need --data for --target and --corrected."
            raise InputError(msg)
        if self.noise is not None and not (0 <= self.noise < math.inf):
            msg = f"Need --noise (sigma^2/n) >= 0, and finite, got {self.noise}."
            raise InputError(msg)
        for name, time in (
            ("--teacher-time", self.teacher_time),
            ("--student-time", self.student_time),
        ):
            if time is not None and not 0 < time < math.inf:
                msg = f"Need {name} > 0, and finite, got {time}."
                raise InputError(msg)
        if self.student_time is not None and self.teacher_time is None:
            msg = "Need --teacher-time beside --student-time."
            raise InputError(msg)

    def problem(self) -> tuple[Problem, Estimated | None]:
        """The spectrum, and the table that it comes from."""
        if self.data is not None:
            source = estimate(
                self.data,
                self.target,
                noise=self.noise,
                corrected=self.corrected,
                standardize=self.standardize,
            )
            return source.problem, source
        lams = _numbers(self.spectrum or "", "--spectrum")
        theta = _numbers(self.signal or "", "--signal")
        assert self.noise is not None
        return check(lams, theta, self.noise), None


def _numbers(text: str, option: str) -> NDArray[np.float64]:
    try:
        return np.array([float(part) for part in text.split(",")])
    except ValueError:
        msg = f"Need numbers with commas for {option}, got {text!r}."
        raise InputError(msg) from None
