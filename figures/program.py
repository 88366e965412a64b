"""From names to files: what is cached is copied, the rest is made by processes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from figures import overlay, registry
from figures.cache import ROOT, Store, picture_key, table_key
from figures.spec import TIERS, Figure
from figures.table import Table
from synthetic.pool import Deadline, completed
from synthetic.versions import version_of, versions
from theory.errors import InputError
from theory.files import writable, write

FORMATS = ("pdf", "png", "svg")
MOST_JOBS = 256


@dataclass(frozen=True)
class Asked:
    """The options of `ratecheck figures`.

    Attributes:
        names: Which figures; none means all.
        tier: One of `TIERS`.
        out: The folder for the files.
        jobs: Processes.
        overlay: A user's run, if there is one.

    """

    names: tuple[str, ...] = ()
    tier: str = "quick"
    out: Path = Path("figures-out")
    jobs: int = 1
    overlay: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be run, before anything is."""
        if self.tier not in TIERS:
            msg = f"Need a tier out of {', '.join(TIERS[1:])}, got {self.tier!r}."
            raise InputError(msg)
        if not 1 <= self.jobs <= MOST_JOBS:
            msg = f"Need 1 to {MOST_JOBS} jobs, got {self.jobs}."
            raise InputError(msg)

    def command(self, name: str) -> str:
        """The command that makes one figure again."""
        more = f" --overlay {self.overlay}" if self.overlay is not None else ""
        return f"ratecheck figures {name} --tier {self.tier}{more}"


@dataclass(eq=False)
class Made:
    """One figure, made or found.

    Attributes:
        name: Its name.
        table: Its numbers.
        pictures: Its drawing in each of `FORMATS`.
        cached: Was all of it found?
        warnings: What was wrong with the cache.

    """

    name: str
    table: Table
    pictures: dict[str, bytes]
    cached: bool
    warnings: list[str] = field(default_factory=list)


def found(name: str, tier: str, folder: Path | None = None) -> Made | None:
    """The figure, if the cache holds its table and all of its pictures."""
    store = Store(folder) if folder else Store()
    figure = registry.get(name)
    table = store.get_table(name, table_key(figure, tier))
    if table is None:
        return None
    pictures = _kept_pictures(store, figure, table)
    return Made(name, table, pictures, True) if len(pictures) == len(FORMATS) else None


def make(name: str, tier: str, folder: Path | None = None) -> Made:
    """Compute and draw what the cache lacks, and keep it; on one thread."""
    from figures.render import render  # noqa: PLC0415 -- matplotlib loads slowly

    store = Store(folder) if folder else Store()
    figure = registry.get(name)
    key = table_key(figure, tier)
    table = store.get_table(name, key)
    cached = table is not None
    if table is None:
        with threadpool_limits(limits=1):
            table = figure.compute(figure.parameters(tier))
        store.put_table(name, key, table)
    pictures = _kept_pictures(store, figure, table)
    if len(pictures) < len(FORMATS):
        cached, pictures = False, render(figure, table)
        for kind, data in pictures.items():
            store.put(_entry(figure, table, kind), data)
    return Made(name, table, pictures, cached, store.warnings)


def run(
    asked: Asked, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Iterator[Made]:
    """Every figure with its files written, as they are done; the slowest start first.

    A run that was interrupted goes on where it stopped: what was done is in the cache.
    """
    figures = registry.find(asked.names)
    writable(asked.out)
    laid_over = None
    if asked.overlay is not None:
        overlay.check(figures)
        laid_over = overlay.read(asked.overlay)
    facts = _facts()
    todo = []
    done = 0
    for figure in figures:
        kept = found(figure.name, asked.tier)
        if kept is None:
            todo.append(figure)
            continue
        done += 1
        yield _finish(asked, figure, kept, facts, laid_over)
        progress(done, len(figures))
    todo.sort(key=lambda figure: -figure.minutes.get(asked.tier, 0.0))
    progress(done, len(figures))
    work = partial(make, tier=asked.tier)
    jobs = min(asked.jobs, max(len(todo), 1))
    for name, made in completed([f.name for f in todo], work, jobs, Deadline()):
        done += 1
        yield _finish(asked, registry.get(name), made, facts, laid_over)
        progress(done, len(figures))


def record(asked: Asked, figure: Figure, made: Made, facts: dict[str, Any]) -> str:
    """What is to be known beside the numbers, as JSON."""
    parameters = dict(figure.parameters(asked.tier))
    about = {
        "name": figure.name,
        "title": figure.title,
        "paper": figure.paper,
        "number": figure.number,
        "caption": figure.words(made.table),
        "claims": list(figure.claims),
        "command": asked.command(figure.name),
        "tier": asked.tier,
        "parameters": parameters,
        "seed": parameters.get("seed"),
        "notes": dict(made.table.notes),
        **facts,
        "key": table_key(figure, asked.tier),
    }
    return json.dumps(about, indent=1) + "\n"


def _finish(
    asked: Asked,
    figure: Figure,
    made: Made,
    facts: dict[str, Any],
    laid_over: Table | None,
) -> Made:
    """Write the files of one figure."""
    pictures = made.pictures
    if laid_over is not None:
        from figures.render import render  # noqa: PLC0415 -- matplotlib loads slowly

        pictures = render(figure, made.table, laid_over)
    stem = asked.out / figure.name
    for kind, data in pictures.items():
        write(stem.with_suffix(f".{kind}"), data)
    write(stem.with_suffix(".csv"), made.table.to_csv().encode())
    write(stem.with_suffix(".json"), record(asked, figure, made, facts).encode())
    return made


def _entry(figure: Figure, table: Table, kind: str) -> str:
    return f"{figure.name}-{picture_key(figure, table)[:24]}.{kind}"


def _kept_pictures(store: Store, figure: Figure, table: Table) -> dict[str, bytes]:
    kept = {kind: store.get(_entry(figure, table, kind)) for kind in FORMATS}
    return {kind: data for kind, data in kept.items() if data is not None}


def _facts() -> dict[str, Any]:
    """Versions and the commit, the same for all figures of a call."""
    return {
        "commit": _commit(),
        "versions": versions() | {"matplotlib": version_of("matplotlib")},
    }


def _commit() -> str | None:
    """The commit of this checkout, with a plus if files differ from it."""
    if not (ROOT / ".git").exists():
        return None
    git = ("git", "-C", str(ROOT))
    try:
        head = subprocess.run(
            (*git, "rev-parse", "HEAD"), capture_output=True, check=True, text=True
        )
        changed = subprocess.run(
            (*git, "status", "--porcelain", "-uno"),
            capture_output=True,
            check=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")
