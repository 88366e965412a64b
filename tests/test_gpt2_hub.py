"""Models by name: the cache first, the network last, and never for a pickle."""

import shutil
import socket
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest

from gpt2_demo import hub, model, tokens
from theory.errors import InputError

VOCABULARY = tokens.train("some text " * 50, 260)
MODEL = model.build(model.Shape(1, 8, 2), VOCABULARY.size, 16, 0)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_options: Any) -> Any:
        msg = "a test went to the network"
        raise OSError(msg)

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model.save(MODEL, VOCABULARY, tmp_path / "model", {})
    return tmp_path / "model"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    return tmp_path / "hf"


def keep(folder: Path, cache: Path, repository: str) -> Path:
    """Put a folder where the hub's client keeps a repository."""
    place = cache / f"models--{repository.replace('/', '--')}"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text("0" * 40, "utf-8")
    return Path(shutil.copytree(folder, place / "snapshots" / ("0" * 40)))


@pytest.mark.parametrize("repository", ["openai-community/gpt2", "gpt2"])
def test_a_name_is_looked_for_in_the_cache_first(
    folder: Path, cache: Path, repository: str
) -> None:
    kept = keep(folder, cache, repository)
    assert hub.folder_of("gpt2") == kept
    found, _, _ = model.open_folder(hub.folder_of("gpt2"))
    assert model.fingerprint(found) == model.fingerprint(MODEL)
    (kept / hub.TOKENIZER).unlink()  # half a model is none
    with pytest.raises(InputError, match="could not be fetched"):
        hub.folder_of("gpt2")


def test_a_name_that_is_not_there_is_asked_for_without_pickles(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(repository: str, **options: Any) -> str:
        asked.append((repository, options))
        if options.get("local_files_only"):
            msg = "not there"
            raise OSError(msg)
        return str(folder)

    monkeypatch.setattr(hub, "snapshot_download", answer)
    assert hub.folder_of("gpt2-medium") == folder
    *local, (repository, options) = asked
    assert all(how == {"local_files_only": True} for _, how in local)
    assert repository == "openai-community/gpt2-medium"
    assert options == {"allow_patterns": list(hub.FILES)}
    assert not cache.exists()


@pytest.mark.usefixtures("cache")
def test_no_network_and_no_such_name_say_what_helps(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gpt2-large is not in .* --local-dir FOLDER"):
        hub.folder_of("gpt2-large")
    with pytest.raises(InputError, match="or one of gpt2, gpt2-medium, gpt2-large"):
        hub.folder_of(str(tmp_path / "none"))
    assert hub.folder_of(str(tmp_path)) == tmp_path
