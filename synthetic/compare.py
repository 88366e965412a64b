r"""What changed since an earlier run: verdicts, and ratios beyond their error.

A ratio is known up to an interval, the largest lower and upper limit / bound over t. It
has moved if the old and the new interval are disjoint: for exact engines roundoff alone
keeps them apart from a point, for Monte Carlo the confidence limits do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthetic.record import SCHEMA
from synthetic.results import Change
from theory.errors import InputError

MOVED = 1e-9
"""Relative distance at which two ratios differ. The constants below a ratio (D, G, f*)
come from minimisers certified to about 1e-13 and sums that each BLAS orders in its own
way; a change of code that matters moves ratios by far more than 1e-9."""


@dataclass(frozen=True)
class Entry:
    """One setting's or control's part of a record: status, ratio and its limits."""

    status: str
    ratio: float | None
    low: float | None
    high: float | None

    def moved_from(self, old: Entry) -> bool:
        """Are the two intervals disjoint, or is there a ratio in one run only?"""
        if self.low is None or self.high is None or old.low is None or old.high is None:
            return (self.ratio is None) is not (old.ratio is None)
        ends = [abs(x) for x in (self.low, self.high, old.low, old.high)]
        slack = MOVED * max(filter(math.isfinite, ends), default=0.0)
        return self.low > old.high + slack or old.low > self.high + slack

    def __str__(self) -> str:
        if self.ratio is None or self.low is None or self.high is None:
            return "none"
        if self.high - self.low <= MOVED * abs(self.ratio):
            return f"{self.ratio:.9g}"
        return f"{self.ratio:.6g} [{self.low:.6g}, {self.high:.6g}]"


@dataclass(frozen=True)
class Seen:
    """One claim's part of a record."""

    status: str
    pending: int
    entries: Mapping[str, Entry]


@dataclass(frozen=True)
class Baseline:
    """An earlier run's JSON file, read and checked."""

    path: Path
    record: Mapping[str, Any]
    claims: Mapping[str, Seen]

    def check(self, tier: str, instance: Mapping[str, Any] | None) -> None:
        """Refuse to compare runs on different data, before hours are spent on one."""
        old = self.record.get("instance")
        if why := _other_data(old, instance):
            msg = f"Cannot compare with {self.path}: it was made {why}."
            raise InputError(msg)
        before = self.record.get("tier")
        if instance is None and before != tier:
            msg = (
                f"Cannot compare with {self.path}: it was made with --tier {before}, "
                f"this run has --tier {tier}. Give the same tier."
            )
            raise InputError(msg)


def load(path: Path) -> Baseline:
    """Read an earlier run's file, or say what is wrong with it."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"Cannot read {path} to compare with: {error.strerror or error}."
        raise InputError(msg) from error
    except ValueError as error:  # not JSON, or not even text
        msg = (
            f"Cannot compare with {path}: it is not JSON ({error}). Give a file that "
            "`ratecheck verify --json` wrote."
        )
        raise InputError(msg) from error
    found = record.get("schema") if isinstance(record, dict) else None
    if found != SCHEMA:
        msg = (
            f"Cannot compare with {path}: need schema {SCHEMA} of `ratecheck verify "
            f"--json`, got {found!r}. Make the file again with this version."
        )
        raise InputError(msg)
    return Baseline(path, record, read(record, path))


def read(record: Mapping[str, Any], path: Path | str = "this run") -> dict[str, Seen]:
    """Take from a record what is compared: by claim, then by setting or control."""
    try:
        return {claim["id"]: _seen(claim) for claim in record["claims"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = (
            f"Cannot compare with {path}: an entry of it lacks or garbles {error}. "
            "Make the file again with this version."
        )
        raise InputError(msg) from error


def _seen(claim: Mapping[str, Any]) -> Seen:
    entries = {f"on {item['setting']}": _entry(item) for item in claim["settings"]}
    for item in claim["controls"]["list"]:
        name = f"wrong variant [{item['label']}] on {item['setting']}"
        entries[name] = _entry(item)
    return Seen(str(claim["status"]), int(claim["pending"]), entries)


def _entry(item: Mapping[str, Any]) -> Entry:
    names = ("tightness", "tightness_low", "tightness_high")
    ratio, low, high = (None if item[n] is None else float(item[n]) for n in names)
    return Entry(str(item["status"]), ratio, low, high)


def changes(
    old: Mapping[str, Seen],
    new: Mapping[str, Seen],
    covers: Callable[[str], bool],
) -> list[Change]:
    """Every difference, in the order of the claims.

    Args:
        old: The earlier run.
        new: This run. What it left pending cannot have changed.
        covers: Was this run asked for the claim of that id?

    """
    found = []
    for claim_id, after in new.items():
        if claim_id not in old:
            found.append(Change(f"{claim_id}: new, {after.status}", fails=False))
        else:
            found += _of_claim(claim_id, old[claim_id], after)
    gone = [claim_id for claim_id in old if claim_id not in new and covers(claim_id)]
    found += [Change(f"{i}: was {old[i].status}, now gone", fails=True) for i in gone]
    return found


def _of_claim(claim_id: str, old: Seen, new: Seen) -> Iterator[Change]:
    if old.status != new.status and not (old.pending or new.pending):
        yield Change(f"{claim_id}: was {old.status}, now {new.status}", fails=True)
    for name, after in new.entries.items():
        where, before = f"{claim_id} {name}", old.entries.get(name)
        if before is None:
            yield Change(f"{where}: new, {after.status}", fails=False)
        elif before.status != after.status:
            text = f"{where}: was {before.status}, now {after.status}"
            yield Change(text, fails=True)
        elif after.moved_from(before):
            yield Change(f"{where}: ratio was {before}, now {after}", fails=True)
    for name in old.entries:
        if name not in new.entries:
            what = "not tried in this run" if new.pending else "now gone"
            text = f"{claim_id} {name}: was {old.entries[name].status}, {what}"
            yield Change(text, fails=not new.pending)


EXACT = ("name", "n", "d", "loss", "ridge", "horizon", "notes", "x0")
NEARLY = ("f_star", "D", "G")


def _other_data(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> str | None:
    """How the data of two runs differ, or `None`."""
    if old is None or new is None:
        if old is not None:
            return f"on the data {old.get('name')!r}: give the same --data"
        return None if new is None else "on the project's own instances, not on data"
    for key in (*EXACT, *NEARLY):
        same = (
            old.get(key) == new[key] if key in EXACT else _near(old.get(key), new[key])
        )
        if not same:
            return f"on other data: {key} was {old.get(key)!r}, now {new[key]!r}"
    same_columns = list(old.get("x_star", ())) == list(new["x_star"])
    return None if same_columns else "on other data: the columns differ"


def _near(old: Any, new: Any) -> bool:
    # A minimiser may be certified to 1e-12 only: x*, and so D, is known to its root.
    return old is not None and math.isclose(
        float(old), float(new), rel_tol=1e-6, abs_tol=1e-6
    )
