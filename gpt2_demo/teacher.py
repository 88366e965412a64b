"""A teacher as a list of losses: 4 bytes a sequence, and no model any more."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from gpt2_demo import model as models
from gpt2_demo.teacher_losses import Key, TeacherLosses, Validation, expect, read
from gpt2_demo.windows import Windows
from theory.files import writable
from theory.folders import cache_folder

__all__ = [
    "Key",
    "TeacherLosses",
    "Validation",
    "cached",
    "compute",
    "load",
    "path_of",
]

EVERY = 10.0
"""Seconds after which the losses so far are written."""


def compute(
    teacher: Any,
    windows: Windows,
    *,
    valid: Windows | None = None,
    autocast: bool = False,
) -> TeacherLosses:
    """Ask the teacher once for every window, and for the validation loss."""
    models.check("teacher", teacher, windows)
    values = models.losses(teacher, windows, autocast=autocast).numpy()
    asked = _validation(teacher, valid, autocast)
    return TeacherLosses(values, _key(teacher, windows, autocast), asked)


def cached(
    teacher: Any,
    windows: Windows,
    folder: Path | None = None,
    *,
    valid: Windows | None = None,
    autocast: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> TeacherLosses:
    """What `compute` gives, from a file if there is one, and written to one if not.

    A killed run goes on from what it wrote last, to the same bits. The file's name is
    of the `Key`, so that other data, weights and dtypes have other files; whoever has
    the file needs the teacher no more, see `load`.

    Args:
        teacher: A GPT-2.
        windows: To learn from.
        folder: Of the file; in the cache folder where it is not given.
        valid: Windows for the teacher's validation loss.
        autocast: bfloat16 where that is safe.
        progress: Called with the number of windows done, and of all.

    Raises:
        InputError: A teacher of other tokens, a damaged file, a folder that cannot be
            written.

    """
    models.check("teacher", teacher, windows)
    path = path_of(key := _key(teacher, windows, autocast), folder)
    writable(path.parent)
    if path.exists():
        found = expect(read(path), key, path, len(windows))
    else:
        part = path.with_suffix(".part")
        past = TeacherLosses(np.empty(0, np.float32), key)
        if part.exists():
            past = expect(read(part), key, part)
        for found in _continued(past, teacher, windows, progress):
            found.save(part)
        part.replace(path)
    if valid and (found.validation is None or found.validation.windows != valid.sha256):
        found = replace(found, validation=_validation(teacher, valid, autocast))
        found.save(path)
    return found


def _continued(
    past: TeacherLosses,
    teacher: Any,
    windows: Windows,
    progress: Callable[[int, int], None],
) -> Iterator[TeacherLosses]:
    """More and more of the losses, now and then; all of them at last."""
    batch, total = models.batch_size(teacher, windows), len(windows)
    done = min(len(past.values), total) // batch * batch  # whole batches: same bits
    values = [past.values[:done]]
    written = time.monotonic()
    for first in range(done, total, batch):
        progress(first, total)
        among = range(first, min(first + batch, total))
        more = models.losses(
            teacher,
            windows,
            batch=batch,
            autocast=past.key.dtype == _dtype(autocast=True),
            among=among,
        )
        values.append(more.numpy())
        if time.monotonic() - written >= EVERY:
            yield replace(past, values=np.concatenate(values))
            written = time.monotonic()
    progress(total, total)
    yield replace(past, values=np.concatenate(values))


def path_of(key: Key, folder: Path | None = None) -> Path:
    """Where `cached` keeps these losses."""
    root = cache_folder() / "teachers" if folder is None else folder
    name = hashlib.sha256(json.dumps(asdict(key)).encode()).hexdigest()
    return root / f"{name[:32]}.safetensors"


def load(
    path: Path, windows: Windows, *, teacher: Any = None, autocast: bool | None = None
) -> TeacherLosses:
    """Losses from a file, which must be those of these windows; no model is needed.

    Args:
        path: Of the file.
        windows: To learn from.
        teacher: If given, the losses must be its.
        autocast: If given, they must have been computed so.

    Raises:
        InputError: Another file, damaged, or losses of other data, teacher or dtype.

    """
    found = read(path)
    key = replace(found.key, windows=windows.sha256)
    if teacher is not None:
        key = replace(key, teacher=models.fingerprint(teacher))
    if autocast is not None:
        key = replace(key, dtype=_dtype(autocast))
    return expect(found, key, path, len(windows))


def _dtype(autocast: bool) -> str:
    return "bfloat16" if autocast else "float32"


def _key(teacher: Any, windows: Windows, autocast: bool) -> Key:
    return Key(windows.sha256, models.fingerprint(teacher), _dtype(autocast))


def _validation(
    teacher: Any, valid: Windows | None, autocast: bool
) -> Validation | None:
    if valid is None:
        return None
    models.check("teacher", teacher, valid)
    values = models.losses(teacher, valid, autocast=autocast)
    return Validation(valid.sha256, float(values.double().mean()))
