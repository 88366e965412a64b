import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from synthetic.tables import read_table
from theory.errors import InputError

CSV = "age,dose,well\n20,0.5,no\n30,1.5,yes\n40,1.0,yes\n"
LARGE = np.finfo(np.float64).max


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_file_is_read_as_it_stands(tmp_path: Path) -> None:
    data = read_table(write(tmp_path, CSV), None)
    assert data.name == "table.csv"
    assert data.columns == ("age", "dose")
    assert np.array_equal(data.features, [[20.0, 0.5], [30.0, 1.5], [40.0, 1.0]])
    assert np.array_equal(data.target, ["no", "yes", "yes"])
    assert data.places == ("line 2", "line 3", "line 4")
    assert data.notes == ("target 'well'",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "1,2,3\n4,5.5,6\n"),
        ("a.csv", "1;2;3\n4;5.5;6\n"),
        ("a.tsv", "1\t2\t3\n4\t5.5\t6\n"),
        ("a.csv", "1, 2, 3\r\n4, 5.5, 6\r\n"),
        ("a.csv", "\ufeff1,2,3\n\n4,5.5,6"),
        ("a.txt", "  1 2   3\n4 5.5 6\n\n"),
        ("a.dat", "# x y z\n1\t2\t3\n# more\n4\t5.5\t6\n"),
        ("a", '"1","2","3"\n"4","5.5","6"\n'),
        ("a.csv", "1,2,3\r4,5.5,6\r"),
    ],
)
def test_every_delimiter_and_line_ending_gives_the_same_table(
    tmp_path: Path, name: str, text: str
) -> None:
    data = read_table(write(tmp_path, text, name), None)
    assert np.array_equal(data.features, [[1.0, 2.0], [4.0, 5.5]])
    assert np.array_equal(data.target, [3, 6])
    assert data.columns == ("column 0", "column 1")
    assert "no header row: columns are numbered from 0" in data.notes


def test_a_compressed_csv_file_is_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "table.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    assert read_table(tmp_path / "table.csv.gz", None).columns == ("age", "dose")


@pytest.mark.parametrize(
    ("target", "columns", "first"),
    [
        (None, ("a", "0"), 3),
        ("a", ("0", "b"), 1),
        ("0", ("a", "b"), 2),  # a name goes before an index
        ("2", ("a", "0"), 3),
        ("-3", ("0", "b"), 1),
    ],
)
def test_the_target_is_a_name_or_an_index(
    tmp_path: Path, target: str | None, columns: tuple[str, ...], first: float
) -> None:
    data = read_table(write(tmp_path, "a,0,b\n1,2,3\n4,5,6\n"), target)
    assert data.columns == columns
    assert data.target[0] == first


def test_labels_in_the_first_row_are_not_a_header(tmp_path: Path) -> None:
    data = read_table(write(tmp_path, "1,2,M\n3,4,B\n5,6,M\n"), None)
    assert np.array_equal(data.target, ["M", "B", "M"])
    assert data.columns == ("column 0", "column 1")
    header = read_table(write(tmp_path, "x,2019,y\n1,2,3\n4,5,6\n"), None)
    assert header.columns == ("x", "2019")


@settings(deadline=None, max_examples=40)
@given(
    hnp.arrays(
        float,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=5),
        elements=st.floats(-LARGE, LARGE),
    )
)
def test_text_and_archive_give_back_every_double(
    tmp_path_factory: pytest.TempPathFactory, array: NDArray[np.float64]
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    lines = [",".join(repr(float(v)) for v in row) for row in array]
    text = read_table(write(folder, "\n".join(lines)), None)
    np.savez(folder / "a.npz", X=array[:, :-1], y=array[:, -1])
    archive = read_table(folder / "a.npz", None)
    for data in (text, archive):
        assert np.array_equal(data.features, array[:, :-1])
        assert np.array_equal(data.target, array[:, -1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,y\n1,2,3\n4,5\n", "line 3 has 2 cells, but line 1 has 3"),
        ("a,b,y\n\n1,2,3,9\n4,5,6\n", "line 3 has 4 cells"),
        ("a,b,y\n1,2,3\n4,red,6\n", "'b' holds 'red' in line 3.*encode"),
        ("a,b,y\n1,1_000,3\n4,5,6\n", "'b' holds '1_000' in line 2"),
        ("a,b,y\n1,,3\n4,5,6\n", "'b' has no value in line 2.*fill"),
        ("a,b,y\n1,2,3\n4,NA,6\n", "'b' has no value in line 3"),
        ("a,b,y\n1,2,3\n4,5,nan\n", "'y' has no value in line 3"),
        ("a,b,y\n1,2,3\n4,-inf,6\n", "line 3, column 'b' is -inf: need a finite"),
        ("a,b,y\n1,2,3\n4,5,1e999\n", "line 3, the target is inf"),
        ("a,b,y\n1,2,\n4,5,\n", "'y' is empty: drop it"),
        ("a,b,y\n1,?,3\n4,,6\n", "'b' is empty"),
        ("a,y,a\n1,2,3\n4,5,6\n", "two columns are named 'a': rename"),
        ("a,b,y\n1,2,3\n", "at least 2 rows of data, found 1"),
        ("a,b,y\n", "at least 2 rows of data, found 0"),
        ("y\n1\n2\n", "need a feature column"),
        ("# nothing\n#\n", "nothing but comments"),
        ("  \n \n", "is empty: need CSV"),
        ('a,b,y\n1,"2,3\n4,5,6\n', "cannot split the text into cells.*quotes"),
    ],
)
def test_a_bad_csv_file_is_refused_by_line_and_column(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(InputError, match=f"^table.csv.*{words}"):
        read_table(write(tmp_path, text), None)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("wel", "no target column 'wel'; did you mean 'well'"),
        ("zzz", "there is 'age', 'dose', 'well'"),
        ("3", "no column 3: need 0 to 2"),
        ("-4", "no column -4"),
    ],
)
def test_an_unknown_target_column_is_told_what_there_is(
    tmp_path: Path, target: str, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        read_table(write(tmp_path, CSV), target)
