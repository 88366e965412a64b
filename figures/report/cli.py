"""`ratecheck report`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from theory.errors import InputError
from theory.terminal import err, fail, new_app

app = new_app()
out = Console(soft_wrap=True)


@app.callback()
def main() -> None:
    """One page of everything that was checked."""


def _warn(text: str) -> None:
    err.print(f"ratecheck: {text}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def report(
    folder: Annotated[Path, typer.Option("--out", help="Folder for report.html.")],
    *,
    results: Annotated[
        Path | None,
        typer.Option(help="Of `verify --json`; else results.json in the folder."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check every claim first.")
    ] = False,
    tier: Annotated[str, typer.Option(help="With --verify: quick or full.")] = "quick",
    jobs: Annotated[int, typer.Option(help="With --verify: processes.")] = 1,
    mutations: Annotated[
        Path | None,
        typer.Option(help="Of `mutate --matrix`; else mutations.json in the folder."),
    ] = None,
) -> None:
    """Write one offline page: table of claims, theorems, charts, figures.

    Exit code: 0 written, 2 bad usage or input, 130 interrupted.
    """
    from figures.report import program

    try:
        asked = program.Asked(folder, results, verify, tier, jobs, mutations)
        with _bar() as bar:
            task = bar.add_task("", total=None)

            def advance(what: str, done: int, total: int) -> None:
                bar.update(task, description=what, completed=done, total=total)

            made = program.run(asked, advance, _warn)
    except InputError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    out.print(made.told, markup=False, highlight=False)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
