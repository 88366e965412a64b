"""From command-line values to a session: validation, tasks, the JSON file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from synthetic.catalogue import catalogue
from synthetic.record import as_json, check_writable, write_json
from synthetic.session import Session, Task, run, tasks_for
from synthetic.userdata import Instance, Request, instance
from synthetic.verify import ENGINES, Options
from theory import claims as registry
from theory.errors import InputError
from theory.judge import Status

TIERS = {"quick": 4096, "full": 65_536}
"""Replicas that Monte Carlo may use in each tier."""

MOST_JOBS = 256


def needed_loss(loss: str | None) -> str:
    """The loss, which data cannot do without."""
    if loss is None:
        msg = "--data needs --loss: logistic for two classes, squared or l1 otherwise."
        raise InputError(msg)
    return loss


def refuse_without_data() -> NoReturn:
    """Options that would be ignored are refused."""
    msg = "--loss, --target and --engine describe a data set: give --data FILE too."
    raise InputError(msg)


@dataclass(frozen=True)
class Asked:
    """The options of `ratecheck verify` that do not describe data.

    Attributes:
        tier: A key of `TIERS`.
        seed: Root of every draw.
        alpha: Error probability of the whole run.
        jobs: Processes.
        engine: "auto" or an engine's name.
        json_file: Where to write, if anywhere.

    """

    tier: str = "quick"
    seed: int = 0
    alpha: float = 1e-6
    jobs: int = 1
    engine: str = "auto"
    json_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is."""
        if self.tier not in TIERS:
            msg = f"Need a tier out of {', '.join(TIERS)}, got {self.tier!r}."
            raise InputError(msg)
        if not (math.isfinite(self.alpha) and 0 < self.alpha < 1):
            msg = f"Need 0 < alpha < 1, the run's error probability, got {self.alpha}."
            raise InputError(msg)
        if not 1 <= self.jobs <= MOST_JOBS:
            msg = f"Need 1 to {MOST_JOBS} jobs, got {self.jobs}."
            raise InputError(msg)
        if not 0 <= self.seed < 2**32:
            msg = f"Need a seed from 0 to 2**32 - 1, got {self.seed}."
            raise InputError(msg)
        if self.engine not in ENGINES:
            msg = f"Need an engine out of {', '.join(ENGINES)}, got {self.engine!r}."
            raise InputError(msg)
        if self.json_file is not None:
            check_writable(self.json_file)


@dataclass(frozen=True, eq=False)
class Job:
    """A run that is ready to start."""

    tasks: list[Task]
    options: Options
    jobs: int
    json_file: Path | None
    instance: Instance | None

    def run(self, progress: Callable[[int, int], None]) -> Session:
        """Run, and write the JSON file even if interrupted."""
        session = run(self.tasks, self.options, jobs=self.jobs, progress=progress)
        if self.instance is not None:
            session.set_idle_aside()
        if self.json_file is not None:
            summary = self.instance.summary() if self.instance else None
            write_json(self.json_file, as_json(session, summary))
        return session


def prepare(patterns: list[str], request: Request | None, asked: Asked) -> Job:
    """Lay out the tasks; nothing has run or been written yet."""
    claims = registry.find(patterns)
    options = Options(asked.seed, asked.alpha, TIERS[asked.tier], asked.engine)
    if request is None:
        known = catalogue(asked.tier)
        tasks = tasks_for(claims, known.settings, known.controls)
        return Job(tasks, options, asked.jobs, asked.json_file, None)
    # A false statement may well hold on one data set: nothing is learnt from that.
    claims = [claim for claim in claims if claim.expected is Status.HOLDS]
    mine = instance(request)
    tasks = tasks_for(claims, mine.settings, mine.controls)
    return Job(tasks, options, asked.jobs, asked.json_file, mine)
