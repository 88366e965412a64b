"""What the commands print, as rich tables and lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

from rich.console import Group
from rich.table import Table
from rich.text import Text

from synthetic.catalogue.entry import Catalogue
from synthetic.desks import desk_of
from synthetic.family_slope import family_slope
from synthetic.hypotheses.probes import standing
from synthetic.results import Change, ClaimResult, Session
from synthetic.symbols import SYMBOLS, SYSTEM_SYMBOLS
from synthetic.verify import Outcome, applicable, plan
from theory.claim import Claim
from theory.claims import SYSTEMS
from theory.evidence import moment_of
from theory.judge import Status
from theory.slope import reason

COLOURS = {
    Status.HOLDS: "green",
    Status.REFUTED: "magenta",
    Status.INCONCLUSIVE: "yellow",
    Status.NOT_APPLICABLE: "dim",
}

MARKS = {"ok": "green", "!!": "red", "..": "yellow"}


def claims_table(claims: list[Claim], width: int) -> Table:
    """One row for each claim."""
    table = Table(box=None, pad_edge=False)
    longest = max((len(claim.id) for claim in claims), default=0)
    table.add_column("claim", no_wrap=True, min_width=longest)
    for name in ("kind", "expected", "in words") if width >= 100 else ("in words",):
        table.add_column(name, overflow="fold")
    for claim in claims:
        more = (claim.kind, claim.expected) if width >= 100 else ()
        table.add_row(claim.id, *more, claim.title)
    return table


def card(claim: Claim, known: Catalogue) -> Group:
    """Everything about one claim, in the order in which one reads a theorem."""
    rows = [
        ("claim", claim.id),
        ("in words", claim.title),
        ("statement", claim.statement),
        ("method", ", ".join(sorted(family.value for family in claim.families))),
        ("kind", f"{claim.kind}, expected {claim.expected}"),
        ("assumes", "; ".join(f"{a.name}: {a.statement}" for a in claim.assumes)),
        ("of these", _standings(claim)),
        ("proof", claim.proof),
        ("slope", _slope_card(claim)),
        ("tight", claim.tight or "not known"),
        ("reference", claim.reference),
        ("symbols", _symbols(claim)),
    ]
    grid = Table.grid(padding=(0, 2))
    for name, text in rows:
        grid.add_row(Text(name, style="bold"), Text(text or "nothing"))
    settings = Table("setting", "engine", title="Tried on", box=None)
    unmet: set[str] = set()
    for setting in known.settings:
        if not applicable([claim], setting):
            continue
        why = desk_of(setting).failing(claim, setting.constants())
        engine = plan(claim, setting)
        if why is not None:
            unmet.add(why.split(":")[0])
        elif engine is not None:
            settings.add_row(Text(setting.name), engine)
    if unmet:
        settings.caption = f"Not applicable elsewhere: {', '.join(sorted(unmet))}."
    controls = Table("control", "seen on", title="Must be refuted", box=None)
    for control in known.controls:
        if control.claim_id == claim.id:
            place = "out of sight, as known: " if control.hidden else ""
            controls.add_row(Text(control.label), Text(place + control.setting.name))
    return Group(grid, Text(), settings, Text(), controls)


def _standings(claim: Claim) -> str:
    """Which assumptions points are searched for, and what is known of the others."""
    kinds: dict[str, list[str]] = {}
    for assumption in claim.assumes:
        kinds.setdefault(standing(assumption), []).append(assumption.name)
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in kinds.items())


def _symbols(claim: Claim) -> str:
    """What the cards of the claim's system use."""
    system = next(name for name, known in SYSTEMS.items() if claim.id in known)
    return SYSTEM_SYMBOLS.get(system, SYMBOLS)


def _slope_card(claim: Claim) -> str:
    """The exponent of T, and that of the family of problems that attains it."""
    family = family_slope(claim.id)
    power = "no plain power of T" if claim.slope is None else f"{claim.slope:g}"
    return power if family is None else f"{power}; observed {family}"


def doctor_table(rows: list[tuple[str, str, bool]]) -> Table:
    """Name, value, and a mark on what is not well."""
    table = Table(box=None, show_header=False)
    for name, value, well in rows:
        table.add_row("" if well else "!", name, Text(value))
    return table


def instance_table(summary: dict[str, Any]) -> Group:
    """A user's instance: what was done to the data, constants, the minimiser."""
    grid = Table.grid(padding=(0, 2))
    minimiser = summary["minimiser"]
    grid.add_row(
        "data", Text(f"{summary['name']}: n = {summary['n']}, d = {summary['d']}")
    )
    grid.add_row("loss", f"{summary['loss']}, ridge {summary['ridge']:g}")
    grid.add_row("prepared", Text("; ".join(summary["notes"]) or "as given"))
    grid.add_row("minimiser", Text(minimiser["method"]))
    grid.add_row("certificate", Text(minimiser["certificate"]))
    names = ("f_star", "D", "G", "G_max", "L", "sigma", "A", "B")
    numbers = ", ".join(f"{name} = {summary[name]:.6g}" for name in names)
    grid.add_row("constants", Text(numbers))
    star = ", ".join(f"{name} {value:.6g}" for name, value in summary["x_star"].items())
    grid.add_row("x*", Text(star))
    return Group(grid, Text())


ROOMY = 118
"""Narrower than this, the verdict table leaves out where the bound is tightest."""

WIDE = 170
"""From this width on, it has the slope observed there."""


