"""Tables and pictures kept by a hash of everything that they depend on.

A table depends on the sources of `theory/` and `synthetic/`, on its figure's module and
what that imports from here, on its parameters and on the versions of the libraries. A
picture depends on its table, the drawing code and matplotlib. An entry opens with the
checksum of the rest, so a damaged one is seen, told of, and made again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from figures.registry import MODULES
from figures.spec import Figure
from figures.table import Table
from synthetic.versions import version_of
from theory.errors import InputError
from theory.files import write
from theory.folders import cache_folder

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("numpy", "scipy", "numba", "cvxpy", "clarabel", "mpmath", "scikit-learn")
MOST_KEPT = 8
"""Entries of each figure and format that stay: code changes leave old ones behind."""

DRAWING = frozenset({"style", "render", "spec"})
"""Modules of this package that no number depends on."""


@cache
def _mathematics() -> bytes:
    digest = hashlib.sha256()
    for package in ("theory", "synthetic"):
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
            digest.update(path.read_bytes() + b"\0")
    return digest.digest()


def sources_of(module: str) -> set[str]:
    """The modules of this package that a module imports, itself included."""
    found: set[str] = set()
    queue = [module]
    while queue:
        name = queue.pop()
        if name not in found and _path(name).is_file():
            found.add(name)
            queue += _imported(name)
    return found


@cache
def _imported(module: str) -> list[str]:
    """What of this package a module imports at its top: nothing else is allowed."""
    found = []
    for node in ast.parse(_path(module).read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module.startswith("figures."):
                found.append(node.module)
            if node.module == "figures":
                found += [f"figures.{alias.name}" for alias in node.names]
    return found


def _path(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def _texts(modules: set[str]) -> bytes:
    digest = hashlib.sha256()
    for name in sorted(modules):
        digest.update(f"{name}\0".encode() + _path(name).read_bytes() + b"\0")
    return digest.digest()


def table_key(figure: Figure, tier: str) -> str:
    """What the numbers depend on, as a hash.

    BLAS sums in an order of its own on each kind of processor, hence `machine`.
    """
    versions = {name: version_of(name) for name in LIBRARIES}
    about = {
        "name": figure.name,
        "parameters": dict(figure.parameters(tier)),
        "versions": versions,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    modules = sources_of(MODULES.get(figure.name, ""))
    modules -= {f"figures.{name}" for name in DRAWING}
    text = json.dumps(about, sort_keys=True).encode()
    return hashlib.sha256(text + _mathematics() + _texts(modules)).hexdigest()


def picture_key(figure: Figure, table: Table) -> str:
    """What the drawing depends on, as a hash."""
    modules = sources_of(MODULES.get(figure.name, "")) | sources_of("figures.render")
    about = f"{table.digest()}\0{version_of('matplotlib')}\0{figure.name}"
    return hashlib.sha256(about.encode() + _texts(modules)).hexdigest()


@dataclass(eq=False)
class Store:
    """Entries by name, with what went wrong.

    Attributes:
        folder: Where they are kept.
        warnings: Damaged entries, and a folder that cannot be written.

    """

    folder: Path = field(default_factory=lambda: cache_folder() / "figures")
    warnings: list[str] = field(default_factory=list)

    def get(self, name: str) -> bytes | None:
        """The entry; `None` if there is none, or a damaged one."""
        try:
            checksum, _, data = (self.folder / name).read_bytes().partition(b"\n")
        except OSError:
            return None
        if checksum.decode("ascii", "replace") != hashlib.sha256(data).hexdigest():
            self.warnings.append(
                f"cache entry {self.folder / name} is damaged; it is made again."
            )
            return None
        return data

    def put(self, name: str, data: bytes) -> None:
        """Keep an entry if the folder allows it."""
        checksum = hashlib.sha256(data).hexdigest().encode()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write(self.folder / name, checksum + b"\n" + data)
            self._forget(name)
        except (OSError, InputError) as error:
            self.warnings.append(f"nothing is cached in {self.folder}: {error}")

    def _forget(self, name: str) -> None:
        """Drop all but the newest entries of this figure and kind."""
        figure, kind = name.rpartition("-")[0], name.rpartition(".")[2]
        alike = self.folder.glob(f"{figure}-{'?' * 24}.{kind}")
        by_age = sorted(alike, key=lambda path: path.stat().st_mtime)
        for path in by_age[:-MOST_KEPT]:
            path.unlink(missing_ok=True)

    def get_table(self, name: str, key: str) -> Table | None:
        """A kept table."""
        data = self.get(f"{name}-{key[:24]}.table")
        if data is None:
            return None
        found = json.loads(data)
        return Table.from_csv(found["csv"], found["notes"])

    def put_table(self, name: str, key: str, table: Table) -> None:
        """Keep a table."""
        record = {"csv": table.to_csv(), "notes": dict(table.notes)}
        self.put(f"{name}-{key[:24]}.table", json.dumps(record).encode())
