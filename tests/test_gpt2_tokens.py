"""Tokens that lose nothing, windows that drop nothing, batches that repeat nothing."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from gpt2_demo import corpus, tokens
from gpt2_demo.windows import Order, Windows
from theory.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
TEXT = corpus.load().train[:60_000]
VOCABULARY = tokens.train(TEXT, 500)
BLANKS = "\x1c\x85\xa0\u2003\u3000\r\t\v"
ALPHABET = st.sampled_from("ab'sd \n .1_é字ß²" + BLANKS)
FEW = 7
"""Characters in a piece, so that short texts have many."""


def ids(text: str) -> list[int]:
    """What the library gives for the whole at once."""
    return list(VOCABULARY.tokenizer.encode(text).ids)


@given(st.text())
@example("")
@example("<|endoftext|>")
@example("caf\u0301e \U0001f600\r\n\t\x00")
def test_any_text_comes_back(text: str) -> None:
    assert VOCABULARY.decode(VOCABULARY.encode(text)) == text


@given(st.text(ALPHABET, max_size=120))
@example("a's b\n\nc  d \n e")
def test_pieces_give_the_tokens_of_the_whole(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "PIECE", FEW)
        assert VOCABULARY.encode(text).tolist() == ids(text)


def test_a_corpus_in_many_pieces_gives_the_tokens_of_the_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "PIECE", FEW)
    found = VOCABULARY.encode(TEXT)
    assert found.dtype == np.int32
    assert found.tolist() == ids(TEXT)
    assert tokens.train(TEXT, 500).sha256 == VOCABULARY.sha256


@pytest.mark.parametrize(
    "cut", [r".(?=.)", r"(?<=\n)[^\n]", r"(?<=\n)\n", r"(?<=[^ ]) |(?<=\n)."]
)
def test_other_cuts_would_change_tokens(
    cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PIECE", FEW)
    monkeypatch.setattr(tokens, "_CUT", re.compile(cut))
    assert VOCABULARY.encode(TEXT).tolist() != ids(TEXT)


def test_equal_texts_give_equal_tokenizers_in_another_process_too() -> None:
    script = (
        "from gpt2_demo import corpus, tokens\n"
        "assert tokens.train(corpus.load().train[:60_000], 500).sha256 == "
        f"{VOCABULARY.sha256!r}"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
    assert tokens.train(TEXT[1000:], 500).sha256 != VOCABULARY.sha256


def test_the_size_is_what_the_text_supports() -> None:
    assert VOCABULARY.size == 500
    small = tokens.train("abab", 5000)
    assert 256 < small.size < 300
    assert max(small.encode("abab" * 9)) < small.size
    assert tokens.train("ab", 256).size == 256
    with pytest.raises(InputError, match="at least 256 tokens"):
        tokens.train("ab", 255)


def test_a_tokenizer_comes_back_from_its_file(tmp_path: Path) -> None:
    VOCABULARY.save(tmp_path / "tokenizer.json")
    found = tokens.open_file(tmp_path / "tokenizer.json")
    assert found.sha256 == VOCABULARY.sha256
    assert found.encode(TEXT).tolist() == VOCABULARY.encode(TEXT).tolist()


def special(parts: dict[str, Any], content: str = "<|endoftext|>", **how: Any) -> None:
    """Add the special token that GPT-2's own file has."""
    token = {"id": 500, "content": content, "single_word": False, "lstrip": False}
    token |= {"rstrip": False, "normalized": True, "special": True} | how
    parts["added_tokens"].append(token)


def test_special_tokens_are_neither_added_nor_lost(tmp_path: Path) -> None:
    parts = json.loads(VOCABULARY.tokenizer.to_str())
    special(parts)
    (tmp_path / "t.json").write_text(json.dumps(parts), "utf-8")
    found = tokens.open_file(tmp_path / "t.json")
    assert found.size == 501
    assert found.encode("a<|endoftext|>b").tolist().count(500) == 1
    assert found.decode(found.encode("a<|endoftext|> b")) == "a<|endoftext|> b"
    tokens.require_same(found, VOCABULARY)
    with pytest.raises(InputError, match="another tokenizer"):
        tokens.require_same(found, tokens.train(TEXT[1000:], 500))


