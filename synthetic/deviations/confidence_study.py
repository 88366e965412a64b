"""All configurations that are asked for: run what is missing, judge, keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from synthetic.deviations import confidence_runs as runs
from synthetic.deviations.confidence_claims import Judged, judged, verdicts
from synthetic.deviations.confidence_configurations import (
    CONFIGURATIONS,
    Configuration,
)
from synthetic.deviations.confidence_data import Data
from synthetic.deviations.confidence_pairs import Comparison, comparisons
from synthetic.deviations.confidence_rule import holm, judge, too_often
from synthetic.deviations.confidence_runs import PARTS, Outcome, Request
from synthetic.parity import records
from synthetic.parity.hitting import Finding
from synthetic.parity.verdicts import Verdict
from synthetic.pool import Deadline, completed
from theory import files
from theory.errors import InputError

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Study:
    """What was run and what it says.

    Attributes:
        request: What was asked.
        data: What it was asked of.
        configurations: In the table's order.
        judged: By name.
        comparisons: Of accuracies.
        verdicts: On the three claims.
        surviving: Reproduced with the number of configurations corrected for.

    """

    request: Request
    data: Data
    configurations: tuple[Configuration, ...]
    judged: Mapping[str, Judged]
    comparisons: tuple[Comparison, ...]
    verdicts: tuple[Verdict, ...]
    surviving: tuple[str, ...]

    def fired(self, part: str) -> list[str]:
        """Configurations on which the rule fires in a part."""
        return [
            name
            for name, one in self.judged.items()
            if one.parts[part].finding is Finding.REPRODUCED
        ]

    @property
    def faults(self) -> tuple[str, ...]:
        """Controls that the rule should have refused; in words."""
        found = []
        nulls = {one.name for one in self.configurations if one.is_null}
        if fired := sorted(nulls & {*self.fired("held")}):
            found.append(f"the rule fires without distillation: {', '.join(fired)}")
        if mixed := self.fired("permuted"):
            found.append(f"it fires on students of other points: {', '.join(mixed)}")
        noisy = set(self.fired("noise"))
        if too_often([name in noisy for name in self.judged]):
            found.append(f"it fires on Y = X + noise too often: {', '.join(noisy)}")
        return tuple(found)


def checked(request: Request) -> Request:
    """The request, if it can be run.

    Raises:
        InputError: No seed, or the same one twice.

    """
    if not request.seeds or len(set(request.seeds)) != len(request.seeds):
        msg = f"Need different seeds, one at least, got {len(request.seeds)}."
        raise InputError(msg)
    return request


def run_study(
    request: Request,
    configurations: Sequence[Configuration] = CONFIGURATIONS,
    *,
    folder: Path | None = None,
    jobs: int = 1,
    progress: Progress = lambda _done, _total: None,
) -> Study:
    """Run, or read from `folder` what an earlier run has finished.

    Args:
        request: Data and seeds.
        configurations: Which.
        folder: Of this data and these seeds alone; each configuration is kept there as
            it finishes. `None` to keep nothing.
        jobs: Processes of one thread.
        progress: Called with (done, total) configurations.

    Raises:
        InputError: Data that cannot be used, or a folder of another request.

    """
    if jobs < 1:
        msg = f"Need at least one job, got {jobs}."
        raise InputError(msg)
    data = runs.data_of(*_source(checked(request)))
    if folder is not None:
        about = {"kind": "confidence", "data": data.digest}
        records.claim_folder(
            folder, about | {"root": request.root, "seeds": request.seeds}
        )
        files.sweep(folder)
    # those with one teacher go together, so that a process trains it once
    ordered = sorted(configurations, key=lambda one: repr(one.taught_by))
    found: dict[str, Outcome] = {}
    call = partial(_work, request=request, folder=folder)
    progress(0, len(ordered))
    for one, outcome in completed(ordered, call, jobs, Deadline()):
        found[one.name] = outcome
        progress(len(found), len(ordered))
    return _study(request, data, configurations, found)


def _source(request: Request) -> tuple[str, str | None, int | None]:
    return request.source, request.target, request.rows


def _work(one: Configuration, *, request: Request, folder: Path | None) -> Outcome:
    path = None if folder is None else folder / f"{one.name}.npz"
    if path is not None and path.exists():
        return runs.read(path, one, len(request.seeds))
    outcome = runs.run(one, request)
    if path is not None:
        runs.save(path, outcome, one)
    return outcome


def _study(
    request: Request,
    data: Data,
    configurations: Sequence[Configuration],
    found: Mapping[str, Outcome],
) -> Study:
    judged_ones = {
        one.name: judged(
            found[one.name],
            {part: judge(found[one.name].of(part)) for part in PARTS},
        )
        for one in configurations
    }
    held = {name: one.parts["held"] for name, one in judged_ones.items()}
    return Study(
        request,
        data,
        tuple(configurations),
        judged_ones,
        comparisons({one.name: found[one.name] for one in configurations}),
        verdicts(judged_ones),
        holm(held),
    )
