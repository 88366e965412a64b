"""`ratecheck kd`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from theory.errors import InputError
from theory.terminal import counting, fail, new_app, output, say

app = new_app()
out = output()


@app.callback()
def _commands() -> None:
    """Self-distillation on real data."""  # keeps `kd` a command of its own


@app.command()
def kd(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    data: Annotated[
        str,
        typer.Option(
            help="digits, breast_cancer, iris or wine; mnist or cifar10 (torchvision); "
            "or a CSV, NPZ or LIBSVM file with classes as targets."
        ),
    ],
    target: Annotated[
        str | None, typer.Option(help="Of a file: the classes' column.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="Use that many rows only, at random.")
    ] = None,
    students: Annotated[
        str, typer.Option(help="softmax, network, squares: with commas.")
    ] = "softmax,network",
    teachers: Annotated[
        str, typer.Option(help="perfect, near, early, random: with commas.")
    ] = "perfect,near,early,random",
    lambdas: Annotated[
        str, typer.Option(help="Weights beside the computed ones, with commas.")
    ] = "0.25,0.5,1",
    tier: Annotated[
        str, typer.Option(help="quick or full: steps and seeds.")
    ] = "quick",
    seed: Annotated[int, typer.Option(help="Root of every draw.")] = 0,
    seeds: Annotated[
        int | None, typer.Option(help="Reporting seeds (20; full: 40).")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Steps of a run (1000; full: 6000).")
    ] = None,
    tuning_seeds: Annotated[
        int | None, typer.Option(help="Seeds that choose step sizes (4; full: 6).")
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(
            help="Step sizes, times 1/cL, network: times 0.5 "
            "(0.25,0.5,1,2,4,8; full: 0.0625 and 0.125 too)."
        ),
    ] = None,
    batch: Annotated[int, typer.Option(help="Rows of a batch.")] = 16,
    replacement: Annotated[
        bool, typer.Option(help="May a row stand in a batch twice?")
    ] = False,
    ridge: Annotated[float, typer.Option(help="nu/2 ||x||^2 in the loss.")] = 1e-3,
    alpha: Annotated[
        float, typer.Option(help="Error probability of all verdicts together.")
    ] = 0.05,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write everything; an unfinished one goes on."),
    ] = None,
) -> None:
    """Does a teacher help plain SGD, on your data? Where not?

    Exit code: 0 done, whatever it says; 2 bad usage or input; 130 interrupted.
    """
    from synthetic.distillation import study_display as display  # noqa: PLC0415
    from synthetic.distillation.study import run  # noqa: PLC0415
    from synthetic.distillation.study_request import (  # noqa: PLC0415
        Request,
        numbers,
        size_of,
        words,
    )

    try:
        size = size_of(tier)
        request = Request(
            data=data,
            target=target,
            rows=rows,
            students=words(students),
            teachers=words(teachers),
            lambdas=numbers(lambdas, "--lambdas"),
            grid=size.grid if grid is None else numbers(grid, "--grid"),
            seed=seed,
            seeds=size.seeds if seeds is None else seeds,
            tuning_seeds=size.tuning_seeds if tuning_seeds is None else tuning_seeds,
            steps=size.steps if steps is None else steps,
            batch=batch,
            replacement=replacement,
            ridge=ridge,
            alpha=alpha,
        )
        with counting("training") as advance:
            study = run(request, jobs=jobs, json_file=json_file, progress=advance)
    except InputError as error:
        fail(error)
    say(out, *display.data_lines(study))
    for bench in study.benches:
        out.print()
        say(out, *display.student_lines(bench))
        out.print(display.teachers_table(bench, out.width))
        if found := study.rows.get(bench.name):
            out.print()
            out.print(display.methods_table(bench, found, out.width))
    out.print()
    say(out, *display.remarks(study))
    raise typer.Exit(130 if study.interrupted else 0)
