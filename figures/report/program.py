"""From command-line values to a page on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from figures.report import build, collect, gallery, keep, session
from synthetic import program as verification
from synthetic.mutation import matrix
from theory.errors import InputError
from theory.files import writable, write

PAGE, RESULTS, MUTATIONS = "report.html", "results.json", "mutations.json"


@dataclass(frozen=True)
class Asked:
    """The options of `ratecheck report`.

    Attributes:
        folder: Where the page goes, and its figures may lie.
        results: A session's JSON; `None`: the one in the folder.
        verify: Run a session first?
        tier: Of that session.
        jobs: Its processes.
        mutations: A matrix of `ratecheck mutate`; `None`: the one in the folder, if
            there is one.

    """

    folder: Path
    results: Path | None = None
    verify: bool = False
    tier: str = "quick"
    jobs: int = 1
    mutations: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be written, before anything is run."""
        if self.verify and self.results is not None:
            msg = "--verify makes results, --results names them: give one of the two."
            raise InputError(msg)
        writable(self.folder)

    @property
    def source(self) -> Path:
        """Where the session's JSON is."""
        return self.results or self.folder / RESULTS

    @property
    def matrix(self) -> Path | None:
        """Where a matrix of mutants is, if anywhere."""
        beside = self.folder / MUTATIONS
        return self.mutations or (beside if beside.exists() else None)


@dataclass(frozen=True)
class Made:
    """The page that was written, and what to say of it."""

    path: Path
    told: str


def run(
    asked: Asked,
    progress: Callable[[str, int, int], None],
    warn: Callable[[str], None],
) -> Made:
    """Verify if asked to, run the tightest settings again, and write the page.

    Args:
        asked: The options.
        progress: Called with (what is done, steps done, steps in all).
        warn: Told what went wrong without stopping the work.

    """
    if asked.verify:
        _verify(asked, partial(progress, "claims"))
    record = session.load(asked.source)
    if asked.matrix is not None:
        record = {**record, "mutations": matrix.read(asked.matrix)}
    wanted = collect.wanted(record)
    curves = keep.curves(wanted, record, partial(progress, "curves"), warn)
    pictures = gallery.pictures(asked.folder, record["tier"], warn)
    text = build.page(record, curves, pictures)
    path = asked.folder / PAGE
    write(path, text.encode())
    size = len(text.encode()) / 1e6
    told = (
        f"{path}: {len(record['claims'])} claims, {len(curves)} curves, "
        f"{len(pictures)} figures, {size:.1f} MB."
    )
    return Made(path, told)


def _verify(asked: Asked, progress: Callable[[int, int], None]) -> None:
    options = verification.Asked(
        tier=asked.tier, jobs=asked.jobs, json_file=asked.source
    )
    job = verification.prepare([], None, options)
    found = job.run(progress)
    job.save(found)
    if found.interrupted:
        raise KeyboardInterrupt
