"""Every mutant in a process of its own, until something is red: the mutation score."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from synthetic.mutation import fresh
from synthetic.mutation.mutant import Mutant
from synthetic.mutation.trial import Red

LIMIT = 60.0
"""Seconds for one mutant; what is not red by then survives."""

HARMLESS = 10.0
"""Seconds for one that is harmless: so long it is tried all the same."""

GRACE = 60.0
"""Seconds more until its process is killed."""


@dataclass(frozen=True)
class Result:
    """What became of one mutant.

    Attributes:
        mutant: Which one.
        red: What killed it; `None` if nothing did.
        number: Its witness's value, with the edit.
        seconds: Wall-clock time of its process.
        broken: What its process said that ended without a result; "" if it did not.

    """

    mutant: Mutant
    red: Red | None
    number: str
    seconds: float
    broken: str = ""


@dataclass(eq=False)
class Score:
    """The results of a run.

    Attributes:
        results: In the order of the registry.
        clean: The witnesses' values without any edit, by label.
        void: Reds that the clean code has too: they kill nothing.

    """

    results: list[Result]
    clean: dict[str, str] = field(default_factory=dict)
    void: list[Red] = field(default_factory=list)

    def changes(self, result: Result) -> bool:
        """Does the edit change its number?"""
        return self.clean.get(result.mutant.label) != result.number

    def is_killed(self, result: Result) -> bool:
        """Is something red that is not red without the edit?"""
        return result.red is not None and result.red not in self.void

    @property
    def counted(self) -> list[Result]:
        """Those that a check has to see."""
        return [r for r in self.results if not r.mutant.harmless]

    @property
    def killed(self) -> list[Result]:
        """Those of them that one saw."""
        return [r for r in self.counted if self.is_killed(r)]

    @property
    def survivors(self) -> list[Result]:
        """Those of them that none saw."""
        return [r for r in self.counted if not self.is_killed(r)]

    @property
    def not_harmless(self) -> list[Result]:
        """Killed although a proof says that nothing can."""
        return [r for r in self.results if r.mutant.harmless and self.is_killed(r)]

    @property
    def idle(self) -> list[Result]:
        """Those that change nothing, not even their own number."""
        return [r for r in self.results if not r.broken and not self.changes(r)]

    def exit_code(self) -> int:
        """0 if each was killed, or is harmless and was not; else 1."""
        return int(bool(self.survivors or self.not_harmless or self.idle))


def trial(mutant: Mutant, limit: float = LIMIT) -> Result:
    """One mutant, until the first red."""
    start = time.monotonic()
    limit = min(limit, HARMLESS) if mutant.harmless else limit
    order = {"mode": "first", "mutant": mutant.as_dict(), "limit": limit}
    try:
        found = fresh.process(order, limit + GRACE)
    except fresh.Broken as error:
        return Result(mutant, None, "", time.monotonic() - start, str(error))
    red = None if found["red"] is None else Red(**found["red"])
    return Result(mutant, red, found["number"], time.monotonic() - start)


def run(
    mutants: Sequence[Mutant],
    *,
    jobs: int = 1,
    limit: float = LIMIT,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Score:
    """Try all mutants, then the same checks on the clean code.

    Args:
        mutants: Which ones.
        jobs: Processes at a time, each on one thread.
        limit: Seconds for each.
        progress: Called with (done, total) after each.

    """
    with ThreadPoolExecutor(jobs) as pool:
        numbers = pool.submit(clean_numbers, mutants)
        waiting = [pool.submit(trial, mutant, limit) for mutant in mutants]
        for done, _ in enumerate(as_completed(waiting), 1):
            progress(done, len(mutants))
        score = Score([future.result() for future in waiting], numbers.result())
        score.void = list(_void(pool, score, jobs))
    return score


def clean_numbers(mutants: Sequence[Mutant]) -> dict[str, str]:
    """The witnesses' values without any edit, by label."""
    order = {"mode": "numbers", "mutant": None}
    found = fresh.process({**order, "numbers": [m.as_dict() for m in mutants]})
    numbers: dict[str, str] = found["numbers"]
    return numbers


def _void(pool: ThreadPoolExecutor, score: Score, jobs: int) -> Iterator[Red]:
    """The reds that the same checks show without any edit."""
    reds = list(dict.fromkeys(r.red for r in score.results if r.red is not None))
    asked = list(dict.fromkeys((red.claim, red.where) for red in reds))
    parts = [part for k in range(jobs) if (part := asked[k::jobs])]
    waiting: list[Future[dict[str, list[dict[str, str]]]]] = [
        pool.submit(fresh.process, {"mode": "again", "mutant": None, "again": part})
        for part in parts
    ]
    seen = {
        (red["claim"], red["where"])
        for future in waiting
        for red in future.result()["reds"]
    }
    yield from (red for red in reds if (red.claim, red.where) in seen)
