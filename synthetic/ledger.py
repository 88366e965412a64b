"""An evidence ledger: JSON lines that later runs go on from, with one error control.

The first line of a run says with which code, seed and alpha it ran, and whether it was
for tuning; each other line is what a claim's check found on one setting or control.
Sampled pairs carry their fortunes (`synthetic.engines.sequel`), so that later runs play
on instead of starting again. Lines are appended and synced one at a time: a run
that is killed loses its last line at most; a torn one is dropped with a warning.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synthetic.desk import Options, Subject
from synthetic.engines.sequel import Carried
from synthetic.facts import evidence_of
from synthetic.setting import Setting
from synthetic.verify import Outcome
from synthetic.versions import versions
from theory.confidence import Wealth
from theory.errors import InputError
from theory.files import write

SCHEMA = 1
PACKAGES = ("theory", "synthetic")
EVIDENCE, TUNING = "evidence", "tuning"
PROBES = 4


def code_hash() -> str:
    """Of the sources of `theory` and `synthetic`, and the versions they run on."""
    digest = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    root = Path(__file__).resolve().parents[1]
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def instance_hash(setting: Subject) -> str:
    """Of the constants and, of a `Setting`, of what it runs: losses and slopes too.

    Functions cannot be hashed, so they are called: at the comparator, at the start and
    at points around them, for every component.
    """
    digest = hashlib.sha256(setting.name.encode())
    digest.update(repr(setting.constants()).encode())
    if not isinstance(setting, Setting):
        return digest.hexdigest()
    method, problem = setting.method, setting.problem
    for part in (
        *(method.name, method.size, method.schedule, setting.target, setting.batch),
        *(setting.horizon, setting.metric, setting.radius, setting.reach),
    ):
        digest.update(repr(part).encode() + b"\0")
    for array in (setting.x0, problem.point, problem.weights, setting.order):
        digest.update(np.asarray(0 if array is None else array).tobytes() + b"\0")
    away = np.random.default_rng(0).standard_normal((PROBES, problem.dim))
    points = np.concatenate([[problem.point, setting.x0], setting.x0 + away])
    digest.update(problem.losses(points).tobytes())
    digest.update(problem.gradient(points).tobytes())
    return digest.hexdigest()


@dataclass(eq=False)
class Ledger:
    """A ledger that is open for one run.

    Attributes:
        path: The file.
        code: Hash of the code of this run, and so of every line.
        instances: Hashes by (claim id, setting).
        carried: Where sampled pairs stand, by (claim id, setting).
        tuned: Seeds that a run for tuning has used.
        tuning: Is this run for tuning? Then it carries nothing on.

    """

    path: Path
    code: str
    tuning: bool = False
    instances: dict[tuple[str, str], str] = field(default_factory=dict)
    carried: dict[tuple[str, str], Carried] = field(default_factory=dict)
    tuned: set[int] = field(default_factory=set)

    def begin(self, options: Options) -> None:
        """Refuse a seed that was used for tuning; note the run."""
        if options.seed in self.tuned and not self.tuning:
            unused = next(s for s in range(2**32) if s not in self.tuned)
            msg = (
                f"{self.path}: seed {options.seed} was used for tuning, so its draws "
                f"are no evidence. Name another: --seed {unused}."
            )
            raise InputError(msg)
        purpose = TUNING if self.tuning else EVIDENCE
        record = {
            "kind": "run",
            "schema": SCHEMA,
            "purpose": purpose,
            "code": self.code,
        }
        self._append(record | {"seed": options.seed, "alpha": options.alpha})

    def check(self, claim_id: str, setting: Subject) -> None:
        """Refuse a pair that the ledger knows on another instance of that name."""
        key = (claim_id, setting.name)
        found = instance_hash(setting)
        if self.instances.setdefault(key, found) != found:
            msg = (
                f"{self.path} has evidence for {claim_id} on another instance that is "
                f"called {setting.name}. Start another ledger, or rename the setting."
            )
            raise InputError(msg)

    def keep(self, outcomes: Iterable[Outcome], options: Options) -> None:
        """Append what a task found; a run for tuning carries nothing on."""
        for outcome in outcomes:
            self._keep(outcome, options)

    def _keep(self, outcome: Outcome, options: Options) -> None:
        evidence = outcome.verdict.evidence
        carried = evidence.carried if evidence is not None else None
        record: dict[str, Any] = {"kind": "outcome"} | evidence_of(outcome, options)
        record["instance"] = self.instances.get((outcome.claim_id, outcome.setting))
        if isinstance(carried, Carried) and not self.tuning:
            record["carried"] = _plain(carried)
        self._append(record)

    def _append(self, record: Mapping[str, Any]) -> None:
        line = json.dumps(record, allow_nan=False) + "\n"
        try:
            with self.path.open("ab") as file:
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            msg = f"Could not write {self.path}: {error}. Name another ledger."
            raise InputError(msg) from error


def open_ledger(path: Path, *, tuning: bool = False) -> Ledger:
    """Read a ledger, or begin one.

    Raises:
        InputError: It is of other code, or no ledger; a line in the middle is broken.

    """
    ledger = Ledger(path, code_hash(), tuning)
    if not path.exists():
        return ledger
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"Cannot read {path}: {error}."
        raise InputError(msg) from error
    whole, _, torn = data.rpartition(b"\n")
    if torn:
        message = f"{path}: the last line is torn (a run was killed), and is dropped."
        warnings.warn(message, stacklevel=2)
        write(path, whole + b"\n" if whole else b"")
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            _read(ledger, json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, InputError):
                raise
            msg = f"{path}:{number} is no line of a ledger ({error!r}). Name another."
            raise InputError(msg) from error
    return ledger


def _read(ledger: Ledger, record: dict[str, Any]) -> None:
    if record["kind"] == "run":
        if record["schema"] != SCHEMA or record["code"] != ledger.code:
            msg = (
                f"{ledger.path} was made by other code ({record['code'][:12]}, this is "
                f"{ledger.code[:12]}): what it holds is no evidence for this one. "
                "Start another ledger."
            )
            raise InputError(msg)
        if record["purpose"] == TUNING:
            ledger.tuned.add(int(record["seed"]))
        return
    if "control" in record or record["instance"] is None:
        return
    key = (record["claim"], record["setting"])
    ledger.instances[key] = record["instance"]
    if "carried" in record:
        ledger.carried[key] = _carried(record["carried"])


def _plain(carried: Carried) -> dict[str, Any]:
    """As JSON holds it: every float as the text that reads back as it is."""
    return {
        "num_samples": carried.num_samples,
        "runs": carried.runs,
        "alpha": repr(carried.alpha),
        "total": [repr(float(value)) for value in carried.total],
        "above": [_wealth(wealth) for wealth in carried.above],
        "below": [_wealth(wealth) for wealth in carried.below],
    }


def _wealth(wealth: Wealth) -> dict[str, Any]:
    return {
        "total": [repr(float(value)) for value in wealth.total.ravel()],
        "error": [repr(float(value)) for value in wealth.error.ravel()],
        "peak": repr(float(wealth.peak)),
    }


def _carried(record: dict[str, Any]) -> Carried:
    above, below = (
        tuple(
            Wealth(_column(each["total"]), _column(each["error"]), float(each["peak"]))
            for each in record[side]
        )
        for side in ("above", "below")
    )
    alpha = float(record["alpha"])
    if not (0 < alpha < 1 and math.isfinite(alpha) and record["num_samples"] >= 0):
        msg = f"alpha {alpha}, {record['num_samples']} samples"
        raise ValueError(msg)
    total = np.array([float(value) for value in record["total"]])
    if not len(total) == len(above) == len(below):
        msg = "as many totals as fortunes are needed"
        raise ValueError(msg)
    return Carried(
        int(record["num_samples"]), total, above, below, alpha, int(record["runs"])
    )


def _column(values: list[str]) -> np.ndarray:
    return np.array([float(value) for value in values])[:, None]
