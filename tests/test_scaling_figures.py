"""What the captions of the figures on scaling laws say, against their tables."""

from collections.abc import Callable

import numpy as np
import pytest

from figures import registry
from figures.scaling_shares import PARTS
from figures.table import Table


def the_u(table: Table) -> bool:
    curves, least = table.where(what="student"), table.where(what="least")
    gap = [
        curves.where(series=s)["loss"][0] - least.where(series=s)["loss"][0]
        for s in table.values("series")
    ]
    said = table.notes
    return bool(
        said["beats"] == 0
        and said["first_best"] == least["teacher"][0]
        and said["last_best"] == least["teacher"][-1]
        and said["strongest"] == curves["teacher"].min()
        and said["harm"] == max(gap) > 0
        and all(
            curves.where(series=s)["loss"].min() >= least.where(series=s)["loss"][0]
            for s in table.values("series")
        )
    )


def the_edge(table: Table) -> bool:
    modest = table["edge"][table["tokens"] < 1e11].min()
    left = [
        name
        for name in table.values("series")
        if table.where(series=name)["edge"].min() > 0
    ]
    ends = [table.where(series=name)["edge"][-1] for name in table.values("series")]
    return bool(
        table.notes["modest"] == modest > 0
        and table.notes["never"] == " and ".join(left)
        and max(ends) < table.notes["error"]
    )


def the_shares(table: Table) -> bool:
    said, whole = table.notes, []
    for panel in table.values("panel"):
        rows = [table.where(panel=panel, series=name)["share"] for name in PARTS]
        whole.append(np.sum(rows, axis=0))
    ends = [
        100 * table.where(panel=said[size], series=PARTS[2])["share"][k]
        for size in ("small", "large")
        for k in (0, -1)
    ]
    names = ("small_first", "small_last", "large_first", "large_last")
    return bool(
        np.allclose(whole, 1.0)
        and np.allclose([said[name] for name in names], ends, rtol=1e-12)
    )


def the_profiles(table: Table) -> bool:
    said, best, behind = table.notes, [], []
    for series in table.values("series"):
        rows = table.where(series=series, what="taught")
        alone = table.where(series=series, what="alone")["loss"][0]
        best.append(rows["size"][int(np.argmin(rows["loss"]))] / said["N"])
        behind.append(rows["loss"].min() - alone)
    return bool(
        said["first"] == best[0]
        and said["last"] == best[-1]
        and np.isclose(said["least_behind"], min(behind), rtol=1e-12)
        and np.isclose(said["most_behind"], max(behind), rtol=1e-12)
        and min(behind) > 0
    )


def the_residuals(table: Table) -> bool:
    said, good = table.notes, []
    for panel in table.values("panel"):
        held = table.where(panel=panel, series="held out")
        fitted = table.where(panel=panel, series="fitted")
        noise = 3.5 * said["noise"]
        good += [
            len(fitted) == said[f"{panel}_fitted"],
            len(held) == said[f"{panel}_held"],
            np.median(np.abs(fitted["residual"])) == said[f"{panel}_middle"],
            said[f"{panel}_middle"] < said["noise"],
            np.abs(held["residual"]).max() < said[f"{panel}_worst"] + noise,
            0 < said[f"{panel}_worst"] < 3.0,
        ]
    return all(good)


CHECKS: dict[str, tuple[Callable[[Table], bool], str]] = {
    "scaling-teacher": (the_u, "loss"),
    "scaling-crossover": (the_edge, "edge"),
    "scaling-shares": (the_shares, "share"),
    "scaling-isoflop": (the_profiles, "loss"),
    "scaling-residuals": (the_residuals, "residual"),
}


def test_every_figure_is_checked() -> None:
    names = {name for name in registry.MODULES if name.startswith("scaling-")}
    assert set(CHECKS) == names


@pytest.mark.parametrize("name", CHECKS)
def test_captions_say_what_tables_show_and_a_wrong_number_is_noticed(name: str) -> None:
    figure = registry.get(name)
    table = figure.compute(figure.parameters("test"))
    check, column = CHECKS[name]
    assert check(table)
    assert "{" not in figure.words(table)
    assert "nan" not in figure.words(table)
    rng = np.random.default_rng(0)
    wrong = table[column] * (1.0 + 0.5 * rng.random(len(table)))
    assert not check(Table({**table.columns, column: wrong}, table.notes))
