"""Byte-level BPE: any text becomes tokens, and comes back byte by byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as Decoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from theory.errors import InputError

BYTES = 256


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
        return np.asarray(self.tokenizer.encode(text).ids, dtype=np.int32)

    def decode(self, tokens: NDArray[np.int32]) -> str:
        """The text of tokens."""
        return str(self.tokenizer.decode(tokens.tolist()))


def train(text: str, size: int) -> Vocabulary:
    """Byte-level BPE with `size` >= 256 tokens, from the text."""
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
    tokenizer.train_from_iterator([text], trainer)
    return Vocabulary(tokenizer)
