"""Teachers: checkpoints by a fixed rule, resumed after a kill, whole on a full disk."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synthetic.parity import records, state
from synthetic.parity.recipe import Recipe, Task, Training
from synthetic.parity.sources import chosen_step, informative
from synthetic.parity.teacher import Teacher, read_teacher, train_teacher
from theory import files
from theory.errors import InputError

RECIPE = Recipe(
    task=Task(dim=10, k=3),
    teacher=Training(96, rate=0.1, batch=16, max_steps=3000, every=50),
    student=Training(16, batch=16, max_steps=2000, every=50),
    cadence=200,
    test_samples=1024,
    probe_samples=2048,
)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Teacher:
    return train_teacher(RECIPE, 0, tmp_path_factory.mktemp("teacher"))


class Killed(BaseException):
    """What no handler for errors catches."""


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The run dies before the given write."""
    left = [10**9]
    write = files.write

    def deadly(path: Path, data: bytes) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        write(path, data)

    monkeypatch.setattr(files, "write", deadly)
    yield left
    left[0] = 10**9


def same(one: Teacher, other: Teacher) -> bool:
    return (
        np.array_equal(one.steps, other.steps)
        and np.array_equal(one.accuracy, other.accuracy)
        and np.array_equal(one.stored, other.stored)
        and one.spikes == other.spikes
        and all(
            state.fingerprint(one.load(int(s))) == state.fingerprint(other.load(int(s)))
            for s in one.stored
        )
    )


def test_it_learns_and_stops_as_it_was_told(teacher: Teacher) -> None:
    assert teacher.has_learnt
    assert teacher.accuracy[-1] >= RECIPE.stop
    assert np.all(teacher.accuracy[:-1] < RECIPE.stop)
    assert teacher.final == teacher.steps[-1]
    assert np.all(np.diff(teacher.steps) == 50)


def test_checkpoints_follow_the_rule(teacher: Teacher) -> None:
    found = teacher.transition
    wanted = {
        int(s)
        for s in teacher.steps
        if s % 200 == 0 or found.holds(int(s)) or s == teacher.final
    }
    assert set(teacher.stored.tolist()) == wanted
    dense = [s for s in wanted if found.holds(s) and s % 200]
    assert dense  # otherwise this tested the cadence alone
    files_there = list(teacher.folder.glob("step-*.safetensors"))
    assert len(files_there) == len(wanted)


def test_choices_of_checkpoints(teacher: Teacher) -> None:
    accuracy = dict(zip(teacher.steps.tolist(), teacher.accuracy, strict=True))
    mid = chosen_step("mid", teacher)
    assert all(
        abs(accuracy[mid] - 0.75) <= abs(accuracy[int(s)] - 0.75)
        for s in teacher.stored
    )
    assert chosen_step("early", teacher) <= teacher.transition.begins / 2
    assert chosen_step("random", teacher) == 0
    assert chosen_step("final", teacher) == teacher.final
    assert chosen_step("step:1", teacher) == 200
    assert chosen_step("step:200", teacher) == 200
    assert chosen_step(f"step:{10**9}", teacher) == teacher.final
    assert chosen_step("part:4/4", teacher) == teacher.final


def test_what_is_outside_the_transition_is_flagged(teacher: Teacher) -> None:
    assert informative("mid", teacher)
    assert not informative("early", teacher)
    assert not informative("random", teacher)


def test_the_global_peak_may_be_the_initialisation(teacher: Teacher) -> None:
    """A larger correlation before the transition makes `peak` a checkpoint to flag."""
    spikes = list(teacher.spikes)
    spikes[1] = replace(spikes[1], inside=0.4)
    tampered = replace(teacher, spikes=tuple(spikes))
    assert chosen_step("peak", tampered) == teacher.stored[1]
    assert not informative("peak", tampered)
    at = int(np.searchsorted(teacher.stored, teacher.transition.begins))
    spikes[at] = replace(spikes[at], inside=0.45)
    assert informative("peak", replace(teacher, spikes=tuple(spikes)))


@pytest.mark.parametrize("writes", [1, 2, 3, 6, 7, 10, 11])
def test_a_killed_run_goes_on_to_the_same_bits(
    writes: int, teacher: Teacher, killer: list[int], tmp_path: Path
) -> None:
    folder = tmp_path / "teacher"
    killer[0] = writes
    with pytest.raises(Killed):
        train_teacher(RECIPE, 0, folder)
    killer[0] = 10**9
    assert same(train_teacher(RECIPE, 0, folder), teacher)


def test_threads_do_not_change_the_bits(teacher: Teacher, tmp_path: Path) -> None:
    assert same(train_teacher(RECIPE, 0, tmp_path / "two", threads=2), teacher)


