"""Corpora: the embedded one, files, folders, and names over a server of our own."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gpt2_demo import corpus, downloads
from gpt2_demo.downloads import Remote
from theory.errors import InputError

LINES = "".join(f"line {i} of a text\n" for i in range(100))


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """Nothing: a test's output is its verdict."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RATECHECK_CACHE", str(tmp_path / "cache"))
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return tmp_path / "cache" / "corpora"


def name(
    monkeypatch: pytest.MonkeyPatch, url: str, texts: dict[str, bytes], **other: str
) -> None:
    """Let "own" name these files at `url`, with their hashes or `other` ones."""
    remotes = tuple(
        Remote(
            f"{url}/{file}",
            other.get(file.split(".", maxsplit=1)[0], hashlib.sha256(data).hexdigest()),
        )
        for file, data in texts.items()
    )
    monkeypatch.setitem(downloads.NAMED, "own", remotes)


def publish(folder: Path, texts: dict[str, bytes]) -> None:
    folder.mkdir()
    for file, data in texts.items():
        (folder / file).write_bytes(data)


def test_the_embedded_corpus_is_large_and_always_the_same() -> None:
    text = corpus.load()
    assert text.name == "python-docs"
    assert 300_000 < len(text.train) + len(text.valid) < 2_000_000
    assert text.sha256 == corpus.load("python-docs").sha256
    assert len(text.valid) / (len(text.train) + len(text.valid)) == pytest.approx(
        0.1, abs=0.01
    )


def test_a_text_is_cut_at_a_line_break_and_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(LINES, "utf-8", newline="")
    found = corpus.load(str(tmp_path / "own.txt"))
    assert found.name == "own.txt"
    assert found.train + found.valid == LINES
    assert found.train.endswith("\n")
    assert 0.09 < len(found.valid) / len(LINES) <= 0.1


def test_a_text_of_one_line_is_cut_inside(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("abcdefghij" * 10, "utf-8")
    found = corpus.load(str(tmp_path / "own.txt"))
    assert (len(found.train), len(found.valid)) == (90, 10)


def test_line_ends_are_kept_and_a_byte_order_mark_is_not(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_bytes(b"\xef\xbb\xbf" + b"a line\r\n" * 20)
    found = corpus.load(str(tmp_path / "own.txt"))
    assert found.train + found.valid == "a line\r\n" * 20


def test_the_hash_sees_each_part_and_their_border() -> None:
    hashes = {
        corpus.Corpus("n", train, valid).sha256
        for train, valid in (("ab", "c"), ("a", "bc"), ("ab", "d"), ("ac", "c"))
    }
    assert len(hashes) == 4
    assert corpus.Corpus("m", "ab", "c").sha256 in hashes  # a name is no data


def test_a_folder_is_joined_in_the_order_of_its_paths(tmp_path: Path) -> None:
    texts = {"b.md": "two ", "a.txt": "one ", "c/d.txt": "three ", "e.py": "no"}
    texts |= {".git/x.txt": "no", "f.txt.gz": "four " * 9}
    for file, text in texts.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        data = text.encode()
        (tmp_path / file).write_bytes(
            gzip.compress(data) if file.endswith("gz") else data
        )
    found = corpus.load(str(tmp_path))
    assert found.name == tmp_path.name
    assert found.train + found.valid == "one \ntwo \nthree \n" + "four " * 9


@pytest.mark.parametrize(
    ("files", "train", "valid"),
    [
        (("train.txt", "valid.txt", "test.txt", "README.md"), "train.txt", "valid.txt"),
        (("wiki.train.txt", "wiki.val.txt"), "wiki.train.txt", "wiki.val.txt"),
        (("Train-2.md", "test_2.md"), "Train-2.md", "test_2.md"),
        (
            ("train-00.txt", "train-01.txt", "validation.txt"),
            "train-00.txt\ntrain-01.txt",
            "validation.txt",
        ),
    ],
)
def test_a_folder_with_parts_is_not_cut(
    tmp_path: Path, files: tuple[str, ...], train: str, valid: str
) -> None:
    for file in files:
        (tmp_path / file).write_text(file, "utf-8")
    found = corpus.load(str(tmp_path))
    assert (found.train, found.valid) == (train, valid)


@pytest.mark.parametrize("files", [("testament.txt", "training.txt"), ("test.txt",)])
def test_a_folder_with_one_part_only_is_one_text(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    for file in files:
        (tmp_path / file).write_text(LINES, "utf-8")
    found = corpus.load(str(tmp_path))
    assert found.train + found.valid == "\n".join([LINES] * len(files))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "train is empty"),
        (b"a", "Need text in both parts of own.txt, but valid is empty"),
        (b" \n" * 50, "train is empty"),
        (b"caf\xe9 " * 50, r"own.txt is not UTF-8: byte 3 is 0xe9"),
        (b"abcdefg\0" * 50, "NUL at character 7"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "own.txt").write_bytes(data)
    with pytest.raises(InputError, match=message):
        corpus.load(str(tmp_path / "own.txt"))


CUT = gzip.compress(b"text " * 50, mtime=0)[:-9]  # the same on every worker


@pytest.mark.parametrize("data", [b"plain", CUT], ids=["plain", "cut"])
def test_a_damaged_archive_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "own.txt.gz").write_bytes(data)
    with pytest.raises(InputError, match=r"Cannot read .*own\.txt\.gz"):
        corpus.load(str(tmp_path / "own.txt.gz"))


def test_an_unknown_source_is_told_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="python-docs, python-source, tiny-shakespeare, ptb, wiki"
    ):
        corpus.load(str(tmp_path / "none"))
    with pytest.raises(InputError, match=r"ends in \.txt, \.md, \.txt\.gz"):
        corpus.load(str(tmp_path))