COLUMNS = (
    ("", 0),
    ("claim", 0),
    ("verdict", 0),
    ("engine", 100),
    ("tightness", 0),
    ("tightest at", ROOMY),
    ("slope there", WIDE),
    ("controls", 0),
    ("seconds", 100),
)
"""Names, and how wide a terminal has to be; ids, verdicts and ratios always stand."""


def verdict_table(session: Session, width: int) -> Table:
    """One row for each claim, with the columns that the width allows."""
    table = Table(box=None, pad_edge=False)
    shown = [k for k, (_, least) in enumerate(COLUMNS) if width >= least]
    for k in shown:
        name = COLUMNS[k][0]
        if name == "tightest at":
            table.add_column(name, ratio=1)
        else:
            right = name in {"controls", "seconds"}
            side: Literal["right", "left"] = "right" if right else "left"
            table.add_column(name, justify=side, no_wrap=True, overflow="fold")
    for result in session.results.values():
        row = _row(result)
        table.add_row(*(row[k] for k in shown))
    return table


def _row(result: ClaimResult) -> tuple[str | Text, ...]:
    verdict = result.tightest.verdict if result.tightest else None
    evidence = verdict.evidence if verdict else None
    where = ""
    if result.tightest and verdict is not None and verdict.tightness is not None:
        moment = moment_of(verdict.tightest_time or 0)
        words = (result.tightest.setting, verdict.label, moment)
        where = ", ".join(word for word in words if word)
    return (
        Text(result.mark, style=MARKS[result.mark]),
        Text(result.claim.id),
        Text(result.status.value, style=COLOURS[result.status]),
        evidence.engine.value if evidence else "-",
        ratio(verdict.tightness if verdict else None),
        Text(where),
        _slope_cell(result),
        f"{result.caught}/{len(result.counted)}",
        f"{result.seconds:.2f}",
    )


def _slope_cell(result: ClaimResult) -> str:
    seen = result.tightest.slope(result.claim) if result.tightest else None
    if seen is None:
        return "-"
    return str(seen) + (f" of {result.claim.slope:g}" if result.claim.slope else "")


def ratio(tightness: float | None) -> str:
    """Six decimals near 1, where they matter."""
    if tightness is None:
        return "-"
    return f"{tightness:.6f}" if math.isfinite(tightness) else str(tightness)


def remarks(session: Session, *, verbose: bool) -> Iterator[str]:
    """What did not go as expected, what the data cannot see, then the sum."""
    for result in session.results.values():
        name = result.claim.id
        for outcome in result.outcomes:
            verdict = outcome.verdict
            odd = verdict.status in {Status.REFUTED, Status.INCONCLUSIVE}
            if verbose or (odd and result.claim.expected is not Status.REFUTED):
                yield f"{name} on {outcome.setting}: {verdict.status}, {verdict.reason}"
            if verbose:
                yield from _slope_line(result.claim, outcome)
        for control, outcome in result.controls:
            caught = outcome.verdict.status is Status.REFUTED
            if verbose or not (caught or control.hidden):
                mark = "ESCAPED" if control.required else "not visible on this data"
                if control.hidden:
                    mark = "out of sight, as known"
                mark = "caught" if caught else mark
                yield (
                    f"{name}, wrong variant [{control.label}] on {outcome.setting}: "
                    f"{mark}, {outcome.verdict.reason}"
                )
    yield from _sum(session, verbose=verbose)


def _slope_line(claim: Claim, outcome: Outcome) -> Iterator[str]:
    """The observed slope beside the theorem's, and why if they are far apart."""
    seen = outcome.slope(claim)
    if seen is None or claim.slope is None:
        return
    why = reason(seen, claim, outcome.constants) if outcome.constants else None
    yield f"    slope {seen}, the bound's is {claim.slope:g}" + (
        f": {why}" if why else ""
    )


def _sum(session: Session, *, verbose: bool) -> Iterator[str]:
    results = list(session.results.values())
    good = sum(result.as_expected for result in results)
    caught = sum(result.caught for result in results)
    total = sum(len(result.counted) for result in results)
    hidden = sum(len(result.controls) for result in results) - total
    yield ""
    yield (
        f"{good} of {len(results)} claims as expected, {caught} of {total} wrong "
        f"variants caught{_unseen(hidden)}; seed {session.options.seed}, error "
        f"probability of the whole run at most {session.options.alpha:g}."
    )
    if session.idle and not verbose:
        names = ", ".join(result.claim.id for result in session.idle)
        yield f"Not applicable here (-v says why): {names}."
    for result in session.idle if verbose else []:
        reasons = sorted({outcome.verdict.reason for outcome in result.outcomes})
        why = "; ".join(reasons) or "no engine can judge it here"
        yield f"Not applicable here: {result.claim.id} ({why})."
    if session.interrupted:
        yield "Interrupted: claims marked '..' are reported as far as they were done."
    elif session.pending:
        yield (
            f"The budget of {session.budget:g} s is spent: {session.pending} settings "
            "and controls were not tried; claims marked '..' are reported as far as "
            "they were done."
        )
    if session.changes is not None:
        yield from _comparison(session.changes)


def _unseen(hidden: int) -> str:
    return f" ({hidden} more are known to be out of sight)" if hidden else ""


def _comparison(changes: list[Change]) -> Iterator[str]:
    """What changed since an earlier run, then the sum."""
    for change in changes:
        yield f"{'CHANGED' if change.fails else 'changed'}: {change.text}"
    failing = sum(change.fails for change in changes)
    if not changes:
        yield "No differences from the earlier run."
    else:
        yield f"{len(changes)} differences from the earlier run, {failing} of them bad."
