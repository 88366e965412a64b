"""A teacher asked once: kept, continued, refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gpt2_demo import corpus, model, teacher, teacher_losses, tokens
from gpt2_demo.windows import Windows
from theory.errors import InputError

TEXT = corpus.load()
VOCABULARY = tokens.train(TEXT.train[:20_000], 300)
WINDOWS = Windows(VOCABULARY.encode(TEXT.train[:9_000])[:1605], 8)  # 201: 3 batches
VALID = Windows(VOCABULARY.encode(TEXT.valid[:3_000])[:500], 8)
SHAPE = model.Shape(1, 8, 2)
TEACHER = model.build(SHAPE, 300, 8, 0)
LOSSES = teacher.compute(TEACHER, WINDOWS, valid=VALID)


class Stop(BaseException):
    """A kill."""


def stopping(after: int) -> tuple[Callable[..., torch.Tensor], list[range]]:
    """`model.losses`, killed after so many calls, and the windows it was asked for."""
    asked: list[range] = []
    real = model.losses

    def losses(*args: Any, **options: Any) -> torch.Tensor:
        if len(asked) == after:
            raise Stop
        asked.append(options.get("among", range(0)))
        return real(*args, **options)

    return losses, asked


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the losses of two batches of three lie."""
    monkeypatch.setattr(teacher, "EVERY", 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(model, "losses", stopping(2)[0])
        with pytest.raises(Stop):
            teacher.cached(TEACHER, WINDOWS, tmp_path)
    (part,) = tmp_path.iterdir()
    assert part.suffix == ".part"
    return tmp_path


def test_the_losses_are_those_of_each_window_alone() -> None:
    assert LOSSES.values.shape == (len(WINDOWS),) == (201,)
    for number in (0, 77, 200):
        alone = model.sequence_losses(TEACHER, WINDOWS.batch(np.array([number])))
        assert LOSSES.values[number] == pytest.approx(alone.item(), rel=1e-5)


def test_a_teacher_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    first = teacher.cached(
        TEACHER, WINDOWS, tmp_path, valid=VALID, progress=lambda *at: seen.append(at)
    )
    assert seen == [(0, 201), (64, 201), (128, 201), (192, 201), (201, 201)]
    assert np.array_equal(first.values, LOSSES.values)
    assert (first.key, first.validation) == (LOSSES.key, LOSSES.validation)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size < 4 * 201 + 1000
    monkeypatch.setattr(model, "losses", stopping(0)[0])
    again = teacher.cached(TEACHER, WINDOWS, tmp_path, valid=VALID)
    assert np.array_equal(again.values, LOSSES.values)
    assert again.validation == LOSSES.validation


def test_a_killed_run_goes_on_to_the_same_bits(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses, asked = stopping(-1)
    monkeypatch.setattr(model, "losses", losses)
    found = teacher.cached(TEACHER, WINDOWS, killed)
    assert asked == [range(128, 192), range(192, 201)]
    assert np.array_equal(found.values, LOSSES.values)
    assert [path.suffix for path in killed.iterdir()] == [".safetensors"]


def test_a_run_killed_before_the_last_rename_goes_on_too(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = killed.iterdir()
    replace(LOSSES, validation=None).save(part)
    losses, asked = stopping(-1)
    monkeypatch.setattr(model, "losses", losses)
    found = teacher.cached(TEACHER, WINDOWS, killed)
    assert sum(map(len, asked)) == 9
    assert np.array_equal(found.values, LOSSES.values)


def test_the_part_of_another_teacher_is_refused(killed: Path) -> None:
    (part,) = killed.iterdir()
    key = replace(LOSSES.key, teacher="another")
    teacher.TeacherLosses(LOSSES.values[:64], key).save(part)
    with pytest.raises(InputError, match="losses of other weights"):
        teacher.cached(TEACHER, WINDOWS, killed)
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(InputError, match=f"{part.name} holds no teacher losses"):
        teacher.cached(TEACHER, WINDOWS, killed)


def test_the_file_of_another_teacher_under_this_name_is_refused(tmp_path: Path) -> None:
    key = replace(LOSSES.key, teacher="another")
    path = teacher.path_of(LOSSES.key, tmp_path)
    teacher.TeacherLosses(LOSSES.values, key).save(path)
    with pytest.raises(InputError, match="other weights: another teacher"):
        teacher.cached(TEACHER, WINDOWS, tmp_path)


def test_other_data_teachers_and_dtypes_have_other_files(tmp_path: Path) -> None:
    other = model.build(SHAPE, 300, 8, 1)
    shifted = Windows(WINDOWS.tokens[1:], 8)
    for who, what, autocast in (
        (TEACHER, WINDOWS, False),
        (TEACHER, WINDOWS, True),
        (TEACHER, shifted, False),
        (other, WINDOWS, False),
    ):
        found = teacher.cached(who, what, tmp_path, autocast=autocast)
        exact = teacher.compute(who, what, autocast=autocast)
        assert np.array_equal(found.values, exact.values)
    assert len(list(tmp_path.iterdir())) == 4


def test_the_cache_folder_is_where_it_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path))
    found = teacher.cached(TEACHER, WINDOWS)
    assert teacher.path_of(found.key).parent == tmp_path / "teachers"
    assert teacher.load(teacher.path_of(found.key), WINDOWS).key == LOSSES.key


def test_a_file_is_a_teacher_without_a_model(tmp_path: Path) -> None:
    LOSSES.save(tmp_path / "losses")
    found = teacher.load(tmp_path / "losses", WINDOWS)
    assert np.array_equal(found.values, LOSSES.values)
    expected = model.losses(TEACHER, VALID).double().mean().item()
    assert found.validation_loss(VALID) == expected
    with pytest.raises(InputError, match="validation loss is of other windows"):
        found.validation_loss(WINDOWS)
    assert replace(found, validation=None).validation_loss(VALID) is None
    own = teacher.Key(WINDOWS.sha256, "a model behind an API", "unknown")
    teacher.TeacherLosses(LOSSES.values, own).save(tmp_path / "own")
    assert teacher.load(tmp_path / "own", WINDOWS).key == own


def test_a_validation_loss_can_be_asked_for_later(tmp_path: Path) -> None:
    assert teacher.cached(TEACHER, WINDOWS, tmp_path).validation is None
    found = teacher.cached(TEACHER, WINDOWS, tmp_path, valid=VALID)
    assert found.validation == LOSSES.validation
    assert teacher.cached(TEACHER, WINDOWS, tmp_path).validation == LOSSES.validation


def test_losses_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "losses"
    LOSSES.save(path)
    teacher.load(path, WINDOWS, teacher=TEACHER, autocast=False)
    with pytest.raises(InputError, match="another corpus, tokenizer or context"):
        teacher.load(path, Windows(WINDOWS.tokens, 7))
    with pytest.raises(InputError, match="other weights: another teacher"):
        teacher.load(path, WINDOWS, teacher=model.build(SHAPE, 300, 8, 1))
    with pytest.raises(InputError, match=r"precision \(float32, not bfloat16\)"):
        teacher.load(path, WINDOWS, autocast=True)
    replace(LOSSES, values=LOSSES.values[1:]).save(path)
    with pytest.raises(InputError, match=r"holds 200 losses of 201"):
        teacher.load(path, WINDOWS)


def damaged(data: bytes, place: int) -> bytes:
    flipped = bytearray(data)
    flipped[place] ^= 1
    return bytes(flipped)


def test_a_file_damaged_anywhere_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "losses"
    few = Windows(WINDOWS.tokens[:41], 8)
    replace(
        LOSSES, values=LOSSES.values[:5], key=teacher.Key(few.sha256, "t", "d")
    ).save(path)
    assert len(teacher.load(path, few).values) == 5
    whole = path.read_bytes()
    for spoilt in (
        *(damaged(whole, place) for place in range(len(whole))),
        *(whole[:size] for size in range(0, len(whole), 17)),
        whole + b"\0",
    ):
        path.write_bytes(spoilt)
        with pytest.raises(InputError, match=r"losses (holds no|is damaged).* Delete"):
            teacher.load(path, few)


def test_without_the_hash_damage_would_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher_losses, "_digest", lambda *_: "")
    LOSSES.save(tmp_path / "losses")
    whole = (tmp_path / "losses").read_bytes()
    (tmp_path / "losses").write_bytes(damaged(whole, len(whole) - 4))
    found = teacher.load(tmp_path / "losses", WINDOWS)
    assert not np.array_equal(found.values, LOSSES.values)


