"""Files that are either whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from theory.errors import InputError


def write(path: Path, data: bytes) -> None:
    """Write the bytes; what was there before stays until all of them are on the disk.

    Raises:
        InputError: The folder cannot be written, or the disk is full.

    """
    real = path.resolve()  # a link stays a link
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=".ratecheck.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(real)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        msg = (
            f"Could not write {path}: {error}. What was there before is unchanged. "
            "Name another folder, or make room."
        )
        raise InputError(msg) from error
    except BaseException:
        if name:
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
