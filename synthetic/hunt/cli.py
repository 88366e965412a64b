"""`ratecheck hunt`: reads arguments, prints, and no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from theory.errors import InputError
from theory.terminal import err, fail, new_app, output, say

if TYPE_CHECKING:
    from synthetic.hunt.report import Hunt

app = new_app()
out = output(width=160)


@app.callback()
def main() -> None:
    """Search for a counterexample."""


@app.command()
def hunt(  # noqa: PLR0913 -- one parameter for each option of the command line
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help="An id of `list`.")],
    *,
    drop: Annotated[
        str | None,
        typer.Option(metavar="HYPOTHESIS", help="Do not ask for it, by its name."),
    ] = None,
    scale: Annotated[float, typer.Option(help="Factor on the bound.")] = 1.0,
    horizon: Annotated[
        int | None, typer.Option(help="Points T of each run; 4 or 5 by default.")
    ] = None,
    budget: Annotated[float, typer.Option(help="Seconds of search.")] = 120.0,
    evaluations: Annotated[
        int | None,
        typer.Option(help="Instead of the clock: stop after so many instances."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Root of every draw.")] = 0,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 2,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the instance to a file.")
    ] = None,
) -> None:
    """Search small instances for one at which a claim is false, or nearly.

    Exit code: 1 a claim that is expected to hold was refuted, 2 bad usage or input,
    130 interrupted, 0 otherwise. With --drop or a scale below 1 it is not the claim.
    """
    from synthetic.hunt import files, report
    from synthetic.hunt.quest import quest
    from synthetic.hunt.search import Effort
    from synthetic.record import check_writable

    try:
        asked = quest(claim, drop=drop, scale=scale, horizon=horizon)
        effort = Effort(seed, budget, evaluations, jobs)
        if json_file is not None:
            check_writable(json_file)
        with _bar() as progress:
            found = report.hunt(asked, effort, progress)
        out.print(_table(found))
        if json_file is not None:
            files.save(json_file, found.record())
            say(out, f"Wrote {json_file}: `ratecheck verify --instance {json_file}`.")
    except InputError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(found.exit_code)


def _table(hunt: Hunt) -> Table:
    """What was hunted, what was found, and the instance in words."""
    found, trophy, verdict = hunt.found, hunt.trophy, hunt.checked.outcome.verdict
    points = trophy.quest.horizon
    ratio = f"{found.ratio:.6f} found, {trophy.ratio:.6f} shrunk to {points} points"
    if hunt.checked.digits is not None:
        ratio += f"; {hunt.checked.digits} in 50 digits"
    rate = found.evaluations / max(found.seconds, 1e-9)
    effort = (
        f"{found.evaluations} instances in {found.seconds:.1f} s ({rate:.0f}/s), "
        f"{found.rounds} rounds, seed {hunt.effort.seed}"
    )
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("hunted", Text(hunt.asked.words()))
    scored = "LHS/bound" if verdict.tightness is not None else "1 + excess"
    table.add_row(scored, Text(ratio))
    table.add_row("verdict", Text(f"{hunt.status.value}: {verdict.reason}"))
    for k, line in enumerate(hunt.words()):
        table.add_row("" if k else "instance", Text(line))
    table.add_row("search", Text(effort))
    return table


class _bar:
    """A line on standard error that shows how the search goes, on a terminal."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("hunting: {task.fields[told]}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )

    def __enter__(self) -> Callable[[int, float], None]:
        self.progress.start()
        task = self.progress.add_task("hunt", total=None, told="starting")

        def progress(evaluations: int, ratio: float) -> None:
            told = f"{evaluations} instances, best {ratio:.6f}"
            self.progress.update(task, told=told)

        return progress

    def __exit__(self, *_exception: Any) -> None:
        self.progress.stop()
