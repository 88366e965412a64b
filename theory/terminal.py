"""What every command line shares: where it prints, and how it refuses bad input.

Only a `cli.py` imports this, so that the theory itself needs neither rich nor typer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from theory.errors import InputError


def output(width: int = 200) -> Console:
    """Standard output; a file or a pipe has no width, and numbers are not cut to 80."""
    console = Console()
    return console if console.is_terminal else Console(width=width)


err = Console(stderr=True)


def new_app(*, no_args_is_help: bool = True) -> typer.Typer:
    """A typer app in the style of all of them: plain help, no shell completion."""
    return typer.Typer(
        add_completion=False, no_args_is_help=no_args_is_help, rich_markup_mode=None
    )


def fail(error: InputError) -> NoReturn:
    """Say what was wrong with the input, and leave with exit code 2."""
    err.print(f"ratecheck: {error}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2) from error


def say(console: Console, *lines: str) -> None:
    """Print lines as they are: neither markup, nor colours, nor breaks of our own."""
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def refusals() -> Iterator[None]:
    """Bad input ends with 2, Ctrl-C with 130; what was done is on the disk."""
    try:
        yield
    except InputError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, where it is a terminal; called with (done, total)."""
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=err, transient=True, disable=not err.is_terminal
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
