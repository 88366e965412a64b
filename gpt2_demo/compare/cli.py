"""`ratecheck gpt2 compare`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from theory.errors import InputError
from theory.terminal import err, fail, output

if TYPE_CHECKING:
    from gpt2_demo.compare.program import Now
    from gpt2_demo.compare.results import Results

out = output()
EXITS = {"supported": 0, "refuted": 1, "undecided": 3}


def compare(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    preset: Annotated[
        str, typer.Option(help="smoke (minutes), cpu (under an hour) or gpu.")
    ] = "smoke",
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Runs and results go there.")
    ] = Path("gpt2-compare"),
    jobs: Annotated[
        int | None, typer.Option(help="Processes of one thread; 2 on a CPU.")
    ] = None,
    corpus: Annotated[
        str | None, typer.Option(help="A named corpus, a text file, a folder.")
    ] = None,
    steps: Annotated[int | None, typer.Option(help="Of every student.")] = None,
    teacher_steps: Annotated[int | None, typer.Option(help="Of the teacher.")] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="0,1,2", help="Seeds that are judged.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, mps.")] = None,
    pretrained: Annotated[
        str | None, typer.Option(help="A teacher by name or folder.")
    ] = None,
    teacher_losses: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Losses in place of a teacher; repeatable."),
    ] = None,
) -> None:
    """Does a teacher's loss per batch spare the tuning of a learning rate?

    Untuned SPS*, IAM and IAM-Adam beside SGD and AdamW, tuned with an equal budget, and
    controls. A comparison that was stopped goes on with the same command.

    Exit code: 0 supported (or --preset smoke), 1 refuted, 3 undecided, 2 bad usage or
    input, 130 interrupted.
    """
    from gpt2_demo.compare import presets, program

    changes = {
        "corpus": corpus,
        "steps": steps,
        "teacher_steps": teacher_steps,
        "device": device,
        "pretrained": pretrained,
    }
    try:
        asked_for = presets.get(preset).overridden(changes, seeds)
        if jobs is None:
            jobs = 2 if asked_for.device == "cpu" else 1
        files = tuple(teacher_losses or ())
        with Bar() as bar:
            found = program.compare(
                program.Asked(asked_for, folder, jobs, files), bar.show
            )
    except KeyboardInterrupt:
        err.print("ratecheck: interrupted; the same command goes on from here.")
        raise typer.Exit(130) from None
    except InputError as error:
        fail(error)
    _print(found, folder)
    raise typer.Exit(EXITS[found.judgement.claim] if found.preset.decides else 0)


def _print(found: Results, folder: Path) -> None:
    from gpt2_demo.compare import rules

    for grid in found.grids:
        table = Table(title=grid.title, title_justify="left", box=None, pad_edge=False)
        for name in grid.header:
            table.add_column(name, overflow="fold")
        for row in grid.rows:
            table.add_row(*row)
        out.print(table, "")
    files = f"{folder}/results.{{json,md}}"
    for line in (rules.RULE, rules.CONTROL_RULE, "", found.paragraph, "", files):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


class Bar:
    """A progress bar on standard error; lines where that is no terminal."""

    def __init__(self) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )

    def __enter__(self) -> Bar:
        self.progress.start()
        self.task = self.progress.add_task("", total=None, left="")
        return self

    def show(self, now: Now) -> None:
        left = "" if now.eta is None else f"{now.eta / 60:.1f} minutes left"
        if not err.is_terminal:
            count = f" [{now.done}/{now.total}] {left}" if now.total else ""
            err.print(f"{now.what}{count}", markup=False, highlight=False)
            return
        self.progress.update(
            self.task,
            description=now.what,
            completed=now.done,
            total=now.total or None,
            left=left,
        )

    def __exit__(self, *_exception: object) -> None:
        self.progress.stop()
