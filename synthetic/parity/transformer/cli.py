"""`ratecheck parity transformer`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from synthetic.parity.transformer import table
from synthetic.parity.transformer.config import (
    NAMES,
    Config,
    Task,
    Training,
    modes_of,
    numbers,
)
from theory.errors import InputError
from theory.terminal import err, fail, output

out = output()


def transformer(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Keep the runs here, and go on there.")
    ] = None,
    dim: Annotated[int, typer.Option(help="d.")] = 12,
    order: Annotated[int, typer.Option(help="k.")] = 3,
    teacher_heads: Annotated[int, typer.Option(help="Each 8 wide.")] = 8,
    heads: Annotated[int, typer.Option(help="Of the students.")] = 2,
    layers: Annotated[int, typer.Option(help="Of both.")] = 2,
    rate: Annotated[float, typer.Option(help="Of Adam.")] = 3e-3,
    batch: Annotated[int, typer.Option(help="Samples a step.")] = 64,
    init: Annotated[float, typer.Option(help="Deviation of first weights.")] = 0.2,
    teacher_steps: Annotated[int, typer.Option(help="At most.")] = 3000,
    steps: Annotated[int, typer.Option(help="Of a student, at most.")] = 4000,
    phase: Annotated[int, typer.Option(help="Steps on mid and early.")] = 500,
    pace: Annotated[float, typer.Option(help="Of progressive's clock.")] = 0.5,
    modes: Annotated[str, typer.Option(help="With commas.")] = ",".join(NAMES),
    tau: Annotated[str, typer.Option(help="Temperatures, with commas.")] = "1,0",
    seeds: Annotated[str, typer.Option(help="With commas.")] = "0,1,2,3",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Do checkpoints of a wide transformer speed up a narrow one?

    Exit code: 0 done, whatever it says; 2 bad usage or input; 130 interrupted.
    """
    try:
        config = Config(
            Task(dim, order),
            Training(teacher_heads, layers, rate, batch, teacher_steps, 10, init),
            Training(heads, layers, rate, batch, steps, 50, init),
            phase=phase,
            pace=pace,
            seeds=numbers(seeds, int),
            modes=tuple(modes_of(tuple(modes.split(",")), numbers(tau, float))),
            device=device,
        )
        _study(config, folder)
    except InputError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _study(config: Config, folder: Path | None) -> None:
    try:
        import torch

        from synthetic.parity.transformer.study_torch import run_study
    except ImportError as error:
        msg = f"{error}. This needs more: pip install 'ratecheck[torch]'"
        raise InputError(msg) from error
    torch.set_num_threads(1)  # the models are too small to share
    with err.status("", spinner="dots") as status:
        study = run_study(config, folder, status.update)
    out.print(
        _table(
            "Teachers: |E x_i p|, mean over S / off S",
            ("seed", "S", "> .55", "> .95", "first", "early", "mid", "last"),
            table.teacher_rows(study),
        )
    )
    names = ("mode", *(f"seed {one.seed}" for one in study.seeds), "median")
    out.print(
        _table("Students: steps to accuracy .95", names, table.student_rows(study))
    )
    floor = "of all inputs, exactly" if config.task.is_exact else "of a fixed sample"
    out.print(f"Accuracies and correlations {floor}; on {study.device}.")


def _table(title: str, names: tuple[str, ...], rows: list[list[str]]) -> Table:
    found = Table(*names, title=title, title_justify="left")
    for row in rows:
        found.add_row(*row)
    return found
