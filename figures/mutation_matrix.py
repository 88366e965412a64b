"""Which check would have caught which mistake: mutants by claims and probes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from figures import style
from figures.spec import PROJECT, TIERS, Figure, Parameters
from figures.table import Table
from synthetic.mutation import matrix
from synthetic.mutation.registry import GROUPS, MUTANTS

SHIPPED = Path(__file__).parent / "saved" / "mutations.json"
"""What `ratecheck mutate --matrix` wrote."""

MARKS = ".x"
"""Of a check in a row of the table: passed by, or turned red."""

GROUP_OF = {mutant.label: name for name, group in GROUPS.items() for mutant in group}


def compute(parameters: Parameters) -> Table:
    """One row for each mutant: what caught it, one mark for each check."""
    path = SHIPPED.parent / str(parameters["file"])
    saved = matrix.read(path)
    rows = [row for row in saved["rows"] if row["label"] != matrix.CLEAN]
    known = [_kind(name) for name in saved["claims"]]
    order = sorted(range(len(known)), key=lambda k: known.index(known[k]))
    kinds = [known[k] for k in order]  # those of a system side by side
    caught = np.array([row["caught"] for row in rows], dtype=bool)[:, order]
    is_probe = np.array(kinds) == "probe"
    labels = [row["label"] for row in rows]
    by_claims = caught[:, ~is_probe].sum(axis=1)
    by_probes = caught[:, is_probe].sum(axis=1)
    harmless = [label in MUTANTS and bool(MUTANTS[label].harmless) for label in labels]
    columns = {
        "mutant": labels,
        "group": [GROUP_OF.get(label, "since removed") for label in labels],
        "claims": by_claims,
        "probes": by_probes,
        "harmless": np.array(harmless, dtype=np.int64),
        "caught": ["".join(MARKS[int(c)] for c in row) for row in caught],
    }
    seen = by_claims + by_probes > 0
    notes = {
        "kinds": kinds,
        "num_mutants": len(rows),
        "whole": len(MUTANTS),
        "num_claims": int(np.sum(~is_probe)),
        "num_probes": int(np.sum(is_probe)),
        "killed": int(seen.sum()),
        "harmless": int(np.sum(~seen & np.array(harmless, dtype=bool))),
        "by_a_claim": int(np.sum(by_claims > 0)),
        "only_probes": int(np.sum((by_claims == 0) & (by_probes > 0))),
        "once": int(np.sum(by_claims + by_probes == 1)),
        "median": int(np.median((by_claims + by_probes)[seen])),
        "sources": saved["sources"],
    }
    return Table(columns, notes)


def _kind(name: str) -> str:
    """The system of a claim, or that it is a probe."""
    return name.partition(".")[0]


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw the matrix, and beside it by how many checks each mutant is caught."""
    grid = np.array([[MARKS.index(c) for c in row] for row in table["caught"]])
    ax, side = axes
    ax.imshow(grid, cmap="Greys", aspect="auto", interpolation="none", vmin=0, vmax=1)
    ax.grid(visible=False)
    _edges(list(table.notes["kinds"]), ax.axvline, ax.set_xticks, rotation=90)
    _edges([str(g) for g in table["group"]], ax.axhline, ax.set_yticks, rotation=0)
    ax.set_xlabel("checks: probes, then claims")
    places = np.arange(len(table))
    claims, probes = table["claims"], table["probes"]
    side.barh(places, claims, height=0.8, color=style.BLUE, label="claims")
    side.barh(
        places, probes, left=claims, height=0.8, color=style.ORANGE, label="probes"
    )
    side.set_xscale("symlog", linthresh=1)
    side.set_xlim(0, grid.shape[1])
    side.set_ylim(len(table) - 0.5, -0.5)
    side.set_yticks([])
    side.set_xlabel("caught by how many")
    style.legend_below(side, 2)


def _edges(kinds: list[str], line: Any, ticks: Any, rotation: int) -> None:
    """A line where one kind ends, its name in the middle."""
    start, middles, names = 0, [], []
    for kind, same in groupby(kinds):
        stop = start + len(list(same))
        middles.append((start + stop - 1) / 2)
        names.append(kind)
        line(stop - 0.5, color=style.GREY, linewidth=0.5)
        start = stop
    ticks(middles, names, rotation=rotation)


def _parameters() -> Parameters:
    digest = hashlib.sha256(SHIPPED.read_bytes()).hexdigest()
    return {"file": SHIPPED.name, "sha256": digest}


FIGURE = Figure(
    name="mutation-matrix",
    title="Wrong variants of the code, by the checks that see them",
    paper=PROJECT,
    caption=(
        "Each row is a wrong variant of a line of the code, {num_mutants} of the "
        "{whole} that `ratecheck mutate` tries (the matrix takes hours, and goes on); "
        "each column is one of {num_probes} probes and {num_claims} claims; black: "
        "that check would have turned red. Right: how many do. Of the sources "
        "{sources}, by `ratecheck mutate --matrix`."
    ),
    claim=(
        "{killed} of the {num_mutants} are caught, {by_a_claim} by a claim and "
        "{only_probes} by probes alone; {once} by a single check; half of those that "
        "are caught are caught by {median} checks or more."
    ),
    tiers=dict.fromkeys(TIERS, _parameters()),
    minutes={"quick": 0.01, "full": 0.01},
    scale="a saved matrix of some hours",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=6.5,
)