def test_a_file_that_cuts_pads_or_decorates_texts_does_not(tmp_path: Path) -> None:
    parts = json.loads(VOCABULARY.tokenizer.to_str())
    special(parts)
    parts["truncation"] = {"direction": "Right", "max_length": 8, "stride": 0}
    parts["truncation"]["strategy"] = "LongestFirst"
    parts["padding"] = {"strategy": {"Fixed": 999}, "direction": "Right", "pad_id": 500}
    parts["padding"] |= {"pad_type_id": 0, "pad_token": "<|endoftext|>"}
    parts["padding"] |= {"pad_to_multiple_of": None}
    end = {"id": "<|endoftext|>", "ids": [500], "tokens": ["<|endoftext|>"]}
    parts["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": end["id"], "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}],
        "special_tokens": {end["id"]: end},
    }
    (tmp_path / "t.json").write_text(json.dumps(parts), "utf-8")
    found = tokens.open_file(tmp_path / "t.json")
    for text in ("a", TEXT[:500]):
        assert found.encode(text).tolist() == ids(text)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts["pre_tokenizer"].update(add_prefix_space=True),
        lambda parts: parts["pre_tokenizer"].update(use_regex=False),
        lambda parts: parts.update(pre_tokenizer=None),
        lambda parts: parts.update(normalizer={"type": "Lowercase"}),
        lambda parts: parts["model"].update(dropout=0.5),
        lambda parts: parts["model"]["vocab"].update({"Ā": 777}),  # the NUL byte
        lambda parts: parts["model"].update(
            vocab={
                ("unknown" if key == "A" else key): value
                for key, value in parts["model"]["vocab"].items()
            },
            merges=[],
        ),
        lambda parts: special(parts, lstrip=True),
        lambda parts: special(parts, content="two words"),
        lambda parts: special(parts, id=600),
        lambda parts: parts.update(
            model={"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
        ),
    ],
)
def test_a_tokenizer_that_may_lose_bytes_is_refused(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None]
) -> None:
    parts = json.loads(VOCABULARY.tokenizer.to_str())
    spoil(whole := copy.deepcopy(parts))
    assert whole != parts
    (tmp_path / "t.json").write_text(json.dumps(whole), "utf-8")
    with pytest.raises(InputError, match=r"byte-level BPE|Cannot read a tokenizer"):
        tokens.open_file(tmp_path / "t.json")


@pytest.mark.parametrize("data", [None, b"", b"{}", b"\xff", b"[1, 2"])
def test_no_tokenizer_at_all_is_refused(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "t.json").write_bytes(data)
    with pytest.raises(InputError, match="Cannot read a tokenizer from"):
        tokens.open_file(tmp_path / "t.json")


@given(st.integers(1, 9), st.integers(1, 60))
def test_every_token_but_the_first_is_predicted(context: int, more: int) -> None:
    number = context + more
    windows = Windows(np.arange(number, dtype=np.int32), context)
    batch = windows.batch(np.arange(len(windows))).numpy()
    assert batch.shape == (len(windows), context + 1)
    assert set(batch[:, 1:].ravel()) == set(range(1, number))
    assert np.all(np.diff(batch) == 1)  # each window is a piece of the text
    assert len(windows) == -(-(number - 1) // context)  # no window more than it takes


@pytest.mark.parametrize("starts", [lambda w: w.starts[:-1], lambda w: w.starts + 1])
def test_windows_that_drop_a_token_would_be_seen(
    starts: Callable[[Windows], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = starts(Windows(np.arange(9, dtype=np.int32), 4))
    monkeypatch.setattr(Windows, "starts", mutant)
    with pytest.raises((AssertionError, IndexError)):
        test_every_token_but_the_first_is_predicted.hypothesis.inner_test(4, 5)  # type: ignore[attr-defined]


def test_windows_of_a_memory_map_are_those_of_the_array(tmp_path: Path) -> None:
    plain = Windows(np.arange(50, dtype=np.int32), 8)
    np.save(tmp_path / "tokens.npy", plain.tokens)
    mapped = Windows(np.load(tmp_path / "tokens.npy", mmap_mode="r"), 8)
    assert mapped.sha256 == plain.sha256
    assert (
        mapped.batch(np.array([0, 6])).tolist()
        == plain.batch(np.array([0, 6])).tolist()
    )


def test_the_hash_of_windows_sees_tokens_and_context() -> None:
    array = np.arange(50, dtype=np.int32)
    hashes = {Windows(array, context).sha256 for context in (4, 5, 6)}
    hashes |= {Windows(array[::-1], 4).sha256, Windows(array[:-1], 4).sha256}
    assert len(hashes) == 5


@pytest.mark.parametrize("number", [0, 1, 8])
def test_a_text_too_short_for_a_window_is_refused(number: int) -> None:
    with pytest.raises(InputError, match=f"Need more than 8 tokens .* got {number}"):
        Windows(np.zeros(number, dtype=np.int32), 8)
    with pytest.raises(InputError, match="context >= 1"):
        Windows(np.zeros(9, dtype=np.int32), 0)


@given(st.integers(1, 40), st.data(), st.integers(0, 3))
def test_every_window_comes_once_an_epoch(
    number: int, data: st.DataObject, seed: int
) -> None:
    batch = data.draw(st.integers(1, number))
    order = Order(number, batch, seed)
    drawn = np.concatenate([order.at(step) for step in range(3 * number)])
    epochs = drawn[: len(drawn) // number * number].reshape(-1, number)
    assert len(epochs) == 3 * batch
    assert np.array_equal(np.sort(epochs), np.tile(np.arange(number), (3 * batch, 1)))


def test_the_order_is_a_function_of_the_step_whatever_is_done_to_a_batch() -> None:
    order = Order(100, 7, 3)
    before = [order.at(step).tolist() for step in range(40)]
    for step in reversed(range(40)):
        order.at(step)[:] = -1
    assert [order.at(step).tolist() for step in range(40)] == before
    assert Order(100, 7, 4).at(0).tolist() != before[0]
    epochs = np.concatenate(before)[:200].reshape(2, 100)
    assert epochs[0].tolist() != epochs[1].tolist()  # shuffled anew


@pytest.mark.parametrize("batch", [0, 11])
def test_a_batch_that_repeats_a_window_is_refused(batch: int) -> None:
    with pytest.raises(InputError, match="batch of 1 to 10 windows"):
        Order(10, batch, 0)
