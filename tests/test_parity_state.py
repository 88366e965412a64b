"""Checkpoints and teacher labels: whole, exact, or refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from synthetic.parity import labels as labelling
from synthetic.parity.forward import logits
from synthetic.parity.labels import TeacherLabels
from synthetic.parity.network import ARRAYS, Network
from synthetic.parity.rates import Constant
from synthetic.parity.state import fingerprint, load, save
from synthetic.parity.stream import Parity, Stream
from synthetic.parity.train import train
from theory.errors import InputError

STREAM = Stream(dim=12, target=Parity((0, 1)), seed=1)


def learnt(logits: int = 2, dtype: str = "float32", width: int = 50) -> Network:
    network = Network.default(12, width, seed=0, logits=logits, dtype=dtype)
    train(network, STREAM, Constant(0.1), 320)
    return network


def same(one: Network, other: Network) -> bool:
    return all(np.array_equal(getattr(one, a), getattr(other, a)) for a in ARRAYS)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_goes_on_from_its_file_bitwise(
    count: int, dtype: str, tmp_path: Path
) -> None:
    network = learnt(count, dtype)
    path = tmp_path / "state.safetensors"
    save(path, network, {"seed": 1})
    found = load(path, like=network)
    assert found.notes == {"seed": 1}
    assert same(found.network, network)
    assert fingerprint(found.network) == fingerprint(network)
    for one in (network, found.network):
        train(one, STREAM, Constant(0.1), 320)
    assert same(found.network, network)
    assert found.network.step == 640


def test_the_file_holds_torchs_tensors(tmp_path: Path) -> None:
    network = learnt()
    save(tmp_path / "a.safetensors", network)
    tensors = load_file(tmp_path / "a.safetensors")
    for name, tensor in network.tensors().items():
        np.testing.assert_array_equal(tensors[name], tensor)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_damaged_file_is_named_by_its_checksum(place: float, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save(path, learnt())
    data = bytearray(path.read_bytes())
    data[int(place * len(data))] ^= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        load(path)
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="damaged"):
        load(path)


def test_an_edited_step_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    save(path, learnt())
    data = path.read_bytes()
    assert data.count(b'\\"step\\": 320') == 1
    path.write_bytes(data.replace(b'\\"step\\": 320', b'\\"step\\": 321'))
    with pytest.raises(InputError, match="SHA-256"):
        load(path)


@pytest.mark.parametrize(
    "like",
    [
        Network.default(12, 51, seed=0),
        Network.default(13, 50, seed=0),
        Network.default(12, 50, seed=0, logits=1),
        Network.default(12, 50, seed=0, dtype="float64"),
    ],
)
def test_another_shape_is_refused(like: Network, tmp_path: Path) -> None:
    save(tmp_path / "a.safetensors", learnt())
    with pytest.raises(InputError, match="holds a network of"):
        load(tmp_path / "a.safetensors", like=like)


def test_pickles_and_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    with pytest.raises(InputError, match="Could not read"):
        load(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match="pickle"):
        load(path)
    torch.save({"a": torch.zeros(3)}, path)
    with pytest.raises(InputError, match="pickle"):
        load(path)
    path.write_bytes(b"hello")
    with pytest.raises(InputError, match="not a network"):
        load(path)


def test_every_bit_counts_in_the_fingerprint() -> None:
    network = learnt()
    prints = {fingerprint(network)}
    for name in ARRAYS:
        other = network.copy()
        array = getattr(other, name)
        array[0] = np.nextafter(array[0], np.inf) if array.dtype.kind == "f" else 7
        prints.add(fingerprint(other))
    assert len(prints) == len(ARRAYS) + 1


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "CHUNK", 100)


@pytest.mark.usefixtures("small_files")
def test_labels_are_computed_once_and_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = learnt()
    wanted = logits(teacher, STREAM.words(0, 1000))
    labels = TeacherLabels(teacher, STREAM, tmp_path)
    np.testing.assert_array_equal(labels.logits(250, 333), wanted[250:583].astype("f4"))
    files = sorted(labels.folder.iterdir())
    assert [file.name[:8] for file in files] == [f"{i:08d}" for i in (2, 3, 4, 5)]
    assert {file.stat().st_size for file in files} == {400}
    files[1].unlink()  # as after a run that was cut off
    calls = []

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return logits(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(labelling, "logits", counted)
    again = TeacherLabels(teacher, STREAM, tmp_path)
    np.testing.assert_array_equal(again.logits(250, 333), wanted[250:583].astype("f4"))
    assert len(calls) == 1
    assert again.logits(250, 0).size == 0


@pytest.mark.usefixtures("small_files")
def test_damaged_labels_are_refused(tmp_path: Path) -> None:
    labels = TeacherLabels(learnt(), STREAM, tmp_path)
    labels.logits(0, 10)
    (path,) = labels.folder.iterdir()
    data = bytearray(path.read_bytes())
    for damaged in (data[:-4], data[:200] + bytes([data[200] ^ 1]) + data[201:], b""):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="is damaged"):
            TeacherLabels(labels.teacher, STREAM, tmp_path).logits(0, 10)


def test_labels_of_others_lie_elsewhere(tmp_path: Path) -> None:
    teacher, other = learnt(), learnt()
    train(other, STREAM, Constant(0.1), 1)
    noisy = Stream(12, Parity((3,)), seed=1, noise=0.2)
    seeded = Stream(12, Parity((0, 1)), seed=2)
    folder = TeacherLabels(teacher, STREAM, tmp_path).folder
    assert TeacherLabels(teacher, noisy, tmp_path).folder == folder
    assert TeacherLabels(other, STREAM, tmp_path).folder != folder
    assert TeacherLabels(teacher, seeded, tmp_path).folder != folder
    with pytest.raises(InputError, match="d=12"):
        TeacherLabels(teacher, Stream(13, Parity((0,)), 1), tmp_path)


@pytest.mark.usefixtures("small_files")
def test_targets_are_tempered_probabilities(tmp_path: Path) -> None:
    labels = TeacherLabels(learnt(), STREAM, tmp_path)
    f = labels.logits(0, 50).astype(np.float64)
    np.testing.assert_allclose(labels.targets(2.0)(0, 50), 1 / (1 + np.exp(-f / 2)))
    np.testing.assert_array_equal(labels.targets(0.0)(0, 50), f > 0)
    with pytest.raises(InputError, match="temperature"):
        labels.targets(-1.0)


@pytest.mark.parametrize("num", [0, 1, 127, 128, 129, 400])
def test_logits_do_not_depend_on_threads_or_neighbours(num: int) -> None:
    network = learnt()
    words = STREAM.words(0, 400)
    whole = logits(network, words)
    np.testing.assert_array_equal(logits(network, words[:num]), whole[:num])
    np.testing.assert_array_equal(logits(network, words[:num], threads=3), whole[:num])
    np.testing.assert_array_equal(logits(network, STREAM.signs(0, num)), whole[:num])


def test_inputs_of_another_shape_are_refused() -> None:
    for inputs in (np.ones((3, 13)), np.zeros((3, 12)), np.zeros((3, 2), np.uint64)):
        with pytest.raises(InputError):
            logits(learnt(), inputs)
