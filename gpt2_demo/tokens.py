"""Byte-level BPE: any text becomes tokens, and comes back byte by byte."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as Decoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from theory.errors import InputError
from theory.files import write

BYTES = 256
PIECE = 1 << 18
"""Characters that are encoded at a time, or a few more."""
_CUT = re.compile(r"(?<=\w)[ \n]")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A tokenizer and what identifies it."""

    tokenizer: Any

    @property
    def size(self) -> int:
        """Number of tokens."""
        return int(self.tokenizer.get_vocab_size())

    @property
    def sha256(self) -> str:
        """Hash of the tokenizer's JSON."""
        return hashlib.sha256(self.tokenizer.to_str().encode()).hexdigest()

    def encode(self, text: str) -> NDArray[np.int32]:
        """Tokens of a text, shape (num_tokens,)."""
        found = [  # in pieces: what the library keeps of a text is far larger
            np.asarray(self._ids(text[first:last]), dtype=np.int32)
            for first, last in pairwise(_cuts(text))
        ]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int32)

    def decode(self, tokens: NDArray[np.int32]) -> str:
        """The text of tokens, all of them: a special token's name is text too."""
        return str(self.tokenizer.decode(tokens.tolist(), skip_special_tokens=False))

    def _ids(self, piece: str) -> list[int]:
        # the fast one counts no offsets, and there is no fast one for a single text
        (found,) = self.tokenizer.encode_batch_fast([piece], add_special_tokens=False)
        return list(found.ids)

    def save(self, path: Path) -> None:
        """Write `tokenizer.json`."""
        write(path, self.tokenizer.to_str(pretty=True).encode())


def train(text: str, size: int) -> Vocabulary:
    """Byte-level BPE with at most `size` tokens, from the text; no special ones.

    Equal texts give equal tokenizers. A text that supports fewer merges gives fewer
    tokens: `Vocabulary.size` is what there is.

    Args:
        text: To learn merges from.
        size: At least 256, the bytes.

    """
    if size < BYTES:
        msg = f"Need a vocabulary of at least {BYTES} tokens (the bytes), got {size}."
        raise InputError(msg)
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.decoder = Decoder()
    trainer = BpeTrainer(
        vocab_size=size,
        show_progress=False,
        special_tokens=[],
        initial_alphabet=ByteLevel.alphabet(),
    )
    pieces = (text[first:last] for first, last in pairwise(_cuts(text)))
    tokenizer.train_from_iterator(pieces, trainer)
    return Vocabulary(tokenizer)


def open_file(path: Path) -> Vocabulary:
    """The tokenizer of a `tokenizer.json`, GPT-2's own or one from here.

    Raises:
        InputError: None, damaged, or not byte-level BPE as GPT-2's: others lose bytes,
            and need not give the same tokens in pieces.

    """
    try:
        source = path.read_text("utf-8")
        tokenizer = Tokenizer.from_str(source)
    except Exception as error:  # tokenizers raises nothing narrower
        msg = (
            f"Cannot read a tokenizer from {path} ({error}). Write one with "
            "Vocabulary.save, or save_pretrained of a fast tokenizer."
        )
        raise InputError(msg) from error
    if not _is_byte_level(json.loads(source)):
        msg = f"Need byte-level BPE as GPT-2's, and {path} is another tokenizer."
        raise InputError(msg)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Vocabulary(tokenizer)


def _is_byte_level(parts: Any) -> bool:
    """Is each text encoded without loss, always alike, and in pieces as in whole?"""
    model, splits = parts["model"], parts["pre_tokenizer"] or {}
    added = parts["added_tokens"]
    numbers = {*model.get("vocab", {}).values(), *(token["id"] for token in added)}
    return bool(
        model["type"] == "BPE"
        and not model["dropout"]
        and set(ByteLevel.alphabet()) <= model["vocab"].keys()
        and numbers == set(range(len(numbers)))
        and parts["normalizer"] is None
        and splits.get("type") == "ByteLevel"
        and splits.get("use_regex", True)
        and not splits["add_prefix_space"]
        and not any(token["lstrip"] or token["rstrip"] for token in added)
        and not any(re.search(r"\s", token["content"]) for token in added)
    )


def require_same(teacher: Vocabulary, student: Vocabulary) -> None:
    """Refuse a teacher of other tokens: its losses are of other sequences.

    Tokenizers are the same if each string of bytes has the same token in both and the
    merges agree; how they name special tokens is nothing to a loss.
    """
    if _merges(teacher) != _merges(student):
        msg = (
            f"The teacher reads {teacher.size} tokens and the student {student.size}, "
            "of another tokenizer. Give both one tokenizer, the teacher's."
        )
        raise InputError(msg)


def _merges(vocabulary: Vocabulary) -> Any:
    model = json.loads(vocabulary.tokenizer.to_str())["model"]
    return model["vocab"], model["merges"]


def _cuts(text: str) -> Iterator[int]:
    """Ends of pieces, where GPT-2's pre-tokenizer has a boundary whatever follows.

    A blank after a letter or digit begins a pre-token, no pre-token sees what is before
    it, and only runs of blanks look at what comes after. So pieces give the tokens of
    the whole.
    """
    yield 0
    end = len(text)
    found = _CUT.search(text, PIECE)
    while found:
        yield found.start()
        found = _CUT.search(text, found.start() + PIECE)
    if end:
        yield end
