"""The GitHub action: it parses, and its shell lines do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = {step["name"]: step["run"] for step in STEPS if "run" in step}


def bash(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """As the runner does; the commands are stubs that write down their arguments."""
    stubs = folder / "bin"
    stubs.mkdir(exist_ok=True)
    for name in ("pytest", "ratecheck", "python"):
        stub = stubs / name
        stub.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"said = open({str(folder / 'said')!r}, 'w')\n"
            f"said.write(repr([{name!r}, *sys.argv[1:]]))\n"
            f"sys.exit(int({env.get('CODE', '0')!r}))\n"
        )
        stub.chmod(0o755)
    files = {k: str(folder / k) for k in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    path = f"{stubs}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": path, "OUT": str(folder / "out dir"), **files, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_a_composite_action_whose_inputs_are_declared_and_used() -> None:
    assert ACTION["runs"]["using"] == "composite"
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    assert all("shell" in step for step in STEPS if "run" in step)
    assert all(
        re.fullmatch(r"actions/[\w-]+@v\d+", s["uses"]) for s in STEPS if "uses" in s
    )


def test_no_input_is_pasted_into_a_script() -> None:
    """What an input holds must reach the shell as data: through the environment."""
    assert not [name for name, script in SCRIPTS.items() if "${{" in script]


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_bash(name: str) -> None:
    command = ["bash", "-n", "-c", SCRIPTS[name]]
    assert subprocess.run(command, check=False).returncode == 0


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (
            "pytest",
            ["pytest", "--junitxml=O/junit.xml", "--ratecheck-summary=O/summary.md"],
        ),
        (
            "verify",
            [
                "ratecheck",
                "verify",
                "--junit",
                "O/junit.xml",
                "--summary",
                "O/summary.md",
            ],
        ),
    ],
)
@pytest.mark.parametrize("arguments", ["", "-n 2 $(touch hacked) 'a"])
def test_the_check_runs_the_command(
    tmp_path: Path, run: str, expected: list[str], arguments: str
) -> None:
    done = bash(SCRIPTS["Check"], tmp_path, RUN=run, ARGUMENTS=arguments)
    assert done.returncode == 0, done.stderr
    out = str(tmp_path / "out dir")
    words = [word.replace("O/", f"{out}/") for word in expected]
    assert (tmp_path / "said").read_text() == repr([*words, *arguments.split()])
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == f"junit={out}/junit.xml\n"
    assert not (tmp_path / "hacked").exists()


def test_a_failing_check_fails_the_step_and_a_typo_too(tmp_path: Path) -> None:
    failing = {"RUN": "verify", "ARGUMENTS": "", "CODE": "3"}
    assert bash(SCRIPTS["Check"], tmp_path, **failing).returncode == 3
    done = bash(SCRIPTS["Check"], tmp_path, RUN="verfy", ARGUMENTS="")
    assert done.returncode == 2
    assert "::error::" in done.stdout


def test_the_install_takes_the_requirement_as_one_word(tmp_path: Path) -> None:
    done = bash(SCRIPTS["Install"], tmp_path, REQUIREMENT="a b")
    assert done.returncode == 0, done.stderr
    assert "'a b', 'pytest', 'pytest-xdist']" in (tmp_path / "said").read_text()


def test_the_summary_is_copied_or_its_absence_told(tmp_path: Path) -> None:
    assert bash(SCRIPTS["Summary"], tmp_path).returncode == 0
    assert "wrote no summary" in (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    (tmp_path / "out dir").mkdir()
    (tmp_path / "out dir" / "summary.md").write_text("table\n")
    assert bash(SCRIPTS["Summary"], tmp_path).returncode == 0
    assert (tmp_path / "GITHUB_STEP_SUMMARY").read_text().endswith("table\n")
    always = [
        step.get("if") for step in STEPS if step.get("name") in {"Summary", "Upload"}
    ]
    assert always == ["always()"] * 2
