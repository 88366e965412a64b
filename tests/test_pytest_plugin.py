"""The pytest plugin, in pytest runs of its own."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Installed or not, it is loaded once, from this checkout.
PLUGIN = ("-p", "no:ratecheck", "-p", "synthetic.pytest_plugin")
QUIET = ("-q", "-p", "no:cacheprovider", "-W", "error")

HEAD = """
from dataclasses import replace
import numpy as np
from ratecheck import Check, Setting, own_claim, sgd, user_problem

ROWS, T = np.array([[1.0, 0.0], [0.6, 0.8]]), 6
STEP = 2.0**0.5 / T**0.5
def loss(i, x):
    return np.abs((ROWS[i] * x).sum(axis=1))
def gradient(i, x):
    return np.sign((ROWS[i] * x).sum(axis=1))[:, None] * ROWS[i]
problem = user_problem("rows", loss, gradient, num_components=2,
                       minimiser=[0.0, 0.0], minimiser_gap=0.0, lipschitz=1.0)
def on(name="here", T=T, step=STEP, **rest):
    return Setting(name=name, problem=problem, method=sgd(step),
                   x0=np.array([1.0, -1.0]), horizon=T, **rest)
def rate(c, t):
    return c.G * c.D / np.sqrt(t + 1)
def average(name="mine.average", T=T, bound=rate):
    return own_claim(name, quantity="average_gap", bound=bound, first=T - 1)
wrong = {"uphill": replace(on(), actual_method=sgd(20 * STEP))}
"""
GOOD = HEAD + "check = Check(average(), [on()], wrong)\n"
ESCAPES = HEAD + "check = Check(average(), [on()], {'as it is': on()})\n"
FALSE = HEAD + "check = Check(average(bound=lambda c, t: 0.1 + 0 * t), [on()], wrong)\n"
UNDECIDED = (
    HEAD
    + """
