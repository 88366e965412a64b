"""A Markdown table of what was judged, cut to a size: for a CI job's summary page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from synthetic.facts import Fact
from theory.files import write

LIMIT = 1_000_000
"""Bytes; GitHub refuses a step summary of more than 1 MiB, whole."""

HEAD = (
    "| | claim | case | verdict | engine | tightness | bound | interval |\n"
    "|---|---|---|---|---|---|---|---|\n"
)
REASON = 300
"""Characters of a reason; the JUnit file has all of it."""


def markdown(facts: Sequence[Fact], limit: int = LIMIT) -> str:
    """One row for each fact, what failed first, within `limit` bytes of UTF-8.

    What does not fit is counted in the last line; the counts on top are of everything.
    """
    failed = [f for f in facts if not (f.passed or f.undecided)]
    passed = [fact for fact in facts if fact.passed]
    let_off = [f for f in facts if f.undecided and not f.passed]
    head = f"**ratecheck**: {len(passed)} of {len(facts)} as they must be, "
    head += f"{len(failed)} not, {len(let_off)} let off.\n\n"
    if not facts:
        return head + "Nothing was judged.\n"
    head += HEAD
    room = limit - len(head.encode()) - len(_rest(len(facts), len(failed)).encode())
    rows: list[str] = []
    for fact in (*failed, *passed, *let_off):
        row = _row(fact)
        room -= len(row.encode())
        if room < 0:
            break
        rows.append(row)
    left_out = len(facts) - len(rows)
    text = head + "".join(rows)
    if left_out:
        text += _rest(left_out, max(0, len(failed) - len(rows)))
    return text


def write_summary(path: Path, facts: Sequence[Fact]) -> None:
    """Write the table, whole or not at all."""
    write(path, markdown(facts).encode())


def of_reports(reports: Iterable[Any]) -> list[Fact]:
    """Facts from pytest's reports; one for each case, where a test judged several."""
    return [fact for report in reports for fact in _facts(report)]


def _facts(report: Any) -> Iterator[Fact]:
    cases: dict[str, dict[str, str]] = {}
    for key, value in getattr(report, "user_properties", ()):
        case, _, name = key.rpartition(" ")
        cases.setdefault(case, {})[name] = str(value)
    group, _, test = report.nodeid.partition("::")
    for case, properties in (cases or {"": {}}).items():
        yield Fact(
            group=group,
            name=f"{test}: {case}" if case else test,
            passed=report.outcome == "passed",
            undecided=report.outcome == "skipped",
            reason="" if report.outcome == "passed" else _first_line(report),
            seconds=getattr(report, "duration", 0.0),
            properties=properties,
        )


def _first_line(report: Any) -> str:
    if isinstance(report.longrepr, tuple):  # of what was skipped: path, line, reason
        return str(report.longrepr[2])
    return report.longreprtext.strip().splitlines()[0] if report.longreprtext else ""


def _row(fact: Fact) -> str:
    found = fact.properties
    cells = [
        "ok" if fact.passed else "..." if fact.undecided else "**!!**",
        fact.group,
        fact.name,
        *(found.get(key, "") for key in ("verdict", "engine")),
        *(_short(found.get(key, "")) for key in ("tightness", "bound")),
        found.get("interval", ""),
    ]
    if not fact.passed:
        cells[2] += f": {fact.reason[:REASON]}"
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _short(number: str) -> str:
    return f"{float(number):.6g}" if number else ""


def _cell(text: str) -> str:
    """No text of a user's may end the cell, the row, or be read as HTML."""
    for old, new in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;")):
        text = text.replace(old, new)
    for mark in "\\`*_[]$":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split()).replace("\\*\\*!!\\*\\*", "**!!**")


def _rest(left_out: int, failed: int) -> str:
    return f"\n{left_out} more rows were cut ({failed} of them not as they must be).\n"
