"""GPT-2: built, counted, asked for losses, saved, opened."""

import contextlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from gpt2_demo import corpus, hub, model, saved, tokens
from gpt2_demo.windows import Windows
from theory.errors import InputError
from theory.files import write

TEXT = corpus.load().train[:20_000]
VOCABULARY = tokens.train(TEXT, 300)
TOKENS = VOCABULARY.encode(TEXT)[:1001]
WINDOWS = Windows(TOKENS, 16)
SHAPE = model.Shape(2, 16, 2)
MODEL = model.build(SHAPE, 300, 16, 0)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> Any:
        msg = "a test went to the network"
        raise OSError(msg)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model.save(MODEL, VOCABULARY, tmp_path / "model", {"steps": 3, "arm": "iam"})
    return tmp_path / "model"


def test_a_seed_gives_one_model_and_leaves_the_global_generator_alone() -> None:
    state = torch.random.get_rng_state()
    again, other = (model.build(SHAPE, 300, 16, seed) for seed in (0, 1))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert model.fingerprint(again) == model.fingerprint(MODEL)
    assert model.fingerprint(other) != model.fingerprint(MODEL)


def test_parameters_are_counted_as_published() -> None:
    with torch.device("meta"):
        small = model.build(model.Shape(12, 768, 12), 50257, 1024, 0)
    assert model.num_parameters(small) == 124_439_808
    embeddings = (50257 + 1024) * 768
    assert model.num_parameters(small, embeddings=False) == 124_439_808 - embeddings


def test_the_loss_is_the_one_that_transformers_computes() -> None:
    batch = WINDOWS.batch(np.arange(5))
    ours = model.sequence_losses(MODEL, batch)
    for number, row in enumerate(batch):
        inputs, labels = row[None, :-1], row[None, 1:]
        theirs = MODEL(inputs, labels=labels, shift_labels=labels).loss
        assert ours[number].item() == pytest.approx(theirs.item(), rel=1e-6)


def test_losses_of_some_windows_are_bit_by_bit_those_of_all() -> None:
    everything = model.losses(MODEL, WINDOWS, batch=8)
    assert everything.shape == (len(WINDOWS),)
    assert everything.dtype == torch.float32
    for among in (range(8), range(8, 30), range(56, len(WINDOWS))):
        some = model.losses(MODEL, WINDOWS, batch=8, among=among)
        assert torch.equal(some, everything[among.start : among.stop])
    assert torch.allclose(model.losses(MODEL, WINDOWS), everything, rtol=1e-5)
    rough = model.losses(MODEL, WINDOWS, autocast=True)
    assert not torch.equal(rough, everything)
    assert torch.allclose(rough, everything, rtol=1e-2)


def test_a_model_with_dropout_is_asked_without_and_left_as_it_was() -> None:
    config = transformers.GPT2Config(
        vocab_size=300, n_positions=16, n_embd=16, n_layer=1, n_head=2, resid_pdrop=0.5
    )
    theirs = transformers.GPT2LMHeadModel(config).train()
    first = model.losses(theirs, WINDOWS)
    assert theirs.training
    assert torch.equal(model.losses(theirs.eval(), WINDOWS), first)
    assert not theirs.training


def test_logits_fit_into_memory() -> None:
    assert model.batch_size(MODEL, WINDOWS) == 64
    with torch.device("meta"):
        wide = model.build(model.Shape(1, 2, 1), 50257, 1024, 0)
    long = Windows(np.zeros(2000, dtype=np.int32), 1024)
    assert model.batch_size(wide, long) * 1024 * 50257 <= model.LOGITS
    assert model.batch_size(wide, long) > 1


def test_a_folder_gives_back_what_was_saved(folder: Path) -> None:
    found, vocabulary, metadata = model.open_folder(folder)
    assert model.fingerprint(found) == model.fingerprint(MODEL)
    assert vocabulary.sha256 == VOCABULARY.sha256
    assert metadata == {"steps": 3, "arm": "iam"}
    assert torch.equal(model.losses(found, WINDOWS), model.losses(MODEL, WINDOWS))
    assert {path.name for path in folder.iterdir()} == set(hub.FILES)


def test_transformers_reads_the_folder(folder: Path) -> None:
    with hub.quiet():
        found = transformers.AutoModelForCausalLM.from_pretrained(folder)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert model.fingerprint(found) == model.fingerprint(MODEL)
    text = "Its name's\n\n  whole text."
    assert tokenizer(text)["input_ids"] == VOCABULARY.encode(text).tolist()


def test_what_transformers_saved_is_read_without_dropout(tmp_path: Path) -> None:
    config = transformers.GPT2Config(
        vocab_size=300, n_positions=16, n_embd=16, n_layer=2, n_head=2, attn_pdrop=0.5
    )
    theirs = transformers.GPT2LMHeadModel(config).to(torch.bfloat16)
    with hub.quiet():
        theirs.save_pretrained(tmp_path)
    VOCABULARY.save(tmp_path / hub.TOKENIZER)
    found, _, metadata = model.open_folder(tmp_path)
    assert metadata == {}
    assert model.fingerprint(found) == model.fingerprint(theirs.float())
    assert torch.equal(  # in training as in evaluation
        model.sequence_losses(found.train(), WINDOWS.batch(np.arange(4))),
        model.sequence_losses(found.eval(), WINDOWS.batch(np.arange(4))),
    )


