import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import ratecheck

ROOT = Path(__file__).resolve().parents[1]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PACKAGES = {"figures", "gpt2_demo", "synthetic", "theory"}
HEAVY = {"clarabel", "cvxpy", "mpmath", "numpy", "rich", "scipy", "sklearn", "typer"}


def python(code: str, cwd: Path = ROOT, env: Mapping[str, str] = os.environ) -> str:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_facade_stays_short() -> None:
    assert len((ROOT / "ratecheck.py").read_text("utf-8").splitlines()) < 120


def test_importing_it_imports_neither_ours_nor_anything_heavy() -> None:
    loaded = set(python("import ratecheck, sys; print(*sys.modules)").split())
    assert "ratecheck" in loaded
    assert not loaded & (HEAVY | PACKAGES)


def test_help_needs_nothing_heavy_either() -> None:
    code = "import ratecheck, sys; ratecheck.main(['--help']); print(*sys.modules)"
    assert not set(python(code).split()) & HEAVY


def test_every_public_name_resolves() -> None:
    assert all(getattr(ratecheck, name) is not None for name in ratecheck.__all__)
    assert set(ratecheck.__all__) <= set(dir(ratecheck))


def test_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse((ROOT / "ratecheck.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        alias.name: f"{node.module}:{alias.name}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == ratecheck._NAMES


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'ratecheck' has no attribute 'Clam'"):
        _ = ratecheck.Clam


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_help_has_one_line_per_command(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ratecheck.main(args) == 0
    shown = re.findall(
        r"^  ([\w-]+(?: [\w-]+)?)  +\S", capsys.readouterr().out, flags=re.MULTILINE
    )
    assert shown == list(ratecheck._COMMANDS)


def test_version_is_the_one_in_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert ratecheck.main(["--version"]) == 0
    assert capsys.readouterr().out == f"ratecheck {ratecheck.__version__}\n"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("verfy", "did you mean verify or certify?"),
        ("docter", "did you mean doctor?"),
        ("xyzzy", "see --help."),
    ],
)
def test_an_unknown_command_suggests(
    typed: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ratecheck.main([typed]) == 2
    assert capsys.readouterr().err == f"ratecheck: no command {typed!r}; {hint}\n"


@pytest.mark.parametrize("command", list(ratecheck._COMMANDS))
def test_every_command_has_its_own_help(command: str) -> None:
    args = [*command.split(), "--help"]
    code = f"import ratecheck; raise SystemExit(ratecheck.main({args!r}))"
    assert f"ratecheck {command}" in python(code)


@pytest.mark.parametrize("shadow", ["figures.py", "theory/__init__.py"])
def test_a_shadowed_package_is_an_import_error(tmp_path: Path, shadow: str) -> None:
    (tmp_path / shadow).parent.mkdir(exist_ok=True)
    (tmp_path / shadow).touch()
    code = (
        f"import sys; sys.path.append({str(ROOT)!r}); import ratecheck\n"
        "try: ratecheck.Claim\n"
        "except ImportError as error: print(error)"
    )
    assert f"in {tmp_path / shadow}, not in ours, {ROOT}" in python(code, cwd=tmp_path)


@pytest.mark.parametrize(("told", "expected"), [("", "1 1 1"), ("3", "3 1 1")])
def test_numpy_gets_one_thread_unless_told(told: str, expected: str) -> None:
    env = {k: v for k, v in os.environ.items() if k not in THREADS}
    if told:
        env["OMP_NUM_THREADS"] = told
    code = (
        "import os, ratecheck; ratecheck.main(['doctor', '--help'])\n"
        f"print(*(os.environ[name] for name in {THREADS}))"
    )
    assert python(code, env=env).splitlines()[-1] == expected
