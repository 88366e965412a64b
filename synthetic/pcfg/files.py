"""Sentences and posteriors as files, whole or not there: npz for arrays, JSON."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.pcfg.sampler import Sentences, symbols
from theory import grammar_text
from theory.errors import InputError
from theory.files import write
from theory.grammar import Grammar

HIDDEN = "_"


def write_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """An npz file."""
    data = io.BytesIO()
    np.savez_compressed(data, allow_pickle=False, **arrays)
    write(path, data.getvalue())


def write_json(path: Path, found: Any) -> None:
    """A JSON file."""
    write(path, (json.dumps(found) + "\n").encode())


def sentence_arrays(sentences: Sentences) -> dict[str, NDArray[Any]]:
    """Tokens, lengths, trees if there are any, and the grammar that numbers them."""
    grammar = sentences.grammar
    arrays: dict[str, NDArray[Any]] = {
        "tokens": sentences.tokens,
        "lengths": sentences.lengths,
        "symbols": np.array(symbols(grammar)),
        "grammar": np.array(grammar_text.shown(grammar)),
    }
    if sentences.ancestors is not None and sentences.ends is not None:
        arrays |= {"ancestors": sentences.ancestors, "ends": sentences.ends}
    return arrays


def sentence_rows(sentences: Sentences, first: int) -> list[dict[str, Any]]:
    """One plain record a sentence; ancestors from the root down, by name."""
    names, found = symbols(sentences.grammar), []
    for i, size in enumerate(sentences.lengths.tolist()):
        row: dict[str, Any] = {"index": first + i, "sentence": sentences.words(i)}
        if sentences.ancestors is not None and sentences.ends is not None:
            levels = sentences.ancestors[i, :, :size].tolist()
            row["ancestors"] = [[names[a] if a >= 0 else "" for a in r] for r in levels]
            row["ends"] = sentences.ends[i, :size].tolist()
        found.append(row)
    return found


def read_words(path: Path, grammar: Grammar) -> list[list[str]]:
    """Sentences from a text file, one a line, or from an npz file that sample wrote.

    Raises:
        InputError: The file is missing, cut off, or of another grammar.

    """
    try:
        if path.suffix == ".npz":
            return _from_arrays(path, grammar)
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        msg = (
            f"Cannot read sentences from {path}: {error}. It is missing, cut off, or "
            "no file of this kind; write it again."
        )
        raise InputError(msg) from error
    found = [line.split() for line in lines if line.strip()]
    if not found:
        msg = f"{path} has no sentence; write words with spaces between, one a line."
        raise InputError(msg)
    return found


def _from_arrays(path: Path, grammar: Grammar) -> list[list[str]]:
    with path.open("rb") as data, np.load(data, allow_pickle=False) as file:
        tokens, lengths = file["tokens"], file["lengths"]
        named = tuple(file["symbols"].tolist())[: len(grammar.terminals)]
    if named != grammar.terminals:
        msg = (
            f"Need sentences over {' '.join(grammar.terminals)}, those of {path} are "
            f"over {' '.join(named)}. Name the grammar that they were sampled from."
        )
        raise InputError(msg)
    words = np.array([*grammar.terminals, HIDDEN])  # -1 is the last of them
    return [
        words[row[:size]].tolist() for row, size in zip(tokens, lengths, strict=True)
    ]
