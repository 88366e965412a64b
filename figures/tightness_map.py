"""Every claim at a glance: how tight it is, how many wrong variants it caught."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.spec import PROJECT, Figure, Parameters
from figures.table import Column, Table
from synthetic import session
from synthetic.catalogue import catalogue_of
from synthetic.desk import Options
from synthetic.program import TIERS
from theory import claims as registry
from theory.judge import Status

LOW, HIGH = 1e-2, 30.0
COLUMNS = 3


def compute(parameters: Parameters) -> Table:
    """A verification of all claims, one row each."""
    claims = registry.find(parameters["patterns"])
    known = catalogue_of(claims, parameters["tier"])
    tasks = session.tasks_for(claims, known.settings, known.controls)
    options = Options(
        parameters["seed"], parameters["alpha"], TIERS[parameters["tier"]]
    )
    done = session.run(tasks, options)
    if done.interrupted:  # half a map must not be kept as a whole one
        raise KeyboardInterrupt
    results = list(done.results.values())
    tightness = [
        r.tightest.verdict.tightness if r.tightest is not None else None
        for r in results
    ]
    finite = [math.nan if value is None else float(value) for value in tightness]
    columns: dict[str, Column] = {
        "claim": [r.claim.id for r in results],
        "expected": [r.claim.expected.value for r in results],
        "status": [r.status.value for r in results],
        "tightness": np.array(finite),
        "caught": np.array([r.caught for r in results], dtype=np.int64),
        "controls": np.array([len(r.counted) for r in results], dtype=np.int64),
        "settings": np.array([len(r.judged) for r in results], dtype=np.int64),
    }
    held = np.array([r.status is Status.HOLDS for r in results])
    ratio = np.array(finite)
    notes = {
        "number": len(results),
        "as_expected": sum(r.as_expected for r in results),
        "caught": sum(r.caught for r in results),
        "controls": sum(len(r.counted) for r in results),
        "attained": int(np.sum(held & (ratio > 0.999))),
        "holding": int(held.sum()),
        "alpha": parameters["alpha"],
    }
    return Table(columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw the claims in columns: a dot at the tightness, caught controls as text."""
    rows = len(table)
    each = -(-rows // COLUMNS)
    for column, ax in enumerate(axes):
        part = range(column * each, min((column + 1) * each, rows))
        names = [str(table["claim"][k]) for k in part]
        places = np.arange(len(names))
        ratio = np.clip(table["tightness"][list(part)], LOW, HIGH)
        false = table["expected"][list(part)] == Status.REFUTED.value
        ax.axvline(1.0, **style.BOUND)
        ax.plot(
            ratio[~false],
            places[~false],
            "o",
            color=style.BLUE,
            markersize=2.6,
            zorder=3,
            label="holds",
        )
        ax.plot(
            ratio[false],
            places[false],
            "X",
            color=style.VERMILION,
            markersize=3.2,
            zorder=3,
            label="false, and refuted",
        )
        for place, k in enumerate(part):
            caught = f"{table['caught'][k]}/{table['controls'][k]}"
            ax.text(
                1.02,
                place,
                caught,
                fontsize=4,
                va="center",
                transform=ax.get_yaxis_transform(),
            )
        ax.set_yticks(places, names, fontsize=4)
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(each - 0.4, -0.6)
        ax.set_xscale("log")
        ax.set_xlim(LOW * 0.8, HIGH * 1.2)
        ax.set_xlabel("left-hand side / bound")
        ax.grid(axis="y", linewidth=0.3)
    style.legend_below(axes[0], 2)


FIGURE = Figure(
    name="tightness-map",
    title="All claims: tightness and controls",
    paper=PROJECT,
    caption=(
        "The largest ratio of left-hand side to bound over settings and t of each of "
        "{number} claims (no dot where no bound is positive; beyond the axis, at its "
        "end), "
        "and on the right how many of its wrong variants were caught. Sampled ratios "
        "are estimates; verdicts rest on limits, with error probability {alpha:g} in "
        "all."
    ),
    claim=(
        "{as_expected} of {number} claims are as expected, {caught} of {controls} "
        "wrong variants caught; {attained} of the {holding} that hold attain 0.999 of "
        "their bound."
    ),
    tiers={
        "test": {
            "seed": 0,
            "alpha": 1e-6,
            "tier": "quick",
            "patterns": ["iam.lipschitz.last", "sps.lastiterate.refuted"],
        },
        "quick": {"seed": 0, "alpha": 1e-6, "tier": "quick", "patterns": []},
        "full": {"seed": 0, "alpha": 1e-6, "tier": "full", "patterns": []},
    },
    minutes={"quick": 1.7, "full": 5.4},
    scale="`ratecheck verify`, all claims",
    compute=compute,
    draw=draw,
    panels=(1, COLUMNS),
    width="wide",
    height=11.0,
)
