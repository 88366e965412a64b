"""The saved comparison that the GPT-2 figures read: the one shipped, or a user's."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from figures.spec import TIERS, Parameters
from theory.errors import InputError

VARIABLE = "RATECHECK_GPT2"
"""Names a user's `results.json` of `ratecheck gpt2 compare`."""

SHIPPED = Path(__file__).parent / "saved" / "gpt2.json"
FORMAT = 1
NEEDED = ("command", "preset", "data", "entries", "runs", "verdict", "teachers")
NUMBERS = {"smoke": "these sizes only show that the comparison runs"}
"""What is said of a preset whose numbers are not meant to be believed."""


class Tiers(Mapping[str, Parameters]):
    """Which file, and its hash, in every tier alike; asked for when it is needed."""

    def __getitem__(self, tier: str) -> Parameters:
        if tier not in TIERS:
            raise KeyError(tier)
        named = os.environ.get(VARIABLE)
        path = Path(named) if named else SHIPPED
        digest = hashlib.sha256(_bytes(path)).hexdigest()
        return {"file": named or f"saved/{SHIPPED.name}", "sha256": digest}

    def __iter__(self) -> Iterator[str]:
        return iter(TIERS)

    def __len__(self) -> int:
        return len(TIERS)


MINUTES = {"quick": 0.01, "full": 0.01}


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
    named = str(parameters["file"])
    path = SHIPPED if named == f"saved/{SHIPPED.name}" else Path(named)
    try:
        record = json.loads(_bytes(path))
        missing = [name for name in (*NEEDED, "rules") if name not in record]
        version = record["format"]
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{path} is no results.json of `ratecheck gpt2 compare` ({error!r})."
        raise InputError(msg) from error
    if missing or version != FORMAT:
        msg = (
            f"{path} is no results.json of this version of `ratecheck gpt2 compare`: "
            f"format {version}, missing {', '.join(missing) or 'nothing'}."
        )
        raise InputError(msg)
    return Saved(record)


def loss(run: Mapping[str, Any]) -> float:
    """Its final validation loss; infinite if it diverged."""
    return np.inf if run["valid"] is None else float(run["valid"])


def signed(value: float | None) -> str:
    """A mean difference in nats, or that there is none."""
    return "a difference that is not finite" if value is None else f"{value:+.3f} nats"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"Cannot read {path}: {error}. {VARIABLE} names a results.json."
        raise InputError(msg) from error


def _shape(shape: Mapping[str, int]) -> str:
    layers = shape["layers"]
    return f"{layers} layer{'s' * (layers > 1)} of width {shape['width']}"


def _made(record: Mapping[str, Any]) -> str:
    remark = NUMBERS.get(record["preset"]["name"], "")
    return f"From `{record['command']}`" + (f"; {remark}." if remark else ".")
