"""Texts to learn from: one that ships with Python, a file or a folder, a named one."""

from __future__ import annotations

import gzip
import hashlib
import re
import sysconfig
import zlib
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

from gpt2_demo import downloads
from theory.errors import InputError

EMBEDDED = "python-docs"
SOURCES = "python-source"
_NO_SOURCES = {"encodings", "idlelib", "lib2to3", "site-packages", "test", "tests"}
"""Folders of the standard library without prose or plain code of its own."""
VALID_SHARE = 0.1
SUFFIXES = (".txt", ".md", ".txt.gz")
_PARTS = ({"train", "training"}, {"valid", "validation", "val", "dev"}, {"test"})
"""Words in the names of files, by part."""


@dataclass(frozen=True)
class Corpus:
    """A text in two parts.

    Attributes:
        name: What tables call it.
        train: What models learn from.
        valid: What they are judged by; it follows `train` in the source, or is a part
            of its own there.

    """

    name: str
    train: str
    valid: str

    def __post_init__(self) -> None:
        """Refuse a part without a word."""
        for part in ("train", "valid"):
            if not getattr(self, part).strip():
                msg = f"Need text in both parts of {self.name}, but {part} is empty."
                raise InputError(msg)

    @property
    def sha256(self) -> str:
        """Hash of both parts; it names caches and checkpoints."""
        return hashlib.sha256(f"{self.train}\0{self.valid}".encode()).hexdigest()


def load(source: str = EMBEDDED) -> Corpus:
    """The corpus of that name, file or folder.

    A text in one piece is cut at the line break that follows 90 % of it. A folder's
    `.txt`, `.md` and `.txt.gz` files, of subfolders too, are joined in the order of
    their paths; if some are called `train` and others `valid`, `val` or `dev` (or,
    failing those, `test`), as in `wiki.train.txt`, these are the parts and the rest is
    left out.

    Args:
        source: `python-docs`, `python-source` (other Python versions ship other texts:
            compare `sha256`), a name of `downloads.NAMED`, else a path. A file or a
            folder of such a name needs its path: `./ptb`.

    Raises:
        InputError: No such text, not UTF-8, too short, or no network.

    """
    if source == EMBEDDED:
        return _split(EMBEDDED, "\n".join(topics[key] for key in sorted(topics)))
    if source == SOURCES:
        return _split(SOURCES, _standard_library())
    if source in downloads.NAMED:
        texts = [read(path) for path in downloads.fetch(source)]
        return Corpus(source, *texts) if len(texts) > 1 else _split(source, *texts)
    path = Path(source)
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        names = ", ".join((EMBEDDED, SOURCES, *downloads.NAMED))
        msg = f"No corpus {source!r}: give a text file, a folder, or one of {names}."
        raise InputError(msg)
    return _split(path.name, read(path))


def read(path: Path) -> str:
    """The text of a UTF-8 file, as its bytes say: line ends are kept.

    Raises:
        InputError: Not a text, or it cannot be read.

    """
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = (
            f"{path} is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}. "
            "Convert it: iconv -f latin1 -t utf-8."
        )
        raise InputError(msg) from error
    except (OSError, EOFError, zlib.error) as error:
        msg = f"Cannot read {path}: {error}."
        raise InputError(msg) from error
    if "\0" in text:
        msg = f"{path} is not a text: it has a NUL at character {text.index(chr(0))}."
        raise InputError(msg)
    return text.removeprefix("\ufeff")


def _split(name: str, text: str) -> Corpus:
    cut = round(len(text) * (1 - VALID_SHARE))
    line = text.find("\n", cut) + 1
    cut = line if 0 < line < len(text) else cut  # no sentence in both parts
    return Corpus(name, text[:cut], text[cut:])


def _standard_library() -> str:
    """Python's own modules, in an order that keeps no package together."""
    home = Path(sysconfig.get_path("stdlib"))
    names = [
        name
        for path in home.rglob("*.py")
        if not _NO_SOURCES & set((name := path.relative_to(home)).parts)
    ]
    if not names:
        msg = f"This Python has no sources in {home}. Use another corpus."
        raise InputError(msg)
    names.sort(key=lambda name: hashlib.sha256(name.as_posix().encode()).digest())
    return _join([home / name for name in names])


def _of_folder(folder: Path) -> Corpus:
    files = [
        path
        for path in sorted(folder.rglob("*"), key=lambda path: path.as_posix())
        if path.name.endswith(SUFFIXES)
        and path.is_file()
        and not any(name.startswith(".") for name in path.relative_to(folder).parts)
    ]
    if not files:
        msg = f"Need a file that ends in {', '.join(SUFFIXES)} in {folder}, got none."
        raise InputError(msg)
    name = folder.resolve().name
    train, valid, test = (
        [path for path in files if _words(path) & words] for words in _PARTS
    )
    if train and (valid or test):
        return Corpus(name, _join(train), _join(valid or test))
    return _split(name, _join(files))


def _words(path: Path) -> set[str]:
    return set(re.split(r"[^a-z]+", path.name.lower()))


def _join(paths: list[Path]) -> str:
    return "\n".join(read(path) for path in paths)
