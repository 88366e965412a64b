"""Importing a module with an edit, in a process that has not imported it yet.

Bytecode on the disk is neither read nor written for it. This module must import nothing
of the project but `Mutant`: what is imported before the hook stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from synthetic.mutation.mutant import Mutant


class _Loader(SourceFileLoader):
    """Loads a module from its text with the edit."""

    def __init__(self, mutant: Mutant, path: str) -> None:
        super().__init__(mutant.module, path)
        self.mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        text = self.mutant.applied(self.get_data(path).decode("utf-8"))
        code: CodeType = self.source_to_code(text.encode("utf-8"), path)
        return code


class _Finder(MetaPathFinder):
    """Finds the one module that is edited, and leaves all others to Python."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(self.mutant, spec.origin)
        return spec


def install(mutant: Mutant) -> None:
    """Have the module imported with the edit from now on, in this whole process.

    Raises:
        RuntimeError: The module has been imported already.

    """
    if mutant.module in sys.modules:
        msg = f"{mutant.module} was imported before {mutant.label!r} could be applied."
        raise RuntimeError(msg)
    sys.meta_path.insert(0, _Finder(mutant))
