"""The saved study of confidences that figures read: the one shipped, or a user's."""

from __future__ import annotations

from typing import Any

from figures.saved_file import SavedFile
from figures.spec import Parameters

VARIABLE = "RATECHECK_DEVIATIONS"
"""Names a user's file, which `ratecheck deviations --json` writes."""

FILE = SavedFile(
    "deviations_confidence.json", VARIABLE, "file of `ratecheck deviations --json`"
)
FORMAT = 1
NEEDED = ("command", "data", "seeds", "thresholds", "configurations", "verdicts")


def read(parameters: Parameters) -> dict[str, Any]:
    """The study that the parameters name.

    Raises:
        InputError: No such file, or another one.

    """
    return FILE.read(parameters, FORMAT, NEEDED)


def notes(record: dict[str, Any]) -> dict[str, Any]:
    """What every caption says of the data."""
    data = record["data"]
    return {
        "command": record["command"],
        "seeds": len(record["seeds"]),
        "data": data["name"],
        "trained": data["trained"],
        "held": data["rows"] - data["trained"],
    }
