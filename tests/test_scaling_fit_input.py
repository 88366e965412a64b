"""`ratecheck scaling fit`: files, words, JSON, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

import ratecheck
from synthetic.delimited import read_grid
from synthetic.scaling.fit_design import distilled_runs, supervised_runs
from synthetic.scaling.fit_law import Form, row
from synthetic.scaling.fit_request import Options, fitted
from synthetic.scaling.fit_table import taken
from synthetic.scaling.fit_words import ends, moving
from theory.errors import InputError
from theory.scaling_coefficients import PUBLISHED
from theory.scaling_law import log_supervised

HEADS = {Form.SUPERVISED: "N,D,loss", Form.DISTILLATION: "N_S,D_S,L_T,loss"}


def supervised_text() -> str:
    runs = supervised_runs(0)
    rows = np.exp([runs.log_N, runs.log_D, runs.log_loss]).T
    lines = (",".join(f"{value:.8g}" for value in row) for row in rows)
    return "\n".join([HEADS[Form.SUPERVISED], *lines])


def distilled_text(step: int = 10) -> str:
    runs = distilled_runs(0)
    columns = (runs.log_N, runs.log_D, runs.log_teacher, runs.log_loss)
    lines = (",".join(f"{value:.8g}" for value in row) for row in np.exp(columns).T)
    return "\n".join([HEADS[Form.DISTILLATION], *list(lines)[::step]])


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = ratecheck.main(["scaling", "fit", *argv])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_supervised_file_is_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(supervised_text())
    code, said, aside = run(capsys, str(path), "--bootstrap", "100", "--holdout", "2.2")
    assert code == 0
    assert "73 runs of runs.csv, supervised law" in said
    assert "loss < 2.2" in said
    lines = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert "not identified" in lines["A"]
    assert "not identified" not in lines["a"]
    assert "Not identified to 25%, and so not printed: A, B." in aside


def test_a_distilled_file_is_fitted_and_json_keeps_silent_about_what_is_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, teachers = tmp_path / "runs.csv", tmp_path / "teachers.csv"
    path.write_text(distilled_text())
    teachers.write_text(supervised_text())
    code, said, _ = run(
        capsys,
        *(str(path), "--form", "distillation", "--supervised", str(teachers)),
        *("--bootstrap", "100", "--json"),
    )
    assert code == 0
    found = json.loads(said)
    by_name = {e["name"]: e for e in found["estimates"]}
    assert by_name["A'"]["value"] is None
    assert by_name["c1"]["value"] is None
    assert by_name["c1"]["why"]
    assert by_name["transition"]["value"] is not None
    whole = found["for_predictions_only"]
    assert len(whole["draws"]) == len(whole["supervised_draws"]) == 100
    assert set(whole["supervised"]) == {"A", "B", "E", "alpha", "beta", "gamma"}
    assert {"c0", "c1", "f1", "d1"} < set(whole["distillation"])


def test_the_teachers_loss_may_come_from_its_size() -> None:
    runs = distilled_runs(0)
    size = np.log(np.repeat([546e6, 7.75e9], 9))
    some = runs.select(np.arange(18))
    cells = np.exp([some.log_N, some.log_D, size, size + np.log(20), some.log_loss])
    lines = [",".join(f"{value:.17g}" for value in row) for row in cells.T]
    text = "\n".join(["N_S,D_S,N_T,D_T,loss", *lines])
    found = taken("x.csv", read_grid("x.csv", text), Form.DISTILLATION)
    theta = row(PUBLISHED.supervised)
    dressed = found.dressed(theta)
    expected = log_supervised(PUBLISHED.supervised, size, size + np.log(20))
    assert np.allclose(dressed.log_teacher, expected, atol=1e-13)
    assert dressed.log_teacher.shape == dressed.log_own.shape == (18,)
    assert found.dressed(np.stack([theta, theta])).log_teacher.shape == (2, 18)


def bad(what: str) -> tuple[str, Form, str]:
    """Text, form, and what must be said of it."""
    text, students = supervised_text(), distilled_text(20)
    row = text.splitlines()[3]
    negative = text.replace(row, "-1e8" + row[row.index(",") :])
    first = text.splitlines()
    same = [first[0], *("1e9," + line.split(",", 1)[1] for line in first[1:])]
    alone = students.splitlines()
    taught = [alone[0]]
    for line in alone[1:]:
        N, D, _, loss = line.split(",")
        taught.append(f"{N},{D},2.2,{loss}")
    kinds = {
        "column": (text.replace("loss", "lost"), "need a column 'loss'"),
        "total": (text.replace("N,D", "N_total,D"), "seems to count embeddings"),
        "negative": (
            negative,
            "line 4, column 'N': need a positive number, got -1e+08",
        ),
        "zero": (text.replace(row, "1e8,0,3"), "line 4, column 'D'"),
        "nan": (text.replace(row, "1e8,2e9,nan"), "line 4, column 'loss'"),
        "word": (text.replace(row, "1e8,2e9,good"), "got 'good'"),
        "empty": (text.replace(row, "1e8,,3"), "line 4, column 'D'"),
        "infinite": (text.replace(row, "1e8,2e9,inf"), "positive number, got inf"),
        "few": ("\n".join(first[:12]), "at least 12 runs for the 6 coefficients"),
        "scale": ("\n".join(same), "all runs have N near 1e+09"),
        "header": ("\n".join(first[1:]), "need a column 'N'"),
        "nothing": ("# no runs\n", "nothing but comments"),
    }
    if what in kinds:
        return kinds[what][0], Form.SUPERVISED, kinds[what][1]
    others = {
        "no teacher": (students.replace("L_T", "teacher"), "need a column L_T"),
        "half": (students.replace("L_T", "N_T"), "need a column 'D_T'"),
        "one teacher": ("\n".join(taught), "all runs have L_T near 2.2"),
        "too few": ("\n".join(alone[:17]), "at least 18 runs for the 9 coefficients"),
    }
    return others[what][0], Form.DISTILLATION, others[what][1]


@pytest.mark.parametrize(
    "what",
    [
        *("column", "total", "negative", "zero", "nan", "word", "empty", "infinite"),
        *("few", "scale", "header", "nothing"),
        *("no teacher", "half", "one teacher", "too few"),
    ],
)
def test_bad_files_are_refused_with_the_place(what: str) -> None:
    text, form, says = bad(what)
    with pytest.raises(InputError, match=r".") as refused:
        taken("runs.csv", read_grid("runs.csv", text), form)
    assert says in str(refused.value)
    assert "runs.csv" in str(refused.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"form": "power"}, "--form"),
        ({"bootstrap": 10}, "--bootstrap"),
        ({"seed": -1}, "--seed"),
        ({"holdout": -2.0}, "--holdout"),
        ({"form": "distillation"}, "--supervised"),
        ({"supervised": "published"}, "--supervised"),
    ],
)
def test_bad_options_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=r".") as refused:
        Options(**options)  # type: ignore[arg-type]
    assert says in str(refused.value)


def test_a_holdout_that_leaves_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(supervised_text())
    for threshold in (1.0, 9.0):
        with pytest.raises(InputError, match="--holdout"):
            fitted(path, Options(bootstrap=0, holdout=threshold))


def test_bad_input_ends_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, aside = run(capsys, str(tmp_path / "none.csv"))
    assert (code, said) == (2, "")
    assert "Cannot read" in aside


def test_unbounded_ends_are_said() -> None:
    assert ends((0.0, np.inf)) == "unbounded to unbounded"
    assert ends((-np.inf, 2.0)) == "unbounded to 2"
    assert ends((np.nan, np.nan)) == "-"
    names = ("A", "B", "E", "alpha", "beta", "gamma")
    direction = np.array([0.01, -0.9, 0.0, 0.0, 0.43, 0.0])
    assert moving(names, direction) == "log B +0.90, log beta -0.43"
