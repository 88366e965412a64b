"""The figures on distilled parities say what their tables show, and can be wrong."""

from collections.abc import Callable

import numpy as np
import pytest

from figures import registry
from figures.render import render
from figures.table import Table


def same(said: float, seen: float) -> bool:
    return bool(abs(said - seen) <= 1e-12 * abs(seen))


def students_there(table: Table) -> bool:
    said = table.notes
    hard = table.where(panel=f"tau = {said['tau']:g}")
    for mode, name in (("mid", "mid"), ("one-shot", "one_shot"), ("ce", "ce")):
        there = hard.where(mode=mode)
        if said[f"{name}_half"] != there["steps"][there["alive"] <= 0.5].min():
            return False
    falls = [
        bool(np.all(np.diff(table.where(panel=panel, mode=mode)["alive"]) <= 0))
        for panel in table.values("panel")
        for mode in table.values("mode")
    ]
    return all(falls) and bool((table["alive"] <= 1.0).all())


def spikes(table: Table) -> bool:
    found = []
    for over, under in (("on S", "off S"), ("random subset", "neither")):
        logs = []
        for seed in table.values("seed"):
            rows = (table.where(seed=seed, kind=kind) for kind in (over, under))
            on, off = (r["value"][(r["within"] == 1) & (r["step"] > 0)] for r in rows)
            logs.append(np.mean(np.log(on / off)))
        found.append(float(np.exp(np.mean(logs))))
    ratio, control = found
    return same(table.notes["ratio"], ratio) and same(table.notes["control"], control)


def best_checkpoint(table: Table) -> bool:
    said, at = table.notes, int(np.argmin(table["steps"]))
    return bool(
        said["best_steps"] == table["steps"][at]
        and said["best_part"] == table["part"][at]
        and said["best_within"] == table["within"][at]
    )


def gains(table: Table) -> bool:
    ce, mid = (table.where(mode=mode) for mode in ("ce", "mid"))
    ratios = (ce["steps"] / mid["steps"]).tolist()
    said = table.notes
    return (
        [said["first_gain"], said["last_gain"]] == [ratios[0], ratios[-1]]
        and [said["first_dim"], said["last_dim"]] == ce["dim"][[0, -1]].tolist()
        and said["censored"] == table["censored"].sum()
    )


CHECKS: dict[str, tuple[Callable[[Table], bool], str]] = {
    "parity-times": (students_there, "alive"),
    "parity-teachers": (spikes, "value"),
    "parity-checkpoints": (best_checkpoint, "steps"),
    "parity-dimension": (gains, "steps"),
}
"""For each figure what its claim says, and a column that must not be wrong."""


@pytest.fixture(scope="module", params=CHECKS)
def made(request: pytest.FixtureRequest) -> tuple[str, Table]:
    figure = registry.get(request.param)
    return request.param, figure.compute(figure.parameters("test"))


def test_every_figure_on_parities_is_checked() -> None:
    named = {name for name in registry.MODULES if name.startswith("parity-")}
    assert set(CHECKS) == named


def test_the_caption_says_what_the_table_shows(made: tuple[str, Table]) -> None:
    name, table = made
    assert CHECKS[name][0](table)
    words = registry.get(name).words(table)
    assert words.endswith(".")
    assert "{" not in words
    assert "nan" not in words


def test_a_wrong_number_is_noticed(made: tuple[str, Table]) -> None:
    name, table = made
    check, column = CHECKS[name]
    rng = np.random.default_rng(0)
    wrong = table[column] * (1.0 + 0.5 * rng.random(len(table)))
    assert not check(Table({**table.columns, column: wrong}, table.notes))


def test_it_is_drawn(made: tuple[str, Table]) -> None:
    name, table = made
    assert len(render(registry.get(name), table, formats=("png",))["png"]) > 5000
