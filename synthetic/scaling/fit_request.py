"""What is to be fitted, checked at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthetic.scaling.fit_law import Form, row
from synthetic.scaling.fit_report import Known, Report, known_from, report
from synthetic.scaling.fit_table import read
from theory.errors import InputError
from theory.scaling_coefficients import PUBLISHED, SOURCE

MOST_RESAMPLES = 20_000
PUBLISHED_NAME = "published"


@dataclass(frozen=True)
class Options:
    """How to fit.

    Attributes:
        form: A value of `Form`.
        supervised: A file of supervised runs, or "published".
        bootstrap: Resamples.
        seed: Of them.
        holdout: A loss; what is lower is held out.

    """

    form: str = Form.SUPERVISED.value
    supervised: str = ""
    bootstrap: int = 1000
    seed: int = 0
    holdout: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no fit can be made for."""
        forms = [form.value for form in Form]
        if self.form not in forms:
            msg = f"Need a --form out of {', '.join(forms)}, got {self.form!r}."
            raise InputError(msg)
        if not 0 <= self.bootstrap <= MOST_RESAMPLES or 0 < self.bootstrap < 100:
            msg = (
                f"Need --bootstrap 0, or 100 to {MOST_RESAMPLES} resamples for the "
                f"ends of a 90 % interval, got {self.bootstrap}."
            )
            raise InputError(msg)
        if self.seed < 0:
            msg = f"Need a --seed >= 0, got {self.seed}."
            raise InputError(msg)
        if self.holdout is not None and not self.holdout > 0.0:
            msg = f"Need a --holdout > 0, a loss, got {self.holdout:g}."
            raise InputError(msg)
        if (self.form == Form.DISTILLATION) != bool(self.supervised):
            msg = (
                "Need --supervised FILE or --supervised published with --form "
                "distillation, and only there: the law of students is built on that "
                f"of supervised training. Got --form {self.form}, --supervised "
                f"{self.supervised or 'left out'}."
            )
            raise InputError(msg)


def fitted(path: Path, options: Options) -> Report:
    """The fit that was asked for."""
    form = Form(options.form)
    taken, known = read(path, form), None
    if options.supervised == PUBLISHED_NAME:
        theta = row(PUBLISHED.supervised)
        known = Known(f"as published ({SOURCE})", theta, np.empty((0, len(theta))))
    elif options.supervised:
        teachers = read(Path(options.supervised), Form.SUPERVISED)
        known = known_from(teachers, options.bootstrap, options.seed)
    return report(
        taken,
        form,
        known,
        num=options.bootstrap,
        seed=options.seed,
        threshold=options.holdout,
    )
