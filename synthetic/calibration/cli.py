"""`ratecheck plan`: reads arguments, prints, and no more."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import track
from rich.table import Table
from rich.text import Text

from theory.errors import InputError
from theory.terminal import err, fail, new_app, output

if TYPE_CHECKING:
    from synthetic.calibration.plan import Plan, Row
    from synthetic.calibration.power import Needed

app = new_app()
out = output()


@app.callback()
def main() -> None:
    """How many replicas does a violation need?"""


@app.command()
def plan(
    claim: Annotated[str, typer.Argument(metavar="CLAIM")],
    *,
    violation: Annotated[
        list[float] | None,
        typer.Option(help="Share of the bound; may be repeated. 0.1, 0.25, 0.5, 1."),
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(help="Error probability on one setting; else that of `verify`."),
    ] = None,
    power: Annotated[float, typer.Option(help="Chance of the verdict.")] = 0.9,
    setting: Annotated[str | None, typer.Option(help="Only this setting.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say how many replicas Monte Carlo needs to see that a claim is violated.

    Exit code: 0 planned, 2 bad usage or input, or nothing is sampled.
    """
    from synthetic.calibration import plan as planning

    try:
        sizes = tuple(violation) if violation else planning.VIOLATIONS
        asked = planning.Asked(claim, sizes, alpha, power, setting)
        found = planning.prepare(asked)
        rows = list(
            track(
                found.rows(),
                "planning",
                total=len(found.sampled),
                console=err,
                transient=True,
                disable=not err.is_terminal,
            )
        )
    except InputError as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if as_json:
        typer.echo(json.dumps(_record(found, rows), indent=1))
        return
    out.print(_table(found, rows))
    for line in _remarks(found, rows):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _table(found: Plan, rows: list[Row]) -> Table:
    sizes = found.asked.violations
    refuted = [f"refuted, +{size:.0%}" for size in sizes]
    table = Table("setting", "t", "mean/bound", box=None)
    for name in (*refuted, "holds as it is", f"time at +{sizes[0]:.0%}"):
        table.add_column(name, justify="right")
    for row in rows:
        name = row.pilot.name + (f", {row.pilot.label}" if row.pilot.label else "")
        cells = [_cell(row.refuted[size], row.is_heavy) for size in sizes]
        holds = row.why if row.holds is None else _cell(row.holds, row.is_heavy)
        seconds = row.seconds(row.refuted[sizes[0]].number)
        ratio = f"{row.ratio:.3g}"
        cells += [holds, "" if math.isinf(seconds) else f"{seconds:.2g} s"]
        table.add_row(Text(name), f"{row.time}", ratio, *map(Text, cells))
    return table


def _cell(needed: Needed, is_heavy: bool) -> str:
    """The number with its limits; ">=" where the pilot may have missed the tail."""
    if math.isinf(needed.number):
        from synthetic.calibration.power import MOST

        return f"> {MOST}"
    ends = (needed.low, needed.high)
    low, high = (f"{end:.0f}" if math.isfinite(end) else "?" for end in ends)
    return f"{'>= ' * is_heavy}{needed.number:.0f} [{low}, {high}]"


def _remarks(found: Plan, rows: list[Row]) -> list[str]:
    from synthetic.calibration import pilot, power

    lines = [
        f"Replicas by which the verdict is there with probability "
        f"{found.asked.power:g}, at error probability {found.alpha:.2g} on each "
        f"setting, from {power.RUNS} resamplings of a pilot of {pilot.REPLICAS} "
        f"replicas scaled to the violation at the tightest t; in brackets what the "
        f"resampling leaves open at 95 %. Steps of the count: 10 %."
    ]
    if any(row.is_heavy for row in rows):
        lines.append(
            ">=: at least so many. One sample makes up more than 2 % of the pilot's "
            "sum, so the pilot may have missed larger ones."
        )
    lines += [f"Not planned: {why}" for why in found.skipped.values()]
    if found.exact:
        engines = ", ".join(f"{name}: {number}" for name, number in found.exact.items())
        lines.append(f"Exact, no replica is needed, on other settings: {engines}.")
    return lines


def _record(found: Plan, rows: list[Row]) -> dict[str, Any]:
    from synthetic.calibration import pilot, power

    return {
        "claim": found.claim.id,
        "alpha": found.alpha,
        "power": found.asked.power,
        "pilot": pilot.REPLICAS,
        "resamplings": power.RUNS,
        "most": power.MOST,
        "exact": found.exact,
        "skipped": found.skipped,
        "settings": [_plain(row) for row in rows],
    }


def _plain(row: Row) -> dict[str, Any]:
    return {
        "setting": row.pilot.name,
        "configuration": row.pilot.label,
        "configurations": row.pilot.count,
        "t": row.time,
        "tightness": row.ratio,
        "largest_share": row.largest,
        "at_least": row.is_heavy,
        "seconds_each": row.pilot.seconds,
        "refuted": [
            {"violation": size, **_numbers(row, needed)}
            for size, needed in row.refuted.items()
        ],
        "holds": None if row.holds is None else _numbers(row, row.holds),
        "why": row.why,
    }


def _numbers(row: Row, needed: Needed) -> dict[str, float | None]:
    """Replicas and seconds; null where they are beyond the most that is tried."""
    found = {
        "replicas": needed.number,
        "low": needed.low,
        "high": needed.high,
        "seconds": row.seconds(needed.number),
    }
    return {name: v if math.isfinite(v) else None for name, v in found.items()}
