"""The figure of the mutation matrix counts what the saved file holds."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from figures import mutation_matrix, registry
from figures.render import render
from figures.table import Table
from synthetic.mutation import matrix
from synthetic.mutation.registry import MUTANTS
from theory import claims


@pytest.fixture(scope="module")
def table() -> Table:
    figure = registry.get("mutation-matrix")
    return figure.compute(figure.parameters("quick"))


def test_the_caption_counts_the_rows_of_the_file(table: Table) -> None:
    saved = json.loads(mutation_matrix.SHIPPED.read_text("utf-8"))
    clean, *rows = saved["rows"]
    assert clean["label"] == matrix.CLEAN
    assert not any(clean["caught"])  # else a red check would say nothing of a mutant
    counts = [sum(row["caught"]) for row in rows]
    notes = table.notes
    assert notes["num_mutants"] == len(rows) == len(table)
    assert notes["killed"] == sum(count > 0 for count in counts)
    assert notes["once"] == counts.count(1)
    assert notes["killed"] == notes["by_a_claim"] + notes["only_probes"]
    assert list(table["claims"] + table["probes"]) == counts
    marks = [row.count(mutation_matrix.MARKS[1]) for row in table["caught"]]
    assert marks == counts
    told = f"{notes['killed']} of the {len(rows)} are caught"
    assert told in mutation_matrix.FIGURE.words(table)


def test_its_rows_and_columns_are_still_known(table: Table) -> None:
    assert set(table["mutant"]) <= MUTANTS.keys()
    saved = matrix.read(mutation_matrix.SHIPPED)["claims"]
    known = {claim.id for claim in claims.find([])}
    assert {name for name in saved if not name.startswith("probe.")} <= known
    kinds = table.notes["kinds"]
    changes = sum(a != b for a, b in pairwise(kinds))
    assert changes + 1 == len(set(kinds))  # those of a system stand side by side


def test_it_is_drawn(table: Table) -> None:
    assert len(render(mutation_matrix.FIGURE, table, formats=("png",))["png"]) > 10_000
