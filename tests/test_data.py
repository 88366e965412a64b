from pathlib import Path

import numpy as np
import pytest

from synthetic.data import Dataset, load
from synthetic.losses import CERTIFIED, L1, LOGISTIC, SQUARED, Loss
from theory.errors import InputError


def raw(path: Path, loss: Loss) -> Dataset:
    return load(str(path), loss=loss, standardize=False, intercept=False)


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---- targets


@pytest.mark.parametrize(
    ("targets", "encoded", "note"),
    [
        ("0 1 1", [0, 1, 1], None),
        ("1 1 1", [1, 1, 1], None),
        ("-1 1 -1", [0, 1, 0], "classes -1 -> 0, 1 -> 1"),
        ("2 4 2", [0, 1, 0], "classes 2 -> 0, 4 -> 1"),
        ("ill 10 ill", [1, 0, 1], "classes '10' -> 0, 'ill' -> 1"),
        ("0.25 1 0.5", [0.25, 1, 0.5], "targets kept as probabilities"),
        ("0.25 0.75 0.25", [0.25, 0.75, 0.25], "targets kept as probabilities"),
    ],
)
def test_the_logistic_loss_takes_classes_and_probabilities(
    tmp_path: Path, targets: str, encoded: list[float], note: str | None
) -> None:
    rows = [f"{i},{word}" for i, word in enumerate(targets.split())]
    data = raw(write(tmp_path, "x,y\n" + "\n".join(rows)), LOGISTIC)
    assert np.array_equal(data.target, encoded)
    assert data.notes == ("target 'y'", *([note] if note else []))


@pytest.mark.parametrize(
    ("loss", "targets", "words"),
    [
        (LOGISTIC, "0 1 2", r"line 4 is 2, but.*class in \{0, 1\}.*not 3"),
        (LOGISTIC, "0.5 -0.5 1", r"line 3 is -0\.5"),
        (LOGISTIC, "5 5 5", r"line 2 is 5.*two distinct labels \(not 1\)"),
        (LOGISTIC, "a b c", "line 2 is 'a'"),
        (LOGISTIC, "0 1 c", "line 4 is 'c'"),
        (SQUARED, "1 b 2", "line 3 is 'b', but the squared loss.*any finite number"),
        (L1, "a b a", "line 2 is 'a'.*--loss logistic for two classes"),
    ],
)
def test_a_target_that_the_loss_cannot_use_is_named(
    tmp_path: Path, loss: Loss, targets: str, words: str
) -> None:
    rows = [f"{i},{word}" for i, word in enumerate(targets.split())]
    with pytest.raises(InputError, match=words):
        raw(write(tmp_path, "x,y\n" + "\n".join(rows)), loss)


# ---- preparation


@pytest.mark.parametrize("loss", CERTIFIED.values(), ids=CERTIFIED)
def test_preparation_standardises_and_adds_the_intercept(
    tmp_path: Path, loss: Loss
) -> None:
    data = load(str(write(tmp_path, "x,y\n1,1\n3,0\n")), loss=loss)
    assert np.array_equal(data.features, [[-1, 1], [1, 1]])
    assert data.columns == ("x", "intercept")
    assert np.array_equal(data.target, [1, 0] if loss is LOGISTIC else [1, -1])
    changed = ["columns standardised", "target standardised", "intercept added"]
    if loss is LOGISTIC:
        changed.remove("target standardised")
    assert data.notes == ("target 'y'", *changed)


def test_a_constant_target_is_left_as_it_is(tmp_path: Path) -> None:
    data = load(str(write(tmp_path, "x,y\n1,7\n3,7\n")), loss=L1)
    assert np.array_equal(data.target, [7, 7])
    assert "target standardised" not in data.notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,y\n1,0.1,0\n2,0.1,1\n", r"'b' is 0\.1 in every row.*--no-standardize"),
        ("a,b,y\n1,1e200,0\n2,0,1\n", "'b' has deviation inf.*rescale"),
        ("a,b,y\n1,1e-200,0\n2,0,1\n", "'b' has deviation 0 in double precision"),
        ("a,b,y\n1,3,1e200\n2,0,1\n", "the target has deviation inf"),
        ("a,intercept,y\n1,3,0\n2,0,1\n", "'intercept' already.*--no-intercept"),
    ],
)
def test_a_column_that_cannot_be_prepared_is_named(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load(str(write(tmp_path, text)), loss=SQUARED)


def test_a_constant_column_is_allowed_unstandardised_and_noted(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,y\n1,5,0\n2,5,1\n")
    data = load(str(path), loss=SQUARED, standardize=False)
    assert "column 'b' is constant: it and the intercept are linearly" in str(
        data.notes
    )
    assert not [note for note in raw(path, SQUARED).notes if "constant" in note]


# ---- bundled sets


def test_breast_cancer_is_bundled() -> None:
    data = load("breast_cancer", loss=LOGISTIC)
    assert data.features.shape == (569, 31)
    assert data.columns[0] == "mean radius"
    assert data.target.sum() == 357
    assert np.abs(data.features[:, :-1].mean(axis=0)).max() < 1e-12  # n roundings of 1
    assert np.allclose(data.features[:, :-1].std(axis=0), 1, rtol=1e-12)  # likewise
    assert load("breast_cancer", loss=SQUARED).target.std() == pytest.approx(1)


def test_diabetes_is_bundled_for_regression() -> None:
    bare = load("diabetes", loss=L1, standardize=False, intercept=False)
    assert bare.features.shape == (442, 10)
    assert (bare.target.min(), bare.target.max()) == (25, 346)
    ready = load("diabetes", loss=L1)
    assert ready.target.std() == pytest.approx(1)
    assert "target standardised" in ready.notes


def test_diabetes_has_no_classes() -> None:
    with pytest.raises(InputError, match=r"diabetes: the target in row 1 is 151, but"):
        load("diabetes", loss=LOGISTIC)


def test_a_bundled_set_comes_with_its_target() -> None:
    with pytest.raises(InputError, match="comes with its target, no 'age'"):
        load("diabetes", loss=L1, target="age")


def test_a_misspelt_bundled_set_is_recognised() -> None:
    with pytest.raises(InputError, match="did you mean 'breast_cancer'"):
        load("brest_cancer", loss=LOGISTIC)
