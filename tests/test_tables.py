import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from synthetic.tables import ARRAY_PAIRS, read_table
from theory.errors import InputError

CSV = "age,dose,well\n20,0.5,no\n30,1.5,yes\n40,1.0,yes\n"
LIBSVM = "# made by hand\n+1 1:0.5 3:2\n-1 2:1.5 # a comment\n\n-1 1:1 2:1 3:-1e0\n"


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---- LIBSVM text


@pytest.mark.parametrize("name", ["a.libsvm", "a.txt", "a", "a.svm.gz"])
def test_libsvm_text_is_recognised_and_made_dense(tmp_path: Path, name: str) -> None:
    data = LIBSVM.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if ".gz" in name else data)
    read = read_table(tmp_path / name, None)
    assert np.array_equal(
        read.features, [[0.5, 0.0, 2.0], [0.0, 1.5, 0.0], [1.0, 1.0, -1.0]]
    )
    assert np.array_equal(read.target, [1, -1, -1])
    assert read.places == ("line 2", "line 3", "line 5")
    assert read.columns == ("feature 1", "feature 2", "feature 3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 1:2 2:x\n0 1:3\n", "not LIBSVM text.*index:value"),
        ("1 2:2 1:3\n0 1:3\n", "not LIBSVM text"),
        ("1 1:2\n\n0 1:nan\n", "line 3, column 'feature 1' is nan"),
        ("1 1:2\n", "at least 2 rows"),
    ],
)
def test_bad_libsvm_text_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_table(write(tmp_path, text, "a.txt"), None)


def test_libsvm_text_has_its_target_in_front(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="targets in front, no 'y': omit"):
        read_table(write(tmp_path, LIBSVM, "a.svm"), "y")


def test_a_libsvm_file_too_large_to_be_dense_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "1 1:1\n0 30000000:1\n", "a.svm")
    with pytest.raises(
        InputError, match="2 x 30000000 = 60000000 entries, over 20000000"
    ):
        read_table(path, None)


# ---- NPZ


@pytest.mark.parametrize("names", ARRAY_PAIRS)
def test_an_archive_has_one_of_the_known_pairs(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    x, y = np.array([[1, 2], [3, 4]]), np.array([True, False])
    arrays: dict[str, Any] = {names[0]: x, names[1]: y}
    np.savez(tmp_path / "a.npz", **arrays)
    data = read_table(tmp_path / "a.npz", None)
    assert np.array_equal(data.features, x)
    assert np.array_equal(data.target, [1, 0])
    assert data.features.dtype == data.target.dtype == np.float64


def test_the_target_of_an_archive_can_be_another_array(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", X=np.eye(2), y=[1, 2], label=["b", "a"])
    assert np.array_equal(read_table(tmp_path / "a.npz", "label").target, ["b", "a"])


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"left": np.eye(2), "y": [1, 2]}, "need arrays X and y, found left, y"),
        ({"X": [1.0, 2], "y": [1, 2]}, r"found \(2,\) and \(2,\)"),
        ({"X": np.eye(2), "y": [1, 2, 3]}, r"found \(2, 2\) and \(3,\)"),
        ({"X": np.eye(2), "y": np.eye(2)}, r"found \(2, 2\) and \(2, 2\)"),
        ({"X": np.eye(2) * 1j, "y": [1, 2]}, "X holds complex128"),
        ({"X": np.eye(2), "y": [1j, 2]}, "y holds complex128"),
        ({"X": [["a"], ["b"]], "y": [1, 2]}, "X holds <U1: need real numbers"),
        ({"X": [[1.0], [np.nan]], "y": [1, 2]}, "row 2, column 'column 0' is nan"),
        ({"X": np.eye(2), "y": [np.inf, 2]}, "row 1, the target is inf"),
        ({"X": np.zeros((2, 0)), "y": [1, 2]}, "need a feature column"),
        ({"X": np.array([[1], [None]]), "y": [1, 2]}, "pickled objects.*never loaded"),
    ],
)
def test_a_bad_archive_is_refused(
    tmp_path: Path, arrays: dict[str, Any], words: str
) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=f"^a.npz.*{words}"):
        read_table(tmp_path / "a.npz", None)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 999), st.integers(1, 255))
def test_damage_to_an_archive_is_an_input_error_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, position: int, flip: int
) -> None:
    path = tmp_path_factory.mktemp("damage") / "a.npz"
    np.savez(path, X=np.eye(2), y=np.arange(2.0))
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= flip
    path.write_bytes(content)
    try:
        data = read_table(path, None)
    except InputError:
        return
    assert np.array_equal(data.features, np.eye(2))  # the checksum guards the numbers


@pytest.mark.parametrize(("position", "flip"), [(4, 80), (6, 1), (6, 32), (8, 9)])
def test_an_archive_that_needs_what_zipfile_lacks_is_refused(
    tmp_path: Path, position: int, flip: int
) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, X=np.eye(2), y=[1, 2])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 2 + position] ^= (
        flip  # version, flags, method
    )
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        read_table(path, None)


@pytest.mark.parametrize("keep", [1, 30, 200])
def test_a_truncated_archive_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, X=np.eye(2), y=[1, 2])
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="damaged"):
        read_table(path, None)


# ---- files that are none


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"no file 'nowhere/x\.csv': check the path"):
        read_table(Path("nowhere/x.csv"), None)


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read.*directory"):
        read_table(tmp_path, None)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything"
)
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, CSV)
    path.chmod(0)
    with pytest.raises(InputError, match=r"cannot read.*[Pp]ermission"):
        read_table(path, None)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\xff\xfe\x00\x01" * 9, "binary, or not UTF-8"),
        ("a.csv", b"1,2\n3,\x004\n", "binary, or"),
        ("a.csv.gz", b"1,2\n3,4\n", "cannot read.*gzip"),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-9], "cannot read"),
        ("a.npz", b"not an archive", "damaged"),
        ("a.npz", b"\x93NUMPY\x01\x00", "damaged"),
    ],
)
def test_what_cannot_be_decoded_is_refused(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_table(tmp_path / name, None)
