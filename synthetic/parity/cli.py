"""`ratecheck parity`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthetic.parity.cli_options import (
    Batch,
    Dim,
    Every,
    Init,
    Jobs,
    LabelWeight,
    Logits,
    Modes,
    Noise,
    Order,
    Rate,
    Schedule,
    Seed,
    Shown,
    Steps,
    Target,
    Tau,
    Threads,
    Warmup,
)
from synthetic.parity.transformer.cli import transformer
from theory.terminal import counting, err, new_app, output, refusals, say

app = new_app(no_args_is_help=False)
parity = new_app()
app.add_typer(parity, name="parity", help="Distil sparse parities progressively.")
parity.command()(transformer)
out = output()


@parity.command()
def teach(  # noqa: PLR0913 -- one parameter for each option of the command line
    folder: Annotated[Path, typer.Argument(help="For its checkpoints.")],
    *,
    dim: Dim = 24,
    order: Order = 6,
    target: Target = "parity",
    noise: Noise = 0.0,
    width: Annotated[int, typer.Option(help="Hidden neurons.")] = 1000,
    rate: Rate = 0.1,
    batch: Batch = 32,
    steps: Steps = 60_000,
    every: Every = 250,
    cadence: Annotated[
        int | None, typer.Option(help="Steps between two checkpoints (every).")
    ] = None,
    stop: Annotated[float, typer.Option(help="Accuracy that ends it.")] = 0.998,
    init: Init = "torch",
    logits: Logits = 1,
    schedule: Schedule = "constant",
    warmup: Warmup = 0,
    threads: Threads = 1,
    seed: Seed = 0,
) -> None:
    """Train a teacher, with checkpoints; one that was killed goes on."""
    from synthetic.parity import display
    from synthetic.parity.recipe import Recipe, Task, Training
    from synthetic.parity.teacher import train_teacher

    with refusals():
        recipe = Recipe(
            task=Task(dim, order, target, noise),
            teacher=Training(
                width, rate, batch, steps, every, schedule=schedule, warmup=warmup
            ),
            logits=logits,
            init=init,
            stop=stop,
            cadence=every if cadence is None else cadence,
        )
        say(out, *recipe.warnings())
        with err.status("", spinner="dots") as status:
            teacher = train_teacher(
                recipe, seed, folder, status.update, threads=threads
            )
    say(out, *display.teacher_summary(teacher))


@parity.command()
def distill(  # noqa: PLR0913 -- one parameter for each option of the command line
    teacher: Annotated[Path, typer.Argument(help="The folder that teach made.")],
    *,
    modes: Modes = "ce,one-shot,progressive,mid",
    tau: Tau = 1.0,
    label_weight: LabelWeight = 0.0,
    width: Annotated[int, typer.Option(help="Hidden neurons.")] = 50,
    rate: Rate = 0.1,
    batch: Batch = 32,
    steps: Steps = 60_000,
    every: Every = 500,
    optimiser: Annotated[
        str, typer.Option(help="sgd (compiled), momentum or adam (NumPy, slower).")
    ] = "sgd",
    decay: Annotated[float, typer.Option(help="Weight decay.")] = 0.0,
    schedule: Schedule = "constant",
    warmup: Warmup = 0,
    threads: Threads = 1,
) -> None:
    """Train students of one teacher until they are above 95 %."""
    from dataclasses import replace

    from synthetic.parity import display
    from synthetic.parity.modes import modes_of, never_ending
    from synthetic.parity.recipe import Training
    from synthetic.parity.study import Place, check_modes, run_seed
    from synthetic.parity.teacher import read_teacher

    with refusals():
        found = read_teacher(teacher)
        student = Training(
            width,
            rate,
            batch,
            steps,
            every,
            optimiser,
            decay=decay,
            schedule=schedule,
            warmup=warmup,
        )
        recipe = replace(found.recipe, student=student)
        chosen = modes_of(modes, tau, label_weight)
        check_modes(chosen)
        say(out, *never_ending(chosen, steps))
        place = Place.beside(teacher, recipe)
        _, students = run_seed(recipe, found.seed, chosen, place, threads=threads)
        place.tidy(found.seed)
    out.print(display.students_table(students))


@parity.command()
def probe(
    teacher: Annotated[Path, typer.Argument(help="The folder that teach made.")],
    *,
    step: Annotated[
        int | None, typer.Option(help="Every correlation of this checkpoint.")
    ] = None,
) -> None:
    """What the checkpoints know: correlations with monomials, with their floor."""
    from synthetic.parity import display
    from synthetic.parity.teacher import read_teacher

    with refusals():
        found = read_teacher(teacher)
        if step is not None:
            network = found.load(step)
            say(out, *display.report_lines(found, network))
            return
    out.print(display.spikes_table(found))


@parity.command()
def sweep(  # noqa: PLR0913 -- one parameter for each option of the command line
    folder: Annotated[Path, typer.Argument(help="Of this grid alone; resumed.")],
    *,
    dims: Annotated[str, typer.Option(help="With commas.")] = "24",
    orders: Annotated[str, typer.Option(help="k, with commas.")] = "6",
    teacher_widths: Annotated[str, typer.Option(help="With commas.")] = "1000",
    widths: Annotated[str, typer.Option(help="Of students, with commas.")] = "50",
    rates: Annotated[str, typer.Option(help="With commas.")] = "0.1",
    seeds: Annotated[int, typer.Option(help="0, 1, ... of each.")] = 8,
    modes: Modes = "ce,one-shot,progressive,mid,early",
    tau: Tau = 1.0,
    batch: Batch = 32,
    steps: Steps = 60_000,
    shard: Annotated[str, typer.Option(help="I/N: this part of N.")] = "1/1",
    jobs: Jobs = 1,
) -> None:
    """Teachers and students over a grid; the table of all runs is written as CSV."""
    from synthetic.parity import display
    from synthetic.parity.modes import modes_of, never_ending, numbers
    from synthetic.parity.recipe import Recipe, Training
    from synthetic.parity.sweep import Grid, Shard, Work, run_sweep

    with refusals():
        base = Recipe(
            teacher=Training(1000, 0.1, batch, steps, 250),
            student=Training(50, 0.1, batch, steps),
        )
        grid = Grid(
            numbers(dims, int),
            numbers(orders, int),
            numbers(teacher_widths, int),
            numbers(widths, int),
            numbers(rates, float),
            base,
        )
        chosen = modes_of(modes, tau)
        say(out, *never_ending(chosen, steps))
        with counting("sweep") as progress:
            rows = run_sweep(
                grid,
                Work(tuple(range(seeds)), tuple(chosen), Shard.of(shard)),
                folder,
                jobs=jobs,
                progress=progress,
            )
    out.print(display.rows_table(rows))
    say(out, f"{len(rows)} runs in {folder / 'table.csv'}")


@parity.command()
def plot(
    folder: Shown,
    *,
    file: Annotated[Path, typer.Option("--out", help="A PDF, PNG or SVG file.")] = Path(
        "parity.pdf"
    ),
) -> None:
    """Draw a teacher's curves, or the survival curves of a sweep's students."""
    from synthetic.parity.plot import draw_folder

    with refusals():
        draw_folder(folder, file)
    say(out, f"Drawn into {file}")


@parity.command()
def demo(
    *,
    seeds: Annotated[int, typer.Option(help="Teachers, each with its students.")] = 20,
    tau: Tau = 1.0,
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

    with refusals(), counting("demo") as progress:
        runs, verdicts = run_demo(
            SMALL if small else DEMO,
            range(seeds),
            tau,
            folder=folder,
            jobs=jobs,
            progress=progress,
        )
    out.print(display.modes_table(runs, tau))
    say(out, "", *display.teacher_lines(runs))
    for verdict in verdicts:
        say(out, "", *display.verdict_lines(verdict))
