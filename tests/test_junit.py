"""JUnit XML and the Markdown summary of a session."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from synthetic.cli import app
from synthetic.facts import Fact
from synthetic.junit import document
from synthetic.summary import LIMIT, markdown

FACT = Fact("claim", "case", True, False, "it is so", 0.5, {"verdict": "holds"})
ODD = "a | b <script> \x00 \ud800 `x` $y$ [z](u)\n# new"

# The elements and attributes that readers of JUnit files share (Ant, Jenkins, GitLab).
COUNTS = {"tests", "failures", "errors", "skipped", "time"}
SCHEMA: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"tests", "failures"}, {"name", *COUNTS}, {"testsuite"}),
    "testsuite": ({"name", *COUNTS}, {"name", *COUNTS}, {"testcase"}),
    "testcase": (
        {"name", "classname", "time"},
        {"name", "classname", "time"},
        {"properties", "failure", "skipped"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, {"name", "value"}, set()),
    "failure": ({"message"}, {"message"}, set()),
    "skipped": ({"message"}, {"message"}, set()),
}


def faults(node: ET.Element) -> list[str]:
    needed, allowed, children = SCHEMA[node.tag]
    keys = set(node.attrib)
    found = [f"{node.tag} lacks {key}" for key in needed - keys]
    found += [f"{node.tag} has {key}" for key in keys - allowed]
    for child in node:
        found += [f"{child.tag} in {node.tag}"] if child.tag not in children else []
        found += faults(child) if child.tag in SCHEMA else []
    if node.tag in {"testsuite", "testsuites"}:
        cases = list(node.iter("testcase"))
        counts = {
            "tests": len(cases),
            "failures": sum(case.find("failure") is not None for case in cases),
            "skipped": sum(case.find("skipped") is not None for case in cases),
        }
        found += [
            f"{node.tag} counts {key}"
            for key, n in counts.items()
            if node.get(key) != str(n)
        ]
        names = [(case.get("classname"), case.get("name")) for case in cases]
        found += ["twice"] if len(set(names)) < len(names) else []
    return found


def test_the_schema_has_teeth() -> None:
    assert faults(ET.fromstring("<testsuites tests='1' failures='0'/>"))
    assert faults(ET.fromstring("<testsuites tests='0' failures='0'><x/></testsuites>"))


def test_any_text_is_valid_xml() -> None:
    facts = [
        replace(FACT, name=ODD, passed=False, reason=ODD, properties={"verdict": ODD}),
        replace(FACT, name=ODD),
        replace(FACT, group="other", passed=False, undecided=True),
    ]
    root = ET.fromstring(document(facts))
    assert faults(root) == []
    assert [node.get("tests") for node in root.iter("testsuite")] == ["2", "1"]
    assert root.get("failures") == "1"
    assert "<script>" in (next(root.iter("failure")).get("message") or "")


def test_a_user_s_text_cannot_leave_its_cell() -> None:
    text = markdown([replace(FACT, name=ODD.replace("\ud800", ""), passed=False)])
    row = text.splitlines()[-1]
    assert row.count(" | ") == 7
    assert "<" not in row
    assert "\\[z\\](u) # new: it is so" in row


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_summary_that_fits_is_whole(count: int) -> None:
    text = markdown([FACT] * count)
    assert f"{count} of {count} as they must be" in text
    assert text.count("| ok |") == count
    assert "cut" not in text


@pytest.mark.parametrize("limit", [700, 701, 1000, 5000])
def test_a_summary_is_cut_and_says_by_how_much(limit: int) -> None:
    bad = replace(FACT, name="é" * 50, passed=False)
    facts = [FACT, bad] * 100
    text = markdown(facts, limit)
    assert len(text.encode()) <= limit
    assert "100 of 200 as they must be, 100 not" in text
    shown = text.count("\n| ok |") + text.count("\n| **!!** |")
    left = 200 - shown
    failed = 100 - text.count("\n| **!!** |")
    assert f"{left} more rows were cut ({failed} of them not as they must be)." in text
    assert LIMIT < 2**20


def test_verify_writes_both_and_they_agree_with_its_exit_code(tmp_path: Path) -> None:
    junit, summary = tmp_path / "j.xml", tmp_path / "s.md"
    args = ["verify", "sps.capped.ball", "--junit", junit, "--summary", summary]
    done = CliRunner().invoke(app, [str(arg) for arg in args])
    assert done.exit_code == 0, done.output
    root = ET.parse(junit).getroot()
    assert faults(root) == []
    assert root.get("failures") == "0"
    found = [
        {p.attrib["name"]: p.attrib["value"] for p in case.iter("property")}
        for case in root.iter("testcase")
    ]
    assert len([f for f in found if "control" in f]) == 6
    assert {f["verdict"] for f in found if "control" in f} == {"refuted"}
    assert f"of {len(found)} as they must be, 0 not" in summary.read_text("utf-8")
    args[2:] = ["--budget", "1e-9", "--junit", junit]
    done = CliRunner().invoke(app, [str(arg) for arg in args])
    assert done.exit_code == 3
    assert "were not tried" in junit.read_text("utf-8")
    assert int(ET.parse(junit).getroot().get("failures") or 0) > 0


def test_two_outputs_need_two_files(tmp_path: Path) -> None:
    both = ["--junit", str(tmp_path / "x"), "--summary", str(tmp_path / "x")]
    done = CliRunner().invoke(app, ["verify", "sps.ball", *both])
    assert done.exit_code == 2
    assert "name two files" in done.output