@pytest.mark.parametrize("name", ["none", "."])
def test_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="holds no teacher losses"):
        teacher.load(tmp_path / name, WINDOWS)


def test_a_file_of_other_tensors_is_refused(tmp_path: Path) -> None:
    model.save(TEACHER, VOCABULARY, tmp_path, {})
    with pytest.raises(InputError, match="holds no teacher losses"):
        teacher.load(tmp_path / "model.safetensors", WINDOWS)


def test_losses_that_are_not_numbers_are_refused() -> None:
    broken = model.build(SHAPE, 300, 8, 0)
    with torch.no_grad():
        broken.transformer.wte.weight[0] = float("nan")
    with pytest.raises(InputError, match="Need finite losses"):
        teacher.compute(broken, WINDOWS)
    with pytest.raises(InputError, match="got float64"):
        replace(LOSSES, values=LOSSES.values.astype(np.float64))


def test_a_teacher_that_cannot_read_the_windows_is_refused(tmp_path: Path) -> None:
    small = model.build(SHAPE, 256, 8, 0)
    for ask in (teacher.compute, teacher.cached):
        with pytest.raises(InputError, match="The teacher knows 256 tokens"):
            ask(small, WINDOWS)
    with pytest.raises(InputError, match="context <= 8, got 9"):
        teacher.compute(TEACHER, WINDOWS, valid=Windows(VALID.tokens, 9))
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="Cannot write into"):
        teacher.cached(TEACHER, WINDOWS, tmp_path / "file")


def test_a_random_teacher_is_losses_like_any_other() -> None:
    untrained = teacher.compute(model.build(SHAPE, 300, 8, 9), WINDOWS)
    assert untrained.key.teacher != LOSSES.key.teacher
    assert untrained.values.mean() == pytest.approx(np.log(300), rel=0.05)