def test_a_named_corpus_is_fetched_once(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"train.txt": b"to learn", "valid.txt": b"to judge"}
    publish(tmp_path / "web", texts)
    with served(tmp_path / "web") as url:
        name(monkeypatch, url, texts)
        found = corpus.load("own")
    assert (found.name, found.train, found.valid) == ("own", "to learn", "to judge")
    assert corpus.load("own").sha256 == found.sha256  # the server is gone
    assert {path.name for path in (cache / "own").iterdir()} == set(texts)


def test_md5_and_one_file_for_both_parts(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"input.txt": LINES.encode()}
    md5 = hashlib.md5(texts["input.txt"], usedforsecurity=False).hexdigest()
    publish(tmp_path / "web", texts)
    with served(tmp_path / "web") as url:
        name(monkeypatch, url, texts, input=f"md5:{md5}")
        found = corpus.load("own")
        assert found.train + found.valid == LINES
    (cache / "own" / "input.txt").write_bytes(b"other bytes")
    with pytest.raises(InputError, match="Could not fetch"):
        corpus.load("own")  # what is in the cache is checked too


def test_other_bytes_are_refused_and_not_kept(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"train.txt": b"to learn", "valid.txt": b"to judge"}
    publish(tmp_path / "web", texts)
    wrong = hashlib.sha256(b"to  learn").hexdigest()
    with served(tmp_path / "web") as url:
        name(monkeypatch, url, texts, train=wrong)
        with pytest.raises(InputError, match=f"its hash is not {wrong}"):
            corpus.load("own")
    assert list((cache / "own").iterdir()) == []


def test_without_a_network_the_message_says_what_helps(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"input.txt": LINES.encode()}
    publish(tmp_path / "web", {})
    with served(tmp_path / "web") as url:
        name(monkeypatch, url, texts)
        with pytest.raises(InputError, match="HTTPError"):  # no such file
            corpus.load("own")
    with pytest.raises(InputError, match="--corpus FILE") as refusal:  # no server
        corpus.load("own")
    kept = cache / "own" / "input.txt"
    assert str(kept) in str(refusal.value)
    kept.write_bytes(texts["input.txt"])  # what the message asks for
    assert corpus.load("own").train


def test_every_pinned_hash_has_the_length_of_its_kind() -> None:
    for remotes in downloads.NAMED.values():
        for remote in remotes:
            kind, _, digits = remote.checksum.rpartition(":")
            assert len(bytes.fromhex(digits)) == {"": 32, "md5": 16}[kind]
            assert remote.url.startswith("https://")
