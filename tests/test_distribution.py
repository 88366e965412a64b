"""The wheel, installed where a user would: beside folders with the same names."""

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

import ratecheck

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"theory", "synthetic", "gpt2_demo", "figures"}
SHADOWED = ("theory", "figures")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    # Neither of these may reach the child: they change what is first on its path.
    unwanted = {"PYTHONPATH", "PYTHONSAFEPATH"}
    env = {key: value for key, value in os.environ.items() if key not in unwanted}
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def build(kind: str, directory: Path) -> Path:
    # Without isolation nothing is downloaded: the backend is in the dev group.
    command = (sys.executable, "-m", "build", f"--{kind}", "--no-isolation")
    done = run(*command, "--outdir", directory, ROOT, cwd=directory)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(directory.iterdir())


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a fresh environment with the wheel in it; this is its folder of commands.

    Its dependencies are those of the environment that runs the tests, put on the path
    after its own packages. A path in a `.pth` file is not searched for further `.pth`
    files, so the editable installation of this very checkout stays out of reach.
    """
    home = tmp_path_factory.mktemp("venv")
    venv.create(home, symlinks=True)
    variables = {"base": str(home), "platbase": str(home)}
    python = Path(sysconfig.get_path("scripts", "venv", variables)) / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--no-deps")
    done = run(*pip, "--no-index", wheel, cwd=home)
    assert done.returncode == 0, done.stderr
    site = Path(sysconfig.get_path("purelib", "venv", variables))
    theirs = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "dependencies.pth").write_text("\n".join(sorted(theirs)), "utf-8")
    return python.parent


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Someone's project, which has packages of our names."""
    for name in SHADOWED:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('{name}?')\n")
    return tmp_path


def test_the_wheel_holds_our_packages_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"ratecheck-{ratecheck.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {*PACKAGES, "ratecheck.py", info}
    assert {f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= names
    assert {f"{package}/py.typed" for package in PACKAGES} <= names


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }
    packed = {n for n in zipfile.ZipFile(wheel).namelist() if n.endswith(".py")}
    assert packed == modules | {"ratecheck.py"}


def test_the_sdist_can_test_and_verify_itself(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"Makefile", "LICENSE", "README.md", "CITATION.cff"} <= names
    assert {".ci/run", ".ci/constraints.txt", "tests/test_distribution.py"} <= names
    assert not {name for name in names if name.startswith((".venv", ".git/"))}


def test_the_installed_packages_are_the_wheels(installed: Path, tmp_path: Path) -> None:
    names = {*PACKAGES, "ratecheck"}
    code = "\n".join(f"import {name}; print({name}.__file__)" for name in names)
    done = run(installed / "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    places = done.stdout.splitlines()
    assert len(places) == len(names)
    assert all(Path(place).is_relative_to(installed.parent) for place in places)


def examples(folder: Path) -> list[str]:
    """Write down the claim files of README and documentation."""
    tutorial = (ROOT / "docs" / "your-theorem.md").read_text("utf-8")
    found = dict(re.findall(r"```python\n# (claim_\w+\.py)\n(.*?)```", tutorial, re.S))
    readme = (ROOT / "README.md").read_text("utf-8").partition("## Your own theorem")[2]
    found["claim_readme.py"] = readme.partition("```python\n")[2].partition("```")[0]
    for name, code in found.items():
        (folder / name).write_text(code, "utf-8")
    return list(found)


def test_the_plugin_runs_the_tutorial_where_it_is_installed(
    installed: Path, tmp_path: Path
) -> None:
    names = examples(tmp_path)
    assert len(names) == 5
    (tmp_path / "test_theirs.py").write_text("def test_theirs(): pass\n")
    command = (installed / "python", "-m", "pytest", "-q", "-W", "error")
    done = run(*command, "--junitxml=j.xml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 passed" in done.stdout
    cases = ET.parse(tmp_path / "j.xml").getroot().iter("testcase")
    said = {
        f"{case.get('classname')} {'wrong: ' in case.attrib['name']}": {
            p.attrib["name"]: p.attrib["value"] for p in case.iter("property")
        }.get("verdict")
        for case in cases
    }
    assert said.pop("test_theirs False") is None
    stems = [name.removesuffix(".py") for name in names]
    assert said == {
        **{f"{stem} False": "holds" for stem in stems},
        **{f"{stem} True": "refuted" for stem in stems},
    }
    readme = (tmp_path / "j.xml").read_text("utf-8").partition("claim_readme")[2]
    assert f'"{0.9548857987270072}"' in readme  # 0.954886 in the README


def test_a_shadowing_folder_gets_one_clear_error(
    installed: Path, repository: Path
) -> None:
    done = run(installed / "python", "-m", "ratecheck", "doctor", cwd=repository)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert f"Python finds 'theory' in {repository / 'theory'}" in done.stderr
    assert "python -P -m ratecheck" in done.stderr


@pytest.mark.parametrize("argument", ["--help", "doctor"])
def test_safe_path_gets_past_it(
    installed: Path, repository: Path, argument: str
) -> None:
    command = (installed / "python", "-P", "-m", "ratecheck", argument)
    done = run(*command, cwd=repository)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("argument", ["--help", "doctor"])
def test_the_console_command_does_not_mind(
    installed: Path, repository: Path, argument: str
) -> None:
    done = run(installed / "ratecheck", argument, cwd=repository)
    assert done.returncode == 0, done.stderr
