"""`ratecheck mutate`: reads arguments, prints, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from theory.errors import InputError
from theory.terminal import counting, fail, new_app, output, say

if TYPE_CHECKING:
    from synthetic.mutation.score import Result, Score

app = new_app()
out = output()

MOST_JOBS = 256


@app.callback()
def main() -> None:
    """Does the checker see wrong code?"""


@app.command()
def mutate(
    pattern: Annotated[
        str, typer.Argument(help="A group, a module, or words of a label.")
    ] = "",
    *,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    limit: Annotated[float, typer.Option(help="Seconds for each mutant.")] = 60.0,
    matrix: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.json", help="Every mutant with every claim; goes on."
        ),
    ] = None,
    claims: Annotated[
        list[str] | None, typer.Option(help="With --matrix: claims, by pattern.")
    ] = None,
) -> None:
    """Break the code in many ways, one at a time; something must turn red.

    Exit code: 0 every mutant was killed, 1 some survived, 2 bad usage or input.
    """
    from synthetic.mutation import matrix as whole, registry, score

    try:
        _check(jobs, limit)
        mutants = registry.find(pattern)
        with counting("mutating") as advance:
            if matrix is not None:
                columns = whole.columns(claims or [])
                saved = whole.fill(
                    matrix, mutants, columns, jobs=jobs, progress=advance
                )
            else:
                found = score.run(mutants, jobs=jobs, limit=limit, progress=advance)
    except InputError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if matrix is not None:
        raise typer.Exit(_tell_matrix(saved, matrix))
    out.print(_table(found))
    say(out, *_remarks(found))
    raise typer.Exit(found.exit_code())


def _check(jobs: int, limit: float) -> None:
    if not 1 <= jobs <= MOST_JOBS:
        msg = f"Need 1 to {MOST_JOBS} jobs, got {jobs}."
        raise InputError(msg)
    if not 0 < limit < float("inf"):
        msg = f"Need a limit of more than 0 s, and finite, got {limit} s."
        raise InputError(msg)


def _table(score: Score) -> Table:
    table = Table("mutant", "killed by", "where", "engine", "verdict", "s")
    for result in score.results:
        red = result.red if score.is_killed(result) else None
        if red is None:
            kind = "harmless" if result.mutant.harmless else "SURVIVED"
            cells = [kind, result.broken, "", ""]
        else:
            cells = [red.claim, red.where, red.engine, red.verdict]
        table.add_row(result.mutant.label, *cells, f"{result.seconds:.1f}")
    return table


def _remarks(score: Score) -> list[str]:
    killed, counted = len(score.killed), len(score.counted)
    harmless = len(score.results) - counted
    lines = [f"Mutation score {killed}/{counted}, {harmless} harmless by proof."]
    lines += [_survivor(result) for result in score.survivors]
    for result in score.not_harmless:
        lines.append(f"{result.mutant.label}: said to be harmless, and was killed")
    for result in score.idle:
        lines.append(f"{result.mutant.label}: changes nothing, {result.number}")
    for red in score.void:
        lines.append(f"{red.claim} on {red.where}: red without any mutant too")
    return lines


def _survivor(result: Result) -> str:
    mutant = result.mutant
    where = f"{mutant.module}: {mutant.old.strip()!r} -> {mutant.new.strip()!r}"
    return f"SURVIVED {mutant.label} ({where})"


def _tell_matrix(saved: dict[str, Any], path: Path) -> int:
    """Say what the matrix shows; 1 if a mutant is caught by nothing."""
    from synthetic.mutation import matrix as whole, registry

    quiet = [
        row["label"]
        for row in saved["rows"]
        if row["label"] != whole.CLEAN
        and not any(row["caught"])
        and not registry.MUTANTS[row["label"]].harmless
    ]
    for row in saved["rows"]:
        if row["label"] == whole.CLEAN and any(row["caught"]):
            pairs = zip(saved["claims"], row["caught"], strict=True)
            red = ", ".join(claim for claim, is_red in pairs if is_red)
            out.print(f"Red without any mutant: {red}", markup=False)
            return 1
    for label in quiet:
        out.print(f"SURVIVED {label}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"Wrote {path}.", markup=False, highlight=False, soft_wrap=True)
    return int(bool(quiet))
