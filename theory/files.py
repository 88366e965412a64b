"""Files that are either whole or not there: written beside, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from theory.errors import InputError

PREFIX = ".ratecheck."


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to be written inside; afterwards it takes its place.

    What was there before stays until all of the new file is on the disk.

    Raises:
        InputError: The folder cannot be written, or the disk is full.

    """
    real = path.resolve()  # a link stays a link
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=PREFIX)
        os.close(handle)
        yield Path(name)
        with Path(name).open("rb") as file:
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


def write(path: Path, data: bytes) -> None:
    """Write the bytes as `replacing` does."""
    with replacing(path) as beside:
        beside.write_bytes(data)


def sweep(folder: Path) -> None:
    """Remove what runs that were killed left half-written."""
    for path in folder.glob(f"{PREFIX}*"):
        path.unlink(missing_ok=True)


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
