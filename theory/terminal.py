"""What every command line shares: where it prints, and how it refuses bad input.

Only a `cli.py` imports this, so that the theory itself needs neither rich nor typer.
"""

from typing import NoReturn

import typer
from rich.console import Console

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
