"""`ratecheck scaling`: reads arguments, prints, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from theory.errors import InputError
from theory.terminal import err, fail, new_app, output

if TYPE_CHECKING:
    from synthetic.scaling.plan import Answers
    from synthetic.scaling.request import Request

scaling = new_app()
app = new_app()
app.add_typer(scaling, name="scaling")
out = output()


@app.callback()
def main() -> None:
    """Scaling laws of distillation."""


@scaling.callback()
def group() -> None:
    """What a scaling law says of distillation."""


@scaling.command("plan")
def plan_command(  # noqa: PLR0913 -- the options of a command
    *,
    student: Annotated[float, typer.Option(help="Its non-embedding parameters.")],
    compute: Annotated[float, typer.Option(help="FLOPs for one student.")],
    teacher: Annotated[
        str, typer.Option(metavar="N@D", help="One that exists, like 7e9@512e9.")
    ] = "",
    teacher_budget: Annotated[
        float | None, typer.Option(help="FLOPs of its training, fixed.")
    ] = None,
    students: Annotated[int, typer.Option(help="How many share that cost.")] = 1,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="best, inference, pretraining, both; all that make sense if left out."
        ),
    ] = None,
    embedding: Annotated[
        bool, typer.Option("--embedding", help="Sizes given include embeddings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Distil, or train by itself? The best plan of each scenario.

    Compute is per student; a teacher's training is shared by all of them. Exit code:
    0 a plan was made, 2 bad usage or input.
    """
    from synthetic.scaling import plan, plan_words

    try:
        asked = _request(
            (student, compute, students),
            teacher,
            teacher_budget,
            scenario or [],
            embedding=embedding,
        )
        found = plan.plan(asked)
    except InputError as error:
        fail(error)
    if as_json:
        text = json.dumps(plan_words.as_dict(found), indent=1, allow_nan=False)
        out.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    _print(found)


@scaling.command("fit")
def fit_command(  # noqa: PLR0913 -- the options of a command
    runs: Annotated[Path, typer.Argument(help="CSV: N,D,loss; or N_S,D_S,L_T,loss.")],
    *,
    form: Annotated[
        str, typer.Option(help="supervised, chinchilla, distillation.")
    ] = "supervised",
    supervised: Annotated[
        str,
        typer.Option(help="For distillation: CSV of supervised runs, or published."),
    ] = "",
    bootstrap: Annotated[int, typer.Option(help="Resamples; 0 for none.")] = 1000,
    holdout: Annotated[
        float | None, typer.Option(help="Hold out the runs with a lower loss.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the resamples.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fit a scaling law: what runs predict, and which coefficients they identify.

    What they do not identify is not printed. Exit code: 0 fitted, 2 bad usage or input.
    """
    from synthetic.scaling import fit_request, fit_words

    try:
        options = fit_request.Options(form, supervised, bootstrap, seed, holdout)
        found = fit_request.fitted(runs, options)
    except InputError as error:
        fail(error)
    if as_json:
        text = json.dumps(fit_words.as_dict(found), indent=1, allow_nan=False)
        out.print(text, markup=False, highlight=False, soft_wrap=True)
        return
    _print_lines(fit_words.opening(found))
    _print_rows(fit_words.ESTIMATES, map(fit_words.estimate_row, found.estimates))
    _print_lines(fit_words.flat_lines(found))
    _print_rows(fit_words.PREDICTIONS, map(fit_words.prediction_row, found.predictions))
    _print_rows(fit_words.LEFT_OUT, map(fit_words.left_row, found.left))
    err.print(fit_words.caveat(found), markup=False, highlight=False, soft_wrap=True)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _print_rows(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*row)
    out.print(table, markup=False, highlight=False)


def _request(
    numbers: tuple[float, float, int],
    teacher: str,
    teacher_budget: float | None,
    scenarios: list[str],
    *,
    embedding: bool,
) -> Request:
    from synthetic.scaling import request as requests
    from theory.scaling_flops import BEST_CASE, CORRECTED, INFERENCE, SCENARIOS

    N, compute, students = numbers
    given = requests.teacher_of(teacher) if teacher else None
    if embedding:
        N = requests.bare("student", N, CORRECTED)
        if given is not None:
            size = requests.bare("teacher", given.N, CORRECTED)
            given = requests.Teacher(size, given.D)
    # A teacher that exists has been trained: whoever pays for that again says so.
    usual = SCENARIOS if given is None else (BEST_CASE, INFERENCE)
    chosen = tuple(requests.scenario_of(name) for name in scenarios) or usual
    return requests.Request(N, compute, given, teacher_budget, students, chosen)


def _print(found: Answers) -> None:
    from synthetic.scaling import plan_words

    for line in plan_words.opening(found):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for name in plan_words.COLUMNS:
        table.add_column(name, justify="left" if name == "scenario" else "right")
    for answer in found.answers:
        table.add_row(*plan_words.row(answer))
    out.print(table)
    for answer in found.answers:
        line = plan_words.sentence(answer)
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in plan_words.caveats(found):
        err.print(line, markup=False, highlight=False, soft_wrap=True)
