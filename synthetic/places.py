"""Where a user's function stands, as `file:line`: errors name the place to mend."""

from __future__ import annotations

import functools
import os
import traceback
from pathlib import Path
from typing import Any


def where(function: Any) -> str:
    """`file:line` of a function, or what it is where it has no source."""
    while isinstance(function, functools.partial):
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None:
        method = vars(type(function)).get("__call__")  # of an object that is called
        code = getattr(method, "__code__", None)
    if code is None:
        return repr(function)
    return f"{shown(code.co_filename)}:{code.co_firstlineno}"


def shown(path: str | Path) -> str:
    """The path, relative to the working folder if it lies inside."""
    try:
        return str(Path(path).resolve().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return os.fspath(path)


def blamed(error: BaseException, path: Path) -> str:
    """`file:line` of the innermost line of that file which the error went through."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{shown(error.filename)}:{error.lineno}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename) == path
    ]
    return f"{shown(path)}:{lines[-1]}" if lines else shown(path)
