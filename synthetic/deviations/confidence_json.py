"""The study as plain values: what `--json` writes and the figures read."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from synthetic.deviations.confidence_claims import Judged
from synthetic.deviations.confidence_configurations import Configuration
from synthetic.deviations.confidence_rule import THRESHOLDS, Mean
from synthetic.deviations.confidence_runs import PARTS
from synthetic.deviations.confidence_study import Study
from theory import files

FORMAT = 1
DIGITS = 6
POINT_DIGITS = 2


def write(study: Study, command: str, path: Path) -> None:
    """Write the record as JSON, atomically."""
    text = json.dumps(record(study, command), allow_nan=False)
    files.write(path, text.encode() + b"\n")


def record(study: Study, command: str) -> dict[str, Any]:
    """All of it; `command` says how it was made."""
    data = study.data
    return {
        "format": FORMAT,
        "kind": "confidence",
        "command": command,
        "data": {
            "name": data.name,
            "digest": data.digest,
            "rows": len(data.labels),
            "trained": data.num_trained,
            "classes": len(data.classes),
            "notes": list(data.notes),
        },
        "root": study.request.root,
        "seeds": list(study.request.seeds),
        "thresholds": THRESHOLDS,
        "configurations": {
            one.name: _configuration(one, study.judged[one.name])
            for one in study.configurations
        },
        "comparisons": [
            {
                "first": one.first,
                "second": one.second,
                "about": one.about,
                "difference": _mean(one.difference),
                "word": one.word,
            }
            for one in study.comparisons
        ],
        "verdicts": [
            asdict(one) | {"finding": one.finding.value} for one in study.verdicts
        ],
        "surviving_holm": list(study.surviving),
        "control_faults": list(study.faults),
    }


def _configuration(configuration: Configuration, one: Judged) -> dict[str, Any]:
    values, points = one.outcome.values, one.outcome.points
    return {
        "settings": asdict(configuration),
        "findings": {part: one.parts[part].finding.value for part in PARTS},
        "means": {
            part: {name: _mean(mean) for name, mean in judgement.means.items()}
            for part, judgement in one.parts.items()
        },
        "diverged": one.parts["held"].num_diverged,
        "gain": _mean(one.gain),
        "values": {
            name: [_finite(v, DIGITS) for v in array.tolist()]
            for name, array in values.items()
        },
        "points": [[_finite(v, POINT_DIGITS) for v in row] for row in points.tolist()],
    }


def _mean(mean: Mean) -> dict[str, float | None]:
    return {name: _finite(v, DIGITS) for name, v in asdict(mean).items()}


def _finite(value: float, digits: int) -> float | None:
    """JSON knows no NaN and no infinity."""
    return round(value, digits) if abs(value) < float("inf") else None
