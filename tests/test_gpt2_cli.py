"""`ratecheck gpt2` from nothing: teach, distil from a folder and from a file, write."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gpt2_demo import model
from gpt2_demo.cli import app
from gpt2_demo.sampling import Sampling
from gpt2_demo.teacher_losses import read
from theory.errors import InputError

SMALL = ["--layers", "1", "--width", "16", "--heads", "2", "--batch", "4"]


def gpt2(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["gpt2", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done
    return done.exit_code, " ".join(done.output.split())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gpt2")
    text = folder / "text.txt"
    text.write_text("the cat sat on the mat, and the dog sat on the cat. " * 200)
    common = ["--corpus", text, *SMALL, "--steps", "8", "--evaluate-every", "4"]
    asked = ["teach", "--out", folder / "teacher", "--vocab", "300", "--context", "8"]
    code, said = gpt2(*asked, *common)
    assert code == 0, said
    assert "nats on average" in said
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path / "cache"))


def distilled(home: Path, out: Path, *more: object) -> tuple[int, str]:
    common = ["--corpus", home / "text.txt", *SMALL, "--steps", "8"]
    return gpt2("distill", "--out", out, *common, *more)


@pytest.mark.parametrize("optimizer", ["iam", "iam-adam", "sps"])
def test_a_student_learns_from_a_folder_and_writes(
    optimizer: str, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "student"
    code, said = distilled(
        home, out, "--teacher", home / "teacher", "--optimizer", optimizer
    )
    assert code == 0, said
    assert f"{optimizer}: validation loss" in said
    network, vocabulary, meta = model.open_folder(out)
    assert meta["arm"]["method"] == optimizer
    assert network.config.n_positions == 8
    assert vocabulary.size <= 300
    log = (out / "log.jsonl").read_text("utf-8").splitlines()
    assert json.loads(log[-1])["step"] == 8
    code, said = gpt2("sample", "--model", out, "--prompt", "the cat", "--tokens", "5")
    assert code == 0
    assert said.startswith("the cat")


def test_losses_alone_teach_the_same_student(home: Path, tmp_path: Path) -> None:
    whole, alone = tmp_path / "whole", tmp_path / "alone"
    distilled(home, whole, "--teacher", home / "teacher")
    losses = home / "teacher" / "teacher-losses.safetensors"
    code, said = distilled(home, alone, "--teacher", losses, "--context", "8")
    assert code == 0, said
    # On one corpus both say the same losses; the runs differ in nothing else.
    first, second = (model.open_folder(folder)[0] for folder in (whole, alone))
    assert model.fingerprint(first) == model.fingerprint(second)
    assert len(read(losses).values) > 100


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--optimizer", "lion"], "Need a method out of"),
        (["--optimizer", "sgd"], "Need a rate > 0 for sgd"),
        (["--lam", "-1"], "lam"),
        (["--context", "9"], "at most 8, the teacher's, got 9"),
        (["--batch", "100000"], "Give a longer text or a smaller batch"),
        (["--target", "guess"], "Need a target out of"),
        (["--device", "tpu"], "Need a device out of"),
        (["--log-to", "paper"], "Need --log-to out of"),
        (["--heads", "3"], "a width that heads divide"),
    ],
)
def test_what_cannot_be_is_said(
    more: list[str], words: str, home: Path, tmp_path: Path
) -> None:
    code, said = distilled(
        home, tmp_path / "student", "--teacher", home / "teacher", *more
    )
    assert code == 2
    assert words in said


def test_losses_of_another_corpus_are_refused(home: Path, tmp_path: Path) -> None:
    losses = home / "teacher" / "teacher-losses.safetensors"
    other = tmp_path / "other.txt"
    other.write_text("something else entirely, again and again. " * 200)
    arguments = ["--teacher", losses, "--context", "8", "--corpus", other, *SMALL]
    code, said = gpt2("distill", "--out", tmp_path / "student", *arguments)
    assert code == 2
    assert "another corpus, tokenizer or context" in said


def test_losses_alone_need_tokenizer_and_context(home: Path, tmp_path: Path) -> None:
    source = home / "teacher" / "teacher-losses.safetensors"
    moved = tmp_path / "losses.safetensors"
    moved.write_bytes(source.read_bytes())
    code, said = distilled(home, tmp_path / "a", "--teacher", moved, "--context", "8")
    assert (code, "by --tokenizer" in said) == (2, True)
    code, said = distilled(home, tmp_path / "b", "--teacher", source)
    assert (code, "give the --context" in said) == (2, True)


@pytest.mark.parametrize(
    "change", [{"tokens": 0}, {"top_k": -1}, {"temperature": float("nan")}]
)
def test_a_distribution_that_is_none_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError, match="tokens >= 1"):
        Sampling(**change)  # type: ignore[arg-type]
