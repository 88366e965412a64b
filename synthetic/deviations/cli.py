"""`ratecheck deviations`: reads arguments, prints, and no more."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from theory.errors import InputError
from theory.terminal import fail, new_app, output, say

out = output()


class _Group(TyperGroup):
    """Without the name of a subcommand, the study of confidences, if there is one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args[:1] and (args[0] in self.commands or args[0] in {"--help", "-h"})
        if not named and "study" in self.commands:
            args = ["study", *args]
        return super().parse_args(ctx, args)


app = new_app(no_args_is_help=False)
deviations = new_app()
app.add_typer(
    deviations,
    name="deviations",
    cls=_Group,
    help="How a student deviates from its teacher.",
)

if find_spec("synthetic.deviations.confidence_cli"):
    from importlib import import_module

    deviations.command()(import_module("synthetic.deviations.confidence_cli").study)


@deviations.command()
def risk(  # noqa: PLR0913 -- one parameter for each option of the command line
    *,
    spectrum: Annotated[
        str | None, typer.Option(help="Eigenvalues of X'X/n, with commas.")
    ] = None,
    signal: Annotated[
        str | None, typer.Option(help="True weights along them, with commas.")
    ] = None,
    noise: Annotated[
        float | None,
        typer.Option(help="sigma^2/n; with --data it replaces the estimate."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="A CSV, TSV, NPZ or LIBSVM file, or diabetes.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Its target's column.")] = None,
    corrected: Annotated[
        bool, typer.Option("--corrected", help="Signal less its estimated bias.")
    ] = False,
    standardize: Annotated[bool, typer.Option(help="Scale the columns.")] = True,
    teacher_time: Annotated[
        float | None, typer.Option(help="Where the teacher stops; the best, if none.")
    ] = None,
    student_time: Annotated[
        float | None, typer.Option(help="Where the student stops; the best, if none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Where distillation helps and where it hurts: exact risks of a spectrum.

    Exit code: 0 done, whatever it says; 2 bad usage or input.
    """
    from synthetic.deviations import risk_display as display
    from synthetic.deviations.risk_request import Request

    try:
        request = Request(
            spectrum,
            signal,
            noise,
            data,
            target,
            corrected=corrected,
            standardize=standardize,
            teacher_time=teacher_time,
            student_time=student_time,
        )
        problem, source = request.problem()
        found = display.report(problem, teacher_time, student_time, source)
    except InputError as error:
        fail(error)
    if as_json:
        typer.echo(json.dumps(display.as_json(found), indent=1, allow_nan=False))
        return
    say(out, *(display.data_lines(source) if source else ()))
    out.print(display.risks_table(found))
    say(out, "")
    out.print(display.directions_table(found))
    say(out, "", *display.sentences(found))
