"""Every caption ends in a claim: it is held against the table, and can fail."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from figures import registry
from figures.table import Table
from synthetic.baselines import TUNED, Kind

ROOT = Path(__file__).resolve().parents[1]
COMPUTE = """
import json, sys
sys.path.insert(0, {root!r})
from figures import registry
for name in registry.MODULES:
    figure = registry.get(name)
    table = figure.compute(figure.parameters("test"))
    record = {{"csv": table.to_csv(), "notes": dict(table.notes)}}
    print(json.dumps({{"name": name, **record}}))
print(json.dumps({{"drawing": sorted(m for m in sys.modules if "matplotlib" in m)}}))
"""


@pytest.fixture(scope="module")
def computed() -> dict[str, Any]:
    """All tables of the test tier, computed by a process of their own."""
    command = [sys.executable, "-c", COMPUTE.format(root=str(ROOT))]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    found: dict[str, Any] = {
        r["name"]: Table.from_csv(r["csv"], r["notes"]) for r in records[:-1]
    }
    found |= records[-1]
    return found


def test_computing_loads_no_drawing(computed: dict[str, Any]) -> None:
    assert computed["drawing"] == []


def same(said: float, seen: float) -> bool:
    return bool(abs(said - seen) <= 1e-12 * abs(seen))  # one more rounding of a ratio


def on_the_line(table: Table) -> bool:
    slopes = []
    for series in ("SPS*, average", "IAM, last iterate"):
        rows = table.where(series=series)
        if not np.allclose(rows["value"], rows["T"] ** -0.5, rtol=1e-12, atol=0):
            return False
        slopes.append(np.polyfit(np.log(rows["T"]), np.log(rows["value"]), 1)[0])
    return bool(np.allclose(slopes, table.notes["slope"], atol=1e-9))


def under_all_bounds(table: Table) -> bool:
    worst = 0.0
    for panel in table.values("panel"):
        rows = table.where(panel=panel)
        run, hard = rows.where(series="SPS*"), rows.where(series="LINF(d) at T = d")
        if not np.allclose(hard["value"], hard["T"] ** -0.5, rtol=1e-12, atol=0):
            return False
        if not (run["lower"] <= run["value"]).all():
            return False
        for series in ("bound", "smooth bound"):
            bound = rows.where(series=series)
            if len(bound):
                at = np.isin(bound["T"], run["T"])
                worst = max(worst, float(np.max(run["upper"] / bound["value"][at])))
    return worst < 1.0 and same(table.notes["over_bound"], worst)


def conventions(table: Table) -> bool:
    ratio = table["gap"] / table["bound"]

    def peak(panel: str, letter: str) -> float:
        rows = (table["panel"] == panel) & np.char.startswith(table["series"], letter)
        return float(ratio[rows].max())

    p = max(peak(panel, "P") for panel in table.values("panel"))
    said = table.notes
    return bool(
        p <= 1.0 + 1e-12  # equality on WEDGE(45), up to the rounding of both sides
        and same(said["p_peak"], p)
        and same(said["c_peak"], peak("WEDGE(54.74)", "C"))
        and same(said["k_peak"], peak("|x|", "K"))
        and said["c_peak"] > 1.08
        and said["k_peak"] > 1.46
    )


def long_steps(table: Table) -> bool:
    least = min(
        table.where(panel=f"{loss} interpolation", series="SPS*, shortest")[
            "value"
        ].min()
        for loss in ("logistic", "poisson")
    )
    return bool(least >= 0.5) and same(table.notes["least"], float(least))


def capped_hold(table: Table) -> bool:
    worst, ends = 0.0, {}
    for panel in table.values("panel"):
        rows = table.where(panel=panel)
        for series in ("wrong target", "wrong target, capped"):
            run, bound = (
                rows.where(series=series),
                rows.where(series=f"bound, {series}"),
            )
            ends[f"{panel}, {series}"] = float(run["value"][-1])
            if len(bound):
                worst = max(worst, float(np.max(run["value"] / bound["value"])))
    return bool(
        worst <= 1.0
        and same(table.notes["worst"], worst)
        and same(table.notes["blown"], ends["x^2/2 under, wrong target"])
        and same(table.notes["held"], ends["x^2/2 under, wrong target, capped"])
        and table.notes["blown"] > table.notes["held"]
    )


def everything_as_expected(table: Table) -> bool:
    good = (table["status"] == table["expected"]) & (
        table["caught"] == table["controls"]
    )
    held = table["status"] == "holds"
    said = table.notes
    return bool(
        said["number"] == len(table) == said["as_expected"] == int(good.sum())
        and said["caught"] == int(table["caught"].sum())
        and said["controls"] == int(table["controls"].sum())
        and said["holding"] == int(held.sum())
        and said["attained"] == int((held & (table["tightness"] > 0.999)).sum())
    )


def ends_of_methods(table: Table) -> bool:
    for panel in ("poisson", "logistic"):
        rows = table.where(panel=panel)
        best = min(rows.where(series=kind.value)["value"][-1] for kind in TUNED)
        mine = rows.where(series=Kind.IAM.value)["value"][-1]
        if not same(table.notes[f"ratio_{panel}"], float(mine / best)):
            return False
    return True


def neighbourhood(table: Table) -> bool:
    tightest = 0.0
    for panel in table.values("panel"):
        for series in table.values("series"):
            rows = table.where(panel=panel, series=series)
            share = float(series.removeprefix("teacher "))
            exact, bound = (
                rows.where(kind=kind)["value"] for kind in ("exact", "bound")
            )
            there = bound > 0
            tightest = max(tightest, float(np.max(exact[there] / bound[there])))
            best = rows.where(kind="best")
            if not same(float(best["lam"][0]), 1.0 / (1.0 + share)):
                return False
            if exact.min() < best["value"][0] - 1e-12:  # V is 1 here, known to 1e-12
                return False
    points = table.where(kind="sampled")
    highest = float(np.max(points["upper"] / points["bound"]))
    return (
        tightest <= 1.0
        and highest <= 1.0
        and same(table.notes["tightest"], tightest)
        and same(table.notes["highest"], highest)
    )


def little_to_gain(table: Table) -> bool:
    rows = table.where(panel="step")
    exact, bound = (rows.where(kind=kind) for kind in ("exact", "bound"))
    least = rows.where(kind="at least")["value"]
    smallest = exact["x"].min()
    for series in exact.values("series"):
        if (np.diff(exact.where(series=series)["value"]) > 0).any():
            return False  # longer steps leave more to gain
    times = float(np.nanmax(bound["value"] / exact["value"]))
    return (
        bool((exact["value"] >= least).all())
        and same(table.notes["smallest_step"], float(smallest))
        and same(
            table.notes["at_smallest"],
            float(exact["value"][exact["x"] == smallest].min()),
        )
        and same(table.notes["times"], times)
    )


def teachers_help(table: Table) -> bool:
    if not (table["value"] <= table["bound"] * (1.0 + 1e-9)).all():
        return False  # at t = 0 both are the squared start, rounded
    ends = {series: table.where(series=series) for series in table.values("series")}
    plain = float(ends.pop("plain SGD")["value"][-1])
    worst = max(float(rows["value"][-1]) for rows in ends.values()) / plain
    return (
        worst < 1.0
        and same(table.notes["worst"], worst)
        and same(table.notes["perfect"], float(ends["perfect"]["value"][-1]))
        and table.notes["last"] == table["T"].max() - 1
    )


def words_from_intervals(table: Table) -> bool:
    helps, hurts = table["upper"] < 0, table["lower"] > 0
    words = np.where(helps, "helps", np.where(hurts, "hurts", "cannot tell"))
    said = table.notes
    return bool(
        words.tolist() == table["word"].tolist()
        and said["helps"] == int(helps.sum())
        and said["hurts"] == int(hurts.sum())
        and said["unknown"] == len(table) - said["helps"] - said["hurts"]
        and said["num_methods"] == len(table)
    )


def ends_of_curves(table: Table) -> bool:
    def end(series: str) -> float:
        return float(table.where(series=series)["value"][-1])

    for ours, theirs, key in (
        ("IAM", "SGD", "iam_sgd"),
        ("SPS*", "SGD", "sps_sgd"),
        ("IAM-Adam", "AdamW", "iam_adam_adamw"),
    ):
        mean, words = table.notes[f"mean_{key}"], table.notes[f"d_{key}"]
        found = end(ours) - end(f"{theirs}, tuned")
        if mean is None:
            if np.isfinite(found) or words != "a difference that is not finite":
                return False
        elif not (abs(found - mean) < 1e-12 and words == f"{mean:+.3f} nats"):
            return False
    return True


def settings_beaten(table: Table) -> bool:
    said = table.notes
    for ours, theirs, key in (
        ("IAM", "SGD", "iam"),
        ("SPS*", "SGD", "sps"),
        ("IAM-Adam", "AdamW", "iam_adam"),
    ):
        rows = table.where(panel=f"rate of {theirs}")
        grid = rows.where(kind="tuned")["value"]
        mine = float(rows.where(series=ours)["value"][0])
        shown = said[f"loss_{key}"]
        if not (
            (np.isinf(mine) if shown is None else same(shown, mine))
            and same(said[f"best_{theirs.lower()}"], float(grid.min()))
            and said[f"beaten_{key}"] == int((grid > mine).sum())
            and said[f"settings_{key}"] == len(grid)
        ):
            return False
    return True


def sizes_of_steps(table: Table) -> bool:
    said = table.notes
    for ours, theirs in (("IAM", "SGD"), ("IAM-Adam", "AdamW")):
        sizes = np.sort(table.where(series=ours)["value"])
        rates = table.where(series=f"{theirs}, tuned")["value"]
        half, key = len(sizes) // 2, theirs.lower()
        middle = sizes[half] if len(sizes) % 2 else sizes[half - 1 : half + 1].mean()
        if not (
            same(said[f"median_{key}"], float(middle))
            and same(said[f"zero_{key}"], float((sizes == 0).sum() / len(sizes)))
            and same(said[f"peak_{key}"], float(rates.max()))
        ):
            return False
    return True


def controls_from_intervals(table: Table) -> bool:
    margin, counts = table.notes["margin"], dict.fromkeys(WORDS, 0)
    for name in table.values("control"):
        rows = table.where(control=name)
        low, high, seeds = rows["lower"][0], rows["upper"][0], len(rows)
        lost, control_lost = rows["lost"][0], rows["control_lost"][0]
        if lost or control_lost:
            all_theirs = control_lost == seeds and not lost
            word = "worse" if lost > control_lost else "undecided"
            counts["better" if all_theirs else word] += 1
            continue
        if not abs((low + high) / 2 - rows["value"].mean()) <= 1e-12:
            return False
        if high < 0 or low > 0:
            counts["better" if high < 0 else "worse"] += 1
        else:
            counts["same" if -margin < low and high < margin else "undecided"] += 1
    return bool(
        all(table.notes[word] == counts[word] for word in WORDS)
        and table.notes["num_controls"] == len(table.values("control"))
    )


WORDS = ("better", "worse", "same", "undecided")


CHECKS: dict[str, tuple[Callable[[Table], bool], str]] = {
    "linf-slope": (on_the_line, "value"),
    "sps-bounds": (under_all_bounds, "upper"),
    "iam-last": (conventions, "gap"),
    "step-sizes": (long_steps, "value"),
    "wrong-targets": (capped_hold, "value"),
    "tightness-map": (everything_as_expected, "caught"),
    "real-data": (ends_of_methods, "value"),
    "gpt2-curves": (ends_of_curves, "value"),
    "gpt2-settings": (settings_beaten, "value"),
    "gpt2-steps": (sizes_of_steps, "value"),
    "gpt2-controls": (controls_from_intervals, "upper"),
    "kd-neighbourhood": (neighbourhood, "upper"),
    "kd-factor": (little_to_gain, "value"),
    "kd-teachers": (teachers_help, "value"),
    "kd-digits": (words_from_intervals, "upper"),
}
"""For each figure what its claim says, and a column that must not be wrong."""


def test_every_figure_is_checked() -> None:
    # these have files of their own
    apart = ("parity-", "deviations-", "scaling-", "calibration", "mutation-")
    others = {name for name in registry.MODULES if not name.startswith(apart)}
    assert set(CHECKS) == others


@pytest.mark.parametrize("name", CHECKS)
def test_the_caption_says_what_the_table_shows(
    name: str, computed: dict[str, Any]
) -> None:
    table: Table = computed[name]
    assert CHECKS[name][0](table)
    words = registry.get(name).words(table)
    assert words.endswith(".")
    assert "{" not in words
    assert "nan" not in words


@pytest.mark.parametrize("name", CHECKS)
def test_a_wrong_number_is_noticed(name: str, computed: dict[str, Any]) -> None:
    check, column = CHECKS[name]
    table: Table = computed[name]
    rng = np.random.default_rng(0)
    right = table[column]
    wrong = right * (1.0 + 0.5 * rng.random(len(right))) + 5.0 * (column == "upper")
    if right.dtype == np.int64:
        wrong = np.maximum(right - 1, 0)
    spoilt = {**table.columns, column: wrong.astype(right.dtype)}
    assert not check(Table(spoilt, table.notes))
