"""The record of `ratecheck verify --json`, read and looked over."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from synthetic.program import TIERS
from synthetic.record import SCHEMA
from theory.errors import InputError

NEEDED = ("schema", "tier", "engine", "seed", "alpha", "alpha_each", "claims")
_OF_A_CLAIM = (
    *("id", "status", "as_expected", "tightness", "engine", "tightest_setting"),
    *("settings", "controls"),
)


def advice(path: Path) -> str:
    """Which command makes results."""
    return (
        f"Make them with `ratecheck verify --json {path}`, or let "
        "`ratecheck report --verify` do it."
    )


def load(path: Path) -> dict[str, Any]:
    """The session in a file.

    Raises:
        InputError: If there is none, or it is not one of this version.

    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError as error:
        msg = f"There are no results at {path}. {advice(path)}"
        raise InputError(msg) from error
    except (OSError, UnicodeDecodeError) as error:
        msg = f"Cannot read {path}: {error}. {advice(path)}"
        raise InputError(msg) from error
    try:
        record: Any = json.loads(text)
    except ValueError as error:
        msg = f"{path} is not JSON ({error}). {advice(path)}"
        raise InputError(msg) from error
    missing = [n for n in NEEDED if not isinstance(record, dict) or n not in record]
    if missing:
        msg = f"{path} is not a session: it lacks {', '.join(missing)}. {advice(path)}"
        raise InputError(msg)
    if record["schema"] != SCHEMA or record["tier"] not in TIERS:
        msg = (
            f"{path} has schema {record['schema']} and tier {record['tier']!r}; need "
            f"schema {SCHEMA} and a tier out of {', '.join(TIERS)}. {advice(path)}"
        )
        raise InputError(msg)
    for claim in record["claims"]:
        if lacks := [name for name in _OF_A_CLAIM if name not in claim]:
            msg = f"A claim in {path} lacks {', '.join(lacks)}. {advice(path)}"
            raise InputError(msg)
    found: dict[str, Any] = record
    return found
