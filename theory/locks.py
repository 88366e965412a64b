"""One run at a time on a file or folder that runs go on from."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from theory.errors import InputError


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold `path` for this process; the system lets go of it if the process dies.

    Args:
        path: A file or folder; the lock is an empty file beside it, `<name>.lock`.

    Raises:
        InputError: Another run holds it, or the lock cannot be made.

    """
    lock = FileLock(f"{path.resolve()}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        msg = f"Another run is using {path}. Wait for its end, or name another."
        raise InputError(msg) from error
    except OSError as error:
        msg = f"Could not write {lock.lock_file}: {error}. Name another folder."
        raise InputError(msg) from error
    try:
        yield
    finally:
        lock.release()
