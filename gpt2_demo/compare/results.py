"""All of a comparison in one file, and as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpt2_demo.compare import rules, tables, words
from gpt2_demo.compare.configuration import Configuration
from gpt2_demo.compare.judgement import Judgement
from gpt2_demo.compare.presets import PRESETS, Preset
from gpt2_demo.compare.runner import Result
from gpt2_demo.compare.runs import Entry
from gpt2_demo.compare.tables import Grid
from theory.files import write

FORMAT = 1
OPTIONS = {
    "corpus": "--corpus",
    "steps": "--steps",
    "teacher_steps": "--teacher-steps",
    "seeds": "--seeds",
    "device": "--device",
    "pretrained": "--pretrained",
}
"""Fields of a preset that the command line can change."""


@dataclass(frozen=True, eq=False)
class Results:
    """A comparison that is done.

    Attributes:
        preset: Its sizes.
        config: Sizes, data, versions.
        teachers: Facts about each.
        entries: The plan, in its order.
        runs: What each run found, by id.
        judgement: The verdicts.

    """

    preset: Preset
    config: Configuration
    teachers: Mapping[str, Mapping[str, Any]]
    entries: Sequence[Entry]
    runs: Mapping[str, Result]
    judgement: Judgement

    @property
    def command(self) -> str:
        """The command that makes it again."""
        plain = PRESETS.get(self.preset.name, self.preset)
        parts = [f"ratecheck gpt2 compare --preset {self.preset.name}"]
        for name, option in OPTIONS.items():
            value = getattr(self.preset, name)
            if value != getattr(plain, name):
                is_list = isinstance(value, tuple)
                shown = ",".join(map(str, value)) if is_list else value
                parts.append(f"{option} {shown}")
        files = self.config["given"]["files"]
        parts += [f"--teacher-losses {name}" for name in files]
        return " ".join(parts)

    @property
    def paragraph(self) -> str:
        """How it came out."""
        return words.paragraph(self.judgement, self.preset, self.teachers)

    @property
    def grids(self) -> list[Grid]:
        """Its tables."""
        return tables.grids(self.entries, self.runs, self.judgement)

    def to_markdown(self) -> str:
        """Words and tables."""
        said = (self.paragraph, rules.RULE, rules.CONTROL_RULE)
        head = "\n\n".join([f"# `{self.command}`", *said]) + "\n"
        return "\n".join([head, *(grid.to_markdown() for grid in self.grids)])

    def to_json(self) -> str:
        """The same bytes from the same runs; `null` is a loss that was not finite."""
        record = {
            "format": FORMAT,
            "command": self.command,
            **self.config,
            "rules": {
                "margin": rules.MARGIN,
                "level": rules.LEVEL,
                "rule": rules.RULE,
                "control_rule": rules.CONTROL_RULE,
            },
            "teachers": self.teachers,
            "entries": [
                {"group": e.group, "series": e.series, "at": e.at, "id": e.run.id}
                for e in self.entries
            ],
            "runs": {key: self.runs[key] for key in sorted(self.runs)},
            "verdict": self.judgement.as_json(),
            "words": self.paragraph,
        }
        return _lines(_plain(record)) + "\n"

    def save(self, folder: Path) -> None:
        """Write `results.json` and `results.md`."""
        write(folder / "results.json", self.to_json().encode())
        write(folder / "results.md", self.to_markdown().encode())


def _lines(record: Mapping[str, Any]) -> str:
    """JSON with a line for each entry of the parts: a run is a line."""

    def dumped(value: Any) -> str:
        return json.dumps(value, allow_nan=False)

    parts = []
    for key, value in record.items():
        if isinstance(value, Mapping):
            inner = [f"  {dumped(k)}: {dumped(v)}" for k, v in value.items()]
            text = "{\n" + ",\n".join(inner) + "\n }"
        elif isinstance(value, list):
            text = "[\n" + ",\n".join(f"  {dumped(v)}" for v in value) + "\n ]"
        else:
            text = dumped(value)
        parts.append(f" {dumped(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}"


def _plain(value: Any) -> Any:
    """Strict JSON has neither infinity nor NaN."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        return None
    return value
