"""The tables of a comparison as text cells, for a terminal or for Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gpt2_demo.compare.judgement import Judgement
from gpt2_demo.compare.runner import Result, loss_of
from gpt2_demo.compare.runs import CONTROLLED, Entry
from gpt2_demo.compare.verdict import Paired

Runs = Mapping[str, Result]


@dataclass(frozen=True)
class Grid:
    """A table.

    Attributes:
        title: Above it.
        header: Names of its columns.
        rows: Cells.

    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_markdown(self) -> str:
        """As GitHub reads it."""
        lines = [self.header, tuple("---" for _ in self.header), *self.rows]
        body = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return f"## {self.title}\n\n{body}\n"


def grids(entries: Sequence[Entry], runs: Runs, judgement: Judgement) -> list[Grid]:
    """All tables, the verdicts first."""
    return [
        _pairs(judgement),
        _controls(judgement),
        _methods(entries, runs),
        _tuning(entries, runs),
        _spreads(judgement),
    ]


def number(value: float) -> str:
    """A loss or a difference, three decimals; words where it is not finite."""
    return f"{value:.3f}" if math.isfinite(value) else "diverged"


def differences(found: Paired) -> tuple[str, str, str]:
    """All of them, their mean, the interval."""
    singles = " ".join(f"{d:+.3f}" for d in found.differences)
    if not math.isfinite(found.mean):
        return singles, "-", "-"
    return singles, f"{found.mean:+.3f}", f"[{found.lower:+.3f}, {found.upper:+.3f}]"


def _pairs(judgement: Judgement) -> Grid:
    rows = []
    for pair in judgement.pairs:
        share = f"{pair.beaten.number} of {pair.beaten.total}"
        for name, found in (
            (pair.theirs, pair.all),
            (f"{pair.theirs}, constant", pair.constant),
        ):
            cells = (*differences(found), found.word.value, share)
            rows.append((pair.ours, name, *cells))
    header = ("untuned", "tuned", "d by seed", "mean d", "95 % interval", "verdict")
    return Grid(
        "Untuned minus tuned, final validation loss in nats a token",
        (*header, "settings beaten"),
        tuple(rows),
    )


def _controls(judgement: Judgement) -> Grid:
    rows = [
        (name, *differences(found), found.control.value)
        for name, found in judgement.controls.items()
    ]
    small = judgement.small
    rows.append(("(1) small student", *differences(small), small.word.value))
    header = ("control", "d by seed", "mean d", "95 % interval", "verdict")
    return Grid(
        f"{CONTROLLED} with the teacher's losses minus itself with a control; (1) it "
        "minus SGD at the rate tuned for the larger student",
        header,
        tuple(rows),
    )


def _methods(entries: Sequence[Entry], runs: Runs) -> Grid:
    groups = ("untuned", "tuned", "tuned constant", "control", "small")
    rows = []
    for group, series in _series(entries, groups):
        some = [e for e in entries if (e.group, e.series) == (group, series)]
        found = [runs[e.run.id] for e in some]
        losses = [loss_of(one) for one in found]
        arm = some[0].run.arm
        setting = "" if arm.is_polyak else f"{arm.schedule}, {arm.rate:g}"
        rows.append(
            (
                group,
                series,
                setting,
                number(float(np.mean(losses))),
                " ".join(number(loss) for loss in losses),
                _share(found, "capped"),
                _share(found, "zero"),
                f"{np.mean([one['tokens_per_second'] for one in found]):.0f}",
            )
        )
    header = ("group", "method", "chosen", "mean loss", "by seed")
    shares = ("capped steps", "zero steps", "tokens/s")
    return Grid("Final validation losses", (*header, *shares), tuple(rows))


def _share(found: Sequence[Result], key: str) -> str:
    values = [one[key] for one in found if one[key] is not None]
    return f"{np.mean(values):.1%}" if values else "-"


def _series(entries: Sequence[Entry], groups: Sequence[str]) -> list[tuple[str, str]]:
    found = dict.fromkeys((e.group, e.series) for e in entries)
    return sorted(
        (pair for pair in found if pair[0] in groups),
        key=lambda pair: groups.index(pair[0]),
    )


def _tuning(entries: Sequence[Entry], runs: Runs) -> Grid:
    tuning = [e for e in entries if e.group == "tuning"]
    rows = []
    for series in dict.fromkeys(e.series for e in tuning):
        some = [e for e in tuning if e.series == series]
        cells = [f"{e.at:g}: {number(loss_of(runs[e.run.id]))}" for e in some]
        rows.append((series, *cells))
    most = max(len(row) for row in rows)
    return Grid(
        "Tuning: rate: final validation loss, on the tuning seed",
        ("method", *(f"rate {k + 1}" for k in range(most - 1))),
        tuple((*row, *[""] * (most - len(row))) for row in rows),
    )


def _spreads(judgement: Judgement) -> Grid:
    rows = []
    for name, spread in judgement.spreads.items():
        curve = ", ".join(f"{at}: {number(v)}" for at, v in spread.means.items())
        width = number(spread.width) if math.isfinite(spread.width) else "infinite"
        rows.append((name, width, curve))
    return Grid(
        "What a setting is worth: range of the mean final loss",
        ("setting", "range", "mean loss by value"),
        tuple(rows),
    )
