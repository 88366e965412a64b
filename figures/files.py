"""Files that are either whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from theory.errors import InputError


def write(path: Path, data: bytes) -> None:
    """Write the bytes; what was there before stays until all of them are.

    Raises:
        InputError: The folder cannot be written.

    """
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".ratecheck.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        msg = f"Could not write {path}: {error}. Name another folder."
        raise InputError(msg) from error
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def writable(folder: Path) -> Path:
    """The folder, made if need be; refused before minutes are spent, not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        msg = f"Cannot write into {folder}: {error}. Name another folder with --out."
        raise InputError(msg) from error
    return folder
