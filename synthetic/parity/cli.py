"""`ratecheck parity`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from theory.errors import InputError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
parity = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Progressive distillation on sparse parities.",
)
app.add_typer(parity, name="parity")
out = Console()
if not out.is_terminal:  # a file or a pipe has no width: do not cut numbers to 80
    out = Console(width=200)
err = Console(stderr=True)


def _fail(error: InputError) -> NoReturn:
    err.print(f"ratecheck: {error}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2) from error


def _say(*lines: str) -> None:
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _bar() -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


Dim = Annotated[int, typer.Option(help="d, inputs.")]
Order = Annotated[int, typer.Option("-k", "--order", help="Coordinates that count.")]
Folder = Annotated[Path, typer.Option(help="A folder of this configuration's own.")]
Jobs = Annotated[int, typer.Option(help="Processes, one thread each.")]
Rate = Annotated[float, typer.Option(help="Step size of plain SGD.")]
Batch = Annotated[int, typer.Option(help="Samples of a step.")]


@parity.command()
def demo(
    *,
    seeds: Annotated[int, typer.Option(help="Teachers, each with its students.")] = 8,
    tau: Annotated[float, typer.Option(help="Temperature; 0: hard labels.")] = 1.0,
    jobs: Jobs = 2,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the runs here; go on with what is there.")
    ] = None,
    small: Annotated[
        bool, typer.Option("--small", help="d=12, k=4: seconds, and no evidence.")
    ] = False,
) -> None:
    """Does a curriculum of checkpoints speed up a narrow student? d=24, k=6.

    Exit code: 0 done, whatever it says; 2 bad usage or input; 130 interrupted.
    """
    from synthetic.parity import display
    from synthetic.parity.demo import DEMO, SMALL, run_demo

    try:
        recipe = SMALL if small else DEMO
        with _bar() as bar:
            task = bar.add_task("demo", total=None)
            runs, verdicts = run_demo(
                recipe,
                range(seeds),
                tau,
                folder=folder,
                jobs=jobs,
                progress=lambda done, total: bar.update(
                    task, completed=done, total=total
                ),
            )
    except InputError as error:
        _fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    out.print(display.modes_table(runs, tau))
    _say("", *display.teacher_lines(runs))
    for verdict in verdicts:
        _say("", *display.verdict_lines(verdict))
