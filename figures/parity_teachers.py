r"""A teacher's phase transition, and its correlations with single inputs meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from figures import style
from figures.parity_runs import MAIN, SMALL, teachers_of
from figures.spec import PARITY_PAPER, Figure, Parameters
from figures.table import Table, curve, stack
from synthetic.parity.verdicts import spike_pair

SERIES = {
    "on S": "inside",
    "off S": "outside",
    "random subset": "control",
    "neither": "control_outside",
}
PROBED = {"probe": 65_536}
DRAWN = ("on S", "off S", "random subset")


def compute(parameters: Parameters) -> Table:
    """Accuracy and the degree-1 statistic at every checkpoint of some teachers."""
    parts, pairs = [], []
    for teacher in teachers_of(parameters):
        held = [teacher.transition.holds(int(step)) for step in teacher.stored]
        numbers = {
            "step": teacher.stored.astype(np.float64),
            "floor": teacher.spike_of("floor"),
            "within": np.array(held, dtype=np.int64),
        }
        columns = {key: teacher.spike_of(field) for key, field in SERIES.items()}
        columns["accuracy"] = teacher.stored_accuracy
        for kind, values in columns.items():
            where = {"seed": f"seed {teacher.seed}", "kind": kind}
            parts.append(curve(where, value=values, **numbers))
        pairs.append(spike_pair(teacher))
    ratios = np.array([pair for pair in pairs if pair is not None])
    on, control = np.exp(ratios.mean(axis=0)).tolist()
    notes = {"teachers": len(pairs), "ratio": on, "control": control}
    return Table(stack(parts).columns, notes)


def draw(table: Table, axes: Sequence[Any]) -> None:
    """Draw accuracies on the left, the statistic of the first teacher on the right."""
    left, right = axes
    for k, seed in enumerate(table.values("seed")):
        rows = table.where(seed=seed, kind="accuracy")
        color = style.BLUE if k == 0 else style.GREY
        width = 1.4 if k == 0 else 0.5
        left.plot(rows["step"], rows["value"], color=color, linewidth=width)
    left.set_xlabel("teacher's steps")
    left.set_ylabel("accuracy")
    first = table.where(seed=table.values("seed")[0])
    for k, kind in enumerate(DRAWN):
        rows = first.where(kind=kind)
        look = {"color": style.CYCLE[k], "linestyle": style.DASHES[k]}
        right.plot(rows["step"], rows["value"], label=kind, **look)
    rows = first.where(kind="accuracy")
    right.plot(rows["step"], rows["floor"], color=style.GREY, label="one s.e. of 0")
    steps = rows["step"][rows["within"] == 1]
    for ax in axes:
        ax.axvspan(steps[0], steps[-1], color="0.9", zorder=0)
    right.set_xlabel("teacher's steps")
    right.set_ylabel(r"mean $|E\,x_i\,p(x)|$")
    right.set_ylim(bottom=0.0)
    right.legend(loc="upper left")


FIGURE = Figure(
    name="parity-teachers",
    title="The teacher's phase transition",
    paper=PARITY_PAPER,
    caption=(
        "Left: accuracy of {teachers} teachers of a sparse parity, the first in blue. "
        "Right, for the first: mean correlation of the predicted probability with "
        "single inputs on the support, off it, and of a random subset off it. Grey: "
        "its transition, from the first accuracy above .55 to the first above .95."
    ),
    claim=(
        "Over the checkpoints of the transitions of all teachers the geometric mean of "
        "on / off is {ratio:.2f}; of the random subset against the rest it is "
        "{control:.2f}."
    ),
    tiers={
        "test": SMALL,
        "quick": MAIN | PROBED,
        "full": MAIN | PROBED | {"seeds": 100},
    },
    minutes={"quick": 0.5, "full": 2.5},
    scale="20 teachers, d = 24, k = 6",
    compute=compute,
    draw=draw,
    panels=(1, 2),
    width="wide",
    height=2.8,
)
