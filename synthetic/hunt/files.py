"""Files of hunted instances: written whole, read with suspicion."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from synthetic.hunt.plain import exact, from_plain, number, to_plain
from synthetic.hunt.quest import Quest, quest
from synthetic.ledger import code_hash
from synthetic.setting import Setting
from synthetic.versions import versions
from theory.errors import InputError
from theory.files import write
from theory.judge import Status

KIND = "ratecheck hunt"
SCHEMA = 1
MOST_BYTES = 10_000_000


@dataclass(frozen=True, eq=False)
class Instance:
    """What a file holds.

    Attributes:
        quest: The claim as it was hunted.
        setting: Where.
        status: The verdict that was written.
        ratio: The ratio that was written; `nan` if there was none.
        is_current: Was it written by this very code?

    """

    quest: Quest
    setting: Setting
    status: Status
    ratio: float
    is_current: bool


def as_record(
    asked: Quest, setting: Setting, result: dict[str, Any], effort: dict[str, Any]
) -> dict[str, Any]:
    """Everything about one hunt, with a digest of it all.

    Args:
        asked: The claim, as the instance is for it.
        setting: The instance.
        result: Status, ratio and time of the desk's verdict, with its reason.
        effort: Seed, evaluations, seconds and so on.

    """
    ratio = math.nan if result["ratio"] is None else result["ratio"]
    record = {
        "kind": KIND,
        "schema": SCHEMA,
        "claim": asdict(asked) | {"scale": exact(asked.scale)},
        "setting": to_plain(setting),
        "result": result | {"ratio": exact(ratio)},
        "search": effort,
        "code": code_hash(),
        "versions": versions(),
    }
    return record | {"digest": _digest(record)}


def save(path: Path, record: dict[str, Any]) -> None:
    """Write it whole or not at all."""
    write(path, (json.dumps(record, indent=1, allow_nan=False) + "\n").encode())


def load_instance(path: Path | str) -> Setting:
    """The setting in a file that `ratecheck hunt --json` wrote.

    Raises:
        InputError: It cannot be read, was cut or edited, or is of another kind.

    """
    return load(Path(path)).setting


def load(path: Path) -> Instance:
    """Everything that a replay needs; raises as `load_instance` does."""
    record = _read(path)
    try:
        claim, result = record["claim"], record["result"]
        asked = quest(
            claim["claim_id"],
            drop=claim["dropped"],
            scale=number(claim["scale"]),
            horizon=claim["horizon"],
        )
        wanted = Quest(**(claim | {"scale": number(claim["scale"])}))
        setting = from_plain(record["setting"])
        status, ratio = Status(result["status"]), number(result["ratio"])
        if not 0 <= wanted.first <= wanted.last or setting.horizon != asked.horizon:
            msg = "points that the claim is not judged at"
            raise ValueError(msg)  # noqa: TRY301 -- one place says what is wrong
    except InputError as error:
        msg = f"{path}: {error}"
        raise InputError(msg) from error
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        msg = f"{path} holds no instance that can be run ({error!r}). Hunt again."
        raise InputError(msg) from error
    return Instance(wanted, setting, status, ratio, record["code"] == code_hash())


def _read(path: Path) -> dict[str, Any]:
    """The record, if it is whole and as it was written."""
    try:
        if path.stat().st_size > MOST_BYTES:
            msg = f"{path} is larger than any hunted instance. Name another file."
            raise InputError(msg)
        record = json.loads(path.read_bytes())
    except OSError as error:
        msg = f"Cannot read {path}: {error}. Name a file of `ratecheck hunt --json`."
        raise InputError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{path} is no JSON, or was cut ({error}). Hunt again."
        raise InputError(msg) from error
    if not isinstance(record, dict) or record.get("kind") != KIND:
        msg = f"{path} was not written by `ratecheck hunt --json`. Name another file."
        raise InputError(msg)
    if record.get("schema") != SCHEMA:
        msg = f"{path} has schema {record.get('schema')}, this version reads {SCHEMA}."
        raise InputError(msg)
    digest = record.pop("digest", None)
    if digest != _digest(record):
        msg = f"{path} was edited since it was written: its digest differs. Hunt again."
        raise InputError(msg)
    return record


def _digest(record: dict[str, Any]) -> str:
    text = json.dumps(record, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
