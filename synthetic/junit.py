"""A session as JUnit XML: a suite a claim, a case for each setting and control."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path

from synthetic.facts import Fact
from theory.files import write

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""


def document(facts: Sequence[Fact]) -> bytes:
    """The XML, in the elements and attributes that all readers of JUnit files know."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.group, []).append(fact)
    root = ET.Element("testsuites", {"name": "ratecheck", **_counts(facts)})
    for group, members in groups.items():
        suite = ET.SubElement(root, "testsuite", {"name": _text(group)})
        suite.attrib |= _counts(members) | {"errors": "0"}
        seen: dict[str, int] = {}
        for fact in members:
            seen[fact.name] = seen.get(fact.name, 0) + 1
            number = f" #{seen[fact.name]}" if seen[fact.name] > 1 else ""
            suite.append(_case(fact, fact.name + number))
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def write_junit(path: Path, facts: Sequence[Fact]) -> None:
    """Write the XML, whole or not at all."""
    write(path, document(facts))


def _case(fact: Fact, name: str) -> ET.Element:
    case = ET.Element("testcase", {"classname": _text(fact.group), "name": _text(name)})
    case.set("time", f"{fact.seconds:.4f}")
    if fact.properties:
        properties = ET.SubElement(case, "properties")
        for key, value in fact.properties.items():
            ET.SubElement(properties, "property", {"name": key, "value": _text(value)})
    if not fact.passed:
        what = "skipped" if fact.undecided else "failure"
        ET.SubElement(case, what, {"message": _text(fact.reason)})
    return case


def _counts(facts: Iterable[Fact]) -> dict[str, str]:
    facts = list(facts)
    unlike = [fact for fact in facts if not fact.passed]
    skipped = sum(fact.undecided for fact in unlike)
    return {
        "tests": str(len(facts)),
        "failures": str(len(unlike) - skipped),
        "skipped": str(skipped),
        "time": f"{sum(fact.seconds for fact in facts):.4f}",
    }


def _text(words: str) -> str:
    return FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", words)
