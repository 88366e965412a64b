"""Models by name: the Hugging Face cache first, the network only if it has none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.constants import HF_HUB_CACHE
from transformers.utils import logging

from theory.errors import InputError

NAMED = ("gpt2", "gpt2-medium", "gpt2-large")
OWNER = "openai-community"
CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
FILES = (CONFIG, WEIGHTS, TOKENIZER)


@contextmanager
def quiet() -> Iterator[None]:
    """Transformers without progress bars and advice; errors are raised as ever."""
    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()


def folder_of(source: str) -> Path:
    """The folder that holds `FILES` of a model: its own, or the cache's.

    Only a name of `NAMED` may go to the network, and only if the cache lacks it.

    Args:
        source: A folder, else a name of `NAMED`. A folder called `gpt2` needs its path:
            `./gpt2`.

    Raises:
        InputError: Neither, or the model is not in the cache and cannot be fetched.

    """
    if source in NAMED:
        return _cached(source) or _fetched(source)
    folder = Path(source)
    if not folder.is_dir():
        msg = (
            f"No model {source!r}: give a folder with {', '.join(FILES)}, "
            f"or one of {', '.join(NAMED)}."
        )
        raise InputError(msg)
    return folder


def _cached(name: str) -> Path | None:
    for repository in (f"{OWNER}/{name}", name):  # the hub's name, and its old one
        try:
            folder = Path(snapshot_download(repository, local_files_only=True))
        except (OSError, ValueError):
            continue
        if _is_whole(folder):
            return folder
    return None


def _fetched(name: str) -> Path:
    repository = f"{OWNER}/{name}"
    try:
        folder = Path(snapshot_download(repository, allow_patterns=list(FILES)))
        fault = "" if _is_whole(folder) else "a part is there"
    except Exception as error:  # the hub's, httpx's and requests' share no parent
        fault = type(error).__name__
    if fault:
        msg = (
            f"{name} is not in {HF_HUB_CACHE}, and {repository} could not be fetched "
            f"({fault}). Where there is a network, run `hf download {repository} "
            f"{' '.join(FILES)} --local-dir FOLDER`, then give FOLDER in place of the "
            "name."
        )
        raise InputError(msg)
    return folder


def _is_whole(folder: Path) -> bool:
    return all((folder / file).is_file() for file in FILES)