def weights(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    changed = change(load_file(folder / hub.WEIGHTS))
    save_file(changed, folder / hub.WEIGHTS, metadata={"format": "pt"})


def configure(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / hub.CONFIG).read_text("utf-8"))
    (folder / hub.CONFIG).write_text(json.dumps(config | changes), "utf-8")


def as_the_hub_has_it(folder: Path) -> None:
    """GPT-2's own file: no prefix, and masks that are no weights."""
    masks = {f"h.{layer}.attn.bias": torch.ones(1, 1, 16, 16) for layer in range(2)}
    weights(
        folder,
        lambda w: {k.removeprefix("transformer."): v for k, v in w.items()} | masks,
    )


def test_the_layout_of_the_published_weights_is_read(folder: Path) -> None:
    as_the_hub_has_it(folder)
    assert model.fingerprint(model.open_folder(folder)[0]) == model.fingerprint(MODEL)


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def cut(name: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return spoil


def only_a_pickle(folder: Path) -> None:
    torch.save(load_file(folder / hub.WEIGHTS), folder / "pytorch_model.bin")
    (folder / hub.WEIGHTS).unlink()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without(hub.WEIGHTS), r"Need model\.safetensors in"),
        (only_a_pickle, r"pytorch_model\.bin is a pickle, which may run any code"),
        (without(hub.CONFIG), "Cannot read the model in"),
        (without(hub.TOKENIZER), "Cannot read a tokenizer from"),
        (cut(hub.WEIGHTS), r"model\.safetensors is damaged"),
        (cut(hub.CONFIG), "Cannot read the model in"),
        (cut(hub.TOKENIZER), "Cannot read a tokenizer from"),
        (lambda f: configure(f, model_type="llama"), "Need a GPT-2.* holds a llama"),
        (lambda f: configure(f, n_layer=1), "unexpected_keys.* and 8 more"),
        (lambda f: configure(f, n_layer=3), "missing_keys"),
        (lambda f: configure(f, n_positions=8), "mismatched_keys"),
        (lambda f: configure(f, vocab_size=301), "mismatched_keys"),
        (
            lambda f: weights(
                f, lambda w: {k: v for k, v in w.items() if "ln_f.bias" not in k}
            ),
            r"not those of its config\.json: missing_keys: transformer\.ln_f\.bias\.",
        ),
        (
            lambda f: tokens.train(TEXT, 290).save(f / hub.TOKENIZER),
            "not the tokenizer that its model was saved with",
        ),
    ],
)
def test_a_folder_that_does_not_fit_together_is_refused(
    folder: Path, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(folder)
    with pytest.raises(InputError, match=message):
        model.open_folder(folder)


def test_a_tokenizer_of_more_tokens_than_the_model_is_refused(folder: Path) -> None:
    as_the_hub_has_it(folder)  # which names no tokenizer
    tokens.train(TEXT, 310).save(folder / hub.TOKENIZER)
    with pytest.raises(InputError, match="knows 300 tokens, and its tokenizer 310"):
        model.open_folder(folder)


def test_a_save_that_is_cut_short_leaves_the_old_model_or_is_seen(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, data: bytes) -> None:
        if path.name == hub.WEIGHTS:
            raise KeyboardInterrupt
        write(path, data)

    monkeypatch.setattr(saved, "write", fail)
    other = model.build(SHAPE, 300, 16, 1)
    with pytest.raises(KeyboardInterrupt):
        model.save(other, VOCABULARY, folder, {})
    found, _, metadata = model.open_folder(folder)
    assert model.fingerprint(found) == model.fingerprint(MODEL)
    assert metadata["steps"] == 3
    with pytest.raises(KeyboardInterrupt):
        model.save(other, tokens.train(TEXT[:999], 300), folder, {})
    with pytest.raises(InputError, match="not the tokenizer"):
        model.open_folder(folder)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="Cannot write into"):
        model.save(MODEL, VOCABULARY, tmp_path / "file", {})


def test_a_model_that_cannot_read_the_windows_is_refused() -> None:
    model.check("teacher", MODEL, WINDOWS)
    with pytest.raises(InputError, match=r"student reads 16 tokens.* got 17"):
        model.check("student", MODEL, Windows(TOKENS, 17))
    with pytest.raises(InputError, match=r"teacher knows 300 .* has token 300"):
        model.check("teacher", MODEL, Windows(np.append(TOKENS, np.int32(300)), 16))


def test_quiet_is_over_after_an_error() -> None:
    logging = transformers.utils.logging
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    with hub.quiet():
        assert not logging.is_progress_bar_enabled()
    with pytest.raises(RuntimeError), hub.quiet():
        raise RuntimeError
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


def test_nothing_is_printed_that_would_be_without_quiet(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    model.save(*model.open_folder(folder)[:2], folder, {})
    assert capfd.readouterr() == ("", "")
    monkeypatch.setattr(saved, "quiet", contextlib.nullcontext)
    model.open_folder(folder)
    assert "Loading weights" in capfd.readouterr().err
