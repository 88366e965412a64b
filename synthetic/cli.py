"""`ratecheck list | show | verify | doctor`: reads arguments, prints, and no more."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Annotated

import typer

from synthetic import display
from theory import claims as registry
from theory.errors import InputError
from theory.references import BIBTEX
from theory.terminal import counting, fail, new_app, output, say

app = new_app()
out = output(width=160)


@app.command("list")
def list_claims(
    patterns: Annotated[list[str] | None, typer.Argument(metavar="PATTERN")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the claims, or those that match a pattern such as `iam.*`."""
    try:
        found = registry.find(patterns or [])
    except InputError as error:
        fail(error)
    if as_json:
        rows = [
            {"id": c.id, "kind": c.kind, "expected": c.expected, "title": c.title}
            for c in found
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    out.print(display.claims_table(found, out.width))


@app.command()
def show(
    claim: Annotated[str, typer.Argument(metavar="CLAIM")],
    *,
    bibtex: Annotated[bool, typer.Option(help="Print the reference only.")] = False,
) -> None:
    """Show a claim: statement, assumptions, proof, where it is tried, its controls."""
    try:
        found = registry.get(claim)
    except InputError as error:
        fail(error)
    if bibtex:
        typer.echo(BIBTEX[found.reference])
        return
    from synthetic.catalogue import catalogue_of

    out.print(display.card(found, catalogue_of([found])))


@app.command()
def doctor() -> None:
    """Check this installation: versions, threads, BLAS, solver, CUDA, cache folder."""
    from synthetic.doctor import diagnose

    rows = diagnose()
    out.print(display.doctor_table(rows))
    raise typer.Exit(0 if all(well for _, _, well in rows) else 1)


@app.command()
def verify(  # noqa: PLR0913 -- one parameter for each option of the command line
    patterns: Annotated[list[str] | None, typer.Argument(metavar="PATTERN")] = None,
    *,
    tier: Annotated[str, typer.Option(help="quick or full.")] = "quick",
    seed: Annotated[int, typer.Option(help="Root of every draw.")] = 0,
    alpha: Annotated[
        float, typer.Option(help="Error probability of the whole run.")
    ] = 1e-6,
    jobs: Annotated[int, typer.Option(help="Processes, one thread each.")] = 1,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write everything to a file.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="OLD.json", help="Fail if verdicts or ratios changed."),
    ] = None,
    latex_file: Annotated[
        Path | None, typer.Option("--latex", help="Write a table for LaTeX to a file.")
    ] = None,
    junit_file: Annotated[
        Path | None, typer.Option("--junit", help="Write JUnit XML to a file.")
    ] = None,
    summary_file: Annotated[
        Path | None, typer.Option("--summary", help="Write a Markdown table to a file.")
    ] = None,
    ledger_file: Annotated[
        Path | None,
        typer.Option("--ledger", help="Go on with the evidence in a file."),
    ] = None,
    tuning: Annotated[
        bool,
        typer.Option("--tuning", help="With --ledger: this seed is never evidence."),
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Start nothing new after that time."),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every setting and control.")
    ] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Probe what the claims assume; --data always is."),
    ] = False,
    data: Annotated[
        str | None,
        typer.Option(help="CSV, NPZ or LIBSVM; or breast_cancer, diabetes."),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(help="With --data: logistic, squared or l1.")
    ] = None,
    ridge: Annotated[float, typer.Option(help="With --data: mu/2 ||x||^2.")] = 0.0,
    target: Annotated[
        str | None, typer.Option(help="With --data: target column, name or index.")
    ] = None,
    horizon: Annotated[int, typer.Option(help="With --data: points T.")] = 100,
    x0: Annotated[
        str, typer.Option(help="With --data: zeros, numbers with commas, or a file.")
    ] = "zeros",
    standardize: Annotated[
        bool, typer.Option(help="With --data: centre and scale the columns.")
    ] = True,
    intercept: Annotated[
        bool, typer.Option(help="With --data: add a column of ones.")
    ] = True,
    engine: Annotated[
        str,
        typer.Option(help="With --data: auto, tree, pathwise or montecarlo."),
    ] = "auto",
    instance: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Judge what `ratecheck hunt` found again."),
    ] = None,
) -> None:
    """Check claims: on the project's own instances, or on your data.

    Exit code: 0 all as expected, 1 something not as expected, 2 bad usage or input,
    3 inconclusive or out of time, 130 interrupted.
    """
    from synthetic import program
    from synthetic.hunt import again
    from synthetic.userdata import Request

    try:
        request = None
        if data is not None:
            request = Request(
                data,
                program.needed_loss(loss),
                ridge,
                target,
                horizon,
                x0,
                standardize,
                intercept,
            )
        elif (loss, target, engine, ridge, horizon, x0, standardize, intercept) != (
            *(None, None, "auto", 0.0, 100, "zeros", True, True),
        ):
            program.refuse_without_data()
        asked = program.Asked(
            tier,
            seed,
            alpha,
            jobs,
            engine,
            json_file,
            budget,
            compare,
            latex_file,
            junit_file,
            summary_file,
            ledger_file,
            tuning,
            probe,
        )
        job: program.Job | again.Replay
        if instance is not None:
            program.refuse_data(request)
            job = again.prepare(instance, patterns or [], asked)
            say(out, *job.words())
        else:
            job = program.prepare(patterns or [], request, asked)
            if job.instance is not None:
                out.print(display.instance_table(job.instance.summary()))
        with counting("verifying") as advance:
            session = job.run(advance)
            if session.interrupted:  # a second Ctrl-C must not cost what is done
                signal.signal(signal.SIGINT, signal.SIG_IGN)
    except InputError as error:
        fail(error)
    out.print(display.verdict_table(session, out.width))
    say(out, *display.remarks(session, verbose=verbose))
    try:
        job.save(session)
    except InputError as error:
        fail(error)
    raise typer.Exit(session.exit_code())
