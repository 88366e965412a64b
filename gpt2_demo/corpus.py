"""Texts to learn from: one that ships with Python, a file or a folder, a named one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

from theory.errors import InputError

EMBEDDED = "python-docs"
VALID_SHARE = 0.1


@dataclass(frozen=True)
class Corpus:
    """A text in two parts.

    Attributes:
        name: What tables call it.
        train: What models learn from.
        valid: What they are judged by; it follows `train` in the source, so that no
            sentence is in both.

    """

    name: str
    train: str
    valid: str

    @property
    def sha256(self) -> str:
        """Hash of both parts; it names caches and checkpoints."""
        return hashlib.sha256(f"{self.train}\0{self.valid}".encode()).hexdigest()


def load(source: str = EMBEDDED) -> Corpus:
    """The corpus of that name, file or folder."""
    if source == EMBEDDED:
        return _split(EMBEDDED, "\n".join(topics[key] for key in sorted(topics)))
    path = Path(source)
    if not path.is_file():
        msg = f"no corpus {source!r}; give a text file, or {EMBEDDED}."
        raise InputError(msg)
    return _split(path.name, path.read_text("utf-8"))


def _split(name: str, text: str) -> Corpus:
    cut = round(len(text) * (1 - VALID_SHARE))
    return Corpus(name, text[:cut], text[cut:])
