"""`ratecheck scaling run`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from theory.errors import InputError
from theory.terminal import err, fail, new_app, output

scaling = new_app()
app = new_app()
app.add_typer(scaling, name="scaling")
out = output()


@app.callback()
def main() -> None:
    """Small real runs for a scaling law."""


@scaling.callback()
def group() -> None:
    """Small real runs for a scaling law."""


@scaling.command("run")
def run_command(
    *,
    preset: Annotated[
        str, typer.Option(help="smoke (half a minute) or cpu (a quarter of an hour).")
    ] = "smoke",
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Runs and tables go there.")
    ] = Path("scaling-runs"),
    jobs: Annotated[int, typer.Option(help="Processes of one thread.")] = 2,
    seed: Annotated[int, typer.Option(help="Of all runs.")] = 0,
) -> None:
    """Train a grid of tiny language models, and students of some of them.

    Writes supervised.csv (N, D, loss), distillation.csv and runs.jsonl; N is without
    embeddings, losses are held-out nats a token. What was stopped goes on with the same
    command. Exit code: 0 all runs ended, 1 some diverged, 2 bad usage or input, 130
    interrupted.
    """
    try:
        from gpt2_demo.compare.cli import Bar
        from gpt2_demo.scaling import presets, program
    except ImportError as error:
        err.print(f"ratecheck: {error}. Needs more: pip install 'ratecheck[gpt2]'")
        raise typer.Exit(2) from None
    try:
        asked = program.Asked(presets.get(preset), folder, jobs, seed)
        with Bar() as bar:
            found = program.run(asked, bar.show)
    except KeyboardInterrupt:
        err.print("ratecheck: interrupted; the same command goes on from here.")
        raise typer.Exit(130) from None
    except InputError as error:
        fail(error)
    out.print(
        f"{found.supervised} supervised runs in {folder}/supervised.csv, "
        f"{found.distilled} students in {folder}/distillation.csv",
        highlight=False,
        soft_wrap=True,
    )
    if found.diverged:
        out.print(f"diverged: {', '.join(found.diverged)}", soft_wrap=True)
        raise typer.Exit(1)
