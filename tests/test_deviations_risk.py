"""Exact risks: the best of each kind against brute force, tables, bad input."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ratecheck
from synthetic.deviations import risk
from synthetic.deviations.risk_data import estimate
from theory import spectrum

LAMS = np.array([1.0, 0.3, 0.1])
KNOWN = ("--spectrum", "1,.3,.1", "--signal", "1,0,0", "--noise", ".05")


def called(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = ratecheck.main(["deviations", "risk", *args])
    seen = capsys.readouterr()
    return code, seen.out, seen.err


def problem(*theta: float, noise: float = 0.05) -> risk.Problem:
    return risk.check(LAMS, np.array(theta), noise)


@pytest.mark.parametrize("theta", [(1, 0, 0), (1, 1, 1), (1, 0.2, 0), (0.1, 1, 2)])
@pytest.mark.parametrize("noise", [0.002, 0.05, 0.5])
def test_the_best_are_no_worse_than_any_on_a_grid(
    theta: tuple[float, ...], noise: float
) -> None:
    one = problem(*theta, noise=noise)
    times = np.append(np.geomspace(1e-3, 500, 150), math.inf)
    left = [one.flow(float(t)) for t in times]
    oracle = one.risk(1 - one.oracle)
    direct, pair = risk.best_direct(one), risk.best_pair(one)
    assert direct.risk <= min(map(one.risk, left)) * (1 + 1e-9)
    assert one.risk(one.flow(direct.at)) == pytest.approx(direct.risk, rel=1e-9)
    students = [
        one.risk(np.asarray(spectrum.student_complement(a, b)))
        for a in left[::3]
        for b in left[::3]
    ]
    assert oracle * (1 - 1e-12) <= pair.risk <= min(students) * (1 + 1e-9)
    assert pair.risk <= direct.risk * (1 + 1e-9)
    penalties = np.geomspace(1e-4, 1e3, 300)
    ridge = [
        one.risk(np.asarray(spectrum.ridge_complement(LAMS, m))) for m in penalties
    ]
    best = risk.best_ridge(one)
    assert oracle * (1 - 1e-12) <= best.risk <= min(ridge) * (1 + 1e-9)
    taught = risk.best_student(one, 2.0)
    assert pair.risk <= taught.risk * (1 + 1e-9)


def test_equal_signals_make_ridge_the_oracle() -> None:
    one = problem(1, 1, 1)
    assert risk.best_ridge(one).risk == pytest.approx(one.risk(1 - one.oracle))
    assert risk.best_ridge(one).at == pytest.approx(0.05, rel=1e-3)


def test_without_noise_nothing_is_stopped() -> None:
    one = problem(1, 1, 1, noise=0.0)
    assert risk.best_direct(one) == risk.Best(0.0, math.inf)
    assert math.isinf(risk.best_pair(one).teacher)
    assert risk.best_ridge(one).at == 0.0


def test_matching_survives_progress_that_floats_cannot_tell_from_1() -> None:
    one = risk.check(np.array([1e8, 1e-8]), np.ones(2), 1e-3)
    same = risk.matched(one, math.inf, 1000.0)
    assert same.time == pytest.approx(1000.0, rel=1e-14)
    assert same.effects() == ["same", "same"]
    assert risk.matched(one, 7.0, 1000.0).time == pytest.approx(7.0, rel=1e-14)
    usual = risk.matched(problem(1, 0, 0), 2.0, 2.0)
    assert usual.time == pytest.approx(1.37692, abs=5e-6)


def test_directions_are_those_of_the_criterion(
    capsys: pytest.CaptureFixture[str],
) -> None:
    times = ("--teacher-time", "2", "--student-time", "2", "--json")
    code, text, _ = called(capsys, *KNOWN, *times)
    found = json.loads(text)
    assert code == 0
    assert found["student"]["risk"] == pytest.approx(0.09376, abs=5e-6)
    assert found["matched_direct"]["risk"] == pytest.approx(0.09818, abs=5e-6)
    effects = [row["distillation"] for row in found["directions"]]
    assert effects == ["same", "helps", "helps"]
    flat = ("--spectrum", "1,.3,.1", "--signal", "1,1,1", "--noise", ".05")
    _, text, _ = called(capsys, *flat, *times)
    effects = [row["distillation"] for row in json.loads(text)["directions"]]
    assert effects == ["same", "hurts", "hurts"]
    _, text, _ = called(capsys, *flat)
    assert "train on the labels" in text
    _, text, _ = called(capsys, *KNOWN)
    assert "The best teacher is stopped at T = 3.18: 13.48% less risk" in text


def table(path: Path, x: Any, y: Any) -> str:
    names = [f"x{j}" for j in range(x.shape[1])]
    rows = [",".join([*names, "y"])]
    rows += [
        ",".join(map(repr, map(float, (*row, t)))) for row, t in zip(x, y, strict=True)
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    return str(path)


def test_a_table_gives_noise_and_signal(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 3)) * (1.0, 2.0, 5.0)
    y = x @ (1.0, 0.5, 0.2) + 0.7 * rng.standard_normal(400)
    found = estimate(table(tmp_path / "t.csv", x, y), None)
    true = 0.49 / np.var(y)
    assert found.limits is not None
    assert found.limits[0] < true < found.limits[1]
    assert found.limits[0] < found.variance < found.limits[1]
    assert found.problem.noise == pytest.approx(found.variance / 400)
    # R^2 is what the signals add up to, the target being standardised.
    assert np.sum(found.problem.signal) == pytest.approx(1 - found.variance * 396 / 400)
    less = estimate(str(tmp_path / "t.csv"), None, corrected=True).problem.signal
    np.testing.assert_allclose(
        less, np.maximum(found.problem.signal - found.problem.noise, 0), atol=1e-15
    )


def test_the_noise_interval_covers_as_often_as_it_says(tmp_path: Path) -> None:
    rng, covered = np.random.default_rng(1), 0
    x = rng.standard_normal((12, 2))
    for _ in range(200):
        y = x @ (1.0, 1.0) + rng.standard_normal(12)
        found = estimate(table(tmp_path / "t.csv", x, y), None)
        scale = np.var(y)
        assert found.limits is not None
        covered += int(found.limits[0] * scale < 1 < found.limits[1] * scale)
    # Binomial(200, .95): outside with a chance below 1e-6.
    assert 172 <= covered <= 200


def test_more_columns_than_rows_need_a_noise_level(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(2)
    path = table(
        tmp_path / "t.csv", rng.standard_normal((5, 8)), rng.standard_normal(5)
    )
    code, _, error = called(capsys, "--data", path)
    assert code == 2
    assert "got 5 and rank 4: pass --noise" in error
    code, text, _ = called(capsys, "--data", path, "--noise", "0.1", "--json")
    found = json.loads(text)
    assert code == 0
    assert (found["data"]["n"], found["data"]["p"], found["data"]["rank"]) == (5, 8, 4)
    assert "rank 4 of 8" in " ".join(found["data"]["notes"])


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "Need either --spectrum"),
        (("--spectrum", "1"), "Need --signal and --noise"),
        ((*KNOWN, "--data", "diabetes"), "Need either --spectrum"),
        ((*KNOWN[:4], "--noise", "-1"), "Need --noise (sigma^2/n) >= 0"),
        ((*KNOWN[:4], "--noise", "nan"), "Need --noise (sigma^2/n) >= 0"),
        (("--spectrum", "1,.3", *KNOWN[2:]), "Need as many signals as eigenvalues"),
        (("--spectrum", "1,x,.1", *KNOWN[2:]), "Need numbers with commas"),
        (("--spectrum", "1,-1,.1", *KNOWN[2:]), "Need eigenvalues >= 0"),
        (("--spectrum", "0,0,0", *KNOWN[2:]), "Need eigenvalues >= 0"),
        (("--spectrum", "1,inf,.1", *KNOWN[2:]), "Need finite eigenvalues"),
        ((*KNOWN, "--teacher-time", "0"), "Need --teacher-time > 0"),
        ((*KNOWN, "--student-time", "1"), "Need --teacher-time beside"),
        ((*KNOWN, "--corrected"), "Need --data"),
        (("--data", "nowhere.csv"), "no file"),
    ],
)
def test_bad_input_is_refused(
    args: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = called(capsys, *args)
    assert code == 2
    assert words in error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,y\n1,1,2\n1,2,3\n1,3,5\n1,5,6\n", "with no deviation to divide by"),
        ("a,b,y\n1,1,2\n2,,3\n3,3,5\n", "has no value in line 3"),
    ],
)
def test_tables_that_say_nothing_are_refused(
    text: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    code, _, error = called(capsys, "--data", str(path))
    assert code == 2
    assert words in error