def test_a_finished_teacher_is_read_not_trained(
    teacher: Teacher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("synthetic.parity.teacher.train", refuse)
    assert same(train_teacher(RECIPE, 0, teacher.folder), teacher)
    assert same(read_teacher(teacher.folder), teacher)


def test_a_full_disk_leaves_the_last_good_state(
    teacher: Teacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "teacher"
    fsync, left = os.fsync, [7]

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    with monkeypatch.context() as patch:
        patch.setattr("theory.files.os.fsync", full)
        with pytest.raises(InputError, match="No space left"):
            train_teacher(RECIPE, 0, folder)
    assert not list(folder.glob(".ratecheck*"))
    for path in folder.glob("step-*.safetensors"):
        state.load(path)
    assert same(train_teacher(RECIPE, 0, folder), teacher)


def test_a_folder_of_another_recipe_or_seed_is_refused(teacher: Teacher) -> None:
    wider = replace(RECIPE, teacher=replace(RECIPE.teacher, width=97))
    with pytest.raises(InputError, match=r"recipe.teacher.width: 96 there, 97 asked"):
        train_teacher(wider, 0, teacher.folder)
    with pytest.raises(InputError, match="seed: 0 there, 1 asked"):
        train_teacher(RECIPE, 1, teacher.folder)


def test_students_of_another_width_share_a_teacher(teacher: Teacher) -> None:
    other = replace(RECIPE, student=replace(RECIPE.student, width=9))
    assert train_teacher(other, 0, teacher.folder).final == teacher.final


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        train_teacher(RECIPE, 0, tmp_path)


def copied(teacher: Teacher, folder: Path) -> Path:
    folder.mkdir()
    for path in teacher.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_damaged_checkpoint_is_named_by_its_checksum(
    teacher: Teacher, tmp_path: Path
) -> None:
    folder = copied(teacher, tmp_path / "copy")
    path = folder / f"step-{teacher.final:09d}.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="damaged: its SHA-256"):
        train_teacher(RECIPE, 0, folder)


def test_a_pickle_is_refused(teacher: Teacher, tmp_path: Path) -> None:
    folder = copied(teacher, tmp_path / "copy")
    path = folder / f"step-{teacher.final:09d}.safetensors"
    path.write_bytes(b"\x80\x04N.")
    with pytest.raises(InputError, match="pickle"):
        train_teacher(RECIPE, 0, folder)


def test_a_checkpoint_of_another_shape_is_refused(
    teacher: Teacher, tmp_path: Path
) -> None:
    folder = copied(teacher, tmp_path / "copy")
    wider = replace(RECIPE, teacher=replace(RECIPE.teacher, width=97))
    path = folder / f"step-{teacher.final:09d}.safetensors"
    state.save(path, wider.network("teacher", 0))
    with pytest.raises(InputError, match=r"need .*'width': 96"):
        train_teacher(RECIPE, 0, folder)


def test_checkpoints_that_were_swapped_are_noticed(
    teacher: Teacher, tmp_path: Path
) -> None:
    folder = copied(teacher, tmp_path / "copy")
    first, second = (folder / f"step-{s:09d}.safetensors" for s in (0, 200))
    first.write_bytes(second.read_bytes())
    with pytest.raises(InputError, match="holds step 200, not 0"):
        read_teacher(folder).load(0)


def test_a_damaged_curve_is_named(teacher: Teacher, tmp_path: Path) -> None:
    folder = copied(teacher, tmp_path / "copy")
    path = folder / "curve.npz"
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"curve\.npz is damaged"):
        train_teacher(RECIPE, 0, folder)


def test_an_unfinished_teacher_has_no_students(
    killer: list[int], tmp_path: Path
) -> None:
    killer[0] = 6
    with pytest.raises(Killed):
        train_teacher(RECIPE, 0, tmp_path / "t")
    with pytest.raises(InputError, match="not finished"):
        read_teacher(tmp_path / "t")
    with pytest.raises(InputError, match=r"Could not read .*configuration"):
        read_teacher(tmp_path)


def test_a_missing_checkpoint_names_the_nearest(teacher: Teacher) -> None:
    with pytest.raises(InputError, match="no checkpoint of step 210; the nearest: 200"):
        teacher.load(210)


def test_too_many_checkpoints_are_refused_before_the_first_step(
    tmp_path: Path,
) -> None:
    long = Training(50_000, max_steps=8_000_000, every=250)
    with pytest.raises(InputError, match="Need fewer steps"):
        train_teacher(replace(RECIPE, teacher=long, cadence=250), 0, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_teacher_that_does_not_learn_says_so(tmp_path: Path) -> None:
    short = replace(RECIPE, teacher=replace(RECIPE.teacher, max_steps=100))
    found = train_teacher(short, 0, tmp_path)
    assert not found.has_learnt
    assert found.final == 100
    with pytest.raises(InputError, match=r"never got above \.55"):
        chosen_step("early", found)


def test_records_refuse_what_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No file"):
        records.load(tmp_path / "no.npz")
    (tmp_path / "no.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="damaged"):
        records.load(tmp_path / "no.npz")
    np.savez(tmp_path / "pickled.npz", notes=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="damaged"):
        records.load(tmp_path / "pickled.npz")
