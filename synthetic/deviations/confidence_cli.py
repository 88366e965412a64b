"""`ratecheck deviations` without a subcommand: reads arguments, prints, no more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from theory.terminal import counting, output, refusals, say

out = output()


def study(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    data: Annotated[
        str,
        typer.Option(
            help="digits, breast_cancer, iris or wine; mnist or cifar10 (torchvision); "
            "or a CSV, NPZ or LIBSVM file with classes as targets."
        ),
    ] = "digits",
    target: Annotated[
        str | None, typer.Option(help="Of a file: the classes' column.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="Use that many rows only, at random.")
    ] = None,
    configurations: Annotated[
        str, typer.Option(help="Names or patterns such as 'mlp*', with commas.")
    ] = "*",
    seeds: Annotated[
        int, typer.Option(help="0, 1, ...: a split, teacher and student each.")
    ] = 20,
    root: Annotated[int, typer.Option(help="Of every draw.")] = 0,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    resume: Annotated[
        Path | None,
        typer.Option(help="Keep what is finished here; go on with what is there."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers there.")
    ] = None,
) -> None:
    """Are students more sure, and less sure, than their teachers? Logits on logits.

    Exit code: 0 done, whatever it says; 1 the rule fires on a control; 2 bad usage or
    input; 130 interrupted.
    """
    # a command imports what it needs when it runs, so that --help is quick
    from synthetic.deviations import confidence_display as display  # noqa: PLC0415
    from synthetic.deviations.confidence_configurations import (  # noqa: PLC0415
        choose,
    )
    from synthetic.deviations.confidence_json import write  # noqa: PLC0415
    from synthetic.deviations.confidence_runs import Request  # noqa: PLC0415
    from synthetic.deviations.confidence_study import run_study  # noqa: PLC0415
    from synthetic.parity.display import verdict_lines  # noqa: PLC0415
    from theory import files  # noqa: PLC0415

    with refusals():
        if json_file is not None:
            files.writable(json_file.resolve().parent)
        request = Request(data, target, rows, root, tuple(range(seeds)))
        chosen = choose(configurations)
        with counting("training") as advance:
            found = run_study(
                request, chosen, folder=resume, jobs=jobs, progress=advance
            )
        if json_file is not None:
            write(found, request.command(configurations), json_file)
    say(out, *display.data_lines(found), "")
    out.print(display.table(found))
    say(out, "", *display.sentences(found))
    if (pairs := display.pairs_table(found)) is not None:
        out.print()
        out.print(pairs)
    say(out, "", *display.control_lines(found))
    for verdict in found.verdicts:
        say(out, "", *verdict_lines(verdict))
    raise typer.Exit(1 if found.faults else 0)
