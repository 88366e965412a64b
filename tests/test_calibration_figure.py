"""The figure of the calibration says what the saved table holds, and draws it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from figures import calibration, registry
from figures.render import render
from figures.table import Table
from synthetic.calibration import saved


@pytest.fixture(scope="module")
def table() -> Table:
    figure = registry.get("calibration")
    return figure.compute(figure.parameters("quick"))


def test_every_rate_lies_in_its_limits_and_below_alpha(table: Table) -> None:
    rates = table.where(panel="rates")
    assert np.all(rates["low"] <= rates["value"])
    assert np.all(rates["value"] <= rates["high"])
    for alpha in calibration.ALPHAS:
        ours = rates.where(series=f"alpha = {alpha:g}")
        assert len(ours) == 14 + 8
        assert np.all(ours["high"] < alpha)
    few = rates.where(series=calibration.FOR_COMPARISON[0])
    assert np.median(few["value"]) > 0.3


def test_the_caption_says_what_the_table_shows(table: Table) -> None:
    tight = {row["source"] for row in rows("tight")}
    assert table.notes["rows"] == len(tight) == 14
    for alpha, note in ((0.05, "worst_0_05"), (0.01, "worst_0_01")):
        counts = [saved.result_at(row, alpha)["refuted"] for row in rows("tight")]
        assert max(counts) / table.notes["runs"] < table.notes[note] < alpha / 2
    words = calibration.FIGURE.words(table)
    assert words.endswith(".")
    assert "{" not in words


def rows(kind: str) -> list[dict[str, object]]:
    record = saved.read(calibration.FILE)
    return [row for row in record["rows"] if row["kind"] == kind]


def test_replicas_are_those_by_which_nine_in_ten_were_caught(table: Table) -> None:
    shown = table.where(panel="replicas")
    assert len(shown) == len(rows("violated")) == 48
    for row, number in zip(rows("violated"), shown["value"], strict=True):
        result = saved.result_at(row, calibration.CAUGHT_AT)
        caught = [n >= 0.9 * float(str(row["runs"])) for n in result["refuted_by_look"]]
        looks = np.array(row["looks"], dtype=np.float64)
        assert number == (looks[caught].min() if any(caught) else np.inf)


def test_the_picture_is_the_same_from_a_table_read_back(table: Table) -> None:
    notes = json.loads(json.dumps(dict(table.notes)))
    again = Table.from_csv(table.to_csv(), notes)
    first = render(calibration.FIGURE, table, formats=("svg",))
    assert first == render(calibration.FIGURE, again, formats=("svg",))