far = {"uphill": replace(on(T=30, reach=1e4), actual_method=sgd(20 * STEP))}
check = Check(average(T=30), [on(T=30)], far)
"""
)
SAMPLED = HEAD + (
    "many = [on(f'T = {n}', T=n, step=0.5 * 2**0.5 / n**0.5, reach=9.0)\n"
    "        for n in (30, 40, 50)]\n"
    "check = Check(average(T=30, bound=lambda c, t: 0.8 + 0 * t), many,\n"
    "              {'low': 0.01, 'lower': 0.001})\n"
)


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", *PLUGIN, *QUIET, *args]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False
    )


def project(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, "utf-8")
    return folder


def cases(path: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Of a JUnit file: what became of each case, and its properties."""
    found = {}
    for case in ET.parse(path).getroot().iter("testcase"):
        outcome = next((c.tag for c in case if c.tag != "properties"), "passed")
        facts = {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
        found[f"{case.attrib['classname']}::{case.attrib['name']}"] = outcome, facts
    return found


def test_a_claim_and_its_control_are_items_with_their_evidence(tmp_path: Path) -> None:
    project(tmp_path, claim_good=GOOD)
    done = run(tmp_path, "--junitxml=j.xml", "--ratecheck-seed=7")
    assert done.returncode == 0, done.stdout
    found = cases(tmp_path / "j.xml")
    assert list(found) == [
        "claim_good::mine.average[here]",
        "claim_good::mine.average[wrong: uphill]",
    ]
    (_, holds), (_, refuted) = found.values()
    assert (holds["verdict"], refuted["verdict"]) == ("holds", "refuted")
    assert (holds["engine"], holds["alpha"]) == ("exact tree", "0.0")
    assert (holds["seed"], refuted["control"]) == ("7", "uphill")
    low, high = map(float, holds["interval"].strip("[]").split(","))
    assert low <= high < float(holds["bound"])
    assert high / float(holds["bound"]) == pytest.approx(float(holds["tightness"]))


def test_what_is_not_as_it_must_be_fails_with_its_place(tmp_path: Path) -> None:
    text = GOOD.replace("    return np.abs", "    1 / 0\n    return np.abs")
    project(tmp_path, claim_a=ESCAPES, claim_b=FALSE, claim_c=UNDECIDED, claim_d=text)
    done = run(tmp_path, "--junitxml=j.xml", "--ratecheck-summary=s.md")
    assert done.returncode == 1
    found = {k: outcome for k, (outcome, _) in cases(tmp_path / "j.xml").items()}
    assert found == {
        "claim_a::mine.average[here]": "passed",
        "claim_a::mine.average[wrong: as it is]": "failure",
        "claim_b::mine.average[here]": "failure",
        "claim_b::mine.average[wrong: uphill]": "passed",
        "claim_c::mine.average[here]": "failure",
        "claim_c::mine.average[wrong: uphill]": "passed",
        "claim_d::mine.average[here]": "failure",
        "claim_d::mine.average[wrong: uphill]": "failure",
    }
    line = HEAD[: HEAD.index("def rate")].count("\n") + 1
    assert f"claim_a.py:{line}: the wrong variant was not refuted" in done.stdout
    line = FALSE.count("\n")
    assert f"claim_b.py:{line}: refuted: at t = 5" in done.stdout
    assert "inconclusive: " in done.stdout
    line = HEAD[: HEAD.index("    return np.abs")].count("\n") + 1
    assert f"claim_d.py:{line}: ZeroDivisionError" in done.stdout
    summary = (tmp_path / "s.md").read_text("utf-8")
    assert "3 of 8 as they must be, 5 not, 0 let off." in summary
    assert summary.index("was not refuted") < summary.index("| ok |")


def test_the_user_may_let_the_undecided_skip_but_never_a_control(
    tmp_path: Path,
) -> None:
    skips = HEAD + "import pytest\npytest.skip('not here', allow_module_level=True)\n"
    project(tmp_path, claim_a=UNDECIDED, claim_b=skips, claim_c=ESCAPES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nratecheck_undecided = skip\n")
    done = run(tmp_path)
    assert done.returncode == 1
    assert "1 failed, 2 passed, 2 skipped" in done.stdout  # the escaped control failed
    done = run(tmp_path, "--ratecheck-undecided=fail")
    assert done.returncode == 2
    assert "the claim file skips itself: not here" in done.stdout


@pytest.mark.slow
def test_two_processes_give_the_verdicts_of_one(tmp_path: Path) -> None:
    project(tmp_path, claim_a=SAMPLED, claim_b=GOOD)
    one = run(tmp_path, "--junitxml=one.xml", "--ratecheck-summary=one.md")
    two = run(tmp_path, "--junitxml=two.xml", "--ratecheck-summary=two.md", "-n", "2")
    assert (one.returncode, two.returncode) == (0, 0), one.stdout + two.stdout
    found = cases(tmp_path / "one.xml")
    assert cases(tmp_path / "two.xml") == found
    assert (tmp_path / "one.md").read_bytes() == (tmp_path / "two.md").read_bytes()
    sampled = [f for _, f in found.values() if f["engine"] == "monte carlo"]
    assert len(sampled) == 5
    assert {f["alpha"] for f in sampled} == {repr(1e-6 / 5)}
    # Another order, and a choice of items, change nothing either.
    files = ("claim_b.py", "claim_a.py", "-k", "lower")
    some = run(tmp_path, *files, "--junitxml=s.xml")
    assert some.returncode == 0, some.stdout
    chosen = cases(tmp_path / "s.xml")
    assert 0 < len(chosen) < len(found)
    assert chosen.items() <= found.items()


BAD = {
    "raises": (HEAD + "raise ValueError('broken')\n", "ValueError: broken"),
    "exits": (HEAD + "raise SystemExit(3)\n", "SystemExit: 3"),
    "bare": (HEAD + "Check(average(), [on()], {})\n", "at least one control"),
    "typo": (HEAD + "def (\n", "SyntaxError: "),
}


def test_claim_files_that_cannot_be_used_are_named_by_their_lines(
    tmp_path: Path,
) -> None:
    project(tmp_path, **{f"claim_{name}": text for name, (text, _) in BAD.items()})
    twice = GOOD + "again = Check(average(), [on()], wrong)\n"
    project(tmp_path, claim_none=HEAD, claim_twice=twice)
    done = run(tmp_path, "--ratecheck-summary=s.md")
    assert done.returncode == 2
    summary = (tmp_path / "s.md").read_text("utf-8").replace("\\", "")
    for name, (text, says) in BAD.items():
        place = f"claim_{name}.py:{text.count(chr(10))}: "
        assert place in done.stdout
        assert says in done.stdout
        assert place in summary
        assert says in summary
    assert "claim_none.py: no Check at its top level" in done.stdout
    assert "claim_twice.py: two cases are called mine.average[here]" in done.stdout


def test_the_fixture_and_the_marker(tmp_path: Path) -> None:
    project(
        tmp_path,
        test_mine=GOOD
        + """
import pytest

@pytest.mark.ratecheck(seed=5, replicas=300, engine="montecarlo")
def test_sampled(ratecheck):
    long = on(T=30, step=0.2, reach=9.0)
    claim = average(T=30, bound=lambda c, t: 2.0 + 0 * t)
    first = ratecheck.verify(claim, long).verdict.evidence
    second = ratecheck.verify(claim, long).verdict.evidence
    assert first.engine == "monte carlo"
    assert (first.error, second.error) == (5e-7 / 2, 5e-7 / 4)

def test_all(ratecheck):
    assert len(ratecheck.check(check)) == 2

@pytest.mark.xfail(raises=pytest.fail.Exception, strict=True)
def test_false(ratecheck):
    ratecheck.verify(average(bound=lambda c, t: 0.1 + 0 * t), on())
""",
    )
    done = run(tmp_path, "--strict-markers", "--ratecheck-alpha=15e-7")
    assert done.returncode == 0, done.stdout
    assert "2 passed, 1 xfailed" in done.stdout


@pytest.mark.parametrize(
    "flag",
    [
        "--ratecheck-undecided=maybe",
        "--ratecheck-alpha=nan",
        "--ratecheck-replicas=many",
    ],
)
def test_flags_that_mean_nothing_are_refused(tmp_path: Path, flag: str) -> None:
    done = run(project(tmp_path, test_a="def test_a(): pass\n"), flag)
    assert done.returncode == 4
    assert flag.partition("=")[0] in done.stderr


def test_other_runs_are_left_alone(tmp_path: Path) -> None:
    """Someone's file of such a name is not ours, and nothing heavy is imported."""
    project(
        tmp_path,
        claim_form="raise SystemExit('not a test')\n",
        test_light="""
import sys
def test_light():
    heavy = {"numpy", "scipy", "numba", "torch", "cvxpy", "theory", "typer", "rich"}
    assert not heavy & set(sys.modules)
""",
    )
    done = run(tmp_path, "--strict-markers", "--strict-config")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


IMPORTED_FIRST = ("-W", "ignore:Module already imported:pytest.PytestWarning")
"""Which pytest says where the plugin is installed as well: the script below did it."""


def test_a_shadow_of_ours_fails_claims_and_nothing_else(tmp_path: Path) -> None:
    project(tmp_path, theory="raise SystemExit('theirs')", test_a="def test_a(): pass")
    code = (
        "import ratecheck, pytest\n"
        f"args = [*{QUIET!r}, '-p', 'no:ratecheck', *{IMPORTED_FIRST!r}]\n"
        "raise SystemExit(pytest.main(args, plugins=[ratecheck.pytest_plugin]))"
    )
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = None
    for names, expected in ((dict[str, str](), 0), ({"claim_a": GOOD}, 2)):
        project(tmp_path, **names)
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, done.stdout + done.stderr
    assert done is not None
    assert f"Python finds 'theory' in {tmp_path / 'theory.py'}" in done.stdout
