"""Figures of deviations: what their captions say is in their tables, and can fail."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from figures import registry
from figures.table import Table


def progress(table: Table) -> bool:
    ahead = {}
    for panel in ("flow", "ridge"):
        rows = table.where(panel=panel)
        student, direct = (
            rows.where(model=name)["progress"]
            for name in ("student", "direct, matched")
        )
        if abs(student[0] - direct[0]) > 1e-12:
            return False
        ahead[panel] = int(np.sum(student[1:] > direct[1:] + 1e-12))
    said = table.notes
    return (said["ahead_flow"], said["ahead_ridge"]) == (0, ahead["ridge"]) and (
        ahead["flow"] == 0 < ahead["ridge"]
    )


def trajectories(table: Table) -> bool:
    least = 1.0
    for panel in table.values("panel"):
        r = float(panel.split()[-1])
        for name in table.values("model"):
            one = table.where(panel=panel, model=name)
            # The direct curve is 1 - (1 - x)^r, lost to rounding as x nears 1.
            kept = one["top"] < 0.999
            top, low = one["top"][kept], one["low"][kept]
            ratio = low / (1 - (1 - top) ** r)
            if name.startswith("teacher"):
                least = min(least, float(np.min(ratio)))
            if np.any(ratio > 1 + 1e-9):
                return False
    return bool(abs(least - table.notes["least"]) < 1e-6)


def risk_map(table: Table) -> bool:
    top = table.where(panel="signal on top alone")["change"]
    flat = table.where(panel="signal in all")["change"]
    said = table.notes
    return bool(
        abs(said["best_top"] + np.min(top)) < 1e-9
        and said["helped_top"] == np.mean(top < -1e-6) > 0
        and said["helped_all"] == np.mean(flat < -1e-6)
    )


def slopes_of_points(table: Table) -> bool:
    said = table.notes
    for panel in table.values("panel"):
        rows, key = table.where(panel=panel), panel.replace("-", "_")
        slope, intercept = np.polyfit(rows["x"], rows["y"], 1)
        # points are written with two digits
        if not (
            abs(slope - said[f"slope_{key}"]) < 1e-3
            and abs(intercept - said[f"intercept_{key}"]) < 5e-3
            and said[f"low_{key}"] == np.quantile(rows["x"], 0.25)
        ):
            return False
    return True


def findings_from_bounds(table: Table) -> bool:
    counts = dict.fromkeys(("reproduced", "not reproduced", "undecided"), 0)
    for name in table.values("configuration"):
        rows = table.where(configuration=name)
        word = "undecided"
        if (rows["lower"] > rows["threshold"]).all():
            word = "reproduced"
        elif (rows["upper"] <= rows["threshold"]).any():
            word = "not reproduced"
        middle = (rows["lower"] + rows["upper"]) / 2
        if set(rows.columns["finding"]) != {word}:
            return False
        if not np.allclose(rows["value"], middle, rtol=0, atol=2e-6):
            return False
        counts[word] += 1
    said = table.notes
    return said["number"] == sum(counts.values()) and all(
        said[word.replace(" ", "_")] == count for word, count in counts.items()
    )


CHECKS: Mapping[str, tuple[Callable[[Table], bool], str]] = {
    "deviations-progress": (progress, "progress"),
    "deviations-trajectories": (trajectories, "low"),
    "deviations-risk": (risk_map, "change"),
    "deviations-confidence": (slopes_of_points, "y"),
    "deviations-bounds": (findings_from_bounds, "value"),
}


def test_every_figure_of_deviations_is_checked() -> None:
    named = {name for name in registry.MODULES if name.startswith("deviations-")}
    assert named == set(CHECKS)


@pytest.mark.parametrize("name", CHECKS)
def test_the_caption_says_what_the_table_shows(name: str) -> None:
    holds, column = CHECKS[name]
    figure = registry.get(name)
    table = figure.compute(figure.parameters("test"))
    assert holds(table)
    assert "{" not in figure.words(table)
    columns: dict[str, Any] = dict(table.columns)
    columns[column] = np.asarray(columns[column])[::-1].copy()
    assert not holds(Table(columns, table.notes))
