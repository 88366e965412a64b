"""Runs on the disk: NPZ files, whole or not there, in folders of one configuration."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory import files
from theory.errors import InputError

CONFIGURATION = "configuration.json"
NOTES = "notes"


@dataclass(frozen=True, eq=False)
class Record:
    """One file.

    Args:
        arrays: Numbers by name.
        notes: Plain values.

    """

    arrays: dict[str, NDArray[Any]]
    notes: dict[str, Any]


def save(path: Path, record: Record) -> None:
    """Write one NPZ file, atomically.

    Raises:
        InputError: The folder cannot be written, or the disk is full.

    """
    text = np.array(json.dumps(record.notes, sort_keys=True))
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **{NOTES: text}, **record.arrays)
    files.write(path, out.getvalue())


def load(path: Path) -> Record:
    """Read what `save` wrote.

    Raises:
        InputError: No such file, or a damaged one; a ZIP carries checksums.

    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        return Record(arrays, json.loads(str(arrays.pop(NOTES))))
    except FileNotFoundError as error:
        msg = f"No file {path}."
        raise InputError(msg) from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        msg = f"{path} is damaged: {error}. Delete it, and its run is made again."
        raise InputError(msg) from error


def claim_folder(folder: Path, configuration: Mapping[str, Any]) -> None:
    """Make a folder that of one configuration; one of another is refused.

    Args:
        folder: Made if need be.
        configuration: Plain values.

    Raises:
        InputError: The folder is another configuration's, or holds other things.

    """
    wanted = json.loads(json.dumps(configuration, sort_keys=True))
    path = files.writable(folder) / CONFIGURATION
    entries = {entry.name for entry in folder.iterdir()}
    if CONFIGURATION in entries:
        found = configuration_of(folder)
        if found != wanted:
            apart = ", ".join(_differences(found, wanted))
            msg = (
                f"{folder} holds runs of another configuration ({apart}). Name another "
                "folder, or ask for the same configuration to go on with it."
            )
            raise InputError(msg)
        return
    if not all(name.startswith(".") for name in entries):
        msg = f"{folder} is not empty and holds no {CONFIGURATION}. Name a new folder."
        raise InputError(msg)
    text = json.dumps(wanted, indent=1, sort_keys=True) + "\n"
    files.write(path, text.encode())


def configuration_of(folder: Path) -> dict[str, Any]:
    """The configuration of a folder."""
    path = folder / CONFIGURATION
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"Could not read {path}: {error}. Name a folder that a run has made."
        raise InputError(msg) from error
    if not isinstance(found, dict):
        msg = f"{path} does not hold a configuration."
        raise InputError(msg)
    return found


def _differences(found: Any, wanted: Any, name: str = "") -> list[str]:
    """Where two configurations differ, in words."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        apart = []
        for key in sorted({*found, *wanted}):
            inner = f"{name}.{key}" if name else key
            apart += _differences(found.get(key), wanted.get(key), inner)
        return apart
    return [] if found == wanted else [f"{name}: {found!r} there, {wanted!r} asked for"]
