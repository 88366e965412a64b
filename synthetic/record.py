"""A session as JSON, written atomically: a reader never sees half a file."""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from synthetic.family_slope import family_slope
from synthetic.results import ClaimResult, Session
from synthetic.verify import Outcome
from synthetic.versions import versions
from theory.claim import Claim
from theory.errors import InputError
from theory.files import write
from theory.slope import reason

SCHEMA = 1


def as_json(
    session: Session, instance: dict[str, Any] | None = None, tier: str = "quick"
) -> dict[str, Any]:
    """The whole session as plain values.

    Args:
        session: Of `synthetic.session.run`.
        instance: The user's data, where the run was on some.
        tier: Which instances and how many replicas.

    """
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "tier": tier,
        "engine": session.options.engine,
        "seed": session.options.seed,
        "alpha": session.options.alpha,
        "alpha_each": session.alpha_each,
        "versions": versions(),
        "interrupted": session.interrupted,
        "budget": session.budget,
        "pending": session.pending,
        "exit_code": session.exit_code(),
        "claims": [_claim(result) for result in session.results.values()],
    }
    record["claims"] += [_claim(result) for result in session.idle]
    if instance is not None:
        record["instance"] = instance
    if session.changes is not None:
        record["changes"] = [asdict(change) for change in session.changes]
    return record


def _claim(result: ClaimResult) -> dict[str, Any]:
    tightest = result.tightest
    return {
        "id": result.claim.id,
        "expected": result.claim.expected.value,
        "status": result.status.value,
        "as_expected": result.as_expected,
        "pending": result.pending,
        "tightness": tightest.verdict.tightness if tightest else None,
        "engine": _engine(tightest),
        "tightest_setting": tightest.setting if tightest else None,
        "seconds": round(result.seconds, 4),
        "slope": result.claim.slope,
        "family_slope": _family(result.claim.id),
        "settings": [
            _setting(outcome) | _slope(outcome, result.claim)
            for outcome in result.outcomes
        ],
        "controls": {
            "caught": result.caught,
            "total": len(result.counted),
            "list": [
                {
                    "label": control.label,
                    "required": control.required,
                    "hidden": control.hidden,
                    "caught": outcome.verdict.status.value == "refuted",
                    **_setting(outcome),
                }
                for control, outcome in result.controls
            ],
        },
    }


def _engine(outcome: Outcome | None) -> str | None:
    evidence = outcome.verdict.evidence if outcome else None
    return evidence.engine.value if evidence else None


def _setting(outcome: Outcome) -> dict[str, Any]:
    verdict = outcome.verdict
    low, high = verdict.tightness_limits or (None, None)
    return {
        "setting": outcome.setting,
        "status": verdict.status.value,
        "engine": _engine(outcome),
        "tightness": verdict.tightness,
        "tightness_low": low,
        "tightness_high": high,
        "time": verdict.time,
        "tightest_time": verdict.tightest_time,
        "error": verdict.evidence.error if verdict.evidence else None,
        "scope": verdict.evidence.scope.value if verdict.evidence else None,
        "reason": verdict.reason,
        "seconds": round(outcome.seconds, 4),
        "constants": asdict(outcome.constants) if outcome.constants else None,
    }


def _slope(outcome: Outcome, claim: Claim) -> dict[str, Any]:
    """The observed exponent of T beside the theorem's, and why they differ."""
    seen, c = outcome.slope(claim), outcome.constants
    return {
        "slope": seen.value if seen else None,
        "slope_low": seen.low if seen else None,
        "slope_high": seen.high if seen else None,
        "slope_expected": claim.slope,
        "slope_reason": reason(seen, claim, c) if seen and c else None,
    }


def _family(claim_id: str) -> dict[str, Any] | None:
    found = family_slope(claim_id)
    if found is None:
        return None
    values = found.values.tolist()
    return asdict(found.slope) | {"d": list(found.dimensions), "values": values}


def _finite(value: Any) -> Any:
    """JSON has no infinities: they become strings; rationals become floats."""
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def check_writable(path: Path) -> None:
    """Refuse a place that cannot be written before hours are spent, not after."""
    try:
        real = path.resolve()
        if real.is_dir():
            msg = f"Cannot write {path}: it is a directory. Name a file in it."
            raise InputError(msg)
        if not real.parent.is_dir():
            msg = f"Cannot write {path}: folder {real.parent} does not exist."
            raise InputError(msg)
        usable = real.is_file() if real.exists() else True
        if not (usable and os.access(real if real.exists() else real.parent, os.W_OK)):
            msg = f"Cannot write {path}: no permission, or no regular file."
            raise InputError(msg)
    except (OSError, RuntimeError) as error:
        msg = f"Cannot write {path}: {error}. Name another file."
        raise InputError(msg) from error


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Write a record of `as_json`."""
    text = json.dumps(_finite(record), indent=1, allow_nan=False) + "\n"
    write(path, text.encode())
