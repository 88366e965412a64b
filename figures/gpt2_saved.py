"""The saved comparison that the GPT-2 figures read: the one shipped, or a user's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from figures.saved_file import SavedFile
from figures.spec import Parameters

VARIABLE = "RATECHECK_GPT2"
"""Names a user's `results.json` of `ratecheck gpt2 compare`."""

FILE = SavedFile("gpt2.json", VARIABLE, "results.json of `ratecheck gpt2 compare`")
FORMAT = 1
NEEDED = ("command", "preset", "data", "entries", "runs", "verdict", "teachers")
NUMBERS = {"smoke": "these sizes only show that the comparison runs"}
"""What is said of a preset whose numbers are not meant to be believed."""


@dataclass(frozen=True, eq=False)
class Saved:
    """A comparison's `results.json`.

    Attributes:
        record: All of it.

    """

    record: Mapping[str, Any]

    def runs(self, group: str, series: str | None = None) -> list[dict[str, Any]]:
        """Runs in a role, in the order of their seeds, each with its place `at`."""
        return [
            {**self.record["runs"][entry["id"]], "place": entry["at"]}
            for entry in self.record["entries"]
            if entry["group"] == group and series in {None, entry["series"]}
        ]

    def series(self, group: str) -> list[str]:
        """Names of the series of a group."""
        entries = self.record["entries"]
        return list(dict.fromkeys(e["series"] for e in entries if e["group"] == group))

    @cached_property
    def notes(self) -> dict[str, Any]:
        """What every caption says of the data."""
        record = self.record
        preset, data = record["preset"], record["data"]
        return {
            "command": record["command"],
            "seeds": len(preset["seeds"]),
            "steps": preset["steps"],
            "student": _shape(preset["student"]),
            "teacher": preset["pretrained"] or _shape(preset["teacher"]),
            "corpus": data["corpus"],
            "uniform": math.log(data["vocab"]),
            "margin": record["rules"]["margin"],
            "made": _made(record),
        }


def read(parameters: Parameters) -> Saved:
    """The comparison that the parameters name.

    Raises:
        InputError: No such file, or not one that `ratecheck gpt2 compare` wrote.

    """
    return Saved(FILE.read(parameters, FORMAT, (*NEEDED, "rules")))


def loss(run: Mapping[str, Any]) -> float:
    """Its final validation loss; infinite if it diverged."""
    return np.inf if run["valid"] is None else float(run["valid"])


def signed(value: float | None) -> str:
    """A mean difference in nats, or that there is none."""
    return "a difference that is not finite" if value is None else f"{value:+.3f} nats"


def _shape(shape: Mapping[str, int]) -> str:
    layers = shape["layers"]
    return f"{layers} layer{'s' * (layers > 1)} of width {shape['width']}"


def _made(record: Mapping[str, Any]) -> str:
    remark = NUMBERS.get(record["preset"]["name"], "")
    return f"From `{record['command']}`" + (f"; {remark}." if remark else ".")
