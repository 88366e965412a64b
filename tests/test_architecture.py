import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARROWS = {
    "theory": set[str](),
    "synthetic": {"theory"},
    "gpt2_demo": {"theory"},
    "figures": {"theory", "synthetic"},
}
OURS = {*ARROWS, "ratecheck", "tests", "benchmarks"}
THEORY_NEEDS = {"numpy", "scipy"}
TERMINAL = "theory/terminal.py"  # what command lines share
THEORY_MAY = {
    TERMINAL: {"rich", "typer"},
    "theory/locks.py": {"filelock"},
    "theory/worst_case/cli.py": {"typer"},
}
PRINTERS = {
    "print",
    "pprint.pprint",
    "rich.print",
    "sys.stderr.write",
    "sys.stdout.write",
    "typer.echo",
    "typer.secho",
}


class Import(NamedTuple):
    module: str
    line: int
    is_lazy: bool


def imports(source: str, package: str) -> Iterator[Import]:
    """All imports, `import_module("...")` too; relative ones stay in the package."""
    tree = ast.parse(source)
    deferred = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                modules = [alias.name for alias in names]
            case ast.ImportFrom(module, _, level):
                modules = [package if level else module or ""]
            case ast.Call(func, [ast.Constant(str(module)), *_]) if ast.unparse(
                func
            ).endswith(("import_module", "__import__")):
                modules = [module]
            case _:
                continue
        for name in modules:
            yield Import(name, node.lineno, node in deferred)


def import_faults(source: str, path: str) -> list[str]:
    package, *_ = path.split("/")
    faults = []
    for module, line, is_lazy in imports(source, package):
        top = module.split(".")[0]
        if top in OURS:
            is_allowed = top == package or top in ARROWS[package]
        elif package != "theory" or top in sys.stdlib_module_names:
            is_allowed = True
        elif top in {"cvxpy", "clarabel"}:
            is_allowed = is_lazy and path.startswith("theory/worst_case/")
        else:
            is_allowed = top in THEORY_NEEDS | THEORY_MAY.get(path, set())
        if not is_allowed:
            faults.append(f"{path}:{line} imports {module}")
    return faults


def terminal_faults(source: str, path: str) -> list[str]:
    """Who but a command line, or the terminal itself, imports the terminal."""
    if path == TERMINAL or path.endswith("cli.py"):
        return []
    return [
        f"{path}:{node.lineno} imports the terminal"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "theory.terminal" in ast.unparse(node).replace(" import ", ".")
    ]


def print_faults(source: str, path: str) -> list[str]:
    if path.endswith("/cli.py"):
        return []
    return [
        f"{path}:{node.lineno} calls {name}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in PRINTERS
    ]


def sources() -> dict[str, str]:
    paths = (path for package in ARROWS for path in (ROOT / package).rglob("*.py"))
    return {p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in paths}


def test_every_package_is_read() -> None:
    assert {path.split("/")[0] for path in sources()} == set(ARROWS)


def test_imports_follow_the_arrows() -> None:
    assert not [
        f for path, text in sources().items() for f in import_faults(text, path)
    ]


def test_only_the_command_lines_print() -> None:
    assert not [f for path, text in sources().items() for f in print_faults(text, path)]


def test_only_the_command_lines_hold_the_terminal() -> None:
    assert not any(terminal_faults(text, path) for path, text in sources().items())
    for source in ("from theory import terminal", "from theory.terminal import err"):
        assert len(terminal_faults(source, "synthetic/verify.py")) == 1
        assert not terminal_faults(source, "synthetic/cli.py")


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("theory/claim.py", "import synthetic"),
        ("theory/claim.py", "from synthetic.losses import L1"),
        ("theory/claim.py", "def f():\n    import synthetic.verify"),
        ("theory/claim.py", "import importlib\nimportlib.import_module('figures.cli')"),
        ("theory/claim.py", "import numpy, pandas"),
        ("theory/claim.py", "import mpmath"),
        ("theory/claim.py", "import rich"),
        ("theory/terminal.py", "import filelock"),
        ("theory/claim.py", "def f():\n    import cvxpy"),
        ("theory/worst_case/fejer.py", "import cvxpy"),
        ("theory/worst_case/fejer.py", "from cvxpy.error import SolverError"),
        ("theory/worst_case/fejer.py", "import clarabel"),
        ("theory/claim.py", "def f():\n    import clarabel"),
        ("theory/worst_case/fejer.py", "import typer"),
        ("synthetic/verify.py", "import gpt2_demo.optim"),
        ("synthetic/verify.py", "from figures import style"),
        ("synthetic/verify.py", "from ratecheck import Claim"),
        ("synthetic/verify.py", "from tests import helpers"),
        ("gpt2_demo/train.py", "import synthetic.data as data"),
        ("figures/style.py", "from gpt2_demo import cache"),
        ("figures/cli.py", "def f():\n    from gpt2_demo.cache import load"),
    ],
)
def test_a_planted_import_is_caught(path: str, source: str) -> None:
    assert len(import_faults(source, path)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("theory/claim.py", "import math\nimport numpy as np\nfrom scipy import stats"),
        ("theory/claim.py", "from . import bounds\nfrom theory.claims.sps import X"),
        ("theory/worst_case/fejer.py", "def f():\n    import cvxpy as cp"),
        (
            "theory/worst_case/fejer.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import cvxpy",
        ),
        ("synthetic/verify.py", "import rich, sklearn\nfrom theory.judge import judge"),
        ("figures/style.py", "import matplotlib\nfrom synthetic import ledger"),
    ],
)
def test_a_good_import_is_not(path: str, source: str) -> None:
    assert import_faults(source, path) == []


@pytest.mark.parametrize(
    ("path", "num_faults"),
    [("synthetic/verify.py", 1), ("theory/judge.py", 1), ("synthetic/cli.py", 0)],
)
@pytest.mark.parametrize(
    "source", ["print(1)", "sys.stdout.write('1')", "def f():\n    typer.echo('1')"]
)
def test_a_planted_print_is_caught(path: str, num_faults: int, source: str) -> None:
    assert len(print_faults(source, path)) == num_faults
