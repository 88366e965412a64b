"""`ratecheck figures`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from theory.errors import InputError
from theory.terminal import counting, err, fail, new_app, output

app = new_app()
out = output()


@app.callback()
def _commands() -> None:
    """Figures and the report."""  # keeps `figures` a command of its own


@app.command()
def figures(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME")] = None,
    *,
    tier: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the files go.")
    ] = Path("figures-out"),
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    overlay: Annotated[
        Path | None,
        typer.Option(
            metavar="RUN.csv",
            help="Draw your own run, columns t and value, on one figure.",
        ),
    ] = None,
    as_list: Annotated[
        bool, typer.Option("--list", help="Say what there is, and what is not built.")
    ] = False,
) -> None:
    """Make the figures: PDF, PNG, SVG, CSV, and a JSON of how each was made.

    What was made before comes from a cache. Exit code: 0 done, 2 bad usage or input,
    130 interrupted (the next call goes on from there).
    """
    from figures import program

    if as_list:
        _list()
        return
    try:
        asked = program.Asked(tuple(names or ()), tier, folder, jobs, overlay)
        with counting("drawing") as advance:
            for made in program.run(asked, advance):
                for warning in made.warnings:
                    err.print(f"ratecheck: {warning}", markup=False, soft_wrap=True)
                source = "  from the cache" if made.cached else ""
                out.print(
                    f"{folder / made.name}.{{pdf,png,svg,csv,json}}{source}",
                    markup=False,
                    highlight=False,
                    soft_wrap=True,
                )
    except KeyboardInterrupt:
        err.print("ratecheck: interrupted; the next call goes on from here.")
        raise typer.Exit(130) from None
    except InputError as error:
        fail(error)


def _list() -> None:
    from figures import registry

    table = Table(box=None, pad_edge=False)
    for name in ("paper", "figure", "name", "command", "quick tier", "minutes", "full"):
        table.add_column(name, overflow="fold")
    for figure in registry.find(()):
        table.add_row(
            figure.paper,
            figure.number,
            figure.name + ("" if figure.overlay is None else " (overlay)"),
            f"ratecheck figures {figure.name}",
            figure.scale,
            f"{figure.minutes['quick']:g}",
            f"{figure.minutes['full']:g}",
        )
    out.print(table)
    out.print("\nNot built:", highlight=False)
    for missing in registry.NOT_BUILT:
        line = f"  {missing.paper}: {missing.what}. {missing.why}"
        out.print(line, markup=False, highlight=False, soft_wrap=True)
